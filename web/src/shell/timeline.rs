//! The whole run on one axis: where one is, what happened when, and how every application fared.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_port::{Branch, Lane, Milestone, Ribbon};
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::failover::{Failover, NAMES};
use crate::format::{Fixed, clock, minutes, spoken};
use crate::model::{FactsStoreFields, FrameRowsStoreFields};
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
    let facts = session.rows(Lane::A).facts();
    let begin = Memo::new(move |_| facts.begin_ns().get());
    let axis = Memo::new(move |_| {
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
fn Head(axis: Memo<u64>) -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts();
    let begin = begin();
    let wanted = RwSignal::new(None::<u64>);
    let busy = StoredValue::new(false);
    let slider = NodeRef::<html::Input>::new();
    // The value has to follow the scale, or the browser clamps it to the old one.
    Effect::new(move |_| {
        facts.now_ns().track();
        let most = axis.get() / MS;
        let free = wanted.get_untracked().is_none();
        if let (true, Some(slider)) = (free, slider.get()) {
            slider.set_min(&(begin.get() / MS).to_string());
            slider.set_max(&most.to_string());
            slider.set_value(&(session.now_ns() / MS).to_string());
        }
    });
    session.on_frame(move |lane, frame| {
        let free = lane == Lane::A && wanted.get_untracked().is_none();
        if let (true, Some(slider)) = (free, slider.get_untracked()) {
            slider.set_value(&(frame.view.now_ns / MS).to_string());
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
    let parts = parts(10_000, at_ns, begin_ns, axis_ns);
    format!("{}.{:02}", parts / 100, parts % 100)
}

#[component]
fn Needle(axis: Memo<u64>) -> impl IntoView {
    let (needle, begin) = (NodeRef::<html::Div>::new(), begin());
    let place = move |now_ns: u64| {
        if let Some(needle) = needle.get_untracked() {
            let needle: &HtmlElement = &needle;
            let share = share(now_ns, begin.get_untracked(), axis.get_untracked());
            let _ = needle.set_attribute("style", &format!("left: {share}%"));
        }
    };
    let session = session();
    session.on_frame(move |lane, frame| {
        if lane == Lane::A {
            place(frame.view.now_ns);
        }
    });
    let facts = session.rows(Lane::A).facts();
    Effect::new(move |_| {
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
fn Marks(axis: Memo<u64>) -> impl IntoView {
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

#[component]
fn Ribbons(lane: Lane, axis: Memo<u64>, hint: RwSignal<String>) -> impl IntoView {
    let past = session().past(lane);
    let names = Memo::new(move |_| {
        past.with(|past| past.ribbons.iter().map(|r| (r.client, r.name.clone())).collect::<Vec<_>>())
    });
    view! {
        <For
            each=move || names.get().into_iter().enumerate()
            key=|(_, client)| client.clone()
            children=move |(at, (_, name))| {
                let ribbon = Memo::new(move |_| past.with(|past| past.ribbons.get(at).cloned().unwrap_or_default()));
                let name = if lane == Lane::B { format!("{name} B") } else { name };
                view! { <RibbonLine name ribbon axis hint /> }
            }
        />
    }
}

#[component]
fn RibbonLine(name: String, ribbon: Memo<Ribbon>, axis: Memo<u64>, hint: RwSignal<String>) -> impl IntoView {
    let session = session();
    let called = StoredValue::new(name.clone());
    let at = move |ev: &ev::MouseEvent| {
        let target = ev.current_target().and_then(|t| t.dyn_into::<Element>().ok())?;
        let bounds = target.get_bounding_client_rect();
        let share = (f64::from(ev.client_x()) - bounds.left()) / bounds.width().max(1.0);
        Some((share.clamp(0.0, 1.0) * axis.get_untracked() as f64) as u64)
    };
    let moved = move |ev: ev::MouseEvent| {
        let Some(at_ns) = at(&ev) else { return };
        let words = ribbon.with_untracked(|r| ribbon::at(r, at_ns).map(ribbon::words));
        hint.set(words.map_or_else(String::new, |words| format!("{}: {words}", called.get_value())));
    };
    let clicked = move |ev: ev::MouseEvent| {
        if let Some(at_ns) = at(&ev) {
            session.seek(at_ns);
        }
    };
    view! {
        <div class="line">
            <span class="gutter mono">{name.clone()}</span>
            <div class="track" on:mousemove=moved on:mouseleave=move |_| hint.set(String::new()) on:click=clicked>
                <Drawing ribbon axis />
            </div>
            <ul class="sr-only" aria-label=format!("How {name} fared")>
                {move || ribbon.with(ribbon::troubles).into_iter().map(|t| view! { <li>{t}</li> }).collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn Drawing(ribbon: Memo<Ribbon>, axis: Memo<u64>) -> impl IntoView {
    let paths = ribbon::STATES.map(|(state, class, _)| {
        view! { <path class=class d=move || ribbon.with(|r| ribbon::path(r, state, axis.get())) /> }
    });
    view! {
        <svg viewBox=format!("0 0 {} 12", ribbon::WIDTH) preserveAspectRatio="none" aria-hidden="true">
            {paths.into_iter().collect_view()}
        </svg>
    }
}

/// Futures that were given up, and can be had again.
#[component]
fn Branches(axis: Memo<u64>) -> impl IntoView {
    let session = session();
    let all = Memo::new(move |_| session.past(Lane::A).with(|past| past.branches.clone()));
    let line = move |branch: Branch| {
        let number = branch.number;
        let words = format!(
            "Restore the future that left at {}: {}",
            clock(branch.from_ns),
            if branch.label.is_empty() { "nothing was done" } else { &branch.label }
        );
        let drawings = branch.ribbons.into_iter().map(|ribbon| {
            let ribbon = Memo::new(move |_| ribbon.clone());
            view! { <Drawing ribbon axis /> }
        });
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
