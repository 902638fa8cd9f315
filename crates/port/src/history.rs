//! A run's past, and the future that was already run: for the timeline, the ribbons and the event list.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// All that the time bar and the lists show. Bounded: see the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The same number as in the frame that belongs to it.
    pub version: u32,
    /// The furthest moment that has been run.
    pub end_ns: u64,
    /// Newest 200 events up to the end, oldest first.
    pub events: Vec<EventRow>,
    /// Moments worth a mark, oldest first, at most 200.
    pub milestones: Vec<Milestone>,
    /// One ribbon an application, by its number.
    pub ribbons: Vec<Ribbon>,
    /// What a person did, oldest first.
    pub acts: Vec<Act>,
    /// Futures that were given up, newest first, at most 8.
    pub branches: Vec<Branch>,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Number, from 1.
    pub id: u64,
    /// When.
    pub at_ns: u64,
    /// `replication-group` or `cache-cluster` when AWS has such an event, else empty.
    pub source: String,
    /// The source's id.
    pub source_id: String,
    /// AWS's own words, or empty.
    pub aws: String,
    /// What happened, in a sentence.
    pub text: String,
    /// The event that made it happen.
    pub cause: Option<u64>,
    /// It is a milestone.
    pub milestone: bool,
    /// The node that it is about.
    pub node: Option<u16>,
}

/// A moment worth a mark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// When.
    pub at_ns: u64,
    /// One or two words: `killed`, `detected`, `promoted`, `DNS`, `replaced`.
    pub label: String,
    /// The seed's step 1 to 5; 0 for anything else.
    pub step: u8,
    /// The event behind it; `None` for a person's action.
    pub event: Option<u64>,
}

/// How an application fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Nothing yet.
    #[default]
    Idle,
    /// Operations succeed.
    Good,
    /// Some fail, some succeed, or it is connecting again after an error.
    Retrying,
    /// Operations fail.
    Failing,
    /// Reads succeed but return old values.
    Stale,
    /// A person stopped it.
    Stopped,
}

/// An application's fate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ribbon {
    /// Its number.
    pub client: u16,
    /// Its name, such as `c1`.
    pub name: String,
    /// Neighbours differ; from the beginning to the end; at most 200, the shortest joined with their neighbours.
    pub segments: Vec<Segment>,
}

/// One stretch of a ribbon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// From.
    pub from_ns: u64,
    /// To.
    pub to_ns: u64,
    /// How.
    pub state: State,
    /// Operations that succeeded in it.
    pub ok: u32,
    /// Operations that failed in it.
    pub failed: u32,
    /// Stale reads in it.
    pub stale: u32,
    /// The error most seen, empty when there was none.
    pub error: String,
}

/// Something that a person did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at_ns: u64,
    /// In the words of [`crate::What::Do`].
    pub text: String,
}

/// A future that was given up by acting in the past.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Its number.
    pub number: u32,
    /// Where it leaves the present run.
    pub from_ns: u64,
    /// How far it had come.
    pub end_ns: u64,
    /// Its name, from what was done next in it.
    pub label: String,
    /// Its ribbons from `from_ns` on.
    pub ribbons: Vec<Ribbon>,
}
