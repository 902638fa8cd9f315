use std::net::{Ipv4Addr, SocketAddr};

use primacy_core::group::action::{Request, RequestError};
use primacy_core::group::event::{Event, EventKind};
use primacy_core::group::spec::GroupSpec;
use primacy_core::group::view::{GroupStatus, GroupView, NodeStatus, NodeView};
use primacy_core::id::{Epoch, EventId, Incarnation, NodeId, Position};
use primacy_core::time::Instant;

use super::*;

const NOW: u64 = 1_763_886_725_678;

fn node(number: u16) -> NodeView {
    NodeView {
        id: NodeId(number),
        name: format!("my-group-{number:03}"),
        zone: format!("us-east-1{}", char::from(b'`' + number as u8)),
        addr: SocketAddr::new(Ipv4Addr::new(127, 0, 1, number as u8).into(), 6379),
        dns_name: format!("my-group-{number:03}.abcdef.0001.use1.cache.primacy.internal"),
        status: NodeStatus::Available,
        is_primary: number == 1,
        incarnation: Incarnation(1),
        role: None,
        position: Position::default(),
        lag_bytes: 0,
        keys: 0,
        heard: true,
        link_up: true,
    }
}

/// A group of three nodes, the first its primary.
pub(crate) fn view() -> GroupView {
    GroupView {
        spec: GroupSpec {
            id: "my-group".into(),
            description: "a & b".into(),
            node_type: "cache.m6g.large".into(),
            engine: "redis".into(),
            engine_version: "6.x".into(),
            parameter_group: None,
            replicas: 2,
            automatic_failover: true,
            multi_az: false,
            preferred_zones: Vec::new(),
            port: 6379,
            security_groups: vec!["sg-1".into()],
            tags: vec![("team".into(), "cache".into())],
        },
        name_hash: "abcdef".into(),
        region: "us-east-1".into(),
        account: "000000000000".into(),
        created_ms: NOW - 100_000,
        status: GroupStatus::Available,
        epoch: Epoch(1),
        primary: Some(NodeId(1)),
        primary_endpoint: "my-group.abcdef.ng.0001.use1.cache.primacy.internal".into(),
        reader_endpoint: "my-group-ro.abcdef.ng.0001.use1.cache.primacy.internal".into(),
        configuration_endpoint: "my-group.abcdef.clustercfg.use1.cache.primacy.internal".into(),
        nodes: (1..=3).map(node).collect(),
        events: Vec::new(),
    }
}

/// An event `id` milliseconds after a minute ago.
pub(crate) fn event(id: u64, kind: EventKind) -> Event {
    Event { id: EventId(id), at: Instant::ZERO, unix_ms: NOW - 60_000 + id, cause: None, kind }
}

fn ask(query: &str, groups: &[GroupView]) -> Response {
    let body = format!("{query}&Version=2015-02-02");
    match parse(body.as_bytes()) {
        Ok(request) => respond(&request, groups, NOW, "r-1"),
        Err(error) => error.respond("r-1"),
    }
}

#[track_caller]
fn refused(query: &str, status: u16, code: &str, message: &str) {
    let answer = ask(query, &[view()]);
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(&format!("<Code>{code}</Code>")), "{}", answer.body);
    assert!(answer.body.contains(message), "{}", answer.body);
    assert!(answer.body.contains("<RequestId>r-1</RequestId>") && answer.effect.is_none());
}

/// Texts of all elements with this name.
fn texts(body: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    body.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned())).collect()
}

#[test]
fn the_seeds_command() {
    let answer = ask("Action=TestFailover&ReplicationGroupId=My-Group&NodeGroupId=0001", &[view()]);
    assert_eq!(answer.status, 200);
    let request = Request::TestFailover { node_group: "0001".into() };
    assert_eq!(answer.effect, Some(Effect { group: "my-group".into(), request }));
    assert_eq!(texts(&answer.body, "CurrentRole"), ["primary", "replica", "replica"]);
    assert!(
        answer
            .body
            .starts_with("<TestFailoverResponse xmlns=\"http://elasticache.amazonaws.com/doc/2015-02-02/\">")
    );
    assert!(!answer.body.contains("ConfigurationEndpoint"), "Terraform would take it for cluster mode");
}

