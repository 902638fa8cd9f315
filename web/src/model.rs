//! What the panes show: one store, patched once a frame.

use reactive_stores::{Patch, Store};

/// Everything visible of the group at one moment. The lists have one row per thing that exists for the whole run, in
/// a fixed order, so that a row's place is its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store, Patch)]
pub(crate) struct Frame {
    /// Simulated time in microseconds.
    pub(crate) t_us: u64,
    /// The group's id.
    pub(crate) group: String,
    /// Status as the API tells it.
    pub(crate) status: String,
    /// The record's epoch.
    pub(crate) epoch: u64,
    /// Zones with their nodes.
    pub(crate) zones: Vec<ZoneRow>,
    /// Members by id.
    pub(crate) nodes: Vec<NodeRow>,
    /// Endpoint names.
    pub(crate) names: Vec<NameRow>,
    /// Applications.
    pub(crate) clients: Vec<ClientRow>,
    /// Running hash of everything that has happened.
    pub(crate) hash: String,
    /// Events of the simulation so far.
    pub(crate) steps: u64,
    /// The invariant that broke; empty as it should be.
    pub(crate) violation: String,
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
    /// Newest results as two SVG paths: those that succeeded, and those that failed.
    pub(crate) ok_ticks: String,
    pub(crate) bad_ticks: String,
}

/// One line of the event list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRow {
    pub(crate) id: u64,
    pub(crate) t_us: u64,
    pub(crate) text: String,
    pub(crate) why: String,
    pub(crate) loud: bool,
}
