//! The embedded page.

use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use hyper::{HeaderMap, Response, StatusCode};

use crate::http::reply::{Body, bytes, text};

include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// One file, as built.
struct File {
    name: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
}

/// The page talks to its own origin only; WebAssembly has to be compiled, Trunk starts it from an inline script, and the
/// engine's worker begins with a script that the page writes.
const POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
                      style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/// The file for `path`, in the best encoding that the client takes.
pub(crate) fn serve(path: &str, headers: &HeaderMap) -> Response<Body> {
    let name = path.trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return text(StatusCode::NOT_FOUND, "There is no such page.\n");
    };
    let (body, encoding) = file.best(headers);
    let tag = format!("\"{:016x}\"", fingerprint(body));
    let unchanged = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if unchanged { bytes(&[]) } else { bytes(body) };
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let put = response.headers_mut();
    let mut set = |name, value: &str| value.parse().map(|value| put.insert(name, value)).is_ok();
    set(CONTENT_TYPE, mime(name));
    set(CACHE_CONTROL, "no-cache");
    set(VARY, "accept-encoding");
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(ETAG, &tag);
    if let Some(encoding) = encoding {
        set(CONTENT_ENCODING, encoding);
    }
    response
}

impl File {
    fn best(&self, headers: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
        let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let takes = |encoding: &str| {
            accepted.split(',').any(|item| {
                let mut parts = item.split(';').map(str::trim);
                parts.next() == Some(encoding) && parts.next() != Some("q=0")
            })
        };
        match (self.brotli.filter(|_| takes("br")), self.gzip.filter(|_| takes("gzip"))) {
            (Some(body), _) => (body, Some("br")),
            (None, Some(body)) => (body, Some("gzip")),
            (None, None) => (self.plain, None),
        }
    }
}

/// FNV-1a: tells one build's file from the next one's.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        // Browsers compile while they download only under this type.
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
