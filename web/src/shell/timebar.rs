//! Time: play, pause, step, speed; and what makes the run repeatable.

use leptos::ev;
use leptos::prelude::*;
use primacy_port::{Lane, Opening, What};

use crate::format::{clock, count};
use crate::model::{FactsStoreFields, FrameRowsStoreFields};
use crate::session::session;
use crate::speed::Speed;

/// The bar at the bottom.
#[component]
pub(crate) fn TimeBar() -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts();
    let on_speed = move |ev| {
        if let Ok(notch) = event_target_value(&ev).parse() {
            session.speed.set(Speed::at(notch));
        }
    };
    super::keys::listen(session);
    view! {
        <footer class="bar" aria-label="Time">
            <button class="strong" data-testid="play" on:click=move |_| session.toggle() title="Space">
                {move || if session.playing.get() { "Pause" } else { "Play" }}
            </button>
            <button on:click=move |_| session.step(true) title="One event back (,)">"−1 event"</button>
            <button on:click=move |_| session.step(false) title="One event (.)">"+1 event"</button>
            <button on:click=move |_| session.milestone(false) title="Up to the group's next milestone (n)">
                "Next milestone"
            </button>
            <span class="clock mono">{move || clock(facts.now_ns().get())}</span>
            <label>
                "Speed"
                <input
                    type="range"
                    data-testid="speed"
                    min="0"
                    max=Speed::MAX.notch()
                    step="1"
                    prop:value=move || session.speed.get().notch()
                    aria-valuetext=move || session.speed.get().label()
                    on:input=on_speed
                />
                <span class="mono">{move || session.speed.get().label()}</span>
            </label>
            <Facts />
        </footer>
    }
}

#[component]
fn Facts() -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts();
    let seed = RwSignal::new(String::new());
    Effect::new(move |_| seed.set(facts.seed().get().to_string()));
    let copied = RwSignal::new(false);
    let restart = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        if let Ok(number) = seed.get_untracked().trim().parse() {
            session.open(Opening::Seed(number));
            copied.set(false);
        }
    };
    let copy = move |_| {
        session.ask_text(What::Link, move |session, link| match link {
            Ok(link) => {
                let page = window().location().href().unwrap_or_default();
                let page = page.split('#').next().unwrap_or_default();
                let _ = window().navigator().clipboard().write_text(&format!("{page}#{link}"));
                copied.set(true);
            }
            Err(why) => session.notice(true, why),
        });
    };
    view! {
        <div class="facts">
            <form class="row" on:submit=restart>
                <label for="seed">"seed"</label>
                <input
                    id="seed"
                    type="text"
                    inputmode="numeric"
                    pattern="[0-9]+"
                    size="6"
                    prop:value=move || seed.get()
                    on:input=move |ev| seed.set(event_target_value(&ev))
                />
                <button type="submit">"Start over"</button>
            </form>
            <button on:click=copy title="Repeats this run with all that you did to it">
                {move || if copied.get() { "Link copied" } else { "Copy link" }}
            </button>
            <span>"events " <span class="mono">{move || count(facts.steps().get())}</span></span>
            <span>"trace " <code>{move || facts.hash().get()}</code></span>
        </div>
    }
}
