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
    keyboard(engine);
    view! {
        <footer class="bar" aria-label="Time">
            <button class="strong" on:click=move |_| engine.toggle() title="Space">
                {move || if playing() { "Pause" } else { "Play" }}
            </button>
            <button on:click=move |_| engine.step() title="One event (.)">"+1 event"</button>
            <button on:click=move |_| engine.next_milestone() title="Up to the group's next event (n)">
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
    let restart = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        if let Ok(number) = seed.get_untracked().trim().parse() {
            engine.restart(number);
        }
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
            <span>"events " <span class="mono">{move || count(engine.frame.steps().get())}</span></span>
            <span>"trace " <code>{move || engine.frame.hash().get()}</code></span>
        </div>
    }
}

/// Single keys, outside text fields.
fn keyboard(engine: Engine) {
    let handle = window_event_listener(ev::keydown, move |ev| {
        let typing = document()
            .active_element()
            .is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        let on_button = document().active_element().is_some_and(|e| e.tag_name() == "BUTTON");
        if typing || ev.ctrl_key() || ev.meta_key() || ev.alt_key() {
            return;
        }
        match ev.key().as_str() {
            " " if !on_button => engine.toggle(),
            "." => engine.step(),
            "n" => engine.next_milestone(),
            "[" => engine.set_speed(engine.speed.get_untracked() - 1),
            "]" => engine.set_speed(engine.speed.get_untracked() + 1),
            "k" => engine.act(crate::action::Action::KillPrimary),
            "f" => engine.act(crate::action::Action::TestFailover),
            _ => return,
        }
        ev.prevent_default();
    });
    on_cleanup(move || handle.remove());
}
