//! Time: play, pause, step, speed; and what makes the run repeatable.

use leptos::ev;
use leptos::prelude::*;

use crate::engine::{Engine, FASTEST, SLOWEST};
use crate::format::{clock, count, speed};
use crate::model::FrameStoreFields;

/// The bar at the bottom.
#[component]
pub(crate) fn TimeBar() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let playing = move || engine.playing.get();
    let on_speed = move |ev| {
        if let Ok(power) = event_target_value(&ev).parse() {
            engine.set_speed(power);
        }
    };
    super::keys::listen(engine);
    view! {
        <footer class="bar" aria-label="Time">
            <button class="strong" on:click=move |_| engine.toggle() title="Space">
                {move || if playing() { "Pause" } else { "Play" }}
            </button>
            <button on:click=move |_| engine.step() title="One event (.)">"+1 event"</button>
            <button on:click=move |_| engine.next_milestone() title="Up to the group's next milestone (n)">
                "Next milestone"
            </button>
            <span class="clock mono">{move || clock(engine.frame.t_us().get())}</span>
            <label>
                "Speed"
                <input
                    type="range"
                    min=SLOWEST
                    max=FASTEST
                    step="1"
                    prop:value=move || engine.speed.get()
                    aria-valuetext=move || speed(engine.speed.get())
                    on:input=on_speed
                />
                <span class="mono">{move || speed(engine.speed.get())}</span>
            </label>
            <Facts />
        </footer>
    }
}

#[component]
fn Facts() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let seed = RwSignal::new(engine.seed().to_string());
    let copied = RwSignal::new(false);
    let restart = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        if let Ok(number) = seed.get_untracked().trim().parse() {
            engine.restart(number);
            copied.set(false);
        }
    };
    let copy = move |_| {
        let here = window().location();
        let page = here.href().unwrap_or_default();
        let page = page.split('#').next().unwrap_or_default();
        let link = format!("{page}#{}", engine.link());
        let _ = window().navigator().clipboard().write_text(&link);
        copied.set(true);
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
            <span>"events " <span class="mono">{move || count(engine.frame.steps().get())}</span></span>
            <span>"trace " <code>{move || engine.frame.hash().get()}</code></span>
        </div>
    }
}
