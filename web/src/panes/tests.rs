//! Stage and terminal alone, with rows made by hand: no engine has to run.

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::tick;
use primacy_port::{Answer, Frame, Lane, State};
use primacy_view::view;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

use super::desk::{Desk, desk};
use super::stage::Stage;
use super::stage_words;
use super::terminal::Terminal;
use crate::model::{ClientRow, FrameRows, NodeRow, ZoneRow};
use crate::session::{Session, session};

fn host() -> HtmlElement {
    let host = document().create_element("div").expect("an element");
    document().body().expect("a body").append_child(&host).expect("room");
    host.unchecked_into()
}

fn rows() -> FrameRows {
    let node = |id, role: &str, look: &str| NodeRow {
        id,
        zone: id - 1,
        role: role.into(),
        look: look.into(),
        spoken: format!("{id:03}, as it is told"),
        recorded: id == 1,
        alive: true,
        ..NodeRow::default()
    };
    FrameRows {
        zones: vec![
            ZoneRow { index: 0, name: "us-east-1a".into(), down: false },
            ZoneRow { index: 1, name: "us-east-1b".into(), down: true },
        ],
        nodes: vec![node(1, "★ primary", "primary"), node(2, "replica", "replica")],
        clients: vec![ClientRow { name: "c1".into(), cached: 1, outdated: true, ..ClientRow::default() }],
        names: Vec::new(),
    }
}

fn show<V: IntoView + 'static>(pane: impl FnOnce() -> V + 'static) -> HtmlElement {
    let host = host();
    let inside = host.clone();
    let handle = mount_to(inside, move || {
        let session = Session::start();
        provide_context(session);
        Desk::provide();
        session.table.set(false);
        session.rows(Lane::A).put(rows());
        pane()
    });
    handle.forget();
    host
}

fn find(host: &Element, what: &str) -> Element {
    host.query_selector(what).ok().flatten().unwrap_or_else(|| panic!("there is no {what}"))
}

#[wasm_bindgen_test]
async fn a_card_says_in_words_what_it_shows_in_colour() {
    let host = show(|| view! { <Stage /> });
    tick().await;
    let primary = find(&host, "[data-testid=node-001]");
    assert_eq!(primary.get_attribute("data-role").as_deref(), Some("primary"));
    let name = primary.get_attribute("aria-label").unwrap_or_default();
    assert_eq!(name, "001, as it is told");
    assert!(find(&host, ".zone.down").text_content().unwrap_or_default().contains("no power"));
    assert!(find(&host, ".app .flag").text_content().unwrap_or_default().contains("≠ DNS"));
    let stops = host.query_selector_all(".map [data-spot][tabindex='0']").expect("a list");
    assert_eq!(stops.length(), 1, "the map is one stop of the Tab key");
}

#[wasm_bindgen_test]
async fn an_answer_reaches_the_screen_of_its_terminal_with_its_latency() {
    let host = show(|| {
        let (session, terminals) = (session(), desk().terminals);
        let answer = Answer {
            line: "GET cart".into(),
            node: Some(2),
            text: "(nil)".into(),
            stale: true,
            asked_ns: 1_000_000,
            at_ns: 1_310_000,
            ..Answer::default()
        };
        terminals.take(session, &Frame { answers: vec![answer], ..Frame::default() });
        view! { <Terminal /> }
    });
    tick().await;
    let text = find(&host, ".answer.stale").text_content().unwrap_or_default();
    assert!(text.contains("(nil)") && text.contains("002 · 0.31 ms") && text.contains("Why?"), "{text}");
}

#[wasm_bindgen_test]
fn each_fate_has_a_word() {
    assert_eq!(stage_words::fate(State::Stale), "stale");
    assert_eq!((stage_words::role("full sync"), stage_words::role("down")), ("replica", "none"));
}
