//! What must be said, until it was read.

use leptos::prelude::*;

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
                    view! {
                        <p class="banner" class:bad=notice.bad>
                            <span>{notice.text}</span>
                            <button aria-label="Dismiss" on:click=move |_| session.dismiss(number)>"×"</button>
                        </p>
                    }
                }
            />
        </div>
    }
}
