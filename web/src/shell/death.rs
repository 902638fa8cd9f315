//! The engine has panicked: the last frame stays, and there is a way on.

use leptos::prelude::*;
use primacy_view::view;

use crate::session::session;

/// See the module.
#[component]
pub(crate) fn Death() -> impl IntoView {
    let session = session();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&session.crash_report());
        copied.set(true);
    };
    move || {
        session.died.get().map(|words| {
            view! {
                <section class="dead" role="alertdialog" aria-labelledby="dead-title" data-testid="crash">
                    <h2 id="dead-title">"The engine stopped: this is a fault in Primacy"</h2>
                    <p>"The page still shows the last moment. The report holds a link that repeats the run."</p>
                    <pre>{words}</pre>
                    <div class="row">
                        <button class="strong" data-testid="rewind" on:click=move |_| session.rewind_one()>"Rewind one action"</button>
                        <button on:click=copy>{move || if copied.get() { "Copied" } else { "Copy crash report" }}</button>
                    </div>
                </section>
            }
        })
    }
}
