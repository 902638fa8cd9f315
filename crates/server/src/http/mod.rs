//! The HTTP side: the page at `/`, the AWS Query API at `POST /`, JSON under `/api/`, the page's
//! live connection at `/live`.

mod api;
mod aws;
mod guard;
mod page;
pub(crate) mod reply;

use std::rc::Rc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::spawn_local;

use crate::live;
use crate::up::Shared;
pub(crate) use aws::typed as api_answer;
use reply::{Body, Outcome, text};

/// Longest request body, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// Of a longer body this much is read and dropped before the refusal, in bytes.
const DRAIN_LIMIT: usize = 8 << 20;
/// How long a request's head may take to arrive.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// How long a request's body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);
/// Connections at once.
const CONNECTIONS: usize = 256;
/// Pause after an accept error.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, shared: Rc<Shared>) {
    let open = Rc::new(());
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if Rc::strong_count(&open) > CONNECTIONS {
            continue;
        }
        let (shared, open) = (Rc::clone(&shared), Rc::clone(&open));
        spawn_local(async move {
            let service = service_fn(|request| answer(request, &shared));
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_LIMIT)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "HTTP connection ended");
            }
            drop(open);
        });
    }
}

async fn answer(request: Request<Incoming>, shared: &Rc<Shared>) -> Outcome {
    if let Err(refusal) = guard::check(request.headers(), request.uri()) {
        tracing::warn!(uri = %request.uri(), status = refusal.status().as_u16(), "HTTP request from elsewhere refused");
        return Ok(*refusal);
    }
    if request.uri().path() == live::PATH {
        return Ok(live::upgrade(request, shared));
    }
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let response = match (&head.method, path) {
        (&Method::POST, "/") => match whole(body).await {
            Ok(body) => aws::answer(&body, shared),
            Err(refusal) => *refusal,
        },
        (&Method::POST, _) if path.starts_with("/api/") => {
            // The page may do no more here than over its live connection.
            if head.headers.contains_key(ORIGIN) && !shared.desk.granted() {
                return Ok(text(StatusCode::FORBIDDEN, live::NOT_GRANTED));
            }
            if !is_json(&head.headers) {
                return Ok(text(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "Send Content-Type: application/json.\n",
                ));
            }
            match whole(body).await {
                Ok(body) => api::act(path, &body, shared),
                Err(refusal) => *refusal,
            }
        }
        (&Method::GET | &Method::HEAD, _) if path.starts_with("/api/") => api::look(&head.uri, shared),
        (&Method::GET | &Method::HEAD, _) => page::serve(path, &head.headers),
        _ => text(StatusCode::METHOD_NOT_ALLOWED, "GET and POST only.\n"),
    };
    Ok(response)
}

/// The whole body, unless it is too long or too slow.
async fn whole(body: Incoming) -> Result<Vec<u8>, Box<Response<Body>>> {
    match tokio::time::timeout(BODY_TIME, collect(body)).await {
        Ok(Some(body)) => Ok(body),
        Ok(None) => Err(Box::new(text(StatusCode::PAYLOAD_TOO_LARGE, "The body is longer than 1 MiB.\n"))),
        Err(_) => Err(Box::new(text(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.\n"))),
    }
}

/// What is too long is still read for a while: an answer sent before would be lost with the connection's reset.
async fn collect(mut body: Incoming) -> Option<Vec<u8>> {
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len();
        if length <= BODY_LIMIT {
            kept.extend_from_slice(&data);
        } else if length > DRAIN_LIMIT {
            return None;
        }
    }
    (length <= BODY_LIMIT).then_some(kept)
}

/// A form cannot send this type, so a foreign page cannot either without asking first.
fn is_json(headers: &HeaderMap) -> bool {
    let mime =
        headers.get(hyper::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    mime.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
