//! What the panes show of one run at one moment, patched at most ten times a second. What moves (packets) is not here: see
//! `Session::on_frame`.

use crate::store::{Field, Fields, Keyed, List, Row};

/// What there is of each; without [`Facts`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameRows {
    pub(crate) zones: Vec<ZoneRow>,
    pub(crate) nodes: Vec<NodeRow>,
    pub(crate) names: Vec<NameRow>,
    pub(crate) clients: Vec<ClientRow>,
}

/// Everything that is told in numbers and words.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    /// What there is once.
    pub(crate) facts: Row<Facts>,
    /// Zones by their place in the alphabet.
    pub(crate) zones: List<ZoneRow>,
    /// Members by id.
    pub(crate) nodes: List<NodeRow>,
    /// The three endpoint names.
    pub(crate) names: List<NameRow>,
    /// Applications by number.
    pub(crate) clients: List<ClientRow>,
}

impl Rows {
    /// Of no run yet.
    pub(crate) fn new() -> Self {
        Self {
            facts: Row::new(),
            zones: List::new(),
            nodes: List::new(),
            names: List::new(),
            clients: List::new(),
        }
    }

    /// This is there now.
    pub(crate) fn put(self, new: FrameRows) {
        self.zones.put(new.zones);
        self.nodes.put(new.nodes);
        self.names.put(new.names);
        self.clients.put(new.clients);
    }
}

/// A struct and, for each of its fields, the field of a row.
macro_rules! row {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub(crate) struct $name {
            $($(#[$doc])* pub(crate) $field: $kind,)*
        }

        const _: () = {
            #[allow(non_camel_case_types, reason = "they are the fields' names")]
            enum Place {
                $($field,)*
            }

            impl Fields for $name {
                const COUNT: usize = [$(Place::$field),*].len();

                fn differ(&self, other: &Self) -> u32 {
                    [$(self.$field != other.$field),*].iter().rev().fold(0, |bits, differs| bits << 1 | u32::from(*differs))
                }
            }

            #[allow(dead_code, reason = "not each field is shown by itself")]
            impl Row<$name> {
                $(pub(crate) const fn $field(self) -> Field<$name, $kind> {
                    self.field(Place::$field as usize, |row| &row.$field)
                })*
            }
        };
    };
}

macro_rules! keyed {
    ($($name:ident $key:ident,)*) => {
        $(impl Keyed for $name {
            fn key(&self) -> u16 {
                self.$key
            }
        })*
    };
}

keyed! { ZoneRow index, NodeRow id, NameRow index, ClientRow index, }

row! {
    /// What there is once.
    Facts {
        /// Nanoseconds since the beginning: now, the earliest moment that is kept, and the furthest that has been run.
        now_ns: u64,
        begin_ns: u64,
        end_ns: u64,
        group: String,
        /// Status as the API tells it.
        status: String,
        epoch: u64,
        seed: u64,
        ttl_s: u32,
        /// Running hash of everything that has happened; empty for a real group.
        hash: String,
        /// Events of the simulation so far.
        steps: u64,
        /// The invariant that broke; empty as it should be.
        violation: String,
        /// Acknowledged writes that failovers have lost.
        lost_writes: u64,
        /// `TestFailover` calls that are left.
        test_failovers_left: u8,
        /// Faults that run, in the words that began them.
        faults: Vec<String>,
        undo: bool,
        redo: bool,
        /// The one difference of a twin; empty in lane A.
        difference: String,
        /// The lesson under way.
        lesson: Option<u8>,
    }
}

row! {
    /// One availability zone.
    ZoneRow {
        index: u16,
        name: String,
        down: bool,
    }
}

row! {
    /// One member.
    NodeRow {
        id: u16,
        name: String,
        zone: u16,
        /// Role in words, such as "primary" or "down".
        role: String,
        /// Class for the look: primary, replica, trouble or down.
        look: String,
        /// In words, as all that is only shown: one field that changes costs less than the five that it is made of.
        offset: String,
        keys: String,
        /// How far behind the primary.
        behind: String,
        /// What matters most now.
        lead: String,
        /// All that a screen reader says of it at once.
        spoken: String,
        /// Thousandths of the bar under the name: lease left of a primary, nearness of a replica.
        bar: u16,
        /// Its stream from the primary: "up", "down", "cut", or empty for the primary itself.
        wire: String,
        /// The record names it primary.
        recorded: bool,
        /// A second fact that matters for the role: lease left, or link state.
        detail: String,
        alive: bool,
        paused: bool,
        isolated: bool,
        /// Process id of a real process; 0 for a simulated one.
        pid: u32,
    }
}

row! {
    /// One endpoint name.
    NameRow {
        index: u16,
        label: String,
        name: String,
        target: String,
    }
}

row! {
    /// One application.
    ClientRow {
        index: u16,
        name: String,
        via: String,
        /// Where its last lookup or its configuration sends it.
        target: String,
        state: String,
        /// good, warn or bad.
        look: String,
        ok: u64,
        failed: u64,
        stale: u64,
        /// The node that it talks to, and the one that its resolver holds; 0 for none.
        node: u16,
        cached: u16,
        /// For how long its resolver may still use the answer; `None` for ever.
        ttl_ms: Option<u32>,
        /// The answer is not what the name server says now.
        outdated: bool,
        last_error: String,
    }
}
