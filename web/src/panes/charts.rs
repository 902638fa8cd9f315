//! Four small charts over the whole run, with one cursor; a click goes to its moment. The same numbers are there as a
//! table, since a canvas says nothing to a screen reader.

mod canvas;
mod numbers;
mod plain;

use leptos::prelude::*;
use primacy_view::view;
use wasm_bindgen::JsValue;

use crate::chunk::chunk;
use crate::effect::effect;
use crate::format::clock;
use crate::session::{Session, lane, session};
use canvas::Canvas;
use numbers::{Lines, Table, lines};
use plain::Plain;

/// Points that a line has at most: more than a chart has pixels.
const POINTS: u16 = 600;

/// One chart.
#[derive(Clone, Copy, Debug)]
struct Kind {
    title: &'static str,
    unit: &'static str,
    /// What a screen reader is told.
    caption: &'static str,
    takes: fn(&str) -> bool,
}

const KINDS: [Kind; 4] = [
    Kind {
        title: "Lag",
        unit: "ms",
        caption: "How far each replica is behind the primary, in milliseconds",
        takes: |name| name.starts_with("lag") && name.ends_with("time"),
    },
    Kind {
        title: "Operations",
        unit: "/s",
        caption: "Operations of all applications that succeeded, a second",
        takes: |name| name == "ops ok",
    },
    Kind {
        title: "Errors, stale reads",
        unit: "/s",
        caption: "Operations that failed and reads that returned old values, a second",
        takes: |name| name == "ops failed" || name == "stale reads",
    },
    Kind {
        title: "Latency",
        unit: "ms",
        caption: "Latency of operations in milliseconds: the median and the 99th percentile",
        takes: |name| name.starts_with("latency"),
    },
];

/// What is recorded of a real group, of whose applications nothing is known.
const REAL_KINDS: [Kind; 4] = [
    KINDS[0],
    Kind {
        title: "Writes",
        unit: "/s",
        caption: "Write commands that the primary has carried out, a second",
        takes: |name| name == "writes",
    },
    Kind {
        title: "Stream",
        unit: "KiB/s",
        caption: "What the primary has sent into its stream, in kibibytes a second",
        takes: |name| name == "stream",
    },
    Kind { title: "Keys", unit: "", caption: "Keys of the primary", takes: |name| name == "keys" },
];

/// What all charts share.
#[derive(Clone, Copy)]
struct Shared {
    session: Session,
    now: Memo<u64>,
    begin: Memo<u64>,
    end: Memo<u64>,
    /// The moment that the pointer is at, in milliseconds.
    hovered: RwSignal<Option<u32>>,
    /// The charts' chunk, once it is there.
    module: RwSignal<Option<JsValue>, LocalStorage>,
}

/// The chunk comes once the group has been seen: until then everything waits for the page's own module.
fn load_after_first_sight(shared: Shared) {
    let asked = StoredValue::new(false);
    effect(move || {
        if shared.end.get() == 0 || asked.get_value() {
            return;
        }
        asked.set_value(true);
        request_animation_frame(move || {
            leptos::task::spawn_local(async move {
                if let Some(module) = chunk("charts").await {
                    shared.module.try_set(Some(module));
                }
            });
        });
    });
}

impl Shared {
    /// Goes to a moment of the run.
    fn seek(self, ms: f64) {
        self.session.pause();
        self.session.seek((ms.max(0.0) * 1e6) as u64);
    }

    /// The moment whose numbers are shown.
    fn at_ms(self) -> u32 {
        self.hovered.get().unwrap_or_else(|| u32::try_from(self.now.get() / 1_000_000).unwrap_or(u32::MAX))
    }
}

