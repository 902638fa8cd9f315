//! A chart that uPlot draws.

use leptos::html;
use leptos::prelude::*;
use primacy_view::view;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wasm_bindgen::{JsCast, UnwrapThrowExt};

use super::Shared;
use super::numbers::Lines;
use crate::effect::effect;

#[wasm_bindgen]
extern "C" {
    /// `web/js/charts.js`.
    type Module;
    #[wasm_bindgen(method)]
    fn make(
        this: &Module,
        host: &web_sys::HtmlElement,
        seek: &Closure<dyn FnMut(f64)>,
        hover: &Closure<dyn FnMut(i32)>,
    ) -> Plot;

    type Plot;
    #[wasm_bindgen(method)]
    fn set(this: &Plot, times: &[u32], values: &[f32], looks: &str, begin: f64, end: f64, unit: &str);
    #[wasm_bindgen(method)]
    fn now(this: &Plot, ms: f64);
    #[wasm_bindgen(method)]
    fn destroy(this: &Plot);
}

/// The plot with what it calls back.
struct Live {
    plot: Plot,
    _seek: Closure<dyn FnMut(f64)>,
    _hover: Closure<dyn FnMut(i32)>,
}

/// The chart.
#[component]
pub(super) fn Canvas(
    module: JsValue,
    shared: Shared,
    lines: Memo<Lines>,
    unit: &'static str,
) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let live = StoredValue::new_local(None::<Live>);
    let module: Module = module.unchecked_into();
    effect(move || {
        let Some(host) = host.get() else { return };
        if live.with_value(Option::is_none) {
            live.set_value(Some(begin(&module, &host, shared, lines)));
        }
        let (begin_ms, end_ms) = (shared.begin.get() as f64 / 1e6, shared.end.get() as f64 / 1e6);
        lines.with(|lines| {
            let values: Vec<f32> = lines.rows.iter().flat_map(|row| row.values.iter().copied()).collect();
            let looks: Vec<String> =
                lines.rows.iter().map(|row| format!("{} {}", row.colour, row.dash)).collect();
            live.with_value(|live| {
                if let Some(live) = live {
                    live.plot.set(&lines.at_ms, &values, &looks.join("\n"), begin_ms, end_ms, unit);
                }
            });
        });
    });
    effect(move || {
        let now = shared.now.get() as f64 / 1e6;
        live.with_value(|live| {
            if let Some(live) = live {
                live.plot.now(now);
            }
        });
    });
    on_cleanup(move || {
        if let Some(live) = live.try_update_value(Option::take).flatten() {
            live.plot.destroy();
        }
    });
    view! { <div class="chart-host" node_ref=host aria-hidden="true"></div> }
}

fn begin(module: &Module, host: &web_sys::HtmlElement, shared: Shared, lines: Memo<Lines>) -> Live {
    let seek = Closure::new(move |ms| shared.seek(ms));
    let hover = Closure::new(move |index: i32| {
        let at =
            usize::try_from(index).ok().and_then(|at| lines.with_untracked(|l| l.at_ms.get(at).copied()));
        if shared.hovered.try_get_untracked().is_some_and(|was| was != at) {
            shared.hovered.set(at);
        }
    });
    let plot = module.make(host.dyn_ref().unwrap_throw(), &seek, &hover);
    Live { plot, _seek: seek, _hover: hover }
}
