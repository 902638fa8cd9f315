//! The page's head line: where one is, what can be looked at, and what concerns the page as a whole.

use leptos::prelude::*;
use primacy_port::Lane;
use primacy_view::view;

use super::icon::icon;
use super::live::LiveSwitch;
use super::look;
use super::rooms::{Over, Side, rooms};
use crate::session::session;

/// See the module.
#[component]
pub(crate) fn Header() -> impl IntoView {
    view! {
        <header class="top">
            <div class="brand">
                {icon("logo")} <h1>"Primacy"</h1>
            </div>
            <nav class="modes" aria-label="What to do">
                <Mode side=Side::Lessons label="Lessons" />
                <Mode side=Side::Sandbox label="Sandbox" />
                <Mode side=Side::Gallery label="Gallery" />
            </nav>
            <LiveSwitch />
            <Tools />
        </header>
    }
}

#[component]
fn Tools() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let facts = session.rows(Lane::A).facts;
    // A real run can neither be taken back nor repeated.
    let live = move || session.is_live();
    view! {
        <div class="tools">
            <button
                class="bare"
                hidden=live
                aria-label="Undo"
                title="Undo the newest action (Ctrl-Z)"
                data-testid="undo"
                disabled=move || !facts.undo().get()
                on:click=move |_| session.undo()
            >
                {icon("undo")}
            </button>
            <button
                class="bare"
                hidden=live
                aria-label="Redo"
                title="Do it again (Ctrl-Shift-Z)"
                data-testid="redo"
                disabled=move || !facts.redo().get()
                on:click=move |_| session.redo()
            >
                {icon("redo")}
            </button>
            <span class="rule" hidden=live aria-hidden="true"></span>
            <button
                hidden=live
                data-testid="twin"
                aria-label="Compare"
                aria-pressed=move || if session.twin.get() { "true" } else { "false" }
                aria-haspopup="dialog"
                title="Two runs side by side: same seed, one difference (a)"
                on:click=move |_| rooms.toggle(Over::Twin)
            >
                {icon("twin")} <span class="wide">"Compare"</span>
            </button>
            <button hidden=live data-testid="share" aria-label="Share" aria-haspopup="dialog" title="A link to this run and this view" on:click=move |_| rooms.toggle(Over::Share)>
                {icon("share")} <span class="wide">"Share"</span>
            </button>
            <button data-testid="palette" aria-haspopup="dialog" title="Everything that can be done (Ctrl-K)" on:click=move |_| rooms.toggle(Over::Palette)>
                {icon("search")} <kbd class="wide">"Ctrl K"</kbd>
            </button>
            <span class="rule" aria-hidden="true"></span>
            <button class="bare" aria-label="Light or dark" title="Light or dark" data-testid="theme" on:click=move |_| look::switch_theme()>
                {icon("theme")}
            </button>
            <button class="bare" aria-label="Keys and switches" title="Keys and switches (?)" data-testid="keys" aria-haspopup="dialog" on:click=move |_| rooms.toggle(Over::Keys)>
                {icon("help")}
            </button>
        </div>
    }
}

#[component]
fn Mode(side: Side, label: &'static str) -> impl IntoView {
    let rooms = rooms();
    let seen = move || rooms.behind(super::rooms::Border::Left).open.get() && !rooms.folded.get();
    let on = move || rooms.side.get() == side && seen();
    view! {
        <button
            class="mode"
            aria-pressed=move || if on() { "true" } else { "false" }
            data-testid=format!("mode-{}", label.to_ascii_lowercase())
            on:click=move |_| rooms.show(side)
        >
            {label}
        </button>
    }
}
