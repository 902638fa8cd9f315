//! Building and changing a view.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Mountable, Position, PositionState};
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use super::hole::{Hole, Place};
use super::shape::{Kind, Step, steps};
use super::{Parts, View};

const SVG: &str = "http://www.w3.org/2000/svg";

/// A view in the document.
pub(crate) struct Built {
    shape: &'static str,
    roots: Vec<Root>,
    holes: Vec<Hole>,
}

/// What stands in the document without a parent of this view.
enum Root {
    Node(Node),
    /// The child in the hole of this number.
    Child(usize),
}

/// A view that is being built.
struct Site {
    document: web_sys::Document,
    /// Elements that have begun and not ended.
    open: Vec<Element>,
    built: Built,
}

impl Parts {
    fn build(self) -> Built {
        let built =
            Built { shape: self.shape, roots: Vec::new(), holes: Vec::with_capacity(self.fills.len()) };
        let mut site = Site { document: document(), open: Vec::new(), built };
        let mut fills = self.fills.into_iter();
        for step in steps(self.shape) {
            match step {
                Step::Child => site.child(Hole::new(None, fills.next())),
                Step::Hole(kind, name) => {
                    let place = site.place(kind, name);
                    site.built.holes.push(Hole::new(place, fills.next()));
                }
                step => site.fixed(step),
            }
        }
        if site.built.roots.is_empty() {
            // It has to stand somewhere, for whatever takes its place later.
            let comment: Node = site.document.create_comment("").into();
            site.built.roots.push(Root::Node(comment));
        }
        site.built
    }
}

impl Site {
    fn fixed(&mut self, step: Step) {
        match step {
            Step::Element(name) => self.open.extend(self.document.create_element(name)),
            Step::SvgElement(name) => self.open.extend(self.document.create_element_ns(Some(SVG), name)),
            Step::End => {
                if let Some(element) = self.open.pop() {
                    self.add(element.into());
                }
            }
            Step::Attribute(key, value) => {
                if let Some(element) = self.open.last() {
                    let _ = element.set_attribute(key, value);
                }
            }
            Step::Text(text) => self.add(self.document.create_text_node(text).into()),
            Step::Child | Step::Hole(..) => {}
        }
    }

    fn add(&mut self, node: Node) {
        match self.open.last() {
            Some(parent) => drop(parent.append_child(&node)),
            None => self.built.roots.push(Root::Node(node)),
        }
    }

    fn child(&mut self, mut hole: Hole) {
        match (self.open.last(), hole.child_mut()) {
            (Some(parent), Some(child)) => child.mount(parent, None),
            (None, Some(_)) => self.built.roots.push(Root::Child(self.built.holes.len())),
            (_, None) => {}
        }
        self.built.holes.push(hole);
    }

    fn place(&self, kind: Kind, name: &'static str) -> Option<Place> {
        self.open.last().map(|element| Place { element: element.clone(), kind, name })
    }
}

impl Render for View {
    type State = Built;

    fn build(self) -> Built {
        self.0.take().build()
    }

    fn rebuild(self, state: &mut Built) {
        let parts = self.0.take();
        if std::ptr::eq(parts.shape, state.shape) {
            for (hole, fill) in state.holes.iter_mut().zip(parts.fills) {
                hole.fill(fill);
            }
            return;
        }
        let mut new = parts.build();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

impl Mountable for Built {
    fn unmount(&mut self) {
        for root in &mut self.roots {
            match root {
                Root::Node(node) => {
                    if let Some(parent) = node.parent_node() {
                        let _ = parent.remove_child(node);
                    }
                }
                Root::Child(at) => {
                    if let Some(child) = self.holes[*at].child_mut() {
                        child.unmount();
                    }
                }
            }
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        for root in &mut self.roots {
            match root {
                Root::Node(node) => drop(parent.insert_before(node, marker)),
                Root::Child(at) => {
                    if let Some(child) = self.holes[*at].child_mut() {
                        child.mount(parent, marker);
                    }
                }
            }
        }
    }

    fn insert_before_this(&self, other: &mut dyn Mountable) -> bool {
        self.roots.iter().any(|root| match root {
            Root::Node(node) => {
                let parent = node.parent_node().and_then(|parent| parent.dyn_into::<Element>().ok());
                parent.is_some_and(|parent| {
                    other.mount(&parent, Some(node));
                    true
                })
            }
            Root::Child(at) => self.holes[*at].child().is_some_and(|child| child.insert_before_this(other)),
        })
    }

    fn elements(&self) -> Vec<Element> {
        let of = |root: &Root| match root {
            Root::Node(node) => node.dyn_ref::<Element>().cloned().into_iter().collect(),
            Root::Child(at) => self.holes[*at].child().map(Mountable::elements).unwrap_or_default(),
        };
        self.roots.iter().flat_map(of).collect::<Vec<_>>()
    }
}

impl AddAnyAttr for View {
    type Output<A: Attribute> = Self;

    /// The macro refuses attributes on components, which alone come this way.
    fn add_any_attr<A: Attribute>(self, _: A) -> Self {
        self
    }
}

/// The page is drawn in a browser and nowhere else: nothing asks for its HTML.
impl RenderHtml for View {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Built {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
