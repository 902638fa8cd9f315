//! Children that are expressions.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;

use super::View;

/// An expression's value, between the braces and its place. What is [`Known`] becomes one of a few types; whatever else Leptos
/// can show is [`Opaque`], which the compiler takes only where the other does not fit.
pub(crate) struct Held<T>(pub(crate) Option<T>);

/// See [`Held`].
pub(crate) trait Known {
    fn any(&mut self) -> AnyView;
}

/// See [`Held`].
pub(crate) trait Opaque {
    fn any(&mut self) -> AnyView;
}

/// A child whose type is turned into one of a few before Leptos sees it.
pub(crate) trait Child {
    fn any(self) -> AnyView;
}

/// A child that is made again whenever what it read has changed.
pub(super) fn live(mut part: Box<dyn Part + Send>) -> AnyView {
    let part: SharedReactiveFunction<AnyView> = Arc::new(Mutex::new(move || part.make()));
    part.into_any()
}

/// A closure that makes a child.
pub(super) trait Part {
    fn make(&mut self) -> AnyView;
}

impl<F: FnMut() -> AnyView> Part for F {
    fn make(&mut self) -> AnyView {
        self()
    }
}

impl<T: Child> Known for Held<T> {
    fn any(&mut self) -> AnyView {
        self.0.take().map_or_else(nothing, Child::any)
    }
}

impl<T: RenderHtml> Opaque for &mut Held<T> {
    fn any(&mut self) -> AnyView {
        self.0.take().map_or_else(nothing, IntoAny::into_any)
    }
}

fn nothing() -> AnyView {
    ().into_any()
}

impl<F: FnMut() -> V + Send + 'static, V: Child> Child for F {
    fn any(mut self) -> AnyView {
        live(Box::new(move || self().any()))
    }
}

impl Child for AnyView {
    fn any(self) -> AnyView {
        self
    }
}

impl Child for View {
    fn any(self) -> AnyView {
        self.into_any()
    }
}

impl Child for String {
    fn any(self) -> AnyView {
        self.into_any()
    }
}

impl Child for &str {
    fn any(self) -> AnyView {
        self.to_owned().into_any()
    }
}

impl Child for Cow<'static, str> {
    fn any(self) -> AnyView {
        self.into_owned().into_any()
    }
}

impl<T: Child> Child for Option<T> {
    fn any(self) -> AnyView {
        self.map_or_else(nothing, Child::any)
    }
}

impl<T: Child> Child for Vec<T> {
    fn any(self) -> AnyView {
        self.into_iter().map(Child::any).collect::<Vec<_>>().into_any()
    }
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl Child for $type {
            fn any(self) -> AnyView {
                self.to_string().into_any()
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 usize i32 char);
