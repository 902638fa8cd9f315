//! The AWS Query API over HTTP. What a request means and how the answer reads is `primacy_aws`'.

use std::rc::Rc;

use hyper::{Response, StatusCode};
use primacy_aws::api::{self, ApiError};
use primacy_aws::names;
use primacy_core::group::view::GroupView;

use crate::clock;
use crate::http::reply::{self, Body};
use crate::up::Shared;

/// Answers a form body; any credentials will do, since the server listens on loopback only.
pub(crate) fn answer(body: &[u8], shared: &Rc<Shared>) -> Response<Body> {
    let id = request_id();
    let response =
        api::parse(body).map_or_else(|error| error.respond(&id), |request| carry_out(&request, &id, shared));
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = reply::typed(status, api::CONTENT_TYPE, response.body);
    if let Ok(id) = id.parse() {
        answer.headers_mut().insert("x-amzn-requestid", id);
    }
    answer
}

fn carry_out(request: &api::ApiRequest, id: &str, shared: &Rc<Shared>) -> api::Response {
    tracing::debug!(action = request.action(), request_id = id, "API");
    let response = prepared(request, id, shared);
    let Some(effect) = &response.effect else { return response };
    match shared.coordinator.request(effect.request.clone()) {
        Ok(()) => response,
        Err(error) => ApiError::refused(effect, &error).respond(id),
    }
}

fn prepared(request: &api::ApiRequest, id: &str, shared: &Rc<Shared>) -> api::Response {
    let groups: Vec<GroupView> = shared.coordinator.view().into_iter().collect();
    api::respond(request, &groups, clock::unix_ms(), id)
}

/// Answers a request that was typed on the page; `granted`: it may change something.
pub(crate) fn typed(
    request: &api::ApiRequest,
    shared: &Rc<Shared>,
    granted: bool,
) -> Result<api::Response, String> {
    let id = request_id();
    if !granted && prepared(request, &id, shared).effect.is_some() {
        return Err(crate::live::NOT_GRANTED.trim_end().to_owned());
    }
    Ok(carry_out(request, &id, shared))
}

fn request_id() -> String {
    let mut bytes = [0; 16];
    // Without the system's randomness the ids repeat, which harms nobody.
    let _fixed = getrandom::fill(&mut bytes);
    names::request_id(bytes)
}
