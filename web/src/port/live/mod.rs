//! A real group behind a WebSocket. Whatever the page asks about time is answered from the recording; the rest goes to the
//! server, which tells without being asked whenever something has changed.

mod backoff;
mod recording;
mod socket;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::{document, set_timeout_with_handle};
use leptos::task::spawn_local;
use primacy_core::map::Map;
use primacy_port::{Ask, Caps, Frame, History, Lane, Tell, Told, What, wire};

use super::{Ears, Line, Said, SimPort};
use crate::session::millis;
use backoff::Backoff;
use recording::Recording;
use socket::{Heard, Socket};

/// Real time between two measurements of the way there and back, in milliseconds.
const MEASURE_EVERY_MS: f64 = 2_000.0;
/// Real time between two frames while a person looks at one moment: only the distance to now changes.
const FIXED_EVERY_MS: f64 = 500.0;
/// Real time after which the past is asked for again though no event is new: what persons did is in it too.
const HISTORY_EVERY_MS: f64 = 2_000.0;
/// Questions that the page itself never asks have numbers from here on.
const OWN: u32 = u32::MAX / 2;

/// Where the server talks, when this page comes from one that has a group.
pub(crate) fn address() -> Option<String> {
    let mark = document().query_selector("meta[name=primacy-live]").ok().flatten()?;
    let path = mark.get_attribute("content").filter(|path| path.starts_with('/'))?;
    let location = leptos::prelude::window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{path}", location.host().ok()?))
}

/// See the module.
pub(crate) struct Live(Rc<Inner>);

struct Inner {
    url: String,
    ears: Ears,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    socket: Option<Socket>,
    /// Goes up with every socket: what an older one says late is not heard.
    era: u32,
    closed: bool,
    backoff: Backoff,
    recording: Recording,
    caps: Caps,
    history: History,
    /// Which event was the newest when the past was asked for, and when that was.
    history_of: (u64, f64),
    /// Questions under way, and when they were sent.
    sent: Map<u32, f64>,
    own: u32,
    measured_ms: f64,
    fixed_ms: f64,
}

impl Live {
    /// Connects, and keeps connecting until it is dropped.
    pub(crate) fn new(url: String, ears: Ears) -> Self {
        let inner = Rc::new(Inner { url, ears, state: RefCell::default() });
        Inner::connect(&inner);
        Self(inner)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut state = self.0.state.borrow_mut();
        (state.closed, state.era) = (true, state.era + 1);
        state.socket = None;
    }
}

impl SimPort for Live {
    fn ask(&self, ask: Ask) {
        self.0.ask(ask);
    }
}

impl Inner {
    fn connect(this: &Rc<Self>) {
        let (attempt, era) = {
            let mut state = this.state.borrow_mut();
            if state.closed {
                return;
            }
            state.era += 1;
            (state.backoff.attempt(), state.era)
        };
        this.say_later(Said::Line(Line::Connecting { attempt }));
        let weak = Rc::downgrade(this);
        let socket = Socket::open(&this.url, move |heard| {
            if let Some(this) = weak.upgrade()
                && this.state.borrow().era == era
            {
                Self::hear(&this, heard);
            }
        });
        match socket {
            Some(socket) => this.state.borrow_mut().socket = Some(socket),
            None => Self::lost(this, "this browser opened no connection"),
        }
    }

    fn hear(this: &Rc<Self>, heard: Heard) {
        match heard {
            Heard::Message(bytes) => match wire::decode::<Tell>(&bytes) {
                Ok(tell) => this.take(tell),
                Err(error) => Self::lost(this, &format!("{error}; reload the page")),
            },
            Heard::Closed(why) => Self::lost(this, &why),
        }
    }

    /// The line is lost: whoever waits is told, and it is tried again.
    fn lost(this: &Rc<Self>, why: &str) {
        let (wait_ms, attempt, unanswered) = {
            let mut state = this.state.borrow_mut();
            state.socket = None;
            state.era += 1;
            let wait_ms = state.backoff.wait_ms(js_random());
            (wait_ms, state.backoff.attempt(), std::mem::take(&mut state.sent))
        };
        for number in unanswered.keys().copied().filter(|number| *number < OWN) {
            this.tell(number, Told::Refused("The line to the group was lost before the answer came.".into()));
        }
        (this.ears)(Said::Line(Line::Waiting { attempt, wait_ms, why: why.to_owned() }));
        let weak = Rc::downgrade(this);
        let again = move || {
            if let Some(this) = weak.upgrade() {
                Self::connect(&this);
            }
        };
        let wait = std::time::Duration::from_millis(u64::from(wait_ms));
        // Without a timer the page cannot do anything else either.
        let _handle = set_timeout_with_handle(again, wait);
    }

