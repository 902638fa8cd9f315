//! A request's parameters as data.

use super::error::{ApiError, repeat};
use super::form::Form;
use super::operations::{MODIFY_NOT_YET, NOT_YET, SERVED, VERSION};
use super::page::Page;
use crate::names::check_identifier;

/// A request that is well formed; whether its group exists is [`super::respond`]'s to say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants and fields are AWS's own")]
pub enum ApiRequest {
    TestFailover {
        group: String,
        node_group: String,
    },
    DescribeReplicationGroups {
        group: Option<String>,
        page: Page,
    },
    DescribeCacheClusters {
        cluster: Option<String>,
        page: Page,
        node_info: bool,
        outside_groups: bool,
    },
    DescribeEvents(EventsQuery),
    RebootCacheCluster {
        cluster: String,
        nodes: Vec<String>,
    },
    ModifyReplicationGroup {
        group: String,
        automatic_failover: Option<bool>,
        primary: Option<String>,
        at_once: bool,
    },
    IncreaseReplicaCount {
        group: String,
        count: u8,
    },
    DecreaseReplicaCount {
        group: String,
        count: Option<u8>,
        remove: Vec<String>,
    },
    ListTagsForResource {
        arn: String,
    },
}

/// What DescribeEvents selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsQuery {
    /// `SourceIdentifier`.
    pub source: Option<String>,
    /// `SourceType`, one of AWS's words.
    pub source_type: Option<String>,
    /// `StartTime`, milliseconds since 1970.
    pub start_ms: Option<u64>,
    /// `EndTime`, milliseconds since 1970.
    pub end_ms: Option<u64>,
    /// `Duration`, minutes.
    pub minutes: Option<u64>,
    /// `MaxRecords` and `Marker`.
    pub page: Page,
}

const SOURCE_TYPES: &[&str] = &[
    "cache-cluster",
    "cache-parameter-group",
    "cache-security-group",
    "cache-subnet-group",
    "replication-group",
    "serverless-cache",
    "serverless-cache-snapshot",
    "user",
    "user-group",
];

impl ApiRequest {
    /// The operation's name.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::TestFailover { .. } => "TestFailover",
            Self::DescribeReplicationGroups { .. } => "DescribeReplicationGroups",
            Self::DescribeCacheClusters { .. } => "DescribeCacheClusters",
            Self::DescribeEvents(_) => "DescribeEvents",
            Self::RebootCacheCluster { .. } => "RebootCacheCluster",
            Self::ModifyReplicationGroup { .. } => "ModifyReplicationGroup",
            Self::IncreaseReplicaCount { .. } => "IncreaseReplicaCount",
            Self::DecreaseReplicaCount { .. } => "DecreaseReplicaCount",
            Self::ListTagsForResource { .. } => "ListTagsForResource",
        }
    }
}

/// Reads an `application/x-www-form-urlencoded` body, or the query string of a GET.
///
/// # Errors
/// AWS's error for a missing, unknown or malformed action, version or parameter.
pub fn parse(body: &[u8]) -> Result<ApiRequest, ApiError> {
    let mut form = Form::parse(body)?;
    let Some(action) = form.text("Action").filter(|action| !action.is_empty()) else {
        return Err(ApiError::new("MissingAction", "The request must contain the parameter Action"));
    };
    let version = form.text("Version");
    let asked = version.as_deref().unwrap_or("NO_VERSION_SPECIFIED");
    let served = SERVED.contains(&action.as_str());
    if asked != VERSION || !(served || NOT_YET.contains(&action.as_str())) {
        let message = format!("Could not find operation {} for version {}", repeat(&action), repeat(asked));
        return Err(ApiError::new("InvalidAction", message));
    }
    if !served {
        return Err(ApiError::not_yet(&format!("The {action} action")));
    }
    let request = read(&action, &mut form)?;
    form.finish(&action)?;
    Ok(request)
}

fn read(action: &str, form: &mut Form) -> Result<ApiRequest, ApiError> {
    Ok(match action {
        "TestFailover" => {
            let group = identifier(form.required("ReplicationGroupId")?, "ReplicationGroupId")?;
            let node_group = form.required("NodeGroupId")?;
            if node_group.len() > 4 || !node_group.bytes().all(|b| b.is_ascii_digit()) {
                let message =
                    format!("Invalid value {} for NodeGroupId. Must have 1 to 4 digits", repeat(&node_group));
                return Err(ApiError::invalid_value(message));
            }
            ApiRequest::TestFailover { group, node_group }
        }
        "DescribeReplicationGroups" => {
            let group = optional_identifier(form, "ReplicationGroupId")?;
            ApiRequest::DescribeReplicationGroups { group, page: Page::read(form)? }
        }
        "DescribeCacheClusters" => ApiRequest::DescribeCacheClusters {
            cluster: optional_identifier(form, "CacheClusterId")?,
            node_info: form.flag("ShowCacheNodeInfo")?.unwrap_or(false),
            outside_groups: form.flag("ShowCacheClustersNotInReplicationGroups")?.unwrap_or(false),
            page: Page::read(form)?,
        },
        "DescribeEvents" => ApiRequest::DescribeEvents(events(form)?),
        "RebootCacheCluster" => {
            let cluster = identifier(form.required("CacheClusterId")?, "CacheClusterId")?;
            let nodes = form.list("CacheNodeIdsToReboot");
            if nodes.is_empty() {
                let message = "The request must contain the parameter CacheNodeIdsToReboot";
                return Err(ApiError::new("MissingParameter", message));
            }
            ApiRequest::RebootCacheCluster { cluster, nodes }
        }
        "ModifyReplicationGroup" => modify(form)?,
        "IncreaseReplicaCount" => increase(form)?,
        "DecreaseReplicaCount" => decrease(form)?,
        _ => ApiRequest::ListTagsForResource { arn: form.required("ResourceName")? },
    })
}

