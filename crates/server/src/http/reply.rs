//! Answers.

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Response, StatusCode};
use serde::Serialize;

/// Every answer is whole before it is sent.
pub(crate) type Body = Full<Bytes>;
/// A handler cannot fail: what goes wrong is an answer.
pub(crate) type Outcome = Result<Response<Body>, Infallible>;

/// Bytes of the binary, type to be set.
pub(crate) fn bytes(body: &'static [u8]) -> Response<Body> {
    sealed(Full::new(Bytes::from_static(body)))
}

/// A line of text.
pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Response<Body> {
    typed(status, "text/plain; charset=utf-8", body.into())
}

/// A value as JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    match serde_json::to_string(value) {
        Ok(body) => typed(status, "application/json", body),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

/// A body with its type.
pub(crate) fn typed(status: StatusCode, mime: &'static str, body: String) -> Response<Body> {
    let mut response = sealed(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(mime));
    response
}

fn sealed(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
