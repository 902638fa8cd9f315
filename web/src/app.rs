//! The page's shape.

use leptos::prelude::*;
use primacy_port::Lane;
use primacy_view::view;

use crate::effect::effect;
use crate::panes::charts::Charts;
use crate::panes::desk::{Desk, desk};
use crate::panes::events::Events;
use crate::panes::lesson::{Course, Lessons, Real};
use crate::panes::stage::Stage;
use crate::panes::tabs::Tabs;
use crate::panes::terminal;
use crate::panes::why::WhyPopover;
use crate::session::Session;
use crate::shell::border::Divider;
use crate::shell::death::Death;
use crate::shell::gallery::Gallery;
use crate::shell::header::Header;
use crate::shell::hooks::{self, Seen};
use crate::shell::intro::Intro;
use crate::shell::keys::KeySheet;
use crate::shell::live::LiveBar;
use crate::shell::notices::Notices;
use crate::shell::palette::Palette;
use crate::shell::rooms::{Border, Over, Rooms, Side, rooms};
use crate::shell::sandbox::Sandbox;
use crate::shell::share::Share;
use crate::shell::steps::Steps;
use crate::shell::timebar::TimeBar;
use crate::shell::twin::{Delta, LaneHead, TwinSheet};
use crate::shell::{keys, look, share};
use crate::trail;

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let session = Session::start();
    trail::begin(session);
    let new_version = window_event_listener_untyped("primacy-new-version", move |_| {
        session.offer(false, "A new version of this page is ready.", Some(("Reload", change_over)));
    });
    on_cleanup(move || new_version.remove());
    view! { <Page session /> }
}

/// Tells the script in index.html that the person wants the new version.
fn change_over(_: Session) {
    if let Ok(event) = web_sys::Event::new("primacy-change-over") {
        let _ = window().dispatch_event(&event);
    }
}

/// The page around a session.
#[component]
pub(crate) fn Page(session: Session) -> impl IntoView {
    provide_context(session);
    Desk::provide();
    terminal::attend(session, desk().terminals);
    let rooms = Rooms::provide();
    Course::provide(session);
    look::restore(session);
    fold_for_twins(session, rooms);
    // Of the columns at the left only this one is about a real group.
    let live = Memo::new(move |_| session.is_live());
    effect(move || {
        if live.get() {
            rooms.side.set(Side::Sandbox);
        }
    });
    keys::listen();
    share::accept_drops();
    let facts = session.rows(Lane::A).facts;
    let broken = Memo::new(move |_| facts.violation().get());
    let sizes = move || {
        let size = |border: Border| rooms.behind(border).size.get();
        let (left, right, lower) = (size(Border::Left), size(Border::Right), size(Border::Lower));
        format!("--left: {left}px; --right: {right}px; --lower: {lower}px")
    };
    let introduced = move || rooms.intro.get() && !session.is_live();
    let state = hooks::state(session);
    hooks::mark_usable(state);
    view! {
        <div
            class="page"
            class:introduced=introduced
            style=sizes
            data-testid="page"
            data-state=move || state.get()
            data-now=move || facts.now_ns().get()
            data-playing=move || session.playing.get().to_string()
            data-trace=move || facts.hash().get()
            data-seed=move || facts.seed().get()
            data-busy=move || (session.busy.get() > 0).to_string()
        >
            <Header />
            <div>
                <Notices />
                <LiveBar />
                <Show when=move || broken.with(|b| !b.is_empty())>
                    <p class="banner bad" role="alert">"An invariant does not hold: " {move || broken.get()}</p>
                </Show>
            </div>
            <div class="work">
                <LeftColumn />
                <div class="body">
                    <div class="upper">
                        <Scene />
                        <Tools />
                    </div>
                    <Lower />
                </div>
            </div>
            <TimeBar />
            <Overlay />
        <WhyPopover />
        <Real />
        <Death />
            <p class="sr-only" role="status" aria-live="polite" data-testid="news">{move || session.news.get()}</p>
        </div>
    }
}