fn modify(form: &mut Form) -> Result<ApiRequest, ApiError> {
    let group = identifier(form.required("ReplicationGroupId")?, "ReplicationGroupId")?;
    let automatic_failover = form.flag("AutomaticFailoverEnabled")?;
    let primary = optional_identifier(form, "PrimaryClusterId")?;
    let at_once = form.flag("ApplyImmediately")?.unwrap_or(false);
    if let Some(name) = form.take_any(MODIFY_NOT_YET) {
        return Err(ApiError::not_yet(&format!("Changing {name}")));
    }
    Ok(ApiRequest::ModifyReplicationGroup { group, automatic_failover, primary, at_once })
}

fn increase(form: &mut Form) -> Result<ApiRequest, ApiError> {
    let group = identifier(form.required("ReplicationGroupId")?, "ReplicationGroupId")?;
    at_once(form)?;
    match replica_count(form)? {
        Some(count) => Ok(ApiRequest::IncreaseReplicaCount { group, count }),
        None => Err(ApiError::combination("NewReplicaCount or ReplicaConfiguration must be specified.")),
    }
}

fn decrease(form: &mut Form) -> Result<ApiRequest, ApiError> {
    let group = identifier(form.required("ReplicationGroupId")?, "ReplicationGroupId")?;
    at_once(form)?;
    let count = replica_count(form)?;
    let remove = form.list("ReplicasToRemove");
    if count.is_some() != remove.is_empty() {
        let message =
            "Exactly one of NewReplicaCount, ReplicasToRemove and ReplicaConfiguration must be specified.";
        return Err(ApiError::combination(message));
    }
    let remove = remove.into_iter().map(|id| identifier(id, "ReplicasToRemove"));
    Ok(ApiRequest::DecreaseReplicaCount { group, count, remove: remove.collect::<Result<_, _>>()? })
}

/// AWS has no other time for these two (`elasticache.md` §2.10).
fn at_once(form: &mut Form) -> Result<(), ApiError> {
    match form.flag("ApplyImmediately")? {
        Some(true) => Ok(()),
        Some(false) => {
            Err(ApiError::combination("ApplyImmediately=false is not supported; it must be true."))
        }
        None => {
            let message = "The request must contain the parameter ApplyImmediately";
            Err(ApiError::new("MissingParameter", message))
        }
    }
}

fn replica_count(form: &mut Form) -> Result<Option<u8>, ApiError> {
    if let Some(name) = form.take_any(&["ReplicaConfiguration"]) {
        return Err(ApiError::not_yet(name));
    }
    // What no number of this size can hold is more than any group has, which the coordinator says.
    Ok(form.whole("NewReplicaCount")?.map(|count| u8::try_from(count).unwrap_or(u8::MAX)))
}

fn events(form: &mut Form) -> Result<EventsQuery, ApiError> {
    let query = EventsQuery {
        source: form.text("SourceIdentifier").map(|id| id.to_ascii_lowercase()),
        source_type: form.text("SourceType"),
        start_ms: form.time("StartTime")?,
        end_ms: form.time("EndTime")?,
        minutes: form.whole("Duration")?,
        page: Page::read(form)?,
    };
    if let Some(word) = query.source_type.as_deref().filter(|word| !SOURCE_TYPES.contains(word)) {
        let message = format!(
            "Invalid value {} for SourceType. Must be one of {}",
            repeat(word),
            SOURCE_TYPES.join(", ")
        );
        return Err(ApiError::invalid_value(message));
    }
    if let (Some(start), Some(end)) = (query.start_ms, query.end_ms)
        && start > end
    {
        return Err(ApiError::combination("StartTime must not be later than EndTime."));
    }
    Ok(query)
}

fn optional_identifier(form: &mut Form, name: &'static str) -> Result<Option<String>, ApiError> {
    form.text(name).filter(|id| !id.is_empty()).map(|id| identifier(id, name)).transpose()
}

/// Ids are kept and compared in lower case.
fn identifier(id: String, name: &str) -> Result<String, ApiError> {
    if check_identifier(&id).is_err() {
        let message = format!(
            "The parameter {name} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII \
             letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        );
        return Err(ApiError::invalid_value(message));
    }
    Ok(id.to_ascii_lowercase())
}
