//! Time, always in sight: play, steps, speed, the timeline, and what makes the run repeatable.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_port::{Lane, Opening};
use primacy_view::view;

use super::icon::icon;
use super::timeline::Timeline;
use crate::effect::effect;
use crate::format::clock;
use crate::session::session;
use crate::speed::Speed;

const SECOND: u64 = 1_000_000_000;

/// The bar at the bottom.
#[component]
pub(crate) fn TimeBar() -> impl IntoView {
    let live = move || session().caps.read().live;
    view! {
        <footer class="bar" aria-label="Time">
            <div class="transport">
                <Steps />
                <Clock />
                <Show when=move || !live()>
                    <SpeedBox />
                    <Facts />
                </Show>
            </div>
            <Timeline />
        </footer>
    }
}

#[component]
fn Steps() -> impl IntoView {
    let session = session();
    let leap = move |back: bool| {
        let now = session.now_ns();
        session.seek(if back { now.saturating_sub(SECOND) } else { now + SECOND });
    };
    let step = |name: &'static str,
                words: &'static str,
                title: &'static str,
                id: &'static str,
                go: Callback<()>| {
        // Of a real group only moments are kept, not what happened between them.
        let of = move |words: &'static str| match session.is_live() {
            true => words.replace("One event", "One recorded moment"),
            false => words.to_owned(),
        };
        view! {
            <button class="bare" aria-label=move || of(words) title=move || of(title) data-testid=id on:click=move |_| go.run(())>
                {icon(name)}
            </button>
        }
    };
    let play = move || if session.playing.get() { "Pause" } else { "Play" };
    view! {
        <div class="steps-of-time" role="group" aria-label="Steps">
            {step("first", "Previous milestone", "Previous milestone (p)", "milestone-back", Callback::new(move |()| session.milestone(true)))}
            {step("back-s", "One second back", "One second back", "second-back", Callback::new(move |()| leap(true)))}
            {step("back", "One event back", "One event back (,)", "step-back", Callback::new(move |()| session.step(true)))}
            <button
                class="strong play"
                data-testid="play"
                aria-label=play
                title="Play or pause (Space)"
                on:click=move |_| session.toggle()
            >
                {move || if session.playing.get() { icon("pause").into_any() } else { icon("play").into_any() }}
                <span class="wide">{play}</span>
            </button>
            {step("forth", "One event forth", "One event (.)", "step", Callback::new(move |()| session.step(false)))}
            {step("forth-s", "One second forth", "One second forth", "second", Callback::new(move |()| leap(false)))}
            {step("last", "Next milestone", "Run to the next milestone (n)", "milestone", Callback::new(move |()| session.milestone(false)))}
        </div>
    }
}

/// The time, as often as the screen is drawn.
#[component]
fn Clock() -> impl IntoView {
    let session = session();
    let face = NodeRef::<html::Span>::new();
    let facts = session.rows(Lane::A).facts;
    // Its text node stays: another one would cost a layout of all that is around it.
    let shown_ms = StoredValue::new(u64::MAX);
    let show = move |now_ns| {
        let now_ms = now_ns / 1_000_000;
        if shown_ms.get_value() == now_ms {
            return;
        }
        if let Some(text) = face.get_untracked().and_then(|face| face.first_child()) {
            shown_ms.set_value(now_ms);
            text.set_node_value(Some(&clock(now_ns)));
        }
    };
    // What was there before the clock.
    effect(move || {
        facts.now_ns().track();
        face.track();
        show(session.now_ns());
    });
    session.on_frame(move |lane, frame| {
        if lane == Lane::A {
            show(frame.view.now_ns);
        }
    });
    view! {
        <span class="clock mono" data-testid="clock" node_ref=face>{clock(facts.now_ns().get_untracked())}</span>
    }
}

const PRESETS: [(Speed, &str, &str); 5] = [
    (Speed::PACKETS, "1/1000", "See a packet"),
    (Speed::SLOW, "1/100", "See packets follow each other"),
    (Speed::STREAM, "1/10", "See the stream"),
    (Speed::REAL, "1×", "Live through it"),
    (Speed::FAST, "60×", "Skip the boring two minutes"),
];

#[component]
fn SpeedBox() -> impl IntoView {
    let session = session();
    let on_speed = move |ev| {
        if let Ok(notch) = event_target_value(&ev).parse() {
            session.speed.set(Speed::at(notch));
        }
    };
    let now = session.rows(Lane::A).facts.now_ns();
    let pace = Memo::new(move |_| {
        now.track();
        session.speed.track();
        session.slowing.track();
        session.still.track();
        session.pace()
    });
    let preset = move |(speed, label, title): (Speed, &'static str, &'static str)| {
        view! {
            <button
                class="mini"
                title=title
                aria-pressed=move || if session.speed.get() == speed { "true" } else { "false" }
                on:click=move |_| session.speed.set(speed)
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="speed" role="group" aria-label="Speed">
            <label>
                <span class="quiet">"Speed"</span>
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
                <output class="mono" class:slowed=move || pace.get() != session.speed.get()>{move || pace.get().label()}</output>
            </label>
            <div class="presets">
                {PRESETS.map(preset).collect_view()}
                <button
                    class="mini"
                    hidden=move || session.still.get()
                    title="Slows down by itself where something important happens, and then goes on as fast as before"
                    data-testid="slowing"
                    aria-pressed=move || session.slowing.get().to_string()
                    on:click=move |_| session.slowing.update(|on| *on = !*on)
                >
                    "Auto-slow"
                </button>
            </div>
        </div>
    }
}

/// What makes the run repeatable.
#[component]
fn Facts() -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts;
    let seed = RwSignal::new(String::new());
    effect(move || seed.set(facts.seed().get().to_string()));
    let restart = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        if let Ok(number) = seed.get_untracked().trim().parse() {
            session.open(Opening::Seed(number));
        }
    };
    let engine = move || session.caps.read().engine.chars().take(8).collect::<String>();
    view! {
        <div class="repeat">
            <form on:submit=restart title="Another seed is another run of the same group; Enter starts over">
                <label for="seed">"seed"</label>
                <input
                    id="seed"
                    class="mono"
                    type="text"
                    inputmode="numeric"
                    pattern="[0-9]+"
                    size="5"
                    prop:value=move || seed.get()
                    on:input=move |ev| seed.set(event_target_value(&ev))
                />
                <button class="bare" type="submit" aria-label="Start over with this seed" title="Start over with this seed" data-testid="restart">
                    {icon("again")}
                </button>
            </form>
            <span title="Hash of the engine's behaviour: links of another engine may run differently">
                "engine " <code data-testid="engine">{engine}</code>
            </span>
            <span title="Hash of everything that has happened: the same seed and actions give the same">
                "trace " <code data-testid="trace">{move || facts.hash().get()}</code>
            </span>
        </div>
    }
}
