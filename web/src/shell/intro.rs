//! The first thirty seconds: one thing to do, then what came of it, then three doors.

use leptos::prelude::*;
use primacy_port::{Lane, Subject};
use primacy_view::view;

use super::rooms::{Side, rooms};
use crate::effect::effect;
use crate::failover::Failover;
use crate::format::count;
use crate::model::ClientRow;
use crate::session::{Session, Tab, session};
use crate::speed::Speed;
use crate::store::Row;
use crate::trail::Entry;

/// How far the visitor has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scene {
    /// Everything works.
    Calm,
    /// No primary serves.
    Dark,
    /// Another one serves, and not every application has noticed.
    Turning,
    /// Who can recover has recovered.
    Over,
}

/// Scenes only follow each other: a later fault does not begin the story again.
fn scene(session: Session) -> Memo<Scene> {
    let rows = session.rows(Lane::A);
    let facts = rows.facts;
    Memo::new(move |before: Option<&Scene>| {
        let before = before.copied().unwrap_or(Scene::Calm);
        let now = facts.now_ns().get();
        let failover = session.past(Lane::A).with(|past| Failover::read(past, now));
        let nodes = rows.nodes.get();
        let serves = nodes.is_empty() || nodes.iter().any(|n| n.look().get() == "primary");
        let clients = rows.clients.get();
        // Reads never stop, so the first application is the one to look at: it writes, through the endpoint.
        let recovered = clients.first().is_some_and(|c| c.look().get() == "good");
        match before {
            Scene::Calm if !serves => Scene::Dark,
            Scene::Calm | Scene::Dark if failover.steps[2].is_some() && serves => Scene::Turning,
            Scene::Turning if recovered && clients.iter().any(|c| c.look().get() == "bad") => Scene::Over,
            _ => before,
        }
    })
}

/// The caption above the stage. Esc ends it.
#[component]
pub(crate) fn Intro() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let scene = scene(session);
    let before = RwSignal::new(0);
    provide_context(Before(before));
    effect(move || {
        if scene.get() == Scene::Calm {
            before.set(failures(session));
        }
    });
    let content = move || match scene.get() {
        Scene::Calm => view! { <Calm /> }.into_any(),
        Scene::Dark => view! { <Dark /> }.into_any(),
        Scene::Turning => view! { <Turning /> }.into_any(),
        Scene::Over => view! { <Over /> }.into_any(),
    };
    // What follows the promotion takes seconds, and the speed at which packets can be seen would make minutes of them.
    effect(move || {
        if scene.get() == Scene::Turning && session.speed.get_untracked() < Speed::REAL {
            session.speed.set(Speed::REAL);
        }
    });
    view! {
        <section class="intro" aria-label="Introduction" data-testid="intro">
            <div class="words" aria-live="polite">{content}</div>
            <button class="bare" aria-label="Close the introduction" title="Close (Esc)" on:click=move |_| rooms.dismiss_intro()>
                {super::icon::icon("x")}
            </button>
        </section>
    }
}

#[component]
fn Calm() -> impl IntoView {
    let session = session();
    let kill = move |_| {
        session.act("kill primary");
        session.play();
    };
    view! {
        <p>
            <b>"This is a Redis-style replication group running inside this tab."</b>
            <span class="more">" One primary takes the writes, its replicas copy them, and applications use them."</span>
            " Kill the primary."
        </p>
        <button class="danger pulse" data-testid="intro-kill" on:click=kill>"Kill primary" <kbd>"k"</kbd></button>
        {crate::port::live::address().map(|_| {
            view! { <button on:click=move |_| session.look_at_real_group(Entry::Next)>"Look at this server's real group"</button> }
        })}
    }
}

#[component]
fn Dark() -> impl IntoView {
    let session = session();
    view! {
        <p>
            <b>"The primary is gone: writes fail (" <Failed /> " so far), reads from replicas go on."</b>
            <span class="more">" Nobody may take over before it is certain that the old primary cannot answer any more."</span>
        </p>
        <button class="strong" on:click=move |_| session.milestone(false)>"Skip to the next step" <kbd>"n"</kbd></button>
    }
}

#[component]
fn Turning() -> impl IntoView {
    let session = session();
    view! {
        <p>
            <b>"A replica has become the primary, and the names point to it."</b>
            <span class="more">
                " Applications notice when their cached DNS answer runs out: at most the TTL, "
                {move || session.rows(Lane::A).facts.ttl_s().get()} " seconds."
            </span>
            " Failed writes: " <Failed /> "."
        </p>
        <button on:click=move |_| session.play()>"Go on in real time"</button>
    }
}

#[component]
fn Over() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let rows = session.rows(Lane::A);
    let fixed = Memo::new(move |_| {
        let clients = rows.clients.get().into_iter();
        clients
            .filter(|c| hardcoded(*c))
            .map(|c| (c.index().get(), c.name().get(), c.look().get() == "good"))
            .next()
    });
    let why = move |_| {
        if let Some((client, ..)) = fixed.get_untracked() {
            session.ask_why(Lane::A, Subject::Client { client, at_ns: session.now_ns() });
        }
    };
    let name = move || fixed.get().map(|(_, name, _)| name);
    // Whoever kills the next primary too may make the old one serve again.
    let lucky = Memo::new(move |_| fixed.get().is_some_and(|(.., good)| good));
    let named = Memo::new(move |_| rows.clients.get().first().is_some_and(|c| c.look().get() == "good"));
    let lessons = move |_| {
        rooms.dismiss_intro();
        rooms.show(Side::Lessons);
    };
    let sandbox = move |_| {
        rooms.dismiss_intro();
        rooms.show(Side::Sandbox);
    };
    let template = move |_| {
        rooms.dismiss_intro();
        session.tab.set(Tab::Template);
    };
    view! {
        <p>
            <Show when=move || !lucky.get()>
                <b>{name} " will never recover: it hardcoded the old address. " <Failed /> " failed writes and counting."</b>
            </Show>
            {move || if named.get() { " The application that uses the configuration endpoint works again. " } else { " " }}
            <button class="mini" data-testid="intro-why" on:click=why>"Why?"</button>
        </p>
        <div class="doors">
            <button class="strong" on:click=lessons>"Lessons, 2 minutes each"</button>
            <button on:click=sandbox>"Sandbox"</button>
            <button on:click=template>"Your template"</button>
        </div>
    }
}

/// Failed operations since the story began: those of the group's birth are not the visitor's.
#[component]
fn Failed() -> impl IntoView {
    let session = session();
    let before = expect_context::<Before>().0;
    let failed = Memo::new(move |_| failures(session).saturating_sub(before.get()));
    view! { <span class="mono">{move || count(failed.get())}</span> }
}

/// Failed operations before the story began.
#[derive(Clone, Copy)]
struct Before(RwSignal<u64>);

fn hardcoded(client: Row<ClientRow>) -> bool {
    client.via().get().starts_with("hardcoded")
}

/// Those of the application that the sentence names; without one, all.
fn failures(session: Session) -> u64 {
    let clients = session.rows(Lane::A).clients.get();
    let named = clients.iter().find(|c| c.look().get() == "bad" && hardcoded(**c)).map(|c| c.failed().get());
    named.unwrap_or_else(|| clients.iter().map(|c| c.failed().get()).sum())
}
