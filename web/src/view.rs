//! What `view!` makes: a text for what is fixed and boxed parts for the rest, built by one interpreter. No element, attribute or
//! list has a type of its own, so that each exists once in the module however many views there are.

mod attribute;
mod build;
mod child;
mod hole;
mod list;
mod shape;

use std::borrow::Cow;
use std::marker::PhantomData;

use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use leptos::tachys::html::element::ElementType;
use leptos::tachys::html::node_ref::NodeRefContainer;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;

pub(crate) use attribute::Attribute;
use attribute::{IntoValue, Value};
pub(crate) use child::{Held, Known, Opaque};
pub(crate) use list::{Each, show};

/// A view that is not yet in the document.
pub(crate) struct View(SendWrapper<Parts>);

struct Parts {
    /// See [`shape`].
    shape: &'static str,
    /// What fills the shape's holes, in their order.
    fills: Vec<Fill>,
}

/// What fills a hole.
enum Fill {
    Child(AnyView),
    /// An attribute's, a class's, a style's or a property's value.
    Value(Value),
    /// The same, asked for again whenever what it read has changed.
    Live(Box<dyn Ask>),
    /// A listener.
    On(Cow<'static, str>, Box<dyn FnMut(web_sys::Event)>),
    /// Wants to know the element.
    Tell(Box<dyn FnOnce(&web_sys::Element)>),
}

impl View {
    /// A view of this shape; its holes are filled next, in their order.
    pub(crate) fn new(shape: &'static str) -> Self {
        Self(SendWrapper::new(Parts { shape, fills: Vec::new() }))
    }

    pub(crate) fn child(&mut self, child: AnyView) {
        self.0.fills.push(Fill::Child(child));
    }

    /// A child that is made again whenever what it read has changed.
    pub(crate) fn live(&mut self, part: impl FnMut() -> AnyView + Send + 'static) {
        self.child(child::live(Box::new(part)));
    }

    pub(crate) fn on<E: EventDescriptor>(&mut self, event: E, listener: impl FnMut(E::EventType) + 'static)
    where
        E::EventType: JsCast + 'static,
    {
        self.listen(event.name(), Box::new(Listener(listener, PhantomData)));
    }

    pub(crate) fn node_ref<E>(&mut self, node: NodeRef<E>)
    where
        E: ElementType + 'static,
        E::Output: JsCast + Clone + 'static,
    {
        self.0.fills.push(Fill::Tell(Box::new(move |element| NodeRefContainer::<E>::load(node, element))));
    }

    /// Listeners see the contexts and own the signals of the component that they stand in.
    fn listen(&mut self, name: Cow<'static, str>, mut listener: Box<dyn Hear>) {
        let owner = Owner::current().unwrap_or_default();
        self.0.fills.push(Fill::On(name, Box::new(move |event| owner.with(|| listener.hear(event)))));
    }

    fn value(&mut self, value: Value) {
        self.0.fills.push(Fill::Value(value));
    }

    fn live_value(&mut self, value: Box<dyn Ask>) {
        self.0.fills.push(Fill::Live(value));
    }
}

/// A closure that gives a value. These traits stand for those of closures, whose tables hold two more ways of calling each one,
/// compiled and never used.
trait Ask {
    fn ask(&mut self) -> Value;
}

impl<F: FnMut() -> V, V: IntoValue> Ask for F {
    fn ask(&mut self) -> Value {
        self().into_value()
    }
}

/// A closure that hears of an event.
trait Hear {
    fn hear(&mut self, event: web_sys::Event);
}

struct Listener<F, E>(F, PhantomData<E>);

impl<F: FnMut(E), E: JsCast> Hear for Listener<F, E> {
    fn hear(&mut self, event: web_sys::Event) {
        (self.0)(event.unchecked_into());
    }
}

#[cfg(test)]
mod tests;
