//! The answers as botocore reads them, and the requests as it writes them (`tests/botocore_check.py`).

use std::io::Write as _;
use std::process::{Command, Stdio};

use primacy_core::group::event::EventKind;
use primacy_core::group::view::{GroupStatus, GroupView};
use primacy_core::id::{Epoch, NodeId};

use super::tests::{event, view};
use super::*;

/// Runs the check with these arguments and this input; its standard output.
fn python(arguments: &[&str], input: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/botocore_check.py");
    let mut child = Command::new("python3")
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is needed for this test: run `cargo xtask setup`");
    // A broken pipe is a script that failed: its own words come below.
    _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("python3 ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_ne!(
        output.status.code(),
        Some(3),
        "botocore is needed for this test: run `cargo xtask setup` ({errors})"
    );
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn answer(query: &str, groups: &[GroupView]) -> Response {
    match parse(format!("{query}&Version=2015-02-02").as_bytes()) {
        Ok(request) => respond(&request, groups, 1_763_886_725_678, "r-1"),
        Err(error) => error.respond("r-1"),
    }
}

/// One line of JSON for each query.
fn parsed(queries: &[&str], groups: &[GroupView]) -> Vec<String> {
    let line = |query: &&str| {
        let answer = answer(query, groups);
        let action = query.trim_start_matches("Action=").split('&').next().unwrap_or_default();
        let encoded: String = form_urlencoded::byte_serialize(answer.body.as_bytes()).collect();
        format!("{action} {} {}\n", answer.status, encoded.replace('+', "%20"))
    };
    let input: String = queries.iter().map(line).collect();
    let lines: Vec<String> = python(&[], &input).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), queries.len());
    lines
}

#[track_caller]
fn has(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "no {part} in {line}");
    }
}

#[test]
fn botocore_reads_every_answer() {
    let mut group = view();
    group.spec.description = "<a> & \"b\" \u{1} é".into();
    let failover = EventKind::FailoverCompleted { from: NodeId(1), to: NodeId(2), epoch: Epoch(2) };
    group.events = vec![event(1, EventKind::TestFailoverCalled), event(2, failover)];
    let arn = "arn:aws:elasticache:us-east-1:000000000000:replicationgroup:my-group";
    let lines = parsed(
        &[
            "Action=TestFailover&ReplicationGroupId=my-group&NodeGroupId=0001",
            "Action=DescribeReplicationGroups",
            "Action=DescribeCacheClusters&ShowCacheNodeInfo=true",
            "Action=DescribeEvents",
            "Action=RebootCacheCluster&CacheClusterId=my-group-002&CacheNodeIdsToReboot.CacheNodeId.1=0001",
            "Action=ModifyReplicationGroup&ReplicationGroupId=my-group&AutomaticFailoverEnabled=false&ApplyImmediately=true",
            &format!("Action=ListTagsForResource&ResourceName={arn}"),
            "Action=IncreaseReplicaCount&ReplicationGroupId=my-group&NewReplicaCount=3&ApplyImmediately=true",
        ],
        &[group],
    );
    let primary = r#""PrimaryEndpoint": {"Address": "my-group.abcdef.ng.0001.use1.cache.primacy.internal", "Port": 6379}"#;
    has(
        &lines[0],
        &[r#""ReplicationGroup": {"ARN": "arn:aws:elasticache:"#, primary, r#""Status": "available""#],
    );
    has(
        &lines[1],
        &[
            r#""Description": "<a> & \"b\" \ufffd \u00e9""#,
            r#""ReplicationGroupCreateTime": "2025-11-23T08:30:25.678000+00:00""#,
        ],
    );
    has(
        &lines[1],
        &[
            r#""MemberClusters": ["my-group-001", "my-group-002", "my-group-003"]"#,
            r#""ClusterEnabled": false"#,
        ],
    );
    has(
        &lines[2],
        &[
            r#""CacheNodes": [{"CacheNodeCreateTime""#,
            r#""SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}]"#,
        ],
    );
    let text = "Failover from primary node my-group-001 to replica node my-group-002 completed";
    has(
        &lines[3],
        &[&format!(
            r#""Message": "{text}", "SourceIdentifier": "my-group", "SourceType": "replication-group""#
        )],
    );
    has(&lines[4], &[r#""CacheClusterStatus": "rebooting cache cluster nodes""#]);
    has(&lines[5], &[r#""AutomaticFailover": "enabled""#]);
    has(&lines[7], &[r#""Status": "modifying""#]);
    has(&lines[6], &[r#""TagList": [{"Key": "team", "Value": "cache"}]"#]);
}

#[test]
fn botocore_reads_groups_in_every_status_and_lists_without_items() {
    for status in [GroupStatus::Creating, GroupStatus::Modifying, GroupStatus::Deleting] {
        let lines = parsed(&["Action=DescribeReplicationGroups"], &[GroupView { status, ..view() }]);
        has(&lines[0], &[r#""ReplicationGroups": [{"#]);
    }
    let empty = parsed(
        &["Action=DescribeReplicationGroups", "Action=DescribeCacheClusters", "Action=DescribeEvents"],
        &[],
    );
    has(&empty[0], &[r#""ReplicationGroups": []"#]);
    has(&empty[1], &[r#""CacheClusters": []"#]);
    has(&empty[2], &[r#""Events": []"#]);
}

#[test]
fn botocore_reads_every_error() {
    let lines = parsed(
        &[
            "Action=TestFailover&ReplicationGroupId=x&NodeGroupId=0001",
            "Action=TestFailover&ReplicationGroupId=my-group&NodeGroupId=0002",
            "Action=DescribeReplicationGroups&MaxRecords=1",
            "Action=DescribeCacheClusters&CacheClusterId=x",
            "Action=ListTagsForResource&ResourceName=x",
            "Action=CreateReplicationGroup",
        ],
        &[view()],
    );
    let codes = [
        "ReplicationGroupNotFoundFault",
        "NodeGroupNotFoundFault",
        "InvalidParameterValue",
        "CacheClusterNotFound",
        "InvalidARN",
    ];
    for (line, code) in lines.iter().zip(codes) {
        has(
            line,
            &[
                &format!(r#""Code": "{code}""#),
                r#""Modelled": true"#,
                r#""RequestId": "r-1""#,
                r#""Type": "Sender""#,
            ],
        );
    }
    has(&lines[5], &[r#""Code": "UnsupportedOperation""#, "not available in Primacy yet"]);
}

#[test]
fn every_request_of_botocore_is_understood() {
    let bodies = python(&["requests"], "");
    let actions: Vec<&str> = bodies
        .lines()
        .map(|body| parse(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error:?}")).action())
        .collect();
    assert!(SERVED.iter().all(|served| actions.contains(served)), "{actions:?}");
}

#[test]
fn every_operation_of_the_model_is_known() {
    for name in python(&["operations"], "").lines() {
        assert!(SERVED.contains(&name) || NOT_YET.contains(&name), "{name}");
    }
}
