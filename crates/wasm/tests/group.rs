//! A group as a JavaScript program uses it.
#![cfg(target_arch = "wasm32")]

use primacy_wasm::Group;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn say(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[wasm_bindgen_test]
fn a_write_survives_the_death_of_the_primary() {
    let Ok(mut group) = Group::new(JsValue::UNDEFINED) else { panic!("the defaults are fine") };
    group.advance(5000);
    let old = group.primary().expect("elected");
    assert_eq!(group.run("primary", say("SET cart 3")).ok().as_deref(), Some("OK"));
    group.advance(1000);
    group.kill_primary();
    group.advance(5000);
    assert!(group.primary().is_some_and(|new| new != old));
    assert!(group.run("primary", say("GET cart")).ok().is_some_and(|reply| reply.contains('3')));
}
