//! The page's `view!`, with Leptos's syntax. Leptos gives every element a type of its own and compiles building and changing of
//! each anew, which made half of the page's module; here a view becomes one text, which one interpreter builds
//! (`web/src/view`), and a list of what is not fixed in it.

mod component;
mod shape;

use proc_macro::TokenStream;
use quote::quote;
use rstml::node::Node;
use rstml::{Parser, ParserConfig};

use shape::Shape;

/// A view, in the syntax of Leptos's macro of this name: elements, text, `{...}`, components, `<Show>`, `<For>`, and of attributes
/// plain ones, `on:`, `prop:`, `class:`, `style:`, `node_ref` and `inner_html`.
#[proc_macro]
pub fn view(tokens: TokenStream) -> TokenStream {
    let parser = Parser::new(ParserConfig::default().recover_block(true));
    let (nodes, errors) = parser.parse_recoverable(proc_macro2::TokenStream::from(tokens)).split_vec();
    let errors = errors.into_iter().map(|error| error.emit_as_expr_tokens());
    let view = template(&nodes).unwrap_or_else(syn::Error::into_compile_error);
    quote! {{
        #(#errors;)*
        #view
    }}
    .into()
}

/// An expression that makes a `crate::view::View` of these nodes.
fn template(nodes: &[Node]) -> syn::Result<proc_macro2::TokenStream> {
    let mut shape = Shape::default();
    for node in nodes {
        shape.node(node, false)?;
    }
    Ok(shape.finish())
}
