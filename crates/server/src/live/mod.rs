//! The page's live connection: a WebSocket on the HTTP port that speaks `primacy_port`, one binary frame a message.
//!
//! The handshake and the frames are tungstenite's; what the messages say is decided here from the coordinator's view and
//! what this process knows of its children. The guard of HTTP (Host, Origin) has let the request through before.

mod fairness;
mod past;
mod sight;
mod talk;
mod terminal;

use std::cell::RefCell;
use std::rc::Rc;

use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use primacy_core::time::Instant;
use primacy_port::Act;
use tokio::task::spawn_local;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::clock;
use crate::http::reply::{Body, text};
use crate::up::Shared;

/// Where it listens on the HTTP port.
pub(crate) const PATH: &str = "/live";
/// Why a page's command is not carried out with `--page-faults off`.
pub(crate) const NOT_GRANTED: &str =
    "This server lets the page only look: it was started with --page-faults off.\n";
/// Connections at once.
const CONNECTIONS: usize = 16;
/// Longest message that is read, in bytes: the longest thing that a person types.
const LONGEST: usize = 1 << 20;
/// Actions that are remembered.
const ACTS: usize = 200;

/// What the live connections share.
#[derive(Debug)]
pub(crate) struct Desk {
    /// Times are told from here on.
    began: Instant,
    /// As it was given to `primacy up`.
    template: String,
    granted: bool,
    /// What persons did, oldest first.
    acts: RefCell<Vec<Act>>,
    pace: RefCell<sight::Pace>,
    open: Rc<()>,
}

impl Desk {
    /// Nobody is connected yet; `granted`: the page may do more than look.
    pub(crate) fn new(template: String, granted: bool) -> Self {
        Self {
            began: clock::mono(),
            template,
            granted,
            acts: RefCell::default(),
            pace: RefCell::default(),
            open: Rc::new(()),
        }
    }

    /// The page may do more than look.
    pub(crate) const fn granted(&self) -> bool {
        self.granted
    }

    /// Nanoseconds since the beginning.
    fn since_began(&self, at: Instant) -> u64 {
        u64::try_from(at.since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }

    fn remember(&self, text: &str) {
        let mut acts = self.acts.borrow_mut();
        if acts.len() == ACTS {
            acts.remove(0);
        }
        acts.push(Act { at_ns: self.since_began(clock::mono()), text: text.to_owned() });
    }
}

/// Answers a request for [`PATH`]: switches to the WebSocket, or says what is wrong.
pub(crate) fn upgrade(mut request: Request<Incoming>, shared: &Rc<Shared>) -> Response<Body> {
    let response = match create_response_with_body(&request, Body::default) {
        Ok(response) => response,
        Err(error) => {
            let mut refusal = text(StatusCode::UPGRADE_REQUIRED, format!("This is a WebSocket: {error}.\n"));
            let upgrade = hyper::header::HeaderValue::from_static("websocket");
            refusal.headers_mut().insert(hyper::header::UPGRADE, upgrade);
            return refusal;
        }
    };
    let open = Rc::clone(&shared.desk.open);
    if Rc::strong_count(&open) > CONNECTIONS + 1 {
        return text(StatusCode::SERVICE_UNAVAILABLE, "Too many pages look at this group already.\n");
    }
    let (shared, upgraded) = (Rc::clone(shared), hyper::upgrade::on(&mut request));
    spawn_local(async move {
        match upgraded.await {
            Ok(io) => {
                let socket =
                    WebSocketStream::from_raw_socket(TokioIo::new(io), Role::Server, Some(limits())).await;
                talk::hold(socket, shared).await;
            }
            Err(error) => tracing::debug!(%error, "a live connection did not come about"),
        }
        drop(open);
    });
    response
}

/// One message may wait to be written, never a heap of them: whoever sends waits until it is gone.
fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST))
        .read_buffer_size(16 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(4 << 20)
}
