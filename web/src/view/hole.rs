//! A hole of a view in the document, and what fills it.

use std::borrow::Cow;

use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event};

use super::attribute::Value;
use super::shape::Kind;
use super::{Ask, Fill};

/// Where a fill goes.
pub(super) struct Hole {
    /// `None` for a child, which is in the document by itself.
    place: Option<Place>,
    kept: Kept,
}

#[derive(Clone)]
pub(super) struct Place {
    pub(super) element: Element,
    pub(super) kind: Kind,
    pub(super) name: &'static str,
}

/// What has to live, or to be compared with, as long as the hole.
enum Kept {
    Nothing,
    Child(AnyViewState),
    Value(Value),
    #[expect(dead_code, reason = "lives as long as it is kept")]
    Live(RenderEffect<Value>),
    #[expect(dead_code, reason = "listens as long as it is kept")]
    Listener(Listener),
}

impl Hole {
    pub(super) fn new(place: Option<Place>, fill: Option<Fill>) -> Self {
        let mut hole = Self { place, kept: Kept::Nothing };
        if let Some(fill) = fill {
            hole.fill(fill);
        }
        hole
    }

    /// Fills it, or fills it anew.
    pub(super) fn fill(&mut self, fill: Fill) {
        self.kept = match (fill, std::mem::replace(&mut self.kept, Kept::Nothing), &self.place) {
            (Fill::Child(view), Kept::Child(mut state), _) => {
                view.rebuild(&mut state);
                Kept::Child(state)
            }
            (Fill::Child(view), ..) => Kept::Child(view.build()),
            (Fill::Value(value), before, Some(place)) => {
                if !matches!(before, Kept::Value(before) if before == value) {
                    place.put(&value);
                }
                Kept::Value(value)
            }
            (Fill::Live(value), _, Some(place)) => Kept::Live(live(place.clone(), value)),
            (Fill::On(name, listener), before, Some(place)) => {
                drop(before);
                Kept::Listener(Listener::new(&place.element, name, listener))
            }
            (Fill::Tell(tell), _, Some(place)) => {
                tell(&place.element);
                Kept::Nothing
            }
            (_, before, None) => before,
        };
    }

    /// The child that fills it.
    pub(super) fn child(&self) -> Option<&AnyViewState> {
        if let Kept::Child(state) = &self.kept { Some(state) } else { None }
    }

    pub(super) fn child_mut(&mut self) -> Option<&mut AnyViewState> {
        if let Kept::Child(state) = &mut self.kept { Some(state) } else { None }
    }
}

impl Place {
    fn put(&self, value: &Value) {
        value.apply(&self.element, self.kind, self.name);
    }
}

fn live(place: Place, mut value: Box<dyn Ask>) -> RenderEffect<Value> {
    RenderEffect::new(move |before: Option<Value>| {
        let now = value.ask();
        if before.as_ref() != Some(&now) {
            place.put(&now);
        }
        now
    })
}

/// Listens until it is dropped.
struct Listener {
    element: Element,
    name: Cow<'static, str>,
    listener: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(element: &Element, name: Cow<'static, str>, listener: Box<dyn FnMut(Event)>) -> Self {
        let listener = Closure::wrap(listener);
        let _ = element.add_event_listener_with_callback(&name, listener.as_ref().unchecked_ref());
        Self { element: element.clone(), name, listener }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let listener = self.listener.as_ref().unchecked_ref();
        let _ = self.element.remove_event_listener_with_callback(&self.name, listener);
    }
}
