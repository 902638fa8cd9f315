//! The AWS calls that stand for what this page shows and does, ready to be copied or run.

use leptos::prelude::*;
use primacy_port::{Answer, Lane, View, What};
use primacy_view::view;

use crate::session::session;

/// The number of the connection through which this pane asks; no terminal has it.
const NUMBER: u8 = 100;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    what: &'static str,
    line: String,
    /// The simulated API answers it.
    runs: bool,
}

/// The pane.
#[component]
pub(crate) fn Api() -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts;
    let calls = Memo::new(move |_| {
        facts.now_ns().track();
        session.latest(Lane::A).map(|frame| calls(&frame.view)).unwrap_or_default()
    });
    let answer = RwSignal::new(None::<Answer>);
    session.on_frame(move |lane, frame| {
        if lane == Lane::A
            && let Some(newest) = frame.answers.iter().rev().find(|a| a.terminal == NUMBER)
        {
            answer.set(Some(newest.clone()));
        }
    });
    view! {
        <section class="api" aria-label="API">
            <p class="quiet">
                {move || match session.is_live() {
                    true => "Any AWS tool can make these calls, with any credentials and region.".into_any(),
                    false => view! {
                        "The same calls work against " <code>"primacy up"</code> " with " <code>"--endpoint-url"</code> "."
                    }
                    .into_any(),
                }}
            </p>
            <ul class="calls">
                <For each=move || calls.get() key=|call| call.line.clone() children=|call| view! { <Row call /> } />
            </ul>
            <Reply answer />
        </section>
    }
}

#[component]
fn Row(call: Call) -> impl IntoView {
    let session = session();
    let (words, line) = (call.line.clone(), call.line.replace(" \\\n ", ""));
    let words = Memo::new(move |_| match window().location().origin() {
        Ok(origin) if session.is_live() => format!("{words} \\\n  --endpoint-url {origin}"),
        _ => words.clone(),
    });
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&words.get_untracked());
        session.notice(false, "Copied.");
    };
    let run = move |_| {
        let run = !session.playing.get_untracked();
        let ask = What::Type { terminal: NUMBER, target: "configuration".into(), line: line.clone(), run };
        session.ask_then(Lane::A, ask, |session, told| {
            if let primacy_port::Told::Refused(why) = told {
                session.notice(true, why);
            }
            session.settle();
        });
    };
    view! {
        <li>
            <p>{call.what}</p>
            <pre class="mono" tabindex="0">{words}</pre>
            <div class="row">
                <button type="button" class="small" on:click=copy>"Copy"</button>
                {call.runs.then(|| view! { <button type="button" class="small" on:click=run>"Run here"</button> })}
            </div>
        </li>
    }
}

#[component]
fn Reply(answer: RwSignal<Option<Answer>>) -> impl IntoView {
    let session = session();
    let copy = move |text: String| {
        move |_| {
            let _ = window().navigator().clipboard().write_text(&text);
            session.notice(false, "Copied.");
        }
    };
    move || {
        answer.get().map(|answer| {
            view! {
                <div class="api-answer" role="status">
                    <header class="row">
                        <b>"Answer"</b>
                        <button type="button" class="small" on:click=copy(answer.text.clone())>"Copy"</button>
                    </header>
                    <pre class="mono" class:failed=answer.failed tabindex="0">{answer.text.clone()}</pre>
                </div>
            }
        })
    }
}

fn calls(view: &View) -> Vec<Call> {
    let group = &view.group;
    let call = |what, runs, rest: String| Call { what, runs, line: format!("aws elasticache {rest}") };
    let failover =
        if view.automatic_failover { " \\\n  --automatic-failover-enabled --multi-az-enabled" } else { "" };
    let node = view.nodes.iter().find(|n| !n.is_primary).or_else(|| view.nodes.first());
    let node = node.map_or_else(|| format!("{group}-001"), |n| n.name.clone());
    // One replica more, or fewer where there can be no more.
    let replicas = view.nodes.len().saturating_sub(1);
    let (change, what, count) = match replicas {
        0..=4 => ("increase", "One more replica", replicas + 1),
        _ => ("decrease", "One replica less", replicas - 1),
    };
    vec![
        call(
            "The group with its nodes",
            true,
            format!("describe-replication-groups \\\n  --replication-group-id {group}"),
        ),
        call(
            "What happened",
            true,
            format!(
                "describe-events \\\n  --source-identifier {group} \\\n  --source-type replication-group"
            ),
        ),
        call(
            "A failover, as a test",
            true,
            format!("test-failover \\\n  --replication-group-id {group} \\\n  --node-group-id 0001"),
        ),
        call(
            "A node's reboot",
            true,
            format!(
                "reboot-cache-cluster \\\n  --cache-cluster-id {node} \\\n  --cache-node-ids-to-reboot 0001"
            ),
        ),
        call(
            what,
            true,
            format!(
                "{change}-replica-count \\\n  --replication-group-id {group} \\\n  --new-replica-count {count} \\\n  \
                 --apply-immediately"
            ),
        ),
        call(
            "A group like this one",
            false,
            format!(
                "create-replication-group \\\n  --replication-group-id {group} \\\n  --replication-group-description \"{group}\" \
             \\\n  --num-cache-clusters {}{failover}",
                view.nodes.len()
            ),
        ),
    ]
}
