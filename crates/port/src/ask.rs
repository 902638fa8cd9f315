//! What a page asks of its engine.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::Subject;

/// Which of two runs side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// The run; the only one when there is no twin.
    #[default]
    A,
    /// Its twin: same seed, same traffic, one difference.
    B,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// From 1 upwards; the answers carry it.
    pub number: u32,
    /// For which run.
    pub lane: Lane,
    /// What.
    pub what: What,
}

/// How a run begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// One of the gallery's runs by its name; `first` is the one that a visitor finds.
    Preset(String),
    /// What a link holds behind `#`, see `primacy_sim::link`.
    Link(String),
    /// A lesson by its number, set up as the lesson wants it.
    Lesson(u8),
    /// A CloudFormation template.
    Template {
        /// YAML or JSON.
        text: String,
        /// Decides the run.
        seed: u64,
    },
    /// The same run with another seed and without anybody's actions.
    Seed(u64),
    /// A lesson that was under way, with the link that repeats its run.
    Course {
        /// Its number.
        lesson: u8,
        /// What the link holds behind `#`.
        link: String,
    },
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// Begins another run in this lane. Lane A's replaces both. Answer: [`crate::Told::Frame`].
    Open(Opening),
    /// Begins the twin in lane B: lane A's run from its beginning with one difference in the words of [`crate::What::Do`]
    /// (`client 2 via=configuration`, `set ttl 60s`, …), brought to lane A's time. An empty text ends the twin.
    Twin(String),
    /// Lets time pass. Both lanes go together: one ask for lane A is enough. Stops at `until_ns`, after `events`
    /// events, or at a violation. Answer: one [`crate::Told::Frame`] a lane.
    Run {
        /// Where to stop.
        until_ns: u64,
        /// How many events at most; the page measures how long they take.
        events: u32,
    },
    /// Goes to a moment of the recorded past, or on to a later one.
    Seek {
        /// When.
        at_ns: u64,
    },
    /// One event of the simulation, forth or back.
    Step {
        /// Back.
        back: bool,
    },
    /// To the next milestone, or to the one before.
    Milestone {
        /// Back.
        back: bool,
    },
    /// Carries a command out at the next whole millisecond. In the past it begins another future; the old one is kept
    /// as a branch.
    Do(String),
    /// Takes the newest action back: the run stands where it stood before it.
    Undo,
    /// Does it again.
    Redo,
    /// Swaps the future with that of a branch.
    Restore(u32),
    /// A line for a terminal: a RESP command, `aws elasticache …`, `dig NAME`.
    Type {
        /// Number of the terminal; each has a connection of its own.
        terminal: u8,
        /// `configuration`, `primary`, `reader`, or a node's number such as `002`.
        target: String,
        /// As typed.
        line: String,
        /// Lets time pass until the reply is there, at most 20 s.
        run: bool,
    },
    /// Closes a terminal's connection, as Ctrl-C does to a blocked command.
    Hangup {
        /// Which.
        terminal: u8,
    },
    /// Why something is as it is.
    Why(Subject),
    /// Events, ribbons, milestones, actions and branches.
    History,
    /// The charts' lines between two times with at most so many points.
    Series {
        /// From.
        from_ns: u64,
        /// To.
        to_ns: u64,
        /// 2 to 2000.
        points: u16,
    },
    /// How far the lesson has come, and its numbers.
    Lesson,
    /// The run as a link's fragment, without the view.
    Link,
    /// The group as it is now as a CloudFormation template.
    Template,
    /// The trace hash of a run of this lane's scenario from its beginning to this time: what seek-and-replay must give.
    Proof,
}
