//! What must be said, until it was read.

use leptos::prelude::*;
use primacy_view::view;

use crate::session::session;

/// One line each.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let session = session();
    view! {
        <div class="notices" role="status">
            <For
                each=move || session.notices.get()
                key=|notice| notice.number
                children=move |notice| {
                    let number = notice.number;
                    let remedy = notice.remedy.map(|(words, does)| {
                        let go = move |_| {
                            session.dismiss(number);
                            does(session);
                        };
                        view! { <button class="mini" on:click=go>{words}</button> }
                    });
                    view! {
                        <p class="banner" class:bad=notice.bad>
                            <span>{notice.text} " " {remedy}</span>
                            <button class="bare" aria-label="Dismiss" title="Dismiss" on:click=move |_| session.dismiss(number)>"×"</button>
                        </p>
                    }
                }
            />
        </div>
    }
}