#[test]
fn errors_have_awss_codes() {
    let test = "Action=TestFailover&ReplicationGroupId";
    refused(
        &format!("{test}=other&NodeGroupId=0001"),
        404,
        "ReplicationGroupNotFoundFault",
        "other not found",
    );
    refused(&format!("{test}=my-group&NodeGroupId=0002"), 404, "NodeGroupNotFoundFault", "0002");
    refused(
        &format!("{test}=my-group&NodeGroupId=redis00-0003"),
        400,
        "InvalidParameterValue",
        "NodeGroupId",
    );
    refused(&format!("{test}=my-group"), 400, "MissingParameter", "NodeGroupId");
    refused(&format!("{test}=&NodeGroupId=0001"), 400, "MissingParameter", "ReplicationGroupId");
    refused(&format!("{test}=a--b&NodeGroupId=0001"), 400, "InvalidParameterValue", "not a valid identifier");
    refused(
        &format!("{test}=my-group&NodeGroupId=1&Nodes=2"),
        400,
        "InvalidQueryParameter",
        "Unknown parameter Nodes",
    );
    refused(
        &format!("{test}=my-group&NodeGroupId=1&NodeGroupID=2"),
        400,
        "InvalidQueryParameter",
        "Did you mean NodeGroupId?",
    );
    refused(&format!("{test}=my-group&NodeGroupId=1&NodeGroupId=2"), 400, "MalformedQueryString", "twice");
}

#[test]
fn errors_of_the_protocol() {
    refused("", 400, "MissingAction", "Action");
    refused(
        "Action=Nonsense",
        400,
        "InvalidAction",
        "Could not find operation Nonsense for version 2015-02-02",
    );
    refused("Action=%3Cx%3E", 400, "InvalidAction", "&lt;x&gt;");
    let error = parse(b"Action=TestFailover").expect_err("no version");
    assert!(error.message.ends_with("for version NO_VERSION_SPECIFIED"), "{error:?}");
    refused(
        "Action=DescribeReplicationGroups&MaxRecords=19",
        400,
        "InvalidParameterValue",
        "between 20 and 100",
    );
    refused("Action=DescribeReplicationGroups&MaxRecords=-1", 400, "InvalidParameterValue", "whole number");
    refused("Action=DescribeReplicationGroups&Marker=xyz", 400, "InvalidParameterValue", "Marker");
    refused(
        "Action=DescribeCacheClusters&CacheClusterId=x",
        404,
        "CacheClusterNotFound",
        "CacheCluster not found: x",
    );
    refused(
        "Action=DescribeCacheClusters&ShowCacheNodeInfo=1",
        400,
        "InvalidParameterValue",
        "true or false",
    );
    refused("Action=DescribeEvents&SourceType=cluster", 400, "InvalidParameterValue", "cache-cluster");
    refused("Action=DescribeEvents&StartTime=yesterday", 400, "InvalidParameterValue", "StartTime");
    let backwards = "Action=DescribeEvents&StartTime=2026-01-02&EndTime=2026-01-01";
    refused(backwards, 400, "InvalidParameterCombination", "StartTime");
    refused("Action=ListTagsForResource&ResourceName=x", 400, "InvalidARN", "arn:aws:elasticache");
    let arn = "arn:aws:elasticache:us-east-1:000000000000:replicationgroup:other";
    refused(
        &format!("Action=ListTagsForResource&ResourceName={arn}"),
        404,
        "ReplicationGroupNotFoundFault",
        "other",
    );
    refused(
        "Action=RebootCacheCluster&CacheClusterId=my-group-001",
        400,
        "MissingParameter",
        "CacheNodeIdsToReboot",
    );
}

#[test]
fn every_other_operation_of_aws_says_not_yet() {
    assert_eq!(SERVED.len() + NOT_YET.len(), 77);
    for action in NOT_YET {
        let message = format!("The {action} action is not available in Primacy yet.");
        refused(&format!("Action={action}&Anything=1"), 400, "UnsupportedOperation", &message);
    }
    for action in SERVED {
        let error =
            parse(format!("Action={action}&Version=2015-02-02&Nonsense=1").as_bytes()).expect_err("unknown");
        assert!(["MissingParameter", "InvalidQueryParameter"].contains(&error.code), "{error:?}");
    }
}

