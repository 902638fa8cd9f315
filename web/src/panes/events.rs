//! What happened, in AWS's words where AWS has them, newest first. What lies after the cursor is dimmed.

mod json;

use std::sync::Arc;

use leptos::prelude::*;
use primacy_port::{EventRow, History, Lane, Subject};
use primacy_sim::clock::BEGINNING_MS;
use primacy_view::view;

use super::why::Why;
use crate::effect::settled;
use crate::format::clock;
use crate::session::{Pick, Session, lane, session};

/// Rows in the page at most.
const MOST: usize = 200;

/// Which events are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Source {
    #[default]
    All,
    Milestones,
    Group,
    Cluster,
}

const SOURCES: [(Source, &str); 4] = [
    (Source::All, "All"),
    (Source::Milestones, "Milestones"),
    (Source::Group, "replication-group"),
    (Source::Cluster, "cache-cluster"),
];

impl Source {
    fn takes(self, row: &EventRow) -> bool {
        match self {
            Self::All => true,
            Self::Milestones => row.milestone,
            Self::Group => row.source == "replication-group",
            Self::Cluster => row.source == "cache-cluster",
        }
    }
}

/// The list with its filters.
#[component]
pub(crate) fn Events() -> impl IntoView {
    let (session, lane) = (session(), lane());
    let (words, source) = (RwSignal::new(String::new()), RwSignal::new(Source::default()));
    let rows = Memo::new(move |_| {
        let words = words.get().to_ascii_lowercase();
        session.past(lane).with(|past| chosen(past, &words, source.get()))
    });
    let now = session.rows(lane).facts.now_ns();
    let newest = settled(move || {
        let now = now.get();
        let past = |past: &Arc<History>| past.events.iter().rev().map(|row| row.at_ns).find(|at| *at <= now);
        session.past(lane).with(past).unwrap_or_default()
    });
    let empty = move || session.past(lane).with(|past| past.events.is_empty());
    let none = move || rows.with(Vec::is_empty) && !empty();
    view! {
        <section class="panel events" aria-labelledby="events-title" data-testid="events">
            <header class="pane-head">
                <h2 id="events-title">"Events"</h2>
                <Filters words source rows />
            </header>
            <Show when=empty>
                <p class="empty quiet">"Nothing has happened yet. Kill the primary to see a failover."</p>
            </Show>
            <Show when=none>
                <p class="empty quiet">"No event fits the filter."</p>
            </Show>
            <ol class="event-rows" tabindex="0" aria-label="Events, newest first">
                <For
                    each=move || rows.get()
                    key=|row| (row.id, row.at_ns)
                    children=move |row| view! { <Row row newest /> }
                />
            </ol>
        </section>
    }
}

fn chosen(past: &Arc<History>, words: &str, source: Source) -> Vec<EventRow> {
    let fits = |row: &&EventRow| {
        let has = |text: &str| text.to_ascii_lowercase().contains(words);
        source.takes(row) && (words.is_empty() || has(&row.text) || has(&row.aws) || has(&row.source_id))
    };
    past.events.iter().rev().filter(fits).take(MOST).cloned().collect()
}

/// When the run began: a simulated one always at the same moment, a real one as long ago as its newest moment says.
fn began_ms(session: Session) -> u64 {
    let end_ns = session.rows(Lane::A).facts.end_ns().get_untracked();
    match session.is_live() {
        true => (js_sys::Date::now() as u64).saturating_sub(end_ns / 1_000_000),
        false => BEGINNING_MS,
    }
}

#[component]
fn Filters(words: RwSignal<String>, source: RwSignal<Source>, rows: Memo<Vec<EventRow>>) -> impl IntoView {
    let session = session();
    let copy = move |_| {
        let text = rows.with_untracked(|rows| json::describe_events(rows, began_ms(session)));
        let _ = window().navigator().clipboard().write_text(&text);
        session.notice(false, "Copied as the answer of aws elasticache describe-events.");
    };
    let option = move |(index, (value, label)): (usize, (Source, &'static str))| {
        view! { <option value=index.to_string() selected=move || source.get() == value>{label}</option> }
    };
    let choose = move |ev| {
        let index = event_target_value(&ev).parse::<usize>().unwrap_or(0);
        source.set(SOURCES.get(index).map_or(Source::All, |s| s.0));
    };
    view! {
        <div class="filters">
            <select aria-label="Source" on:change=choose>
                {SOURCES.into_iter().enumerate().map(option).collect_view()}
            </select>
            <input
                id="event-filter"
                type="search"
                placeholder="Filter  /"
                aria-label="Filter events"
                prop:value=move || words.get()
                on:input=move |ev| words.set(event_target_value(&ev))
            />
            <button type="button" class="small" title="Copy as describe-events JSON" on:click=copy>"Copy JSON"</button>
        </div>
    }
}

#[component]
fn Row(row: EventRow, newest: ReadSignal<u64>) -> impl IntoView {
    let session = session();
    let (at, id, cause, milestone) = (row.at_ns, row.id, row.cause, row.milestone);
    let chosen = Memo::new(move |_| session.selected.get() == Some(Pick::Event(id)));
    let ask = Callback::new(move |()| Subject::Event(id));
    let seek = move |_| {
        session.pause();
        session.seek(at);
        session.selected.set(Some(Pick::Event(id)));
    };
    let source = if row.source.is_empty() { "engine".to_owned() } else { row.source.clone() };
    let kind = source.clone();
    let (says, also) = match row.aws.is_empty() {
        true => (row.text, None),
        false if row.text == row.aws => (row.aws, None),
        false => (row.aws, Some(row.text)),
    };
    view! {
        <li
            class="event"
            class:loud=milestone
            class:future=move || newest.get() < at
            class:chosen=move || chosen.get()
            data-testid="event"
            data-source=kind
        >
            <button type="button" class="plain mono" title="Go to this moment" on:click=seek>{clock(at)}</button>
            <div>
                <p>{says} <span class="source" title=row.source_id.clone()>{source}</span></p>
                {also.map(|text| view! { <p class="quiet">{text}</p> })}
            </div>
            {cause.map(|_| view! { <Why ask /> })}
        </li>
    }
}
