//! What is fixed of a view as one text: a control character says what comes, the text after it what it is about. The characters
//! are those of `web/src/view/shape.rs`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeElement};
use syn::spanned::Spanned;
use syn::{Expr, Lit};

use crate::component::{self, component};

const ELEMENT: char = '\u{1}';
const SVG_ELEMENT: char = '\u{2}';
const END: char = '\u{3}';
const ATTRIBUTE: char = '\u{4}';
const TEXT: char = '\u{5}';
const CHILD: char = '\u{6}';
const LIVE_ATTRIBUTE: char = '\u{7}';
const CLASS: char = '\u{e}';
const STYLE: char = '\u{f}';
const PROPERTY: char = '\u{10}';
const HTML: char = '\u{11}';
const TOUCH: char = '\u{12}';

/// Elements that belong to a drawing wherever they stand; within an `<svg>` all do.
const DRAWN: [&str; 18] = [
    "circle",
    "clipPath",
    "defs",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "rect",
    "stop",
    "svg",
    "symbol",
    "text",
];

/// A view under way.
#[derive(Default)]
pub(crate) struct Shape {
    text: String,
    fills: Vec<TokenStream>,
}

/// The variable that holds the view while it is filled.
pub(crate) fn holder() -> Ident {
    Ident::new("view", Span::mixed_site())
}

