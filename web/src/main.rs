//! The page: a whole replication group inside a browser tab, driven by the simulator on the production core.
//! No rule of replication, failover or commands lives here: the page sends actions and shows what comes back.

#![allow(unreachable_pub, reason = "`#[component]` makes public items whatever it is asked for")]

mod app;
mod chunk;
mod effect;
mod failover;
mod format;
mod lessons;
mod model;
mod panes;
mod port;
mod prefs;
mod project;
mod rest;
mod ribbon;
mod scroll;
mod session;
mod shell;
mod sight;
mod speed;
mod store;
mod trail;
mod view;

use leptos::prelude::*;

// The parts under test are made of the browser's own elements.
#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn main() {
    if port::worker::in_worker() {
        return port::worker::serve();
    }
    console_error_panic_hook::set_once();
    port::worker::hand_over();
    rest::when_at_hand(mount);
}

fn mount() {
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    mount_to_body(app::App);
}
