//! What the panes show, field by field: whoever has read a field of a row is told when that field is another, and whoever has asked
//! which rows there are, when others are there. A visitor waits for this code, and of fifty applications a dozen fields each are
//! read, so a field costs a look into its row and nothing has a path or a kind of its own.

use std::sync::{PoisonError, RwLock};

use leptos::prelude::{Notify, Track};
use leptos::reactive::signal::ArcTrigger;
use primacy_core::map::Map;

/// A struct of which each field is told by itself.
pub(crate) trait Fields: Default + 'static {
    /// How many it has, 32 at most.
    const COUNT: usize;
    /// A bit for each field that the other has otherwise, the first field's being the lowest.
    fn differ(&self, other: &Self) -> u32;
}

/// One of several such structs.
pub(crate) trait Keyed: Fields {
    /// What tells it from the others.
    fn key(&self) -> u16;
}

/// One row. Rows live as long as the page: there is one for each number that anything ever had.
pub(crate) struct Row<T: 'static>(&'static Kept<T>);

struct Kept<T> {
    now: RwLock<T>,
    told: Vec<ArcTrigger>,
}

/// A field of a row.
pub(crate) struct Field<T: 'static, V: 'static> {
    row: Row<T>,
    place: usize,
    of: fn(&T) -> &V,
}

/// The rows that there are.
pub(crate) struct List<T: 'static>(&'static Listed<T>);

struct Listed<T: 'static> {
    now: RwLock<Vec<Row<T>>>,
    /// Those that were there before, too, by their keys.
    known: RwLock<Map<u16, Row<T>>>,
    told: ArcTrigger,
}

macro_rules! copied {
    ($($name:ident<$($of:ident),*>,)*) => {
        $(
            impl<$($of),*> Clone for $name<$($of),*> {
                fn clone(&self) -> Self {
                    *self
                }
            }

            impl<$($of),*> Copy for $name<$($of),*> {}
        )*
    };
}

copied! { Row<T>, Field<T, V>, List<T>, }

impl<T: Fields> Row<T> {
    /// An empty one.
    pub(crate) fn new() -> Self {
        const { assert!(T::COUNT <= u32::BITS as usize, "a bit for each field") };
        let told = (0..T::COUNT).map(|_| ArcTrigger::new()).collect();
        Self(Box::leak(Box::new(Kept { now: RwLock::default(), told })))
    }

    /// The field at this place, as [`Fields::differ`] counts.
    pub(crate) const fn field<V>(self, place: usize, of: fn(&T) -> &V) -> Field<T, V> {
        Field { row: self, place, of }
    }

    /// The row is this now.
    pub(crate) fn put(self, new: T) {
        let differ = {
            let mut now = self.0.now.write().unwrap_or_else(PoisonError::into_inner);
            let differ = now.differ(&new);
            *now = new;
            differ
        };
        tell(&self.0.told, differ);
    }
}

fn tell(told: &[ArcTrigger], differ: u32) {
    for (place, trigger) in told.iter().enumerate() {
        if differ & (1 << place) != 0 {
            trigger.notify();
        }
    }
}

impl<T, V: Clone> Field<T, V> {
    /// The field now; whoever asks will be told when it is another.
    pub(crate) fn get(self) -> V {
        self.track();
        self.get_untracked()
    }

    /// The field now.
    pub(crate) fn get_untracked(self) -> V {
        let now = self.row.0.now.read().unwrap_or_else(PoisonError::into_inner);
        (self.of)(&now).clone()
    }

    /// Whoever asks will be told when the field is another.
    pub(crate) fn track(self) {
        self.row.0.told[self.place].track();
    }
}

impl<T: Keyed> List<T> {
    /// Without rows.
    pub(crate) fn new() -> Self {
        let listed =
            Listed { now: RwLock::default(), known: RwLock::new(Map::new()), told: ArcTrigger::new() };
        Self(Box::leak(Box::new(listed)))
    }

    /// The rows now; whoever asks will be told when others are there, but not of what is in them.
    pub(crate) fn get(self) -> Vec<Row<T>> {
        self.0.told.track();
        self.get_untracked()
    }

    /// The rows now.
    pub(crate) fn get_untracked(self) -> Vec<Row<T>> {
        self.0.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// These are the rows now.
    pub(crate) fn put(self, new: Vec<T>) {
        let same = {
            let mut now = self.0.now.write().unwrap_or_else(PoisonError::into_inner);
            let keys = now.iter().map(|row| row.0.now.read().unwrap_or_else(PoisonError::into_inner).key());
            let same = keys.eq(new.iter().map(Keyed::key));
            if !same {
                let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
                *now = new.iter().map(|row| *known.entry(row.key()).or_insert_with(Row::new)).collect();
            }
            same
        };
        for (row, new) in self.get_untracked().into_iter().zip(new) {
            row.put(new);
        }
        if !same {
            self.0.told.notify();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::effect::effect;
    use crate::model::NodeRow;
    use leptos::mount::mount_to_body;
    use leptos::prelude::{Owner, StoredValue, UpdateValue, WithValue};
    use leptos::task::tick;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn node(id: u16, name: &str) -> NodeRow {
        NodeRow { id, name: name.into(), ..NodeRow::default() }
    }

    /// Effects can run.
    fn began() -> Owner {
        // What runs them begins with whatever is mounted first.
        mount_to_body(|| ());
        let owner = Owner::new();
        owner.set();
        owner
    }

    /// What an effect has read, each time that it ran.
    fn watched(read: impl Fn() -> String + 'static) -> Rc<dyn Fn() -> Vec<String>> {
        let seen = StoredValue::new_local(Vec::new());
        effect(move || seen.update_value(|seen| seen.push(read())));
        Rc::new(move || seen.with_value(Vec::clone))
    }

    #[wasm_bindgen_test]
    async fn whoever_reads_a_field_is_told_of_that_field_alone() {
        let _owner = began();
        let row = Row::new();
        row.put(node(2, "two"));
        let (name, wire) = (watched(move || row.name().get()), watched(move || row.wire().get()));
        tick().await;
        row.put(node(2, "two"));
        tick().await;
        row.put(NodeRow { wire: "cut".into(), ..node(2, "two") });
        tick().await;
        row.put(NodeRow { pid: 7, ..node(2, "three") });
        tick().await;
        assert_eq!(name(), ["two", "three"]);
        assert_eq!(wire(), ["", "cut", ""]);
    }

    #[wasm_bindgen_test]
    async fn whoever_asks_which_rows_there_are_is_told_of_others_and_a_number_keeps_its_row() {
        let _owner = began();
        let list = List::new();
        let ids = move || {
            list.get().iter().map(|row: &Row<NodeRow>| row.id().get_untracked().to_string()).collect()
        };
        let (ids, second) = (
            watched(ids),
            watched(move || {
                list.get_untracked().get(1).map_or_else(String::new, |row: &Row<NodeRow>| row.name().get())
            }),
        );
        list.put(vec![node(1, "one"), node(2, "two")]);
        tick().await;
        let two = list.get_untracked()[1];
        list.put(vec![node(1, "uno"), node(2, "two")]);
        tick().await;
        list.put(vec![node(1, "uno")]);
        tick().await;
        assert_eq!(two.name().get_untracked(), "two");
        list.put(vec![node(1, "uno"), node(2, "due")]);
        tick().await;
        assert_eq!(ids().last().map(String::as_str), Some("12"));
        assert_eq!(ids(), ["12", "1", "12"]);
        assert_eq!(two.name().get_untracked(), "due");
        assert_eq!(second(), ["two", "due"]);
    }
}
