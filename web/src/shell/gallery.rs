//! Runs worth a look, each a link of its own.

use leptos::prelude::*;
use primacy_port::Opening;
use primacy_sim::engine::GALLERY;
use primacy_view::view;

use super::rooms::rooms;
use crate::session::session;

/// The column.
#[component]
pub(crate) fn Gallery() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let card = move |(name, title, words): &'static (&'static str, &'static str, &'static str)| {
        let open = move |_| {
            rooms.drawer.set(false);
            rooms.dismiss_intro();
            session.open_then(Opening::Preset((*name).to_owned()), |session| session.play());
        };
        view! {
            <li>
                <button on:click=open>
                    <b>{*title}</b>
                    <span class="quiet">{*words}</span>
                </button>
            </li>
        }
    };
    view! {
        <section class="panel gallery" aria-labelledby="gallery-title">
            <header><h2 id="gallery-title">"Gallery"</h2></header>
            <ul>{GALLERY.iter().map(card).collect_view()}</ul>
        </section>
    }
}
