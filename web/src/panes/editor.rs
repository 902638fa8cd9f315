//! The group as a CloudFormation template. Every judgement is the engine's (`primacy_aws::template`), made in the page at
//! each keystroke; the editor only underlines. What is planned is shown before anything happens.

mod code;
mod findings;
mod plan;

use leptos::prelude::*;
use primacy_aws::diagnostic::Diagnostic;
use primacy_aws::template::{Options, Parsed, parse};
use primacy_port::{Lane, Opening, What};
use primacy_view::view;

use crate::effect::effect;
use crate::session::{Session, session};
use code::Code;
use findings::Findings;
use plan::Plan;

/// The text that a visitor finds.
const START: &str = include_str!("../../../examples/replication-group.yaml");

/// The template's text and what the engine thinks of it.
#[derive(Clone, Copy)]
struct Draft {
    text: RwSignal<String>,
    read: Memo<Result<Parsed, Vec<Diagnostic>>>,
    /// Where the cursor shall go: line and column, and a number that makes each wish a new one.
    wanted: RwSignal<Option<(u32, u32, u32)>>,
    /// The plan is shown.
    planned: RwSignal<bool>,
}

impl Draft {
    fn findings(self) -> Vec<Diagnostic> {
        self.read.with(|read| match read {
            Ok(parsed) => parsed.warnings.clone(),
            Err(all) => all.clone(),
        })
    }
}

/// The pane.
#[component]
pub(crate) fn Editor() -> impl IntoView {
    let session = session();
    let kept = super::desk::desk().template;
    let text = RwSignal::new(kept.get_untracked().unwrap_or_else(|| START.to_owned()));
    effect(move || kept.set(Some(text.get())));
    let draft = Draft {
        text,
        read: Memo::new(move |_| text.with(|text| parse(text, Options::default()))),
        wanted: RwSignal::new(None),
        planned: RwSignal::new(false),
    };
    let wrong = Memo::new(move |_| draft.read.with(Result::is_err));
    view! {
        <section class="editor" aria-label="Template">
            <div class="editor-bar">
                <button
                    type="button"
                    class="strong"
                    data-testid="template-plan"
                    disabled=move || wrong.get()
                    on:click=move |_| draft.planned.set(true)
                >
                    "Plan"
                </button>
                <Current draft />
            </div>
            <Code draft />
            <Show when=move || draft.planned.get() && !wrong.get()>
                <Plan draft on_apply=Callback::new(move |()| apply(session, draft)) />
            </Show>
            <Findings draft />
        </section>
    }
}

/// The running group as a template: into the editor, or to the clipboard.
#[component]
fn Current(draft: Draft) -> impl IntoView {
    let session = session();
    let load = move |_| {
        session.ask_text(What::Template, move |session, told| match told {
            Ok(text) => draft.text.set(text),
            Err(why) => session.notice(true, why),
        });
    };
    let copy = move |_| {
        session.ask_text(What::Template, |session, told| match told {
            Ok(text) => {
                let _ = window().navigator().clipboard().write_text(&text);
                session.notice(
                    false,
                    "The group as it is now is on the clipboard, as a CloudFormation template.",
                );
            }
            Err(why) => session.notice(true, why),
        });
    };
    view! {
        <button type="button" class="small" title="Replaces the text by the running group" on:click=load>
            "Load current"
        </button>
        <button type="button" class="small" data-testid="template-copy" on:click=copy>
            "Copy as CloudFormation"
        </button>
        <button type="button" class="small" on:click=move |_| draft.text.set(START.to_owned())>"Start text"</button>
    }
}

fn apply(session: Session, draft: Draft) {
    let seed = session.rows(Lane::A).facts.seed().get_untracked();
    draft.planned.set(false);
    session.open(Opening::Template { text: draft.text.get_untracked(), seed });
}
