//! `<Show>` and `<For>`: Leptos's own with boxed parts.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use leptos::prelude::*;

use super::View;
use super::child::{Part, live};

type Row = (u64, Box<dyn FnOnce() -> AnyView + Send>);

/// Shows a view while something holds.
pub(crate) fn show(
    when: impl Fn() -> bool + Send + Sync + 'static,
    view: impl Fn() -> View + Send + 'static,
) -> AnyView {
    shown(Box::new(when), Box::new(move || view().into_any()))
}

fn shown(when: Box<dyn When + Send + Sync>, mut view: Box<dyn Part + Send>) -> AnyView {
    let when = ArcMemo::new(move |_| when.holds());
    live(Box::new(move || if when.get() { view.make() } else { ().into_any() }))
}

/// A closure that says whether something holds.
trait When {
    fn holds(&self) -> bool;
}

impl<F: Fn() -> bool> When for F {
    fn holds(&self) -> bool {
        self()
    }
}

/// A list whose items come and go.
pub(crate) struct Each<F>(pub(crate) F);

impl<F, I, T> Each<F>
where
    F: Fn() -> I + Send + 'static,
    I: IntoIterator<Item = T>,
    T: Send + 'static,
{
    /// Rows with the same key stay what they are. Keys are told apart by their hash, which for the few hundred rows of a list is
    /// as good as the keys themselves.
    pub(crate) fn rows<K, V>(
        self,
        key: impl Fn(&T) -> K + Send + 'static,
        row: impl Fn(T) -> V + Clone + Send + 'static,
    ) -> AnyView
    where
        K: Hash,
        V: IntoView + 'static,
    {
        rows(Box::new(move || {
            let row = |item: T| -> Row {
                let key = BuildHasherDefault::<DefaultHasher>::default().hash_one(key(&item));
                let row = row.clone();
                (key, Box::new(move || row(item).into_any()))
            };
            (self.0)().into_iter().map(row).collect()
        }))
    }
}

/// A closure that lists rows.
trait Rows {
    fn rows(&self) -> Vec<Row>;
}

impl<F: Fn() -> Vec<Row>> Rows for F {
    fn rows(&self) -> Vec<Row> {
        self()
    }
}

fn rows(each: Box<dyn Rows + Send>) -> AnyView {
    let each = move || each.rows();
    let props = ForProps::builder().each(each).key(|row: &Row| row.0).children(|row: Row| (row.1)()).build();
    For(props).into_any()
}
