//! ListTagsForResource.

use primacy_core::group::view::GroupView;

use super::error::ApiError;
use super::xml::Xml;
use super::{clusters, find_group};
use crate::names::{Resource, parse_arn};

/// A node has its group's tags.
pub(super) fn list(groups: &[GroupView], arn: &str, xml: &mut Xml) -> Result<(), ApiError> {
    let Some((resource, id)) = parse_arn(arn) else {
        let message =
            "The ARN must be like arn:aws:elasticache:REGION:ACCOUNT:replicationgroup:ID or …:cluster:ID.";
        return Err(ApiError::new("InvalidARN", message));
    };
    let group = match resource {
        Resource::ReplicationGroup => find_group(groups, id)?,
        Resource::CacheCluster => clusters::find(groups, id)?.0,
    };
    xml.nest("TagList", |xml| {
        for (key, value) in &group.spec.tags {
            xml.nest("Tag", |xml| {
                xml.leaf("Key", key);
                xml.leaf("Value", value);
            });
        }
    });
    Ok(())
}