/// The pane.
#[component]
pub(crate) fn Charts() -> impl IntoView {
    let (session, lane) = (session(), lane());
    let facts = session.rows(lane).facts;
    let shared = Shared {
        session,
        now: Memo::new(move |_| facts.now_ns().get()),
        begin: Memo::new(move |_| facts.begin_ns().get()),
        end: Memo::new(move |_| facts.end_ns().get()),
        hovered: RwSignal::new(None),
        module: RwSignal::new_local(None),
    };
    session.charted.set(Some((0, 0, POINTS)));
    session.look_back(true);
    on_cleanup(move || {
        session.charted.try_set(None);
    });
    load_after_first_sight(shared);
    let table = RwSignal::new(false);
    let moment = move || match shared.hovered.get() {
        Some(ms) => format!("at {}", clock(u64::from(ms) * 1_000_000)),
        None => "now".into(),
    };
    let live = Memo::new(move |_| session.is_live());
    let shown = move || match table.get() {
        true => view! { <Table shared /> }.into_any(),
        false => if live.get() { REAL_KINDS } else { KINDS }
            .map(|kind| view! { <Chart kind shared /> })
            .collect_view()
            .into_any(),
    };
    view! {
        <section class="panel charts" aria-labelledby="charts-title" data-testid="charts">
            <header class="pane-head">
                <h2 id="charts-title">"Charts"</h2>
                <span class="quiet mono">{moment}</span>
                <button
                    type="button"
                    class="small"
                    aria-pressed=move || if table.get() { "true" } else { "false" }
                    on:click=move |_| table.update(|on| *on = !*on)
                >
                    {move || if table.get() { "Charts" } else { "Data" }}
                </button>
            </header>
            <div class="chart-grid" class:as-table=move || table.get()>{shown}</div>
        </section>
    }
}

#[component]
fn Chart(kind: Kind, shared: Shared) -> impl IntoView {
    let (session, lane) = (session(), lane());
    let lines = Memo::new(move |_| session.series[lane as usize].with(|series| lines(series, kind.takes)));
    let empty = Memo::new(move |_| lines.with(|l| l.rows.is_empty()));
    let drawn = move || match shared.module.get() {
        Some(module) => view! { <Canvas module shared lines unit=kind.unit /> }.into_any(),
        None => view! { <Plain shared lines /> }.into_any(),
    };
    view! {
        <figure class="chart">
            <figcaption>
                <b>{kind.title}</b>
                <span class="quiet">{kind.unit}</span>
                <Legend lines shared />
            </figcaption>
            <p class="sr-only">{move || describe(kind, &lines.read(), shared.at_ms())}</p>
            <div class="chart-plot">
                {drawn}
                <Show when=move || empty.get()>
                    <p class="chart-empty quiet">"no data yet"</p>
                </Show>
            </div>
        </figure>
    }
}

#[component]
fn Legend(lines: Memo<Lines>, shared: Shared) -> impl IntoView {
    let items = move || {
        let at = shared.at_ms();
        lines.with(|lines| {
            let value = |row: &numbers::Row| lines.value(row, at).map_or_else(|| "–".into(), numbers::short);
            lines.rows.iter().map(|row| (row.label.clone(), row.colour, value(row))).collect::<Vec<_>>()
        })
    };
    let item = |(label, colour, value): (String, &'static str, String)| {
        view! {
            <span class="key">
                <i style:background=format!("var({colour})")></i>
                {label}
                " "
                <b>{value}</b>
            </span>
        }
    };
    view! { <span class="keys-of-chart" aria-hidden="true">{move || items().into_iter().map(item).collect_view()}</span> }
}

/// The chart in a sentence.
fn describe(kind: Kind, lines: &Lines, at_ms: u32) -> String {
    let one = |row: &numbers::Row| {
        let value = lines.value(row, at_ms).map_or_else(|| "none".into(), numbers::short);
        format!("{} {value} {}", row.label, kind.unit)
    };
    let values: Vec<String> = lines.rows.iter().map(one).collect();
    format!("{}: {}", kind.caption, if values.is_empty() { "no data yet".into() } else { values.join(", ") })
}
