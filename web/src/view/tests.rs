//! Views in a real document.

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::tick;
use primacy_view::view;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

fn show<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> HtmlElement {
    let host = document().create_element("div").expect("an element");
    document().body().expect("a body").append_child(&host).expect("room");
    let host: HtmlElement = host.unchecked_into();
    mount_to(host.clone(), view).forget();
    host
}

fn find(host: &HtmlElement, what: &str) -> Element {
    host.query_selector(what).expect("a selector").unwrap_or_else(|| panic!("no {what}"))
}

#[wasm_bindgen_test]
async fn attributes_classes_styles_and_properties_follow_what_they_read() {
    let on = RwSignal::new(true);
    let host = show(move || {
        view! {
            <button class="a" class:on=move || on.get() disabled=move || on.get() title=move || on.get().then_some("t")
                style:left=move || if on.get() { "1px" } else { "2px" }>"x"</button>
            <input prop:value=move || on.get().to_string() />
        }
    });
    let (button, input) =
        (find(&host, "button"), find(&host, "input").unchecked_into::<web_sys::HtmlInputElement>());
    assert_eq!(
        button.outer_html(),
        r#"<button class="a on" disabled="" title="t" style="left: 1px;">x</button>"#
    );
    assert_eq!(input.value(), "true");
    on.set(false);
    tick().await;
    assert_eq!(button.outer_html(), r#"<button class="a" style="left: 2px;">x</button>"#);
    assert_eq!(input.value(), "false");
}

#[wasm_bindgen_test]
async fn the_same_view_made_again_keeps_its_elements() {
    let text = RwSignal::new("one");
    let host = show(move || view! { {move || { let now = text.get(); view! { <p title=now>{now}</p> } }} });
    let before = find(&host, "p");
    text.set("two");
    tick().await;
    assert_eq!(find(&host, "p").outer_html(), r#"<p title="two">two</p>"#);
    assert!(before.is_same_node(Some(&find(&host, "p"))));
}

#[wasm_bindgen_test]
async fn another_view_takes_the_place_of_the_first() {
    let first = RwSignal::new(true);
    let host = show(move || {
        view! { <i></i>{move || if first.get() { view! { "a" <b></b> } } else { view! { <u></u> } }}<s></s> }
    });
    assert!(host.inner_html().starts_with("<i></i>a<b></b>"));
    first.set(false);
    tick().await;
    assert!(host.inner_html().starts_with("<i></i><u></u>"), "{}", host.inner_html());
}

#[wasm_bindgen_test]
async fn rows_keep_their_elements_when_they_move() {
    let rows = RwSignal::new(vec![1_u32, 2, 3]);
    let host = show(move || {
        view! { <ul><For each=move || rows.get() key=|row| *row children=|row| view! { <li>{row}</li> } /></ul> }
    });
    let second = host.query_selector_all("li").expect("a selector").item(1).expect("a row");
    rows.set(vec![3, 2, 4]);
    tick().await;
    assert_eq!(host.text_content().as_deref(), Some("324"));
    assert!(second.is_same_node(host.query_selector_all("li").expect("a selector").item(1).as_ref()));
}

#[wasm_bindgen_test]
async fn a_listener_hears_and_is_gone_with_its_element() {
    let (heard, there) = (RwSignal::new(0), RwSignal::new(true));
    let host = show(move || {
        view! { <Show when=move || there.get()><button on:click=move |_| heard.update(|n| *n += 1)>"x"</button></Show> }
    });
    let button: HtmlElement = find(&host, "button").unchecked_into();
    button.click();
    there.set(false);
    tick().await;
    assert!(host.query_selector("button").expect("a selector").is_none());
    button.click();
    assert_eq!(heard.get_untracked(), 1);
}

#[wasm_bindgen_test]
fn a_drawing_is_made_of_svg_elements() {
    let host = show(|| view! { <svg viewBox="0 0 1 1"><g><title>"t"</title></g></svg><title></title> });
    let space = |what: &str| find(&host, what).namespace_uri().unwrap_or_default();
    assert!(space("svg").ends_with("svg") && space("g title").ends_with("svg"));
    assert!(space("svg + title").ends_with("xhtml"));
}
