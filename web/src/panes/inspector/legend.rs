//! What the map's signs mean.

use leptos::prelude::*;
use primacy_view::view;

use super::Faults;
use crate::session::session;

const LOOKS: [(&str, &str, &str); 4] = [
    ("primary", "★ PRIMARY", "takes writes while its lease runs; the bar is the lease"),
    ("replica", "REPLICA", "follows the primary's stream; the bar is how near it is"),
    ("trouble", "FULL SYNC …", "between roles: joining, copying, frozen, without a lease"),
    ("down", "DOWN", "its process or its machine is off"),
];

const DOTS: [(&str, &str); 5] = [
    ("request", "a command of an application"),
    ("reply", "a node's answer"),
    ("stream", "a change on its way to a replica"),
    ("control", "coordinator and nodes"),
    ("name", "DNS"),
];

/// The legend.
#[component]
pub(super) fn Legend() -> impl IntoView {
    // A real group's single messages are not seen, nor what its applications' resolvers remember.
    let live = session().is_live();
    let look = |(look, word, means): (&'static str, &'static str, &'static str)| {
        view! { <div><dt><span class="legend-card" data-look=look>{word}</span></dt><dd>{means}</dd></div> }
    };
    let dot = |(kind, means): (&'static str, &'static str)| {
        view! {
            <div>
                <dt>
                    <svg class="dots legend-dot" viewBox="0 0 12 12" aria-hidden="true">
                        <circle cx="6" cy="6" r="4" class=kind />
                    </svg>
                </dt>
                <dd>{means}</dd>
            </div>
        }
    };
    view! {
        <header class="pane-head">
            <h2>"Legend"</h2>
        </header>
        <p class="quiet">"Select a node, an application, a name or an event to see all that is known of it."</p>
        <dl class="legend">
            {LOOKS.map(look).collect_view()}
            {(!live).then(|| {
                view! {
                    {DOTS.map(dot).collect_view()}
                    <div>
                        <dt><span class="flag">"≠ DNS"</span></dt>
                        <dd>"the application still holds an answer that the name server no longer gives"</dd>
                    </div>
                }
            })}
        </dl>
        <p class="quiet">
            "A stream is thicker the more bytes a second it carries."
            {match live {
                true => " Each number is that of the node's newest report, so a replica's may be ahead of the primary's.",
                false => " Single messages show when time runs so slowly that one can follow them: from about 1/500× down.",
            }}
        </p>
        <Faults />
    }
}
