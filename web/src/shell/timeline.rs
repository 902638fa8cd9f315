//! The whole run on one axis: where one is, what happened when, and how every application fared.

use leptos::html;
use leptos::prelude::*;
use primacy_port::{Branch, Lane, Milestone};
use primacy_view::view;
use web_sys::HtmlElement;

use super::ribbons::{Drawing, Ribbons};
use crate::effect::{effect, settled};
use crate::failover::{Failover, NAMES};
use crate::format::{Fixed, clock, minutes, spoken};
use crate::ribbon;
use crate::session::{Session, session};

const MS: u64 = 1_000_000;
/// Marks nearer to each other than this many thousandths of the axis share a button.
const TOGETHER: u64 = 14;
/// A mark's words need this many thousandths.
const WORDY: u64 = 60;

/// See the module.
#[component]
pub(crate) fn Timeline() -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts;
    let begin = Memo::new(move |_| facts.begin_ns().get());
    let axis = settled(move || {
        let ends = session.past(Lane::A).with(|past| past.branches.iter().map(|b| b.end_ns).max());
        let begin = begin.get();
        begin + ribbon::axis(facts.end_ns().get().max(ends.unwrap_or(0)).saturating_sub(begin))
    });
    provide_context(Begin(begin));
    let hint = RwSignal::new(String::new());
    view! {
        <div class="timeline">
            <span class="gutter quiet">{move || if begin.get() > 0 { minutes(axis.get()) } else { clock(axis.get()) }}</span>
            <Marks axis />
            <span class="gutter quiet">{move || Some(begin.get()).filter(|ns| *ns > 0).map(minutes)}</span>
            <Head axis />
            <div class="ribbons">
                <Needle axis />
                <Ribbons lane=Lane::A axis hint />
                <Show when=move || session.twin.get()>
                    <Ribbons lane=Lane::B axis hint />
                </Show>
                <Branches axis />
            </div>
            <p class="hint quiet" aria-hidden="true">{move || hint.get()}</p>
        </div>
    }
}

/// Where the axis begins: at 0, but for a real group, whose past is not kept for ever.
#[derive(Clone, Copy)]
struct Begin(Memo<u64>);

fn begin() -> Memo<u64> {
    expect_context::<Begin>().0
}

/// The native slider over the whole run. While it is dragged only one question is under way; when it rests, the
/// moment is exact.
#[component]
fn Head(axis: ReadSignal<u64>) -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts;
    let begin = begin();
    let wanted = RwSignal::new(None::<u64>);
    let busy = StoredValue::new(false);
    let slider = NodeRef::<html::Input>::new();
    // A browser lays out anew what is set, were it to the same.
    let shown_ms = StoredValue::new(u64::MAX);
    // The value has to follow the scale, or the browser clamps it to the old one.
    effect(move || {
        facts.now_ns().track();
        let most = axis.get() / MS;
        let free = wanted.get_untracked().is_none();
        if let (true, Some(slider)) = (free, slider.get()) {
            slider.set_min(&(begin.get() / MS).to_string());
            slider.set_max(&most.to_string());
            shown_ms.set_value(session.now_ns() / MS);
            slider.set_value(&shown_ms.get_value().to_string());
        }
    });
    session.on_frame(move |lane, frame| {
        let now_ms = frame.view.now_ns / MS;
        if lane != Lane::A || shown_ms.get_value() == now_ms || wanted.get_untracked().is_some() {
            return;
        }
        if let Some(slider) = slider.get_untracked() {
            shown_ms.set_value(now_ms);
            slider.set_value(&now_ms.to_string());
        }
    });
    let input = move |ev| {
        if let Ok(ms) = event_target_value(&ev).parse::<u64>() {
            wanted.set(Some(ms * MS));
            go(session, wanted, busy);
        }
    };
    let words = move || {
        let now = facts.now_ns().get();
        let failover = session.past(Lane::A).with(|past| Failover::read(past, now));
        let step = failover.awaited();
        let step =
            NAMES.get(step).map_or_else(String::new, |name| format!(", failover step {}, {name}", step + 1));
        format!("{}{step}", spoken(now))
    };
    let run = move || format!("--run: {}%", share(facts.end_ns().get(), begin.get(), axis.get()));
    view! {
        <div class="head" style=run>
            <input
                type="range"
                class="seek"
                data-testid="timeline"
                aria-label="Timeline"
                aria-valuetext=words
                step="1"
                node_ref=slider
                on:input=input
            />
            <output class="mono" class:shown=move || wanted.read().is_some()>
                {move || wanted.get().map(clock)}
            </output>
        </div>
    }
}

fn go(session: Session, wanted: RwSignal<Option<u64>>, busy: StoredValue<bool>) {
    let Some(at_ns) = wanted.get_untracked().filter(|_| !busy.get_value()) else { return };
    busy.set_value(true);
    session.seek_then(at_ns, move |session| {
        busy.set_value(false);
        // It was dragged on meanwhile.
        if wanted.get_untracked() == Some(at_ns) { wanted.set(None) } else { go(session, wanted, busy) }
    });
}

