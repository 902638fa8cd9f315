//! What every pane holds: one handle with all that is shown and all that may be asked.
//!
//! - **Numbers and words** stand in [`Session::rows`], field by field, a set of rows for each lane, patched at most ten times a second.
//! - **What moves** comes by [`Session::on_frame`], once an animation frame while time passes.
//! - **The past** stands in [`Session::history`]; charts set [`Session::charted`] and read [`Session::series`].
//! - **What a person does** is text: `session.act("kill 001")`.
//!
//! A pane that is shown once a lane asks [`lane`] which one it belongs to.

mod clockwork;
mod inbox;
mod live;
mod outbox;
mod recovery;
mod slowing;
mod start;

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use primacy_core::map::Map;
use primacy_port::{Answer, Caps, Cause, Frame, History, Lane, Progress, Series, Subject, Told};
use primacy_sim::lesson::rule;

use crate::model::Rows;
use crate::port::{Line, SimPort};
use crate::speed::Speed;

use clockwork::Clockwork;
pub(crate) use clockwork::millis;
use recovery::Recovery;

/// The handle; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// What the panes show, by lane.
    pub(crate) frame: [Rows; 2],
    /// The past of each lane, and the future that is already known.
    pub(crate) history: [RwSignal<Arc<History>>; 2],
    /// The charts' lines of each lane.
    pub(crate) series: [RwSignal<Arc<Series>>; 2],
    /// What the charts want, or `None` while none is in sight: from, to, points. `to` of 0 means the end.
    pub(crate) charted: RwSignal<Option<(u64, u64, u16)>>,
    /// How far the lesson under way has come.
    pub(crate) lesson: RwSignal<Option<Progress>>,
    /// The newest answer to "why?".
    pub(crate) why: RwSignal<Option<Why>>,
    /// What the engine can do.
    pub(crate) caps: RwSignal<Caps>,
    /// How the line to a real group fares.
    pub(crate) line: RwSignal<Line>,
    /// Time passes.
    pub(crate) playing: RwSignal<bool>,
    pub(crate) speed: RwSignal<Speed>,
    /// What the inspector shows.
    pub(crate) selected: RwSignal<Option<Pick>>,
    /// The tab at the right.
    pub(crate) tab: RwSignal<Tab>,
    /// There are two lanes.
    pub(crate) twin: RwSignal<bool>,
    /// The stage as tables rather than as a map.
    pub(crate) table: RwSignal<bool>,
    /// Single keys do something.
    pub(crate) keys: RwSignal<bool>,
    /// Every action is read out, not only milestones.
    pub(crate) verbose: RwSignal<bool>,
    /// Time passes slowly near milestones.
    pub(crate) slowing: RwSignal<bool>,
    /// Nothing moves but numbers.
    pub(crate) still: RwSignal<bool>,
    /// What the engine or the page has to say, oldest first.
    pub(crate) notices: RwSignal<Vec<Notice>>,
    /// For the live region.
    pub(crate) news: RwSignal<String>,
    /// The terminals' answers of this run, oldest first, at most 400.
    pub(crate) answers: RwSignal<Vec<(Lane, Answer)>>,
    /// Goes up when another run begins.
    pub(crate) run: RwSignal<u32>,
    /// Questions under way that change the run; the mere passing of time is none.
    pub(crate) busy: RwSignal<u32>,
    /// The engine is gone: its last words.
    pub(crate) died: RwSignal<Option<String>>,
    back: StoredValue<Backstage, LocalStorage>,
}

/// Something that a person chose to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// A member by id.
    Node(u16),
    /// An application by number.
    Client(u16),
    /// An endpoint by its place: configuration, primary, reader.
    Endpoint(u16),
    /// An event by number.
    Event(u64),
    /// A zone by its place in the alphabet.
    Zone(u16),
    /// The coordinator.
    Coordinator,
}

/// A tab at the right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    #[default]
    Terminal,
    Template,
    Inspect,
    Api,
}

/// An answered "why?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    pub(crate) lane: Lane,
    pub(crate) subject: Subject,
    /// The question first, its last cause last.
    pub(crate) chain: Vec<Cause>,
}

