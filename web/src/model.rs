//! What the panes show of one run at one moment: a keyed store, patched at most ten times a second.

use leptos::prelude::Get;
use reactive_stores::{Patch, Store};

/// Reads a field of a row that may be gone: another run can have fewer nodes and applications, and what still shows one
/// of them is asked once more before it is taken away.
pub(crate) trait Shown {
    /// What the field holds.
    type Value;
    /// The field now; its type's default when its row is gone.
    fn shown(&self) -> Self::Value;
}

impl<F: Get> Shown for F
where
    F::Value: Default,
{
    type Value = F::Value;

    fn shown(&self) -> Self::Value {
        self.try_get().unwrap_or_default()
    }
}

/// Everything that is told in numbers and words. What moves (packets) is not here: see `Session::on_frame`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store, Patch)]
pub(crate) struct FrameRows {
    /// What there is once.
    pub(crate) facts: Facts,
    /// Zones by their place in the alphabet.
    #[store(key: u16 = |row| row.index)]
    pub(crate) zones: Vec<ZoneRow>,
    /// Members by id.
    #[store(key: u16 = |row| row.id)]
    pub(crate) nodes: Vec<NodeRow>,
    /// The three endpoint names.
    #[store(key: u16 = |row| row.index)]
    pub(crate) names: Vec<NameRow>,
    /// Applications by number.
    #[store(key: u16 = |row| row.index)]
    pub(crate) clients: Vec<ClientRow>,
}

/// What there is once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store, Patch)]
pub(crate) struct Facts {
    /// Nanoseconds since the beginning: now, the earliest moment that is kept, and the furthest that has been run.
    pub(crate) now_ns: u64,
    pub(crate) begin_ns: u64,
    pub(crate) end_ns: u64,
    pub(crate) group: String,
    /// Status as the API tells it.
    pub(crate) status: String,
    pub(crate) epoch: u64,
    pub(crate) seed: u64,
    pub(crate) ttl_s: u32,
    /// Running hash of everything that has happened; empty for a real group.
    pub(crate) hash: String,
    /// Events of the simulation so far.
    pub(crate) steps: u64,
    /// The invariant that broke; empty as it should be.
    pub(crate) violation: String,
    /// Acknowledged writes that failovers have lost.
    pub(crate) lost_writes: u64,
    /// `TestFailover` calls that are left.
    pub(crate) test_failovers_left: u8,
    /// Faults that run, in the words that began them.
    pub(crate) faults: Vec<String>,
    pub(crate) undo: bool,
    pub(crate) redo: bool,
    /// The one difference of a twin; empty in lane A.
    pub(crate) difference: String,
    /// The lesson under way.
    pub(crate) lesson: Option<u8>,
}

/// One availability zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store, Patch)]
pub(crate) struct ZoneRow {
    pub(crate) index: u16,
    pub(crate) name: String,
    pub(crate) down: bool,
}

/// One member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store, Patch)]
pub(crate) struct NodeRow {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) zone: u16,
    /// Role in words, such as "primary" or "down".
    pub(crate) role: String,
    /// Class for the look: primary, replica, trouble or down.
    pub(crate) look: String,
    pub(crate) offset: u64,
    pub(crate) lag_bytes: u64,
    pub(crate) lag_ns: u64,
    pub(crate) keys: u64,
    /// Thousandths of the bar under the name: lease left of a primary, nearness of a replica.
    pub(crate) bar: u16,
    /// Its stream from the primary: "up", "down", "cut", or empty for the primary itself.
    pub(crate) wire: String,
    /// The record names it primary.
    pub(crate) recorded: bool,
    /// A second fact that matters for the role: lease left, or link state.
    pub(crate) detail: String,
    pub(crate) alive: bool,
    pub(crate) paused: bool,
    pub(crate) isolated: bool,
    /// Process id of a real process; 0 for a simulated one.
    pub(crate) pid: u32,
}

/// One endpoint name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store, Patch)]
pub(crate) struct NameRow {
    pub(crate) index: u16,
    pub(crate) label: String,
    pub(crate) name: String,
    pub(crate) target: String,
}

/// One application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store, Patch)]
pub(crate) struct ClientRow {
    pub(crate) index: u16,
    pub(crate) name: String,
    pub(crate) via: String,
    /// Where its last lookup or its configuration sends it.
    pub(crate) target: String,
    pub(crate) state: String,
    /// good, warn or bad.
    pub(crate) look: String,
    pub(crate) ok: u64,
    pub(crate) failed: u64,
    pub(crate) stale: u64,
    /// The node that it talks to, and the one that its resolver holds; 0 for none.
    pub(crate) node: u16,
    pub(crate) cached: u16,
    /// For how long its resolver may still use the answer; `None` for ever.
    pub(crate) ttl_ms: Option<u32>,
    /// The answer is not what the name server says now.
    pub(crate) outdated: bool,
    pub(crate) last_error: String,
}