impl Shape {
    pub(crate) fn node(&mut self, node: &Node, drawn: bool) -> syn::Result<()> {
        match node {
            Node::Element(element) if component::is_component(element) => {
                let view = component(element)?;
                let holder = holder();
                self.text.push(CHILD);
                self.fills.push(quote! { #holder.child(#view); });
                Ok(())
            }
            Node::Element(element) => self.element(element, drawn),
            Node::Text(text) => self.fixed(TEXT, &text.value.value(), text.value.span()),
            Node::RawText(text) => self.fixed(TEXT, &text.to_string_best(), text.span()),
            Node::Fragment(fragment) => {
                fragment.children.iter().try_for_each(|child| self.node(child, drawn))
            }
            Node::Block(block) => {
                self.text.push(CHILD);
                self.fills.push(child(block));
                Ok(())
            }
            Node::Comment(_) => Ok(()),
            other => Err(syn::Error::new(other.span(), "the page's view! does not know this kind of node")),
        }
    }

    /// An expression that makes the view.
    pub(crate) fn finish(self) -> TokenStream {
        let Self { text, fills } = self;
        let holder = holder();
        if fills.is_empty() {
            return quote! { crate::view::View::new(#text) };
        }
        quote! {
            {
                #[allow(unused_imports, reason = "not every view has both kinds of children")]
                use crate::view::{Known as _, Opaque as _};
                let mut #holder = crate::view::View::new(#text);
                #(#fills)*
                #holder
            }
        }
    }

    fn element(&mut self, element: &NodeElement<rstml::Infallible>, drawn: bool) -> syn::Result<()> {
        let name = element.name().to_string();
        let drawn = drawn || DRAWN.contains(&name.as_str());
        self.fixed(if drawn { SVG_ELEMENT } else { ELEMENT }, &name, element.name().span())?;
        for attribute in element.attributes() {
            match attribute {
                NodeAttribute::Attribute(attribute) => self.attribute(attribute)?,
                NodeAttribute::Block(block) => {
                    return Err(syn::Error::new(
                        block.span(),
                        "the page's view! does not know spread attributes",
                    ));
                }
            }
        }
        for child in &element.children {
            self.node(child, drawn && name != "foreignObject")?;
        }
        self.text.push(END);
        Ok(())
    }

    fn attribute(&mut self, attribute: &KeyedAttribute) -> syn::Result<()> {
        let key = attribute.key.to_string();
        let Some(value) = attribute.value() else {
            if key.contains(':') {
                return Err(syn::Error::new(attribute.key.span(), "this needs a value in the page's view!"));
            }
            return self.fixed(ATTRIBUTE, &format!("{key}="), attribute.key.span());
        };
        let holder = holder();
        if let Some((kind, name)) = key.split_once(':') {
            let op = match kind {
                "on" => {
                    let event = format_ident!("{name}", span = attribute.key.span());
                    self.text.push(TOUCH);
                    self.fills.push(quote! { #holder.on(::leptos::ev::#event, #value); });
                    return Ok(());
                }
                "class" => CLASS,
                "style" => STYLE,
                "prop" => PROPERTY,
                _ => {
                    return Err(syn::Error::new(
                        attribute.key.span(),
                        "the page's view! knows on:, class:, style: and prop:",
                    ));
                }
            };
            return self.filled(op, name, value, attribute.key.span());
        }
        match (key.as_str(), value) {
            ("node_ref", _) => {
                self.text.push(TOUCH);
                self.fills.push(quote! { #holder.node_ref(#value); });
                Ok(())
            }
            ("inner_html", _) => self.filled(HTML, "", value, attribute.key.span()),
            (_, Expr::Lit(literal)) if let Lit::Str(text) = &literal.lit => {
                self.fixed(ATTRIBUTE, &format!("{key}={}", text.value()), text.span())
            }
            _ => self.filled(LIVE_ATTRIBUTE, &key, value, attribute.key.span()),
        }
    }

    fn filled(&mut self, op: char, name: &str, value: &Expr, span: Span) -> syn::Result<()> {
        let holder = holder();
        self.fixed(op, name, span)?;
        self.fills.push(quote! {
            {
                #[allow(unused_braces, reason = "what stands in braces in a view is put as it is")]
                let value = #value;
                crate::view::Attribute::put(value, &mut #holder);
            }
        });
        Ok(())
    }

    fn fixed(&mut self, op: char, text: &str, span: Span) -> syn::Result<()> {
        if text.contains(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r')) {
            return Err(syn::Error::new(span, "control characters part the text of a view"));
        }
        self.text.push(op);
        self.text.push_str(text);
        Ok(())
    }
}

/// A child that is an expression. A closure is run again whenever what it read has changed.
fn child(block: &rstml::node::NodeBlock) -> TokenStream {
    let holder = holder();
    let closure = match block.try_block().map(|block| block.stmts.as_slice()) {
        Some([syn::Stmt::Expr(Expr::Closure(closure), None)]) if closure.inputs.is_empty() => Some(closure),
        _ => None,
    };
    match closure {
        Some(closure) => quote! {
            #holder.live({
                let mut part = #closure;
                move || (&mut crate::view::Held(Some(part()))).any()
            });
        },
        None => quote! {
            {
                #[allow(unused_braces, reason = "what stands in braces in a view is put as it is")]
                let mut part = crate::view::Held(Some(#block));
                let part = (&mut part).any();
                #holder.child(part);
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(view: TokenStream) -> syn::Result<Shape> {
        let mut shape = Shape::default();
        for node in rstml::parse2(view)? {
            shape.node(&node, false)?;
        }
        Ok(shape)
    }

    #[test]
    fn what_is_fixed_is_one_text_and_the_rest_fills_its_holes() {
        let made = shape(quote! {
            <p class="a" hidden title=title class:on=on>"Hi " {name} <b on:click=go>"!"</b></p>
        });
        let made = made.unwrap_or_else(|error| panic!("{error}"));
        let text = "\u{1}p\u{4}class=a\u{4}hidden=\u{7}title\u{e}on\u{5}Hi \u{6}\u{1}b\u{12}\u{5}!\u{3}\u{3}";
        assert_eq!((made.text.as_str(), made.fills.len()), (text, 4));
    }

    #[test]
    fn drawings_and_what_is_in_them_have_their_own_kind() {
        let made = shape(quote! { <svg><title>"T"</title></svg><g></g><title></title> });
        let made = made.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(made.text, "\u{2}svg\u{2}title\u{5}T\u{3}\u{3}\u{2}g\u{3}\u{1}title\u{3}");
    }

    #[test]
    fn components_are_holes_and_show_wants_its_condition() {
        assert_eq!(
            shape(quote! { <Sheet title="T" /> }).map(|made| made.text).ok().as_deref(),
            Some("\u{6}")
        );
        assert!(shape(quote! { <Show>"x"</Show> }).is_err());
        assert!(shape(quote! { <Sheet class:on=on /> }).is_err());
        assert!(shape(quote! { <p use:thing /> }).is_err());
    }
}
