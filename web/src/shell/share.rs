//! A link to this run and this view; a file where a link would be too long; and the way back in.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use primacy_port::What;
use primacy_view::view;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, HtmlAnchorElement, HtmlInputElement, Url};

use super::icon::icon;
use super::rooms::{Over, rooms};
use super::sheet::Sheet;
use crate::session::{Session, session};
use crate::sight;
use crate::trail::Entry;

/// First line of a file, before the fragment.
const MAGIC: &str = "primacy run, open it in the playground";

/// The dialog.
#[component]
pub(crate) fn Share() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let fragment = RwSignal::new(None::<String>);
    let copied = RwSignal::new(false);
    session.ask_text(What::Link, move |session, link| match link {
        Ok(link) => {
            let _ = fragment.try_set(Some(link + &sight::text(&sight::now(session))));
        }
        Err(why) => session.notice(true, why),
    });
    let link = Memo::new(move |_| {
        fragment.get().map(|fragment| format!("{}#{fragment}", page())).unwrap_or_default()
    });
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&link.get_untracked());
        copied.set(true);
    };
    let save = move |_| {
        if let Some(fragment) = fragment.get_untracked() {
            download(&fragment);
        }
    };
    let length = move || link.with(|link| link.chars().count());
    let pick = move |ev: ev::Event| {
        let input = ev.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        if let Some(file) = input.and_then(|i| i.files()).and_then(|files| files.get(0)) {
            read(session, file);
            rooms.over.set(Over::Nothing);
        }
    };
    view! {
        <Sheet title="Share this run">
            <p class="quiet">"The link repeats the run with all that was done, and opens at this moment in this view."</p>
            <textarea readonly aria-label="Link" data-testid="link" prop:value=move || link.get()></textarea>
            <p class="quiet">
                {length} " characters"
                {move || {
                    (length() > sight::LONGEST)
                        .then_some(". Chats and mails may cut links of more than 2,000: send the file instead.")
                }}
            </p>
            <div class="row">
                <button class="strong" data-testid="copy-link" on:click=copy>
                    {icon("copy")} {move || if copied.get() { "Copied" } else { "Copy link" }}
                </button>
                <button on:click=save>{icon("download")} "Download .primacy"</button>
            </div>
            <label class="row">
                <span>"Open a .primacy file (or drop it on the page)"</span>
                <input type="file" accept=".primacy,text/plain" on:change=pick />
            </label>
        </Sheet>
    }
}

fn page() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

fn download(fragment: &str) {
    let text = format!("{MAGIC}\n#{fragment}\n");
    let Ok(blob) = Blob::new_with_str_sequence(&js_sys::Array::of1(&text.into())) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    let link = document().create_element("a").ok().and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&url);
        link.set_download("run.primacy");
        link.click();
    }
    let _ = Url::revoke_object_url(&url);
}

fn read(session: Session, file: File) {
    spawn_local(async move {
        let text =
            JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
        match text.lines().find_map(|line| line.trim().strip_prefix('#')) {
            Some(fragment) if text.starts_with(MAGIC) => sight::open(session, fragment, Entry::Next),
            _ => session.notice(true, "This file is no run of Primacy."),
        }
    });
}

/// Files that are dropped on the page are opened, as long as the component that calls this is there.
pub(crate) fn accept_drops() {
    let session = session();
    let over = window_event_listener(ev::dragover, |ev| ev.prevent_default());
    let drop = window_event_listener(ev::drop, move |ev| {
        ev.prevent_default();
        if let Some(file) = ev.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
            read(session, file);
        }
    });
    on_cleanup(move || {
        over.remove();
        drop.remove();
    });
}