fn shut(border: Border) -> impl Fn() -> bool + Copy {
    let (rooms, low) = (rooms(), low());
    let open = rooms.behind(border).open;
    let lesson = crate::session::session().rows(Lane::A).facts.lesson();
    let folded = move || match border {
        Border::Left => rooms.folded.get() && lesson.get().is_none(),
        Border::Right => rooms.folded.get(),
        Border::Lower => rooms.folded.get() && low.get(),
    };
    move || !open.get() || folded()
}

/// The window is too low for two stages and what comes after them.
fn low() -> Memo<bool> {
    let height = || window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
    let now = RwSignal::new(height());
    let resized = window_event_listener_untyped("resize", move |_| now.set(height()));
    on_cleanup(move || resized.remove());
    Memo::new(move |_| now.get() < 1100.0)
}

/// Two runs need the room of the columns beside them; a lesson's text stays.
fn fold_for_twins(session: Session, rooms: Rooms) {
    Effect::new(move |before: Option<bool>| {
        let twin = session.twin.get();
        if before.unwrap_or_default() != twin {
            rooms.folded.set(twin);
        }
        twin
    });
}

#[component]
fn LeftColumn() -> impl IntoView {
    let rooms = rooms();
    let seen: Seen = expect_context();
    let content = move || match rooms.side.get() {
        _ if !seen.get() => ().into_any(),
        Side::Lessons => view! { <Lessons /> }.into_any(),
        Side::Sandbox => view! { <Sandbox /> }.into_any(),
        Side::Gallery => view! { <Gallery /> }.into_any(),
    };
    view! {
        <Show when=move || rooms.drawer.get()>
            <div class="veil drawer-veil" on:click=move |_| rooms.drawer.set(false)></div>
        </Show>
        <aside class="with-border" aria-label="Lessons and sandbox">
            <div class="side" class:shut=shut(Border::Left) class:drawn=move || rooms.drawer.get()>
                <button class="drawer-close" on:click=move |_| rooms.drawer.set(false)>"Back to the stage"</button>
                {content}
            </div>
            <Divider border=Border::Left label="Width of the left column" />
        </aside>
    }
}

/// Stage, or two of them; each lane's panes find their lane in the context.
#[component]
fn Scene() -> impl IntoView {
    let (session, rooms) = (crate::session::session(), rooms());
    view! {
        <main class="scene" id="scene" tabindex="-1">
            <Show when=move || rooms.intro.get() && !session.is_live()>
                <Intro />
            </Show>
            <Steps />
            <Show when=move || session.twin.get()>
                <Delta />
            </Show>
            <div class="lanes" class:two=move || session.twin.get()>
                <LaneView lane=Lane::A />
                <Show when=move || session.twin.get()>
                    <LaneView lane=Lane::B />
                </Show>
            </div>
        </main>
    }
}

#[component]
fn LaneView(lane: Lane) -> impl IntoView {
    let session = crate::session::session();
    provide_context(lane);
    view! {
        <div class="lane">
            <Show when=move || session.twin.get()>
                <LaneHead lane />
            </Show>
            {view! { <Stage /> }.into_any()}
        </div>
    }
}

#[component]
fn Tools() -> impl IntoView {
    let seen: Seen = expect_context();
    view! {
        <aside class="with-border" aria-label="Tools">
            <Divider border=Border::Right label="Width of the tools" />
            <div class="tools-column" class:shut=shut(Border::Right)><Show when=move || seen.get()><Tabs /></Show></div>
        </aside>
    }
}

#[component]
fn Lower() -> impl IntoView {
    let seen: Seen = expect_context();
    view! {
        <section class="with-border" aria-label="Charts and events">
            <Divider border=Border::Lower label="Height of charts and events" />
            <div class="lower" class:shut=shut(Border::Lower)>
                <Show when=move || seen.get()><Charts /> <Events /></Show>
            </div>
        </section>
    }
}

#[component]
fn Overlay() -> impl IntoView {
    let rooms = rooms();
    move || match rooms.over.get() {
        Over::Nothing => ().into_any(),
        Over::Palette => view! { <Palette /> }.into_any(),
        Over::Share => view! { <Share /> }.into_any(),
        Over::Keys => view! { <KeySheet /> }.into_any(),
        Over::Twin => view! { <TwinSheet /> }.into_any(),
    }
}
