//! Icons out of the sprite in index.html.

use leptos::prelude::*;
use primacy_view::view;

/// An icon by its name; the button around it has the words.
pub(crate) fn icon(name: &'static str) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true" inner_html=format!("<use href=\"#i-{name}\"/>")></svg> }
}