#[test]
fn a_refusal_of_the_coordinator_has_a_code() {
    let effect = |request| Effect { group: "my-group".into(), request };
    let test = effect(Request::TestFailover { node_group: "0001".into() });
    let reboot = effect(Request::Reboot { node: NodeId(1) });
    let switch = effect(Request::SetAutomaticFailover { enabled: true });
    let more = effect(Request::IncreaseReplicas { count: Some(3) });
    let fewer = effect(Request::DecreaseReplicas { count: None, remove: vec![NodeId(1)] });
    for (effect, error, status, code) in [
        (&test, RequestError::NodeGroupNotFound, 404, "NodeGroupNotFoundFault"),
        (&test, RequestError::NotAvailable, 400, "InvalidReplicationGroupState"),
        (&test, RequestError::NoReplica, 400, "InvalidReplicationGroupState"),
        (&test, RequestError::AutomaticFailoverOff, 400, "InvalidReplicationGroupState"),
        (&test, RequestError::Busy, 400, "InvalidReplicationGroupState"),
        (&test, RequestError::QuotaExceeded, 400, "APICallRateForCustomerExceeded"),
        (&reboot, RequestError::Busy, 400, "InvalidCacheClusterState"),
        (&reboot, RequestError::NodeNotFound(NodeId(9)), 404, "CacheClusterNotFound"),
        (&reboot, RequestError::BadTarget(NodeId(1)), 400, "InvalidCacheClusterState"),
        (&switch, RequestError::NoReplica, 400, "InvalidParameterCombination"),
        (&more, RequestError::TooManyReplicas, 400, "InvalidParameterValue"),
        (&more, RequestError::NotMore(3), 400, "NoOperationFault"),
        (&more, RequestError::NotMore(4), 400, "InvalidParameterValue"),
        (&fewer, RequestError::NotFewer(1), 400, "InvalidParameterValue"),
        (&fewer, RequestError::LastReplica, 400, "InvalidParameterValue"),
        (&fewer, RequestError::IsPrimary(NodeId(1)), 400, "InvalidCacheClusterState"),
    ] {
        let refused = ApiError::refused(effect, &error);
        assert_eq!((refused.status, refused.code), (status, code), "{error:?}");
    }
}

#[test]
fn groups_in_every_status() {
    let groups = |status| [GroupView { status, ..view() }];
    let describe = |groups: &[GroupView]| ask("Action=DescribeReplicationGroups", groups).body;
    let creating = describe(&[GroupView { status: GroupStatus::Creating, nodes: Vec::new(), ..view() }]);
    assert!(!creating.contains("<NodeGroups>"));
    assert_eq!(texts(&creating, "ClusterId"), ["my-group-001", "my-group-002", "my-group-003"]);
    assert_eq!(texts(&creating, "AutomaticFailover"), ["enabling"]);
    let deleting = describe(&groups(GroupStatus::Deleting));
    for gone in ["MemberClusters", "NodeGroups", "ClusterEnabled", "CacheNodeType"] {
        assert!(!deleting.contains(&format!("<{gone}>")), "{gone}");
    }
    let modifying = describe(&groups(GroupStatus::Modifying));
    assert_eq!(texts(&modifying, "Status"), ["modifying", "modifying"]);
    assert!(describe(&[]).contains("<ReplicationGroups></ReplicationGroups>"));
    let one_node = GroupView { nodes: vec![node(1)], ..view() };
    assert!(describe(&[one_node]).contains("<ReaderEndpoint>"));
}

#[test]
fn members_keep_their_places_when_roles_move() {
    let mut group = view();
    group.nodes[0].is_primary = false;
    group.nodes[2].is_primary = true;
    let body = ask("Action=DescribeReplicationGroups&ReplicationGroupId=my-group", &[group]).body;
    assert_eq!(texts(&body, "CacheClusterId"), ["my-group-001", "my-group-002", "my-group-003"]);
    assert_eq!(texts(&body, "CurrentRole"), ["replica", "replica", "primary"]);
}