/// A button's words, and what it does.
pub(crate) type Remedy = (&'static str, fn(Session));

/// Something that must be said.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) number: u32,
    /// Something went wrong.
    pub(crate) bad: bool,
    pub(crate) text: String,
    /// What can be done about it: a button's words, and what it does.
    pub(crate) remedy: Option<Remedy>,
}

/// What no pane shows.
struct Backstage {
    port: Option<Box<dyn SimPort>>,
    clockwork: Clockwork,
    recovery: Recovery,
    /// The key of the entry in the browser's history that the run belongs to.
    entry: String,
    /// The newest frame of each lane.
    latest: [Option<Arc<Frame>>; 2],
    /// What to do with the answers that are awaited, by the questions' numbers.
    awaited: Map<u32, Then>,
    hooks: Map<u32, Hook>,
    /// Numbers of the newest question, hook and notice.
    asked: u32,
    hooked: u32,
    noticed: u32,
}

type Then = Box<dyn FnOnce(Session, Told)>;
type Hook = Rc<dyn Fn(Lane, &Frame)>;

/// The lane that the calling pane shows.
pub(crate) fn lane() -> Lane {
    use_context::<Lane>().unwrap_or_default()
}

/// The session of the page.
pub(crate) fn session() -> Session {
    expect_context::<Session>()
}

const fn place(lane: Lane) -> usize {
    match lane {
        Lane::A => 0,
        Lane::B => 1,
    }
}

impl Session {
    /// Numbers and words of a lane.
    pub(crate) fn rows(&self, lane: Lane) -> Rows {
        self.frame[place(lane)]
    }

    /// The past of a lane.
    pub(crate) fn past(&self, lane: Lane) -> RwSignal<Arc<History>> {
        self.history[place(lane)]
    }

    /// The newest frame of a lane, untracked: all the facts behind the rows.
    pub(crate) fn latest(&self, lane: Lane) -> Option<Arc<Frame>> {
        self.back.try_with_value(|b| b.latest[place(lane)].clone()).flatten()
    }

    /// The key of the run's entry in the browser's history.
    pub(crate) fn entry(&self) -> String {
        self.back.try_with_value(|b| b.entry.clone()).unwrap_or_default()
    }

    /// The run has another entry.
    pub(crate) fn enter(&self, key: &str) {
        self.back.update_value(|b| key.clone_into(&mut b.entry));
    }

    /// Lane A's time.
    pub(crate) fn now_ns(&self) -> u64 {
        self.latest(Lane::A).map_or(0, |frame| frame.view.now_ns)
    }

    /// Calls a function with every new frame, before the screen is drawn, as long as the caller's component is there.
    /// It is called once at once when there is a frame already.
    pub(crate) fn on_frame(&self, hook: impl Fn(Lane, &Frame) + 'static) {
        let hook: Hook = Rc::new(hook);
        for lane in [Lane::A, Lane::B] {
            if let Some(frame) = self.latest(lane) {
                hook(lane, &frame);
            }
        }
        let number = self.back.try_update_value(|b| {
            b.hooked += 1;
            b.hooks.insert(b.hooked, hook);
            b.hooked
        });
        let back = self.back;
        on_cleanup(move || {
            if let Some(number) = number {
                back.try_update_value(|b| b.hooks.remove(&number));
            }
        });
    }

    /// Says something to the person; of a template that was refused, the rule that it breaks.
    pub(crate) fn notice(&self, bad: bool, text: impl Into<String>) {
        self.offer(bad, rule(&text.into()), None);
    }

    /// Says something about which the person can do something.
    pub(crate) fn offer(&self, bad: bool, text: impl Into<String>, remedy: Option<Remedy>) {
        let text = text.into();
        let Some(number) = self.back.try_update_value(|b| {
            b.noticed += 1;
            b.noticed
        }) else {
            return;
        };
        self.notices.update(|notices| {
            // The same word twice is one notice.
            notices.retain(|n| n.text != text);
            notices.push(Notice { number, bad, text, remedy });
            let surplus = notices.len().saturating_sub(3);
            notices.drain(..surplus);
        });
    }

    /// The person has read it.
    pub(crate) fn dismiss(&self, number: u32) {
        self.notices.update(|notices| notices.retain(|n| n.number != number));
    }
}
