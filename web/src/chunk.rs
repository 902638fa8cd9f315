//! What loads only when it is looked at. `web/js` builds the chunks; index.html names the files, whose names change with
//! their content. Where there is no chunk (a build without Node, a broken network) the panes show something plainer.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(inline_js = "export const load = (path) => import(new URL(path, document.baseURI).href);")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn load(path: &str) -> Result<js_sys::Promise, JsValue>;
}

/// The chunk `charts` or `editor` as a JavaScript module.
pub(crate) async fn chunk(name: &str) -> Option<JsValue> {
    let tag = document().query_selector(&format!("meta[name='chunk-{name}']")).ok().flatten()?;
    let path = tag.get_attribute("content")?;
    JsFuture::from(load(&path).ok()?).await.ok()
}