#[test]
fn clusters() {
    let all = ask("Action=DescribeCacheClusters&ShowCacheNodeInfo=true", &[view()]).body;
    assert_eq!(texts(&all, "EngineVersion"), ["6.2.6"; 3]);
    assert_eq!(texts(&all, "CacheParameterGroupName"), ["default.redis6.x"; 3]);
    assert_eq!(texts(&all, "CacheNodeStatus"), ["available"; 3]);
    assert!(!ask("Action=DescribeCacheClusters", &[view()]).body.contains("<CacheNodes>"));
    let outside =
        ask("Action=DescribeCacheClusters&ShowCacheClustersNotInReplicationGroups=true", &[view()]).body;
    assert!(outside.contains("<CacheClusters></CacheClusters>"));
    let reboot = "Action=RebootCacheCluster&CacheClusterId=my-group-002&CacheNodeIdsToReboot";
    for word in [".CacheNodeId.1=0001", ".member.1=0001", ".1=0001"] {
        let answer = ask(&format!("{reboot}{word}"), &[view()]);
        assert_eq!(texts(&answer.body, "CacheClusterStatus"), ["rebooting cache cluster nodes"]);
        let request = Request::Reboot { node: NodeId(2) };
        assert_eq!(answer.effect, Some(Effect { group: "my-group".into(), request }));
    }
    refused(&format!("{reboot}.member.1=0002"), 400, "InvalidParameterValue", "0002");
}

#[test]
fn modifications() {
    let modify = "Action=ModifyReplicationGroup&ReplicationGroupId=my-group";
    let promote = "&PrimaryClusterId=my-group-002";
    refused(modify, 400, "InvalidParameterCombination", "No modifications were requested");
    refused(
        &format!("{modify}&AutomaticFailoverEnabled=true"),
        400,
        "InvalidParameterCombination",
        "No modifications",
    );
    refused(&format!("{modify}{promote}"), 400, "InvalidReplicationGroupState", "Cannot manually promote");
    refused(&format!("{modify}&CacheNodeType=x"), 400, "UnsupportedOperation", "Changing CacheNodeType");
    let tokens = "&UserGroupIdsToAdd.member.1=x";
    refused(&format!("{modify}{tokens}"), 400, "UnsupportedOperation", "Changing UserGroupIdsToAdd");
    refused(&format!("{modify}&Nonsense=x"), 400, "InvalidQueryParameter", "Nonsense");
    refused(
        &format!("{modify}&AutomaticFailoverEnabled=false"),
        400,
        "UnsupportedOperation",
        "ApplyImmediately",
    );
    let off = ask(&format!("{modify}&AutomaticFailoverEnabled=false&ApplyImmediately=true"), &[view()]);
    assert_eq!(off.effect.map(|e| e.request), Some(Request::SetAutomaticFailover { enabled: false }));
    let mut manual = view();
    manual.spec.automatic_failover = false;
    let promoted = ask(&format!("{modify}{promote}&ApplyImmediately=True"), &[manual.clone()]);
    assert_eq!(promoted.effect.map(|e| e.request), Some(Request::Failover { target: Some(NodeId(2)) }));
    manual.nodes.truncate(1);
    let alone = ask(&format!("{modify}&AutomaticFailoverEnabled=true&ApplyImmediately=true"), &[manual]);
    assert!(alone.body.contains("at least one read replica"), "{}", alone.body);
}

#[test]
fn more_and_fewer_replicas() {
    let more = "Action=IncreaseReplicaCount&ReplicationGroupId=my-group";
    let fewer = "Action=DecreaseReplicaCount&ReplicationGroupId=my-group";
    let now = "&ApplyImmediately=true";
    let answer = ask(&format!("{more}&NewReplicaCount=4{now}"), &[view()]);
    assert_eq!(answer.effect.map(|e| e.request), Some(Request::IncreaseReplicas { count: Some(4) }));
    assert_eq!(texts(&answer.body, "Status"), ["modifying", "modifying"]);
    let answer = ask(&format!("{fewer}&NewReplicaCount=1{now}"), &[view()]);
    let request = Request::DecreaseReplicas { count: Some(1), remove: Vec::new() };
    assert_eq!(answer.effect.map(|e| e.request), Some(request));
    let named = "&ReplicasToRemove.member.1=my-group-003&ReplicasToRemove.member.2=my-group-002";
    let answer = ask(&format!("{fewer}{named}{now}"), &[view()]);
    let request = Request::DecreaseReplicas { count: None, remove: vec![NodeId(3), NodeId(2)] };
    assert_eq!(answer.effect.map(|e| e.request), Some(request));
    refused(more, 400, "MissingParameter", "ApplyImmediately");
    refused(&format!("{more}&ApplyImmediately=false"), 400, "InvalidParameterCombination", "not supported");
    refused(&format!("{more}{now}"), 400, "InvalidParameterCombination", "NewReplicaCount");
    refused(&format!("{fewer}&NewReplicaCount=1{named}{now}"), 400, "InvalidParameterCombination", "Exactly");
    refused(&format!("{fewer}&ReplicasToRemove.1=other{now}"), 404, "CacheClusterNotFound", "other");
    let shards = "&ReplicaConfiguration.ConfigureShard.1.NewReplicaCount=3";
    refused(&format!("{more}{shards}{now}"), 400, "UnsupportedOperation", "ReplicaConfiguration");
}

