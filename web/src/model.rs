//! What the panes show of one run at one moment: a keyed store, patched at most ten times a second.

use leptos::prelude::Get;
use reactive_stores::{KeyMap, Patch, PatchField, Store, StorePath};

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

/// A struct of which the store tells who depends on a field when that field is another. The store's own way repeats itself for
/// each field of each row, and a visitor waits for all of it.
macro_rules! row {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Store)]
        pub(crate) struct $name {
            $($(#[$doc])* pub(crate) $field: $kind,)*
        }

        impl PatchField for $name {
            fn patch_field(
                &mut self,
                new: Self,
                path: &StorePath,
                notify: &mut dyn FnMut(&StorePath),
                _: Option<&KeyMap>,
            ) {
                let same = [$(self.$field == new.$field),*];
                *self = new;
                tell(&same, path, notify);
            }
        }
    };
}

/// One of several rows.
pub(crate) trait Row: PatchField + PartialEq + Send + Sync + 'static {
    /// What tells it from the others.
    fn key(&self) -> u16;
}

macro_rules! keyed {
    ($($name:ident $key:ident,)*) => {
        $(impl Row for $name {
            fn key(&self) -> u16 {
                self.$key
            }
        })*
    };
}

keyed! { ZoneRow index, NodeRow id, NameRow index, ClientRow index, }

/// A field's place in the store is its place in the struct.
fn tell(same: &[bool], path: &StorePath, notify: &mut dyn FnMut(&StorePath)) {
    let mut path = path.clone();
    for (at, _) in same.iter().enumerate().filter(|(_, same)| !**same) {
        path.push(at);
        notify(&path);
        path.pop();
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use reactive_stores::StoreField;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn whoever_depends_on_a_field_is_told_of_that_field() {
        let row = NodeRow { id: 2, name: "two".into(), ..NodeRow::default() };
        let store = Store::new(row.clone());
        let change = |change: fn(&mut NodeRow)| {
            let (mut now, mut new, mut told) = (row.clone(), row.clone(), Vec::new());
            change(&mut new);
            now.patch_field(new.clone(), &StorePath::new(), &mut |path| told.push(path.clone()), None);
            assert_eq!(now, new);
            told
        };
        let paths: [StorePath; 3] = [
            store.name().path().into_iter().collect(),
            store.wire().path().into_iter().collect(),
            store.pid().path().into_iter().collect(),
        ];
        assert_eq!(change(|_| {}), []);
        assert_eq!(change(|row| row.wire = "cut".into()), paths[1..2]);
        assert_eq!(change(|row| (row.name, row.wire, row.pid) = ("three".into(), "up".into(), 7)), paths);
    }
}
