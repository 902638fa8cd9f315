//! The part of the module that a first look does not need. `primacy-split` cuts the built module in two by `web/later.txt` (see crates/split); the
//! page fetches the rest while the group is made, joins it once the group can be seen, and what calls into it earlier waits for it
//! (`load_rest`). A module that has not been cut has everything.

use std::cell::Cell;
use std::time::Duration;

use js_sys::{Function, Object, Promise, Reflect, WebAssembly};
use leptos::prelude::set_timeout;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// What index.html calls the rest's compiled module, and what fetches it: by and by, or while everything waits.
const MODULE: &str = "primacyRest";
const FETCH: &str = "primacyFetchRest";
const FETCH_NOW: &str = "primacyFetchRestNow";

/// Where index.html has the promise that the rest is at hand if the page is kept for use without a network.
const KEPT: &str = "primacyKept";

/// The export that only a cut module has.
const PLACES: &str = "rest";

thread_local! {
    static COMPLETE: Cell<bool> = const { Cell::new(false) };
}

/// Loads the rest and returns when it is there: the stand-ins of its functions call this.
#[wasm_bindgen]
pub fn load_rest() {
    if COMPLETE.get() || !is_cut() {
        return;
    }
    let known = known();
    let module = if known.is_undefined() { call(FETCH_NOW) } else { Ok(known) };
    if let Err(why) = module.and_then(|module| join(&module)) {
        wasm_bindgen::throw_val(why);
    }
}

/// Calls back when the page may begin: whoever acts before the rest has come waits for it, which needs a network or the rest at hand.
pub(crate) fn when_at_hand(begin: fn()) {
    let later = move || set_timeout(begin, Duration::ZERO);
    match Reflect::get(&js_sys::global(), &KEPT.into()).and_then(JsCast::dyn_into::<Promise>) {
        Ok(kept) => spawn_local(async move {
            let _ = JsFuture::from(kept).await;
            later();
        }),
        Err(_) => later(),
    }
}

/// Fetches the rest and joins it to the module; gives it for the worker's use, or `None` when there is nothing to fetch.
pub(crate) async fn fetch() -> Result<Option<JsValue>, JsValue> {
    if !is_cut() {
        return Ok(None);
    }
    let promise: Promise = call(FETCH)?.dyn_into()?;
    let module = JsFuture::from(promise).await?;
    take(&module)?;
    Ok(Some(module))
}

/// Joins a module that somebody else has fetched.
pub(crate) fn take(module: &JsValue) -> Result<(), JsValue> {
    Reflect::set(&js_sys::global(), &MODULE.into(), module)?;
    if COMPLETE.get() { Ok(()) } else { join(module) }
}

fn join(module: &JsValue) -> Result<(), JsValue> {
    let imports = Object::new();
    Reflect::set(&imports, &"first".into(), &wasm_bindgen::exports())?;
    WebAssembly::Instance::new(module.unchecked_ref(), &imports)?;
    COMPLETE.set(true);
    Ok(())
}

fn is_cut() -> bool {
    Reflect::has(&wasm_bindgen::exports(), &PLACES.into()).unwrap_or_default()
}

fn known() -> JsValue {
    Reflect::get(&js_sys::global(), &MODULE.into()).unwrap_or_default()
}

fn call(name: &str) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(&js_sys::global(), &name.into())?.dyn_into()?;
    function.call0(&JsValue::UNDEFINED)
}
