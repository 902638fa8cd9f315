//! A chart without a library: what is shown until the chunk is there, and instead of it when it cannot be had.

use std::fmt::Write as _;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_view::view;

use super::Shared;
use super::numbers::{Lines, Row};
use crate::format::Fixed;

const WIDE: f64 = 600.0;
const HIGH: f64 = 100.0;

/// The chart.
#[component]
pub(super) fn Plain(shared: Shared, lines: Memo<Lines>) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let axis = move || {
        let begin = (shared.begin.get() / 1_000_000) as f64;
        (begin, ((shared.end.get() / 1_000_000) as f64 - begin).max(1.0))
    };
    let now = move || {
        let (begin, long) = axis();
        format!("{}%", Fixed(100.0 * (shared.now.get() as f64 / 1e6 - begin) / long, 2))
    };
    let paths = move || {
        let axis = axis();
        let path = |lines: &Lines, row: &Row| (row.colour, path(lines, row, axis));
        lines.with(|lines| lines.rows.iter().map(|row| path(lines, row)).collect::<Vec<_>>())
    };
    let seek = move |ev: ev::MouseEvent| {
        let Some(rect) = plot.get_untracked().map(|p| p.get_bounding_client_rect()) else { return };
        let part = (f64::from(ev.client_x()) - rect.left()) / rect.width().max(1.0);
        let (begin, long) = untrack(axis);
        shared.seek(begin + part.clamp(0.0, 1.0) * long);
    };
    let draw = |(colour, d): (&'static str, String)| {
        view! { <path d=d style:stroke=format!("var({colour})") /> }
    };
    view! {
        <div class="chart-plain" node_ref=plot aria-hidden="true" on:click=seek>
            <svg viewBox="0 0 600 100" preserveAspectRatio="none">
                {move || paths().into_iter().map(draw).collect_view()}
            </svg>
            <i class="chart-veil" style:left=now></i>
        </div>
    }
}

/// A line, broken where there is no value.
fn path(lines: &Lines, row: &Row, (begin_ms, long_ms): (f64, f64)) -> String {
    let top = f64::from(lines.top()).max(f64::MIN_POSITIVE) * 1.08;
    let (mut out, mut down) = (String::new(), false);
    for (at, value) in lines.at_ms.iter().zip(&row.values) {
        if value.is_nan() {
            down = false;
            continue;
        }
        let (x, y) = ((f64::from(*at) - begin_ms) / long_ms * WIDE, HIGH - f64::from(*value) / top * HIGH);
        // Writing to a String cannot fail.
        _ = write!(out, "{}{} {}", if down { 'L' } else { 'M' }, Fixed(x, 1), Fixed(y, 1));
        down = true;
    }
    out
}
