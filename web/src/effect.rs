//! Effects, and values that tell of themselves only when they are others.

use leptos::prelude::*;

/// Runs after what it has read has changed. Leptos's own has one more copy of its code for each closure; this one has it once.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    fn boxed(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_| run());
    }
    boxed(Box::new(run));
}

/// Like a memo, but who depends on it is not asked anything until the value has changed. A memo wakes all of them to look
/// whether it has, and the time changes ten times a second.
pub(crate) fn settled<T>(value: impl Fn() -> T + 'static) -> ReadSignal<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let (now, set) = signal(untrack(&value));
    effect(move || {
        let value = value();
        if now.with_untracked(|known| *known != value) {
            set.set(value);
        }
    });
    now
}
