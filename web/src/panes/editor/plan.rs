//! What applying the template will change, node by node with its zone, before time moves.

use leptos::prelude::*;
use primacy_core::group::place;
use primacy_core::group::spec::GroupSpec;
use primacy_port::{Lane, View};
use primacy_view::view;

use super::Draft;
use crate::session::session;

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// `+`, `−`, `~` or `=`.
    sign: char,
    what: String,
    was: String,
    will: String,
}

/// The plan, and the button that carries it out.
#[component]
pub(super) fn Plan(draft: Draft, on_apply: Callback<()>) -> impl IntoView {
    let session = session();
    let steps = Memo::new(move |_| {
        let spec =
            draft.read.with(|read| read.as_ref().ok().and_then(|parsed| parsed.groups.first().cloned()));
        let frame = session.latest(Lane::A);
        spec.zip(frame).map(|(spec, frame)| steps(&spec, &frame.view)).unwrap_or_default()
    });
    let row = |step: Step| {
        let sign = match step.sign {
            '+' => "add",
            '−' => "remove",
            '~' => "change",
            _ => "keep",
        };
        view! {
            <tr data-sign=sign>
                <td class="mono sign" aria-label=sign>{step.sign.to_string()}</td>
                <th scope="row">{breakable(&step.what)}</th>
                <td class="mono quiet">{step.was}</td>
                <td class="mono">{step.will}</td>
            </tr>
        }
    };
    view! {
        <div class="plan" role="region" aria-label="Plan">
            <table>
                <thead>
                    <tr>
                        <th><span class="sr-only">"change"</span></th>
                        <th scope="col">"what"</th>
                        <th scope="col">"was"</th>
                        <th scope="col">"will be"</th>
                    </tr>
                </thead>
                <tbody>{move || steps.get().into_iter().map(row).collect_view()}</tbody>
            </table>
            <p class="quiet">
                {move || match session.is_live() {
                    true => "Apply creates this group in the tab, as a simulation. The real group stays as it is.",
                    false => "Apply creates this group anew and begins another run with the same seed.",
                }}
            </p>
            <div class="row">
                <button type="button" class="strong" data-testid="template-apply" on:click=move |_| on_apply.run(())>
                    "Apply"
                </button>
                <button type="button" on:click=move |_| draft.planned.set(false)>"Close"</button>
            </div>
        </div>
    }
}

/// The same word, which may be broken before its capitals where there is no room for it.
fn breakable(name: &str) -> String {
    let apart = |c: char| if c.is_ascii_uppercase() { vec!['\u{200b}', c] } else { vec![c] };
    name.chars().flat_map(apart).collect()
}

fn steps(spec: &GroupSpec, view: &View) -> Vec<Step> {
    let zones: Vec<_> = view.zones.iter().map(|(name, _)| name.as_str().into()).collect();
    let count = usize::from(spec.replicas) + 1;
    let placed = place(count, &zones, &spec.preferred_zones);
    let mut all = vec![changed("ReplicationGroupId", view.group.clone(), spec.id.clone())];
    for index in 0..count.max(view.nodes.len()) {
        let was = view.nodes.get(index).map(|n| n.zone.clone());
        let will = placed.get(index).map(ToString::to_string);
        let sign = match (&was, &will) {
            (None, _) => '+',
            (_, None) => '−',
            (a, b) if a == b => '=',
            _ => '~',
        };
        let what = format!("node {:03}", index + 1);
        let word = |zone: Option<String>| zone.unwrap_or_else(|| "–".into());
        all.push(Step { sign, what, was: word(was), will: word(will) });
    }
    let on = |is: bool| if is { "on" } else { "off" }.to_owned();
    all.push(changed("AutomaticFailoverEnabled", on(view.automatic_failover), on(spec.automatic_failover)));
    all
}

fn changed(what: &str, was: String, will: String) -> Step {
    Step { sign: if was == will { '=' } else { '~' }, what: what.to_owned(), was, will }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_aws::template::{Options, parse};
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_plan_names_each_new_node_with_its_zone() {
        let parsed = parse(crate::panes::editor::START, Options::default()).expect("the seed's template");
        let zones = ["us-east-1a", "us-east-1b", "us-east-1c"].map(|zone| (zone.to_owned(), false));
        let view = View { zones: zones.to_vec(), automatic_failover: true, ..View::default() };
        let plan = steps(&parsed.groups[0], &view);
        let added: Vec<_> = plan.iter().filter(|s| s.sign == '+').map(|s| (&*s.what, &*s.will)).collect();
        assert_eq!(
            added,
            [("node 001", "us-east-1a"), ("node 002", "us-east-1b"), ("node 003", "us-east-1c")]
        );
        assert!(plan.iter().any(|s| s.what == "AutomaticFailoverEnabled" && s.sign == '='));
    }
}