/// So many parts of the way from the axis's begin to its end.
fn parts(whole: u64, at_ns: u64, begin_ns: u64, axis_ns: u64) -> u64 {
    let part = at_ns.min(axis_ns).saturating_sub(begin_ns);
    (u128::from(part) * u128::from(whole) / u128::from(axis_ns.saturating_sub(begin_ns).max(1))) as u64
}

/// Percent with two digits.
fn share(at_ns: u64, begin_ns: u64, axis_ns: u64) -> String {
    percent(parts(SHARES, at_ns, begin_ns, axis_ns))
}

/// Parts of the axis that are told apart: hundredths of a per cent.
const SHARES: u64 = 10_000;

fn percent(parts: u64) -> String {
    format!("{}.{:02}", parts / 100, parts % 100)
}

#[component]
fn Needle(axis: ReadSignal<u64>) -> impl IntoView {
    let (needle, begin) = (NodeRef::<html::Div>::new(), begin());
    let placed = StoredValue::new(u64::MAX);
    let place = move |now_ns: u64| {
        let parts = parts(SHARES, now_ns, begin.get_untracked(), axis.get_untracked());
        if placed.get_value() == parts {
            return;
        }
        if let Some(needle) = needle.get_untracked() {
            placed.set_value(parts);
            let needle: &HtmlElement = &needle;
            let _ = needle.set_attribute("style", &format!("left: {}%", percent(parts)));
        }
    };
    let session = session();
    session.on_frame(move |lane, frame| {
        if lane == Lane::A {
            place(frame.view.now_ns);
        }
    });
    let facts = session.rows(Lane::A).facts;
    effect(move || {
        axis.track();
        begin.track();
        facts.now_ns().track();
        needle.track();
        place(session.now_ns());
    });
    view! { <div class="over" aria-hidden="true"><div class="needle" node_ref=needle></div></div> }
}

/// Marks that lie together.
#[derive(Clone, PartialEq, Eq)]
struct Mark {
    at_ns: u64,
    place: String,
    label: String,
    step: bool,
    wordy: bool,
}

fn marks(all: &[Milestone], begin_ns: u64, axis_ns: u64) -> Vec<Mark> {
    let thousandth = |at_ns: u64| parts(1000, at_ns, begin_ns, axis_ns);
    let mut groups: Vec<(u64, Vec<&Milestone>)> = Vec::new();
    for mark in all.iter().filter(|mark| mark.at_ns >= begin_ns) {
        let at = thousandth(mark.at_ns);
        match groups.last_mut() {
            Some((first, group)) if at - *first < TOGETHER => group.push(mark),
            _ => groups.push((at, vec![mark])),
        }
    }
    let ends: Vec<u64> = groups.iter().skip(1).map(|g| g.0).chain([1000]).collect();
    let mark = |((at, group), next): ((u64, Vec<&Milestone>), u64)| {
        let mut labels: Vec<&str> = group.iter().map(|m| m.label.as_str()).collect();
        labels.dedup();
        let label = labels.join(", ");
        let needs = WORDY.max(label.len() as u64 * 7);
        Mark {
            at_ns: group[0].at_ns,
            place: format!(
                "left: {}%; max-width: {}%",
                share(group[0].at_ns, begin_ns, axis_ns),
                Fixed((next - at) as f64 / 10.0, 1)
            ),
            wordy: next - at >= needs,
            step: group.iter().any(|m| m.step > 0),
            label,
        }
    };
    groups.into_iter().zip(ends).map(mark).collect()
}

#[component]
fn Marks(axis: ReadSignal<u64>) -> impl IntoView {
    let (session, begin) = (session(), begin());
    let all = Memo::new(move |_| {
        session.past(Lane::A).with(|past| marks(&past.milestones, begin.get(), axis.get()))
    });
    let button = move |mark: Mark| {
        let at_ns = mark.at_ns;
        let words = format!("{}, {}", mark.label, clock(at_ns));
        view! {
            <li style=mark.place class:step=mark.step>
                <button class="mark" aria-label=words.clone() title=words on:click=move |_| session.seek(at_ns)>
                    <i aria-hidden="true"></i>
                    {mark.wordy.then(|| view! { <span>{mark.label}</span> })}
                </button>
            </li>
        }
    };
    view! {
        <ol class="marks" aria-label="Milestones">{move || all.get().into_iter().map(button).collect_view()}</ol>
    }
}

/// Futures that were given up, and can be had again.
#[component]
fn Branches(axis: ReadSignal<u64>) -> impl IntoView {
    let session = session();
    let all = Memo::new(move |_| session.past(Lane::A).with(|past| past.branches.clone()));
    let line = move |branch: Branch| {
        let number = branch.number;
        let words = format!(
            "Restore the future that left at {}: {}",
            clock(branch.from_ns),
            if branch.label.is_empty() { "nothing was done" } else { &branch.label }
        );
        let drawings = branch.ribbons.into_iter().map(|ribbon| view! { <Drawing ribbon axis /> });
        view! {
            <div class="line ghost">
                <button class="gutter mini" title=words.clone() aria-label=words on:click=move |_| session.restore(number)>
                    "↺ " {number}
                </button>
                <div class="track">{drawings.collect_view()}</div>
            </div>
        }
    };
    move || all.get().into_iter().take(3).map(line).collect_view()
}
