//! Components: Leptos's own way of calling them, but `<Show>` and `<For>`, which the page has without type parameters.

use proc_macro2::TokenStream;
use quote::quote;
use rstml::Infallible;
use rstml::node::{KeyedAttribute, NodeAttribute, NodeElement, NodeName};
use syn::Error;
use syn::spanned::Spanned;

use crate::template;

type Element = NodeElement<Infallible>;

pub(crate) fn is_component(element: &Element) -> bool {
    let NodeName::Path(path) = element.name() else { return false };
    let last = path.path.segments.last().map(|segment| segment.ident.to_string());
    last.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// An expression for the component's `AnyView`.
pub(crate) fn component(element: &Element) -> syn::Result<TokenStream> {
    match element.name().to_string().as_str() {
        "Show" => show(element),
        "For" => rows(element),
        _ => named(element),
    }
}

fn named(element: &Element) -> syn::Result<TokenStream> {
    let name = element.name();
    let props = attributes(element)?.into_iter().map(|attribute| {
        let key = &attribute.key;
        let value = value(attribute);
        quote! { .#key({ #value }) }
    });
    let children = (!element.children.is_empty()).then(|| template(&element.children)).transpose()?;
    let children =
        children.map(|view| quote! { .children(::leptos::children::ToChildren::to_children(move || #view)) });
    Ok(quote! {
        ::leptos::prelude::IntoAny::into_any(::leptos::component::component_view(
            &#name,
            ::leptos::component::component_props_builder(&#name) #(#props)* #children .build(),
        ))
    })
}

fn show(element: &Element) -> syn::Result<TokenStream> {
    let [when] = wanted(element, ["when"])?;
    let view = template(&element.children)?;
    Ok(quote! { crate::view::show(#when, move || #view) })
}

fn rows(element: &Element) -> syn::Result<TokenStream> {
    let [each, key, children] = wanted(element, ["each", "key", "children"])?;
    Ok(quote! { crate::view::Each(#each).rows(#key, #children) })
}

/// The values of exactly these attributes.
fn wanted<const N: usize>(element: &Element, names: [&str; N]) -> syn::Result<[TokenStream; N]> {
    let given = attributes(element)?;
    let other = given.iter().find(|attribute| !names.contains(&attribute.key.to_string().as_str()));
    if let Some(other) = other {
        return Err(Error::new(other.key.span(), format!("the page's {} takes {names:?}", element.name())));
    }
    let mut values = names.map(|_| TokenStream::new());
    for (name, place) in names.iter().zip(&mut values) {
        let found = given.iter().find(|attribute| attribute.key.to_string() == *name);
        let missing = || Error::new(element.name().span(), format!("`{name}` is missing"));
        *place = value(found.ok_or_else(missing)?);
    }
    Ok(values)
}

/// `name` alone stands for `name=name`.
fn value(attribute: &KeyedAttribute) -> TokenStream {
    let key = &attribute.key;
    attribute.value().map_or_else(|| quote! { #key }, |value| quote! { #value })
}

fn attributes(element: &Element) -> syn::Result<Vec<&KeyedAttribute>> {
    element.attributes().iter().map(property).collect()
}

fn property(attribute: &NodeAttribute) -> syn::Result<&KeyedAttribute> {
    match attribute {
        NodeAttribute::Attribute(keyed) if !keyed.key.to_string().contains(':') => Ok(keyed),
        other => Err(Error::new(other.span(), "the page's components take properties alone")),
    }
}
