//! Two runs side by side, and the numbers in which they differ.

use leptos::prelude::*;
use primacy_port::{Lane, Ribbon, State};
use primacy_view::view;

use super::rooms::{Over, rooms};
use super::sheet::Sheet;
use crate::format::count;
use crate::session::{Session, session};

/// Differences that teach something.
const DIFFERENCES: [(&str, &str); 8] = [
    ("client c2 via=configuration", "c2 uses the configuration endpoint instead of a hardcoded address"),
    ("client c1 ttl=forever", "c1 keeps its first DNS answer for ever"),
    ("set ttl 60s", "the names may be cached for 60 s"),
    ("client all retry=immediate", "everybody retries at once"),
    ("client all retry=jitter:50ms..1s", "everybody backs off, with jitter"),
    ("client all retry=none", "nobody retries"),
    ("delay primary replicas 200ms", "the primary's links to the replicas are 200 ms slower"),
    ("automatic-failover off", "nobody takes over"),
];

/// The choice of the difference.
#[component]
pub(crate) fn TwinSheet() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let own = RwSignal::new(String::new());
    let begin = move |text: String| {
        rooms.over.set(Over::Nothing);
        session.set_twin(text);
    };
    let option = move |(text, words): (&'static str, &'static str)| {
        view! {
            <button on:click=move |_| begin(text.to_owned())>
                <span>"B: " {words} <code>{text}</code></span>
            </button>
        }
    };
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        begin(own.get_untracked());
    };
    view! {
        <Sheet title="Same seed, same traffic, one difference">
            <p class="quiet">"A second run beside this one, from its beginning. What you do is done in both."</p>
            <div class="options">{DIFFERENCES.map(option).into_iter().collect_view()}</div>
            <form class="row" on:submit=submit>
                <input
                    type="text"
                    class="mono"
                    aria-label="Another difference in words"
                    placeholder="cut 002 coordinator"
                    prop:value=move || own.get()
                    on:input=move |ev| own.set(event_target_value(&ev))
                />
                <button type="submit">"Compare"</button>
            </form>
            <Show when=move || session.twin.get()>
                <button on:click=move |_| begin(String::new())>"End the comparison"</button>
            </Show>
        </Sheet>
    }
}

/// What is counted of a lane.
#[derive(Clone, Default, PartialEq, Eq)]
struct Sum {
    ok: u64,
    failed: u64,
    stale: u64,
    lost: u64,
    outage_ms: u64,
}

fn sum(session: Session, lane: Lane) -> Sum {
    let rows = session.rows(lane);
    let clients = rows.clients.get();
    Sum {
        ok: clients.iter().map(|c| c.ok().get()).sum(),
        failed: clients.iter().map(|c| c.failed().get()).sum(),
        stale: clients.iter().map(|c| c.stale().get()).sum(),
        lost: rows.facts.lost_writes().get(),
        outage_ms: session.past(lane).with(|past| past.ribbons.iter().map(outage_ms).max().unwrap_or(0)),
    }
}

fn outage_ms(ribbon: &Ribbon) -> u64 {
    let failing = ribbon.segments.iter().filter(|s| s.state == State::Failing);
    failing.map(|s| s.to_ns.saturating_sub(s.from_ns) / 1_000_000).sum()
}

/// The numbers that differ, "was → now".
#[component]
pub(crate) fn Delta() -> impl IntoView {
    let session = session();
    let sums = Memo::new(move |_| (sum(session, Lane::A), sum(session, Lane::B)));
    let seconds = |ms: u64| format!("{}.{} s", ms / 1000, ms / 100 % 10);
    let rows = move || {
        let (a, b) = sums.get();
        let line = |what: &'static str, was: String, now: String, worse: bool, better: bool| {
            let class = if worse {
                "worse"
            } else if better {
                "better"
            } else {
                "same"
            };
            let sign = if worse {
                "worse"
            } else if better {
                "better"
            } else {
                "equal"
            };
            view! {
                <tr class=class>
                    <th scope="row">{what}</th>
                    <td class="mono">{was}</td>
                    <td class="mono">"→ " {now}</td>
                    <td>{sign}</td>
                </tr>
            }
        };
        let of = |what, was: u64, now: u64| line(what, count(was), count(now), now > was, now < was);
        vec![
            line("operations that succeeded", count(a.ok), count(b.ok), b.ok < a.ok, b.ok > a.ok),
            of("operations that failed", a.failed, b.failed),
            of("stale reads", a.stale, b.stale),
            of("acknowledged writes lost", a.lost, b.lost),
            line(
                "longest outage of an application",
                seconds(a.outage_ms),
                seconds(b.outage_ms),
                b.outage_ms > a.outage_ms,
                b.outage_ms < a.outage_ms,
            ),
        ]
    };
    view! {
        <section class="panel delta" aria-label="What differs" data-testid="delta">
            <table>
                <thead>
                    <tr><th scope="col">"Until now"</th><th scope="col">"A, was"</th><th scope="col">"B, now"</th><th scope="col">"B is"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

/// The head of a lane while there are two.
#[component]
pub(crate) fn LaneHead(lane: Lane) -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::B).facts;
    let words = move || match lane {
        Lane::A => "as it is".to_owned(),
        Lane::B => facts.difference().get(),
    };
    view! {
        <p class="lane-head">
            <b>{if lane == Lane::A { "A" } else { "B" }}</b> <code>{words}</code>
            {(lane == Lane::B)
                .then(|| view! { <button class="mini" on:click=move |_| session.set_twin("")>"End"</button> })}
        </p>
    }
}