    fn take(&self, Tell { number, told, .. }: Tell) {
        let now = millis();
        let sent = self.state.borrow_mut().sent.remove(&number);
        match told {
            Told::Ready(caps) => {
                {
                    let mut state = self.state.borrow_mut();
                    state.backoff.succeeded();
                    state.caps = caps.clone();
                    state.history_of = (0, f64::MIN);
                }
                (self.ears)(Said::Line(Line::Open { rtt_ms: None }));
                self.tell(0, Told::Ready(caps));
            }
            Told::Frame(frame) => self.take_frame(number, Arc::unwrap_or_clone(frame), now),
            Told::History(history) => {
                self.state.borrow_mut().history = (*history).clone();
                self.tell(number, Told::History(history));
            }
            told if number < OWN => self.tell(number, told),
            _ => {}
        }
        if let Some(sent) = sent {
            let rtt_ms = Some((now - sent).round() as u32);
            // A question that waits for a node says nothing about the line.
            if number >= OWN {
                (self.ears)(Said::Line(Line::Open { rtt_ms }));
            }
        }
        self.measure(now);
    }

    fn take_frame(&self, number: u32, mut frame: Frame, now: f64) {
        let answers = std::mem::take(&mut frame.answers);
        let shown = {
            let mut state = self.state.borrow_mut();
            state.recording.take(frame);
            let quiet = answers.is_empty() && !(1..OWN).contains(&number);
            if quiet && state.recording.is_fixed() && now - state.fixed_ms < FIXED_EVERY_MS {
                return;
            }
            state.fixed_ms = now;
            state.recording.shown(answers)
        };
        if let Some(frame) = shown {
            self.tell(if number < OWN { number } else { 0 }, Told::Frame(Arc::new(frame)));
        }
    }

    /// Asks for the way there and back, now and then.
    fn measure(&self, now: f64) {
        let mut state = self.state.borrow_mut();
        if now - state.measured_ms < MEASURE_EVERY_MS {
            return;
        }
        state.measured_ms = now;
        state.own = (state.own + 1) % OWN;
        let number = OWN + state.own;
        let ask = Ask { number, lane: Lane::A, what: What::Run { until_ns: 0, events: 0 } };
        state.send(&ask, now);
    }

    fn ask(&self, ask: Ask) {
        let number = ask.number;
        let mut state = self.state.borrow_mut();
        let recording = &mut state.recording;
        match &ask.what {
            What::Run { events: 0, .. } => recording.stop(),
            What::Run { .. } => recording.go_on(),
            What::Seek { at_ns } => recording.look_at(*at_ns),
            What::Step { back } => recording.step(*back),
            What::Milestone { back } => {
                let State { recording, history, .. } = &mut *state;
                recording.milestone(history, *back);
            }
            What::Open(_) => {}
            What::Series { from_ns, to_ns, points } => {
                let series = recording.series(*from_ns, *to_ns, *points);
                return self.tell_later(number, Told::Series(series));
            }
            _ => return self.forward(&mut state, &ask),
        }
        let shown = state.recording.shown(Vec::new()).unwrap_or_default();
        self.tell_later(number, Told::Frame(Arc::new(shown)));
    }

    fn forward(&self, state: &mut State, ask: &Ask) {
        let now = millis();
        if matches!(ask.what, What::History) {
            let newest = state.recording.shown(Vec::new()).map_or(0, |frame| frame.view.newest_event);
            let (of, at) = state.history_of;
            let old = state.socket.is_none() || (of == newest && now - at < HISTORY_EVERY_MS);
            if old {
                let history = History { end_ns: state.recording.end_ns(), ..state.history.clone() };
                return self.tell_later(ask.number, Told::History(Box::new(history)));
            }
            state.history_of = (newest, now);
        }
        if !state.send(ask, now) {
            let why = "There is no line to the group now.".to_owned();
            self.tell_later(ask.number, Told::Refused(why));
        }
    }

    fn tell(&self, number: u32, told: Told) {
        (self.ears)(Said::Told(Tell { number, lane: Lane::A, told }));
    }

    fn tell_later(&self, number: u32, told: Told) {
        self.say_later(Said::Told(Tell { number, lane: Lane::A, told }));
    }

    /// Nobody hears an answer while he still asks.
    fn say_later(&self, said: Said) {
        let ears = Rc::clone(&self.ears);
        spawn_local(async move { ears(said) });
    }
}

impl State {
    /// False: there is no line.
    fn send(&mut self, ask: &Ask, now: f64) -> bool {
        let sent = self.socket.as_ref().is_some_and(|socket| socket.send(&wire::encode(ask)));
        if sent {
            self.sent.insert(ask.number, now);
        }
        sent
    }
}

fn js_random() -> f64 {
    js_sys::Math::random()
}
