//! The engine's lines as a chart and a table need them.

use leptos::prelude::*;
use primacy_port::Series;
use primacy_view::view;

use super::Shared;
use crate::format::{Fixed, clock};
use crate::session::{lane, session};

/// Rows of the table at most.
const ROWS: usize = 120;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) label: String,
    /// The colour's custom property, and the number of its dash.
    pub(super) colour: &'static str,
    pub(super) dash: usize,
    pub(super) values: Vec<f32>,
}

/// The lines of one chart; `NaN` where there is no value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lines {
    pub(super) at_ms: Vec<u32>,
    pub(super) rows: Vec<Row>,
}

impl Lines {
    /// The value at or last before a time.
    pub(super) fn value(&self, row: &Row, at_ms: u32) -> Option<f32> {
        let place = self.at_ms.partition_point(|ms| *ms <= at_ms).checked_sub(1)?;
        row.values.get(place).copied().filter(|value| !value.is_nan())
    }

    /// The greatest value.
    pub(super) fn top(&self) -> f32 {
        self.rows.iter().flat_map(|row| &row.values).copied().filter(|v| !v.is_nan()).fold(0.0, f32::max)
    }
}

/// The lines whose names are taken.
pub(super) fn lines(series: &Series, takes: fn(&str) -> bool) -> Lines {
    let taken = series.lines.iter().filter(|(name, ..)| takes(name));
    let row = |(place, (name, _, values)): (usize, &(String, String, Vec<Option<f32>>))| {
        let (colour, dash) = look(name, place);
        let values = values.iter().map(|value| value.unwrap_or(f32::NAN)).collect();
        Row { label: label(name), colour, dash, values }
    };
    Lines { at_ms: series.at_ms.clone(), rows: taken.enumerate().map(row).collect() }
}

fn label(name: &str) -> String {
    match name {
        "ops ok" => "ok".into(),
        "ops failed" => "failed".into(),
        "stale reads" => "stale".into(),
        _ => name
            .trim_start_matches("lag ")
            .trim_end_matches(" time")
            .trim_start_matches("latency ")
            .to_owned(),
    }
}

fn look(name: &str, place: usize) -> (&'static str, usize) {
    const NODES: [&str; 6] = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"];
    match name {
        "ops ok" => ("--good", 0),
        "ops failed" => ("--bad", 0),
        "stale reads" => ("--stale", 1),
        "latency p50" => ("--c1", 0),
        "latency p99" => ("--c4", 1),
        _ => (NODES[place % NODES.len()], place),
    }
}

/// A number with few digits.
pub(super) fn short(value: f32) -> String {
    let digits = match value {
        v if v.fract() == 0.0 => 0,
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    match f64::from(value) {
        v if v < 1e4 => Fixed(v, digits).to_string(),
        v => format!("{}k", Fixed(v / 1e3, 0)),
    }
}

/// All lines as one table, thinned to what one can read.
#[component]
pub(super) fn Table(shared: Shared) -> impl IntoView {
    let (session, lane) = (session(), lane());
    let rows = Memo::new(move |_| session.series[lane as usize].with(|series| thinned(series)));
    let heads = Memo::new(move |_| {
        session.series[lane as usize].with(|series| {
            series.lines.iter().map(|(name, unit, _)| format!("{name}, {unit}")).collect::<Vec<_>>()
        })
    });
    let head = |name: String| view! { <th scope="col" class="n">{name}</th> };
    let row = move |(at_ms, values): (u32, Vec<String>)| {
        view! {
            <tr>
                <th scope="row">
                    <button type="button" class="plain mono" on:click=move |_| shared.seek(f64::from(at_ms))>
                        {clock(u64::from(at_ms) * 1_000_000)}
                    </button>
                </th>
                {values.into_iter().map(|value| view! { <td class="n">{value}</td> }).collect_view()}
            </tr>
        }
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label="The charts' numbers">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"time"</th>
                        {move || heads.get().into_iter().map(head).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.clone() children=row />
                </tbody>
            </table>
        </div>
    }
}

fn thinned(series: &Series) -> Vec<(u32, Vec<String>)> {
    let step = series.at_ms.len().div_ceil(ROWS).max(1);
    let row = |at: usize| {
        let value =
            |values: &Vec<Option<f32>>| values.get(at).copied().flatten().map_or_else(|| "–".into(), short);
        (series.at_ms[at], series.lines.iter().map(|(.., values)| value(values)).collect())
    };
    (0..series.at_ms.len()).step_by(step).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_chart_shows_the_value_at_its_moment_and_gaps_as_gaps() {
        let line = |name: &str, values: &[Option<f32>]| (name.to_owned(), "ms".to_owned(), values.to_vec());
        let series = Series {
            at_ms: vec![100, 200, 300],
            lines: vec![
                line("lag 002 time", &[Some(1.0), None, Some(3.0)]),
                line("ops ok", &[None, None, None]),
            ],
        };
        let found = lines(&series, |name| name.starts_with("lag"));
        assert_eq!(found.rows.len(), 1);
        let row = &found.rows[0];
        assert_eq!((row.label.as_str(), found.top()), ("002", 3.0));
        assert_eq!(found.value(row, 50), None);
        assert_eq!(found.value(row, 199), Some(1.0));
        assert_eq!(found.value(row, 250), None);
        assert_eq!(found.value(row, 9_000), Some(3.0));
    }
}
