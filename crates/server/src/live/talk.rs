//! One live connection. Messages are answered one after another and each is written before the next is read: a page
//! that does not read is not read from either, and is cut when a message stays unwritten for too long.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use primacy_aws::console::{self, Typed};
use primacy_port::{Answer, Ask, Caps, Frame, Tell, Told, View, What, wire};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};
use tokio_tungstenite::tungstenite::{Bytes, Error};

use crate::clock;
use crate::live::fairness::Fairness;
use crate::live::terminal::{self, Heard, Terminals};
use crate::live::{NOT_GRANTED, past, sight};
use crate::up::Shared;
use crate::up::deed::{Deed, WORDS};

/// Between two frames that nobody asked for, when something has changed.
const PACE: Duration = Duration::from_millis(100);
/// The same when nothing has: the page's clock goes on.
const IDLE: Duration = Duration::from_secs(1);
/// How long a message may stay unwritten.
const WRITE_LIMIT: Duration = Duration::from_secs(5);
/// A silent page is asked for a sign of life this often, and cut after two without one.
const PING: Duration = Duration::from_secs(15);
/// How long a terminal's line is waited for before the question is answered without it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Terminal answers that may wait for the connection.
const HEARD: usize = 64;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Why a connection ends.
enum End {
    /// The other side has gone, or does not read.
    Gone,
    /// It is told why.
    Told(CloseCode, &'static str),
}

/// Talks until the page leaves.
pub(super) async fn hold(socket: Socket, shared: Rc<Shared>) {
    let (send, heard) = mpsc::channel(HEARD);
    let now = Instant::now();
    let mut talk = Talk {
        socket,
        terminals: Terminals::new(send),
        heard,
        shared,
        waiting: Vec::new(),
        shown: None,
        looked: now,
        fairness: Fairness::new(now),
    };
    if let Err(End::Told(code, reason)) = talk.run().await {
        let close = CloseFrame { code, reason: reason.into() };
        // Whoever is sent away may be gone already.
        let _told = timeout(WRITE_LIMIT, talk.socket.close(Some(close))).await;
    }
}

struct Talk {
    socket: Socket,
    terminals: Terminals,
    heard: mpsc::Receiver<Heard>,
    shared: Rc<Shared>,
    /// Lines whose questions have no answer yet, and until when they wait.
    waiting: Vec<(u32, Instant)>,
    /// What the page saw last, and when.
    shown: Option<(View, Instant)>,
    looked: Instant,
    fairness: Fairness,
}

impl Talk {
    async fn run(&mut self) -> Result<(), End> {
        let mut changes = self.shared.coordinator.watch();
        let (mut changed, mut silent, mut ping) = (false, 0, Instant::now() + PING);
        self.tell(0, Told::Ready(self.caps())).await?;
        self.show(0, Vec::new()).await?;
        loop {
            let look = self.looked + if changed { PACE } else { IDLE };
            let patience = self.waiting.iter().map(|(_, until)| *until).min();
            tokio::select! {
                message = self.socket.next() => {
                    (silent, ping) = (0, Instant::now() + PING);
                    self.read(message).await?;
                }
                Some(heard) = self.heard.recv() => self.hear(heard).await?,
                alive = changes.changed(), if !changed => changed = alive.is_ok(),
                () = sleep_until(look) => {
                    changed = false;
                    self.look().await?;
                }
                () = sleep_until(patience.unwrap_or(look)), if patience.is_some() => self.give_up().await?,
                () = sleep_until(ping) => {
                    if silent == 2 {
                        return Err(End::Gone);
                    }
                    (silent, ping) = (silent + 1, Instant::now() + PING);
                    self.send(Message::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    async fn read(&mut self, message: Option<Result<Message, Error>>) -> Result<(), End> {
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                if !self.fairness.allows(Instant::now()) {
                    return Err(End::Told(CloseCode::Policy, "too many questions a second"));
                }
                match wire::decode::<Ask>(&bytes) {
                    Ok(ask) => self.answer(ask).await,
                    Err(_) => Err(End::Told(CloseCode::Invalid, "not a question of this version")),
                }
            }
            Some(Ok(Message::Text(_))) => Err(End::Told(CloseCode::Unsupported, "binary frames only")),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(()),
            Some(Err(Error::Capacity(_))) => {
                Err(End::Told(CloseCode::Size, "the message is longer than 1 MiB"))
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    async fn answer(&mut self, ask: Ask) -> Result<(), End> {
        let number = ask.number;
        if ask.lane != primacy_port::Lane::A {
            return self.refuse(number, "a real group has no twin").await;
        }
        match ask.what {
            // Time passes by itself: this is how the page measures the way there and back.
            What::Run { .. } => self.show(number, Vec::new()).await,
            What::Do(text) => match self.carry_out(&text) {
                Ok(()) => self.show(number, Vec::new()).await,
                Err(why) => self.refuse(number, why).await,
            },
            What::Type { terminal, target, line, run } => {
                self.type_line(number, (terminal, target), line, run).await
            }
            What::Hangup { terminal } => {
                self.terminals.hang_up(terminal);
                self.show(number, Vec::new()).await
            }
            What::Why(of) => match past::why(&of, &self.shared) {
                Ok(causes) => self.tell(number, Told::Why(causes)).await,
                Err(why) => self.refuse(number, why).await,
            },
            What::History => self.tell(number, Told::History(Box::new(past::history(&self.shared)))).await,
            What::Template => self.tell(number, Told::Text(self.shared.desk.template.clone())).await,
            what => self.refuse(number, never(&what)).await,
        }
    }

    fn carry_out(&self, text: &str) -> Result<(), String> {
        if !self.shared.desk.granted() {
            return Err(NOT_GRANTED.trim_end().to_owned());
        }
        let primary = self.shared.coordinator.endpoints().primary.map(|(node, _)| node);
        let deed = Deed::parse(text, primary)?;
        tracing::info!(command = text, "asked for by the page");
        deed.carry_out(&self.shared).map_err(|refusal| refusal.why)?;
        self.shared.desk.remember(text);
        Ok(())
    }

    async fn type_line(
        &mut self,
        number: u32,
        (terminal, target): (u8, String),
        line: String,
        run: bool,
    ) -> Result<(), End> {
        let asked_ns = self.shared.desk.since_began(clock::mono());
        let (text, failed) = match console::read(&line) {
            Ok(Typed::Resp(words)) => {
                let typed = terminal::Typed { number, line, words };
                return match self.terminals.type_line(terminal, &target, typed, &self.shared) {
                    Ok(()) if run => {
                        self.waiting.push((number, Instant::now() + PATIENCE));
                        Ok(())
                    }
                    Ok(()) => self.show(number, Vec::new()).await,
                    Err(why) => self.refuse(number, why).await,
                };
            }
            Ok(Typed::Nothing) => return self.show(number, Vec::new()).await,
            Ok(Typed::Api(request, form)) => self.api(&request, form),
            Ok(Typed::Dig(question)) => {
                let coordinator = &self.shared.coordinator;
                let zone = coordinator.zone();
                (console::dig(&question, coordinator.names(), &mut zone.borrow_mut(), clock::now()), false)
            }
            Err(why) => (why, true),
        };
        let answer = Answer { terminal, line, text, failed, asked_ns, at_ns: asked_ns, ..Answer::default() };
        self.show(number, vec![answer]).await
    }

    fn api(&self, request: &primacy_aws::api::ApiRequest, form: console::Form) -> (String, bool) {
        let response = crate::http::api_answer(request, &self.shared, self.shared.desk.granted());
        let printed = response.and_then(|response| console::print(request, &response, form));
        printed.map_or_else(|why| (why, true), |text| (text, false))
    }

    /// A node has answered a line.
    async fn hear(&mut self, (number, answer): Heard) -> Result<(), End> {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| *waiting != number);
        let number = if self.waiting.len() < before { number } else { 0 };
        self.show(number, vec![answer]).await
    }

    /// Lines that block are answered later; their questions are not kept open for ever.
    async fn give_up(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let late: Vec<u32> =
            self.waiting.iter().filter(|(_, until)| *until <= now).map(|(n, _)| *n).collect();
        self.waiting.retain(|(_, until)| *until > now);
        for number in late {
            self.show(number, Vec::new()).await?;
        }
        Ok(())
    }

    /// A frame that nobody asked for, if there is anything new to see.
    async fn look(&mut self) -> Result<(), End> {
        self.looked = Instant::now();
        let frame = sight::frame(&self.shared, Vec::new());
        let fresh = self.shown.as_ref().is_some_and(|(_, at)| at.elapsed() < IDLE);
        if fresh && self.shown.as_ref().is_some_and(|(view, _)| same(view, &frame.view)) {
            return Ok(());
        }
        self.show_frame(0, frame).await
    }

    async fn show(&mut self, number: u32, answers: Vec<Answer>) -> Result<(), End> {
        let frame = sight::frame(&self.shared, answers);
        self.show_frame(number, frame).await
    }

    async fn show_frame(&mut self, number: u32, frame: Frame) -> Result<(), End> {
        self.shown = Some((frame.view.clone(), Instant::now()));
        self.tell(number, Told::Frame(Arc::new(frame))).await
    }

    async fn refuse(&mut self, number: u32, why: impl Into<String>) -> Result<(), End> {
        self.tell(number, Told::Refused(why.into())).await
    }

    async fn tell(&mut self, number: u32, told: Told) -> Result<(), End> {
        let tell = Tell { number, lane: primacy_port::Lane::A, told };
        self.send(Message::Binary(wire::encode(&tell).into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(WRITE_LIMIT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => {
                tracing::debug!("a page that does not read was cut");
                Err(End::Gone)
            }
        }
    }

    fn caps(&self) -> Caps {
        let granted = self.shared.desk.granted();
        Caps {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine: String::new(),
            live: true,
            commands: WORDS.iter().filter(|_| granted).map(|word| (*word).to_owned()).collect(),
        }
    }
}

/// Equal but for what only the clock has changed.
fn same(a: &View, b: &View) -> bool {
    let still = |view: &View| {
        let mut view = View { now_ns: 0, ..view.clone() };
        for node in &mut view.nodes {
            (node.lease_ns, node.lag_ns) = (None, 0);
        }
        view
    };
    still(a) == still(b)
}

/// Why a real group does not do what a simulated one does.
const fn never(what: &What) -> &'static str {
    match what {
        What::Open(_) => "a real group is started by `primacy up`, not by the page",
        What::Twin(_) => "a real group has no twin: nothing of it can be repeated",
        What::Seek { .. } | What::Step { .. } | What::Milestone { .. } => {
            "time cannot be turned back on a real group; the page shows what it has recorded"
        }
        What::Undo | What::Redo | What::Restore(_) => "what was done to a real group cannot be taken back",
        What::Series { .. } => "the page draws a real group's charts from what it has recorded",
        What::Lesson => "a lesson needs a group that can be repeated",
        What::Link | What::Proof => {
            "a real run cannot be repeated, so there is no link to it and nothing to prove"
        }
        _ => "a real group cannot do that",
    }
}
