//! What an engine tells.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{History, Lane, Progress, View};

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tell {
    /// The question's number; 0 for what nobody asked.
    pub number: u32,
    /// Of which run.
    pub lane: Lane,
    /// What.
    pub told: Told,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// What the engine can do; the first thing that it says.
    Ready(Caps),
    /// The run as it is now.
    Frame(alloc::sync::Arc<Frame>),
    /// The run's past, and the future that is already known.
    History(alloc::boxed::Box<History>),
    /// The chain of causes, the question first, its last cause last.
    Why(Vec<Cause>),
    /// The charts' lines.
    Series(Series),
    /// How far the lesson has come.
    Lesson(Progress),
    /// A link's fragment, a template, a trace hash.
    Text(String),
    /// The question could not be followed; nothing has changed.
    Refused(String),
    /// The twin has ended.
    Closed,
}

/// What an engine can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Version of the engine.
    pub version: String,
    /// Hash of the engine's behaviour: links made by another may run differently.
    pub engine: String,
    /// A real group: time passes by itself, nothing can be repeated.
    pub live: bool,
    /// First words of the commands that [`crate::What::Do`] takes; a live engine grants few.
    pub commands: Vec<String>,
}

/// A run at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// What there is.
    pub view: View,
    /// The earliest moment that can be looked at: 0, but for a real group, of which only the newest minutes are kept.
    pub begin_ns: u64,
    /// The furthest moment that has been run.
    pub end_ns: u64,
    /// The run's seed.
    pub seed: u64,
    /// What the terminals were answered since the last frame.
    pub answers: Vec<Answer>,
    /// What else must be said: a request that was refused, a link that another engine made.
    pub notices: Vec<String>,
    /// Goes up whenever the history has changed in another way than by growing.
    pub history: u32,
    /// The lesson under way.
    pub lesson: Option<u8>,
    /// The one difference of a twin, in words; empty in lane A.
    pub difference: String,
    /// Actions can be taken back.
    pub undo: bool,
    /// Actions can be done again.
    pub redo: bool,
}

/// An answer on a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which terminal.
    pub terminal: u8,
    /// The line that it answers.
    pub line: String,
    /// Which node answered, when one did.
    pub node: Option<u16>,
    /// The text, as redis-cli, aws or dig print it.
    pub text: String,
    /// The reply's RESP bytes, for programs; empty when no node answered.
    pub resp: Vec<u8>,
    /// It is an error, or there is no answer.
    pub failed: bool,
    /// A read that returned less than had been acknowledged before.
    pub stale: bool,
    /// When it was asked, and when the answer came.
    pub asked_ns: u64,
    /// When.
    pub at_ns: u64,
}

/// What "why?" is asked of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// An event by its number.
    Event(u64),
    /// What an application saw at a time: the failed operation or stale read at or last before it.
    Client {
        /// Which.
        client: u16,
        /// When.
        at_ns: u64,
    },
    /// The write losses of the newest failover at or before a time.
    Lost {
        /// When.
        at_ns: u64,
    },
    /// A terminal's answer.
    Answer {
        /// Which terminal.
        terminal: u8,
        /// When it came.
        at_ns: u64,
    },
    /// A node's present role.
    Node(u16),
}

/// One link of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// When it happened.
    pub at_ns: u64,
    /// A sentence without a full stop.
    pub text: String,
    /// The event behind it, when there is one.
    pub event: Option<u64>,
}

/// Lines of the charts; equal times for all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Milliseconds since the beginning, ascending.
    pub at_ms: Vec<u32>,
    /// One line each: what it shows (`lag 002`, `ops ok`, `ops failed`, `latency p50`, …), its unit (`B`, `ms`, `/s`), values;
    /// `None` where there is none.
    pub lines: Vec<(String, String, Vec<Option<f32>>)>,
}