#[test]
fn tags_of_group_and_node() {
    for arn in ["replicationgroup:my-group", "cluster:my-group-003"] {
        let query = format!(
            "Action=ListTagsForResource&ResourceName=arn:aws:elasticache:us-east-1:000000000000:{arn}"
        );
        let body = ask(&query, &[view()]).body;
        assert!(body.contains("<TagList><Tag><Key>team</Key><Value>cache</Value></Tag></TagList>"), "{body}");
    }
}

#[test]
fn events_come_newest_first_within_their_span() {
    let mut group = view();
    group.events = vec![event(1, EventKind::GroupCreated), event(2, EventKind::TestFailoverCalled)];
    group.events[0].unix_ms = NOW - 61 * 60_000;
    let messages =
        |query: &str| texts(&ask(&format!("Action=DescribeEvents{query}"), &[group.clone()]).body, "Message");
    let (created, called) =
        ("Replication group my-group created", "Test Failover API called for node group 0001");
    assert_eq!(messages(""), [called]);
    assert_eq!(messages("&Duration=62"), [called, created]);
    assert_eq!(messages("&StartTime=2025-11-23T07:00:00Z"), [called, created]);
    assert_eq!(messages("&StartTime=2025-11-23T07:00:00Z&Duration=60"), [created]);
    assert_eq!(messages("&EndTime=2025-11-23T08:00:00Z"), [created]);
    assert_eq!(messages("&SourceType=cache-cluster&Duration=99"), [""; 0]);
    assert_eq!(messages("&SourceIdentifier=MY-GROUP&SourceType=replication-group"), [called]);
    assert_eq!(messages("&SourceIdentifier=my-group-001"), [""; 0]);
    assert_eq!(messages("&Duration=18446744073709551615"), [called, created]);
    group.events[0].unix_ms = NOW - RETENTION_MS - 1;
    let body = ask("Action=DescribeEvents&StartTime=2020-01-01", &[group.clone()]).body;
    assert_eq!(texts(&body, "Message"), [called]);
}

#[test]
fn pages() {
    let mut group = view();
    group.events = (1..=45).map(|id| event(id, EventKind::TestFailoverCalled)).collect();
    let mut dates = Vec::new();
    let mut marker = String::new();
    for expected in [20, 20, 5] {
        let answer = ask(&format!("Action=DescribeEvents&MaxRecords=20&Marker={marker}"), &[group.clone()]);
        let found = texts(&answer.body, "Date");
        assert_eq!(found.len(), expected);
        dates.extend(found);
        marker = texts(&answer.body, "Marker").pop().unwrap_or_default();
        // What happens between two pages moves nothing.
        let next = 45 + dates.len() as u64;
        group.events.push(event(next, EventKind::TestFailoverCalled));
    }
    assert!(marker.is_empty());
    assert!(dates.windows(2).all(|pair| pair[0] > pair[1]) && dates.len() == 45);
}

#[test]
fn limits_of_a_request() {
    let body = |bytes: usize| {
        format!("Action=DescribeEvents&Version=2015-02-02&SourceIdentifier={}", "x".repeat(bytes - 58))
    };
    let longest = body(MAX_BODY);
    assert_eq!(longest.len(), MAX_BODY);
    assert!(parse(longest.as_bytes()).is_ok());
    assert_eq!(parse(body(MAX_BODY + 1).as_bytes()).expect_err("too long").code, "MalformedQueryString");
    let many = |n: usize| {
        (0..n).map(|i| format!("X-Amz-{i}=1&")).collect::<String>()
            + "Action=DescribeEvents&Version=2015-02-02"
    };
    assert!(parse(many(MAX_PARAMETERS - 2).as_bytes()).is_ok());
    assert_eq!(
        parse(many(MAX_PARAMETERS - 1).as_bytes()).expect_err("too many").code,
        "MalformedQueryString"
    );
}
