//! Values of attributes, classes, styles and properties.

use std::borrow::Cow;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use super::View;
use super::shape::Kind;

/// A value as the document takes it.
#[derive(PartialEq)]
pub(crate) enum Value {
    Absent,
    Flag(bool),
    Text(Cow<'static, str>),
}

/// What may stand behind the `=` of an attribute.
pub(crate) trait Attribute {
    /// Fills the view's next hole.
    fn put(self, view: &mut View);
}

/// What a value may be made of.
pub(crate) trait IntoValue {
    fn into_value(self) -> Value;
}

impl Value {
    /// Gives it to the element.
    pub(super) fn apply(&self, element: &Element, kind: Kind, name: &str) {
        match kind {
            Kind::Attribute => self.set_attribute(element, name),
            Kind::Class => {
                let _ = match self {
                    Self::Flag(true) => element.class_list().add_1(name),
                    _ => element.class_list().remove_1(name),
                };
            }
            Kind::Style => {
                // An SVG element has a style too, in the same place.
                let style = element.unchecked_ref::<web_sys::HtmlElement>().style();
                let _ = match self {
                    Self::Text(text) => style.set_property(name, text),
                    _ => style.remove_property(name).map(|_| ()),
                };
            }
            Kind::Property => {
                let value = match self {
                    Self::Absent => JsValue::UNDEFINED,
                    Self::Flag(flag) => JsValue::from_bool(*flag),
                    Self::Text(text) => JsValue::from_str(text),
                };
                let _ = js_sys::Reflect::set(element, &JsValue::from_str(name), &value);
            }
            Kind::Html => element.set_inner_html(if let Self::Text(text) = self { text } else { "" }),
            Kind::Touch => {}
        }
    }

    fn set_attribute(&self, element: &Element, name: &str) {
        let _ = match self {
            Self::Absent | Self::Flag(false) => element.remove_attribute(name),
            Self::Flag(true) => element.set_attribute(name, ""),
            Self::Text(text) => element.set_attribute(name, text),
        };
    }
}

impl<F: FnMut() -> V + 'static, V: IntoValue> Attribute for F {
    fn put(self, view: &mut View) {
        view.live_value(Box::new(self));
    }
}

impl<T: IntoValue> Attribute for Option<T> {
    fn put(self, view: &mut View) {
        view.value(self.into_value());
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Absent, IntoValue::into_value)
    }
}

macro_rules! values {
    ($($type:ty: |$value:ident| $made:expr;)*) => {$(
        impl IntoValue for $type {
            fn into_value(self) -> Value {
                let $value = self;
                $made
            }
        }

        impl Attribute for $type {
            fn put(self, view: &mut View) {
                view.value(self.into_value());
            }
        }
    )*};
}

values! {
    bool: |flag| Value::Flag(flag);
    &'static str: |text| Value::Text(Cow::Borrowed(text));
    String: |text| Value::Text(Cow::Owned(text));
    Cow<'static, str>: |text| Value::Text(text);
    u8: |number| Value::Text(Cow::Owned(number.to_string()));
    u32: |number| Value::Text(Cow::Owned(number.to_string()));
    u64: |number| Value::Text(Cow::Owned(number.to_string()));
    usize: |number| Value::Text(Cow::Owned(number.to_string()));
    i32: |number| Value::Text(Cow::Owned(number.to_string()));
}

impl<T: IntoValue + Clone + Send + Sync + 'static> Attribute for Memo<T> {
    fn put(self, view: &mut View) {
        (move || self.get()).put(view);
    }
}

impl<T: IntoValue + Clone + Send + Sync + 'static> Attribute for RwSignal<T> {
    fn put(self, view: &mut View) {
        (move || self.get()).put(view);
    }
}

impl<T: IntoValue + Clone + Send + Sync + 'static> Attribute for Signal<T> {
    fn put(self, view: &mut View) {
        (move || self.get()).put(view);
    }
}
