//! ElastiCache's Query API: a form-encoded request in, XML out.
//!
//! [`parse`] turns a body into an [`ApiRequest`]; [`respond`] answers it from the groups as they are now. A request that
//! changes something also gives an [`Effect`]: the caller hands it to the coordinator, and if that refuses, answers with
//! [`ApiError::refused`] instead. As with AWS, the answer to TestFailover shows the group before the failover.

#[cfg(test)]
mod botocore;
mod change;
mod clusters;
mod error;
mod form;
mod groups;
mod history;
mod operations;
mod page;
mod request;
mod tags;
#[cfg(test)]
pub(crate) mod tests;
mod xml;

use primacy_core::group::action::Request;
use primacy_core::group::view::{GroupStatus, GroupView};

pub use error::ApiError;
pub use form::{MAX_BODY, MAX_PARAMETERS};
pub use history::RETENTION_MS;
pub use operations::{NOT_YET, SERVED, VERSION};
pub use page::{MAX_RECORDS, MIN_RECORDS, Page};
pub use request::{ApiRequest, EventsQuery, parse};

/// `Content-Type` of every answer.
pub const CONTENT_TYPE: &str = "text/xml";

/// What a request asks of a group's coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// `ReplicationGroupId`.
    pub group: String,
    /// What it asks.
    pub request: Request,
}

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status: 200, 400 or 404.
    pub status: u16,
    /// XML.
    pub body: String,
    /// What must be done for the answer to be true.
    pub effect: Option<Effect>,
}

/// Answers a request.
///
/// `now_ms`: milliseconds since 1970, for the default time span of DescribeEvents. `request_id`: any text that is new for
/// each request, see [`crate::names::request_id`].
pub fn respond(request: &ApiRequest, groups: &[GroupView], now_ms: u64, request_id: &str) -> Response {
    answer(request, groups, now_ms, request_id).unwrap_or_else(|error| error.respond(request_id))
}

fn answer(request: &ApiRequest, groups: &[GroupView], now_ms: u64, id: &str) -> Result<Response, ApiError> {
    let mut body = xml::Xml::new();
    let (action, effect) = (request.action(), request.effect(groups)?);
    let mut inside: Result<(), ApiError> = Ok(());
    body.document(&format!("{action}Response"), |xml| {
        xml.nest(&format!("{action}Result"), |xml| inside = result(request, groups, now_ms, xml));
        xml.nest("ResponseMetadata", |xml| xml.leaf("RequestId", id));
    });
    inside?;
    Ok(Response { status: 200, body: body.finish(), effect })
}

fn result(
    request: &ApiRequest,
    groups: &[GroupView],
    now_ms: u64,
    xml: &mut xml::Xml,
) -> Result<(), ApiError> {
    match request {
        ApiRequest::TestFailover { group, .. } | ApiRequest::ModifyReplicationGroup { group, .. } => {
            groups::one(find_group(groups, group)?, xml);
            Ok(())
        }
        // AWS answers with the group as it is about to be (`elasticache.md` §2.5).
        ApiRequest::IncreaseReplicaCount { group, .. } | ApiRequest::DecreaseReplicaCount { group, .. } => {
            let before = find_group(groups, group)?.clone();
            groups::one(&GroupView { status: GroupStatus::Modifying, ..before }, xml);
            Ok(())
        }
        ApiRequest::DescribeReplicationGroups { group, page } => {
            groups::list(groups, group.as_deref(), page, xml)
        }
        ApiRequest::DescribeCacheClusters { .. } => clusters::list(groups, request, xml),
        ApiRequest::DescribeEvents(query) => history::list(groups, query, now_ms, xml),
        ApiRequest::RebootCacheCluster { cluster, .. } => clusters::rebooting(groups, cluster, xml),
        ApiRequest::ListTagsForResource { arn } => tags::list(groups, arn, xml),
    }
}

/// The group with this id, in any case.
fn find_group<'g>(groups: &'g [GroupView], id: &str) -> Result<&'g GroupView, ApiError> {
    groups.iter().find(|g| g.spec.id.eq_ignore_ascii_case(id)).ok_or_else(|| ApiError::group_not_found(id))
}
