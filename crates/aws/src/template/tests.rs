use super::*;
use crate::{Severity, render};

const SEED: &str = include_str!("../../../../examples/replication-group.yaml");
const STRICT: Options = Options { strict: true };

fn lenient(text: &str) -> Result<Parsed, Vec<Diagnostic>> {
    parse(text, Options::default())
}

/// A template with these lines under Properties.
fn with(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("      {}\n", line.trim_end())).collect();
    format!(
        "Resources:\n  G:\n    Type: {TYPE}\n    Properties:\n      ReplicationGroupDescription: d\n{lines}"
    )
}

#[track_caller]
fn good(text: &str) -> Parsed {
    lenient(text)
        .unwrap_or_else(|found| panic!("{}", found.iter().map(|d| render(d, "t", text)).collect::<String>()))
}

#[track_caller]
fn bad(text: &str, line: u32, column: u32, code: &str, message: &str, help: &str) {
    let found = lenient(text).expect_err("must be refused");
    let all: String = found.iter().map(|d| render(d, "t", text)).collect();
    let hit = found.iter().find(|d| (d.line, d.column, d.code) == (line, column, code));
    let hit = hit.unwrap_or_else(|| panic!("no {code} at {line}:{column} in\n{all}"));
    assert_eq!(hit.severity, Severity::Error, "{all}");
    assert!(hit.message.contains(message), "{message:?} is not in\n{all}");
    assert!(hit.help.contains(help), "{help:?} is not in\n{all}");
    let errors = found.iter().filter(|d| d.severity == Severity::Error).count();
    assert_eq!(errors, 1, "one mistake, several errors:\n{all}");
}

#[test]
fn the_seeds_template_runs_as_it_stands() {
    let parsed = good(SEED);
    let [group] = &parsed.groups[..] else { panic!("one group") };
    assert_eq!(group.id, "my-replication-group");
    assert_eq!(group.description, "My witty cache cluster");
    assert_eq!(
        (group.replicas, group.automatic_failover, group.multi_az, group.port),
        (2, true, false, 6379)
    );
    assert_eq!((group.engine.as_str(), group.engine_version.as_str()), ("redis", "6.x"));
    assert_eq!(group.parameter_group.as_deref(), Some("default.redis6.x"));
    assert_eq!(group.security_groups, ["MyCacheSecurityGroup"]);
    let [warning] = &parsed.warnings[..] else { panic!("one warning: {:?}", parsed.warnings) };
    assert_eq!((warning.line, warning.column, warning.code), (14, 11, "unresolved"));
    assert!(warning.message.contains("MyCacheSecurityGroup"));
}

#[test]
fn strict_refuses_the_seeds_template_as_cloudformation_does() {
    let found = parse(SEED, STRICT).expect_err("unresolved");
    let texts: Vec<&str> = found.iter().map(|d| d.message.as_str()).collect();
    let text = "Template format error: Unresolved resource dependencies [MyCacheSecurityGroup] in the Resources block of \
                the template";
    assert_eq!(texts, [text]);
    let several = with("SecurityGroupIds: [!Ref A, !Ref B, !Ref A]\nKmsKeyId: !Sub '${C}-x'");
    let found = parse(&several, STRICT).expect_err("unresolved");
    assert!(found.iter().any(|d| d.message.contains("[A, B, C]")), "{found:?}");
}

#[test]
fn json_is_read_too() {
    let text = format!(
        "{{\n\t\"Resources\": {{\"MyGroup\": {{\"Type\": \"{TYPE}\",\n\t\"Properties\": {{\"ReplicationGroupDescription\": \
         \"d\", \"NumCacheClusters\": \"3\", \"AutomaticFailoverEnabled\": \"true\",\n\t\"SecurityGroupIds\": [{{\"Ref\": \
         \"Sg\"}}]}}}}, \"Sg\": {{\"Type\": \"AWS::EC2::SecurityGroup\"}}}}}}"
    );
    let parsed = good(&text);
    assert_eq!((parsed.groups[0].id.as_str(), parsed.groups[0].replicas), ("my-group", 2));
    assert_eq!(parsed.groups[0].security_groups, ["Sg"]);
    assert_eq!(parsed.warnings.iter().map(|d| d.code).collect::<Vec<_>>(), ["other-resource"]);
}

#[test]
fn texts_that_are_no_template() {
    bad("", 1, 1, "empty", "empty", "Resources:");
    bad("# nothing\n\n", 1, 1, "empty", "empty", "Resources:");
    bad("hello world", 1, 1, "not-a-template", "found `hello world`", "Resources:");
    bad("<html>\n<body>", 1, 1, "not-a-template", "mapping", "Resources:");
    bad("- a\n- b", 1, 1, "not-a-template", "found a list", "Resources:");
    bad("a: b: c", 1, 5, "syntax", "not valid YAML", "one `Name: value`");
    bad("{\"a\": 1", 2, 1, "syntax", "not valid JSON", "close every `{`");
    bad("a: \"b\nc: d", 1, 4, "syntax", "quoted scalar", "close the quote");
    bad("Resources:\n  A: 1\n B: 2", 3, 2, "syntax", "not valid YAML", "same column");
    bad("Resources:\n\tG:\n", 2, 1, "tab", "tab", "spaces");
    bad("Resources:\n  G:\n    Type: x\n\tCondition: y", 4, 1, "tab", "tab", "spaces");
    bad("a: 1\n---\nb: 2", 2, 1, "several-documents", "second", "one template");
    bad("a: &x 1\nb: *x", 2, 4, "alias", "aliases", "write the value out");
    bad("a: *x", 1, 4, "syntax", "unknown anchor", "quote");
    bad("a: &x {b: c}\nd:\n  <<: *x", 3, 3, "merge", "merges", "write the entries out");
    bad("? [a]\n: b", 1, 3, "key", "plain text", "Name: value");
}

#[test]
fn sections_and_resources() {
    bad(
        "Ressources: {}\nResources: {A: {Type: AWS::EC2::VPC}}",
        1,
        1,
        "unknown-section",
        "[Ressources]",
        "`Resources`",
    );
    bad("Description: x", 1, 1, "no-resources", "At least one Resources member must be defined", TYPE);
    bad("Resources: {}", 1, 1, "no-resources", "at least one resource", TYPE);
    bad("Resources:\n", 1, 1, "no-resources", "found nothing", TYPE);
    bad("Resources:\n  V:\n    Type: AWS::EC2::VPC", 1, 1, "no-group", TYPE, "Properties:");
    let typo = "Resources:\n  G:\n    Type: AWS::ElastiCache::ReplicationGroups";
    bad(typo, 3, 11, "unknown-type", "Unrecognized resource types", TYPE);
    bad("Resources:\n  G:\n    Type: Redis", 3, 11, "unknown-type", "[Redis]", "");
    bad(
        "Resources:\n  G:\n    Type: AWS::ElastiCache::Foo",
        3,
        11,
        "unknown-type",
        "Foo]",
        "AWS::ElastiCache::",
    );
    bad("Resources:\n  G: {}", 2, 3, "missing", "no Type", TYPE);
    bad("Resources:\n  G: x", 2, 6, "wrong-type", "a resource is a mapping", "Type:");
    bad(
        &format!("Resources:\n  G:\n    Type: {TYPE}"),
        2,
        3,
        "missing",
        "no Properties",
        "ReplicationGroupDescription",
    );
    bad(&with("").replace("G:", "My-G:"), 2, 3, "resource-name", "non alphanumeric", "letters and digits");
    bad(
        &with("").replace("    Properties", "    Porperties: {}\n    Properties"),
        4,
        5,
        "unknown-attribute",
        "Porp",
        "`Properties`",
    );
    bad(
        &with("").replace("    Properties", "    Port: 1\n    Properties"),
        4,
        5,
        "unknown-attribute",
        "Port",
        "belongs under",
    );
    bad(&with("").replace("G:", &format!("G:\n    Type: {TYPE}")), 4, 5, "duplicate-key", "twice", "line 3");
    bad(
        &format!("AWSTemplateFormatVersion: 2011-09-09\n{}", with("")),
        1,
        27,
        "format-version",
        "2011",
        "2010-09-09",
    );
}

#[test]
fn two_groups_need_two_ids() {
    let twice = with("ReplicationGroupId: One")
        + &with("ReplicationGroupId: one").replacen("Resources:\n  G:", "  H:", 1);
    bad(&twice, 7, 3, "duplicate-id", "`one`", "own ReplicationGroupId");
    let parsed = good(&twice.replace(": one", ": two"));
    assert_eq!(parsed.groups.iter().map(|g| g.id.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn bad_properties_say_where_what_and_what_would_be_right() {
    bad(
        &with("ReplicaPerNodeGroup: 2"),
        6,
        7,
        "unknown-property",
        "ReplicaPerNodeGroup",
        "`ReplicasPerNodeGroup`",
    );
    bad(
        &with("Colour: red"),
        6,
        7,
        "unknown-property",
        "unsupported property Colour",
        "AutomaticFailoverEnabled",
    );
    bad(&with("PrimaryEndPoint: x"), 6, 7, "read-only-property", "read-only", "GetAtt");
    bad(&with("NumNodeGroups: [1]"), 6, 22, "wrong-type", "whole number, found a list", "`NumNodeGroups: 1`");
    bad(&with("NumCacheClusters: two"), 6, 25, "wrong-type", "whole number, found `two`", "");
    bad(&with("AutomaticFailoverEnabled: 1"), 6, 33, "wrong-type", "true or false", "true");
    bad(&with("AutomaticFailoverEnabled: 'yes'"), 6, 33, "wrong-type", "true or false", "true");
    bad(&with("Engine: {a: b}"), 6, 15, "wrong-type", "a text, found a mapping", "redis");
    bad(&with("Engine: memcached"), 6, 15, "not-allowed", "memcached", "redis, valkey");
    bad(&with("SecurityGroupIds: sg-1"), 6, 25, "wrong-type", "a list of texts", "[one, two]");
    bad(&with("Port:"), 6, 11, "wrong-type", "null", "Port");
    bad(&with("Port: 70000"), 6, 13, "out-of-range", "65535", "");
    bad(&with("Port: 99999999999999999999"), 6, 13, "wrong-type", "whole number", "");
    bad(&with("ReplicationGroupId: a--b"), 6, 27, "identifier", "two hyphens", "40 letters");
    bad(&with("EngineVersion: 4.5"), 6, 22, "engine-version", "`4.5`", "7.1");
    bad(
        &with("EngineVersion: 7.1\nCacheParameterGroupName: default.redis6.x"),
        7,
        32,
        "parameter-group",
        "family redis7",
        "",
    );
    bad(&with("Tags: [{Key: a}]"), 6, 14, "tag", "Key and a Value", "team");
    bad(&with("Tags: [{Kex: a, Value: b, Key: c}]"), 6, 15, "unknown-property", "`Kex`", "`Key`");
    bad(&with("").replace("ReplicationGroupDescription: d", "Port: 1"), 2, 3, "missing", "required", "add");
}

#[test]
fn counts_must_agree() {
    bad(&with("ReplicasPerNodeGroup: 6"), 6, 29, "out-of-range", "is 6", "at most five replicas");
    bad(&with("NumCacheClusters: 7"), 6, 25, "out-of-range", "is 7", "at most five replicas");
    bad(&with("NumNodeGroups: 2"), 6, 22, "not-yet", "2 node groups", "NumNodeGroups: 1");
    let on = "AutomaticFailoverEnabled: true";
    bad(&with(on), 6, 33, "failover-without-replica", "at least 2 cache clusters", "ReplicasPerNodeGroup: 1");
    bad(
        &with(&format!("{on}\nReplicasPerNodeGroup: 0")),
        6,
        33,
        "failover-without-replica",
        "at least 2",
        "",
    );
    bad(&with(&format!("{on}\nReplicasPerNodeGroup: 9")), 7, 29, "out-of-range", "is 9", "");
    bad(
        &with("ReplicasPerNodeGroup: 2\nNumCacheClusters: 2"),
        7,
        25,
        "conflict",
        "means 1 replicas",
        "counts the primary",
    );
    bad(
        &with("MultiAZEnabled: true\nReplicasPerNodeGroup: 1"),
        6,
        23,
        "multi-az",
        "needs AutomaticFailover",
        "true",
    );
    let zones = "PreferredCacheClusterAZs: [a, b]";
    bad(&with(zones), 6, 34, "zones", "2 zones are given for 1 nodes", "one zone for each");
    let same =
        format!("{on}\nReplicasPerNodeGroup: 1\nMultiAZEnabled: true\nPreferredCacheClusterAZs: [a, a]");
    bad(&with(&same), 8, 23, "multi-az", "another zone", "");
    let two = "NodeGroupConfiguration: [{ReplicaCount: 1}, {ReplicaCount: 1}]";
    bad(&with(two), 6, 7, "not-yet", "2 node groups", "NumNodeGroups: 1");
    bad(&with("NodeGroupConfiguration: [{NodeGroupId: '2'}]"), 6, 46, "node-group", "`0001`", "");
    let agreed = "NumCacheClusters: 3\nReplicasPerNodeGroup: 2\nNumNodeGroups: '1'\nNodeGroupConfiguration:\n- ReplicaCount: 2\n  \
                  PrimaryAvailabilityZone: a\n  ReplicaAvailabilityZones: [b, c]";
    let parsed = good(&with(agreed));
    assert_eq!((parsed.groups[0].replicas, parsed.groups[0].preferred_zones.len()), (2, 3));
}

#[test]
fn what_primacy_lacks_is_refused_or_warned_about() {
    for lines in [
        "TransitEncryptionEnabled: true",
        "TransitEncryptionMode: required",
        "AuthToken: secret-secret-secret",
        "UserGroupIds: [a]",
        "ClusterMode: enabled",
        "ClusterMode: compatible",
        "Durability: sync",
        "NetworkType: ipv6",
        "IpDiscovery: ipv6",
        "PrimaryClusterId: a",
        "SnapshotName: a",
        "SnapshotArns: [a]",
        "GlobalReplicationGroupId: a",
    ] {
        bad(&with(lines), 6, 7, "not-yet", "not available in Primacy yet", "remove it");
    }
    bad(
        &with("CacheParameterGroupName: default.redis7.cluster.on"),
        6,
        32,
        "not-yet",
        "cluster mode",
        "`default.redis7`",
    );
    let secret = lenient(&with("AuthToken: secret-secret-secret")).expect_err("not yet");
    assert!(!format!("{secret:?}").contains("secret-"));
    for lines in [
        "AtRestEncryptionEnabled: true",
        "SnapshotRetentionLimit: 3",
        "SnapshotWindow: 05:00-09:00",
        "KmsKeyId: a",
    ] {
        let parsed = good(&with(lines));
        assert_eq!(
            parsed.warnings.iter().map(|d| (d.line, d.column, d.code)).collect::<Vec<_>>(),
            [(6, 7, "no-effect")]
        );
    }
    for lines in [
        "TransitEncryptionEnabled: 'False'",
        "ClusterMode: Disabled",
        "Durability: default",
        "NetworkType: ipv4",
        "AtRestEncryptionEnabled: no",
        "SnapshotRetentionLimit: '0'",
        "CacheNodeType: cache.r6g.large",
        "UserGroupIds: []",
        "SnapshotArns: !Ref AWS::NoValue",
        "EngineVersion: 7.1",
        "Engine: Redis",
        "AutoMinorVersionUpgrade: true",
    ] {
        assert_eq!(good(&with(lines)).warnings, [], "{lines}");
    }
}

#[test]
fn functions_are_evaluated() {
    let head = "Parameters:\n  Stage: {Type: String, Default: prod, AllowedValues: [dev, prod]}\n  Zones: \
                {Type: CommaDelimitedList, Default: 'us-east-1a, us-east-1b'}\n  Free: {Type: String}\nMappings:\n  M: {prod: \
                {replicas: 1, id: x}}\nConditions:\n  Prod: !Equals [!Ref Stage, prod]\n  Dev: !Not [!Condition Prod]\n  \
                Both: !And [!Condition Prod, !Condition Dev]\n  Any: {Fn::Or: [{Condition: Prod}, !Condition Both]}\n";
    let body = with(
        "ReplicationGroupId: !Sub '${AWS::StackName}-${Stage}-${!x}'\nReplicasPerNodeGroup: !FindInMap [M, !Ref Stage, \
         replicas]\nAutomaticFailoverEnabled: !If [Any, 'true', 'false']\nPreferredCacheClusterAZs: !Ref Zones\nEngine: \
         !Select [1, [x, valkey]]\nSnapshotName: !If [Dev, s, !Ref 'AWS::NoValue']\nCacheNodeType: !Join ['.', [cache, \
         t4g, !Select [0, !Split ['-', micro-x]]]]\nKmsKeyId: !Ref Free\nTags: [{Key: a, Value: !Sub ['${v}', {v: !Ref Stage}]}]",
    );
    let text = format!("{head}{body}").replace("-${!x}", "");
    let parsed = good(&text);
    let group = &parsed.groups[0];
    assert_eq!((group.id.as_str(), group.replicas, group.automatic_failover), ("primacy-prod", 1, true));
    assert_eq!(group.preferred_zones, ["us-east-1a", "us-east-1b"]);
    assert_eq!((group.engine.as_str(), group.node_type.as_str()), ("valkey", "cache.t4g.micro"));
    assert_eq!(group.tags, [("a".to_owned(), "prod".to_owned())]);
    assert_eq!(parsed.warnings.iter().map(|d| d.code).collect::<Vec<_>>(), ["no-effect"]);
    let off = body.replacen("    Type", "    Condition: Dev\n    Type", 1);
    let found = lenient(&format!("{head}{off}")).expect_err("the only group is off");
    assert_eq!(found[0].code, "no-group");
}

#[test]
fn functions_that_go_wrong() {
    bad(&with("Engine: !Reff x"), 6, 15, "function", "`Reff` is not", "`Ref`");
    bad(&with("Engine: {Fn::Ref: x}"), 6, 15, "function", "`Fn::Ref` is not", "`!Ref …`");
    bad(&with("Engine: !If [x]"), 6, 15, "function", "`If` takes", "!If [");
    bad(&with("Engine: !If [X, a, b]"), 6, 20, "condition", "no condition `X`", "");
    bad(&with("Engine: !Equals [a, b]"), 6, 15, "function", "decides a condition", "!If");
    bad(&with("Engine: !Select [7, [a]]"), 6, 15, "function", "no item 7", "0");
    bad(&with("Engine: !FindInMap [M, a, b]"), 6, 15, "function", "M → a → b", "FindInMap");
    let parameter = "Parameters:\n  P: {Type: Number}\n";
    let text = format!("{parameter}{}", with("ReplicasPerNodeGroup: !Ref P"));
    bad(&text, 8, 29, "unknown-value", "depends on `P`", "Default");
    bad(
        &format!("Parameters:\n  P: {{Type: String, Defualt: x}}\n{}", with("")),
        2,
        21,
        "unknown-attribute",
        "Defualt",
        "`Default`",
    );
    let allowed = format!("Parameters:\n  P: {{Type: String, Default: x, AllowedValues: [a]}}\n{}", with(""));
    bad(&allowed, 2, 30, "not-allowed", "`x`", "allowed: a");
    let circle = format!(
        "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n{}",
        with("Engine: !If [A, a, b]")
    );
    let found = lenient(&circle).expect_err("a circle");
    assert!(
        found.iter().any(|d| d.code == "condition" && d.message.contains("depends on itself")),
        "{found:?}"
    );
}

#[test]
fn references_in_outputs_and_attributes() {
    let outputs = "Outputs:\n  A: {Value: !GetAtt G.ConfigurationEndPoint.Address}\n  B: {Value: !GetAtt G.PrimaryEndpoint.Port}\n  \
                   C: {Value: !GetAtt X.Y}\n  D: {Value: !Sub '${G.ReaderEndPoint.Address}:${Nobody}'}\n  E: {Value: !Ref G}\n";
    let text = with("") + outputs;
    let codes = |found: &[Diagnostic]| found.iter().map(|d| (d.line, d.code)).collect::<Vec<_>>();
    let attribute = "unresolved-attribute";
    let expected = [(7, attribute), (8, attribute), (9, attribute), (10, "unresolved")];
    assert_eq!(codes(&good(&text).warnings), expected);
    let strict = parse(&text, STRICT).expect_err("strict");
    assert_eq!(codes(&strict), expected);
    assert!(strict[0].help.contains("PrimaryEndPoint.Address"));
    assert!(strict[1].help.contains("did you mean `PrimaryEndPoint.Port`?"));
    assert!(strict[2].message.contains("instance of Fn::GetAtt references undefined resource X"));
    assert!(strict[3].message.contains("[Nobody] in the Outputs block of the template"));
    let depends = with("").replacen("    Type", "    DependsOn: [Other]\n    Type", 1);
    assert!(
        parse(&depends, STRICT).expect_err("strict")[0].message.contains("[Other] in the Resources block")
    );
}

#[test]
fn limits() {
    let padding = |bytes: usize| {
        let text = with("");
        let rest = bytes - text.len() - 1;
        format!("{text}#{}", "x".repeat(rest))
    };
    good(&padding(MAX_BYTES));
    bad(&padding(MAX_BYTES + 1), 1, 1, "too-large", "1048577 bytes", "");
    let nested = |depth: usize| format!("{}Metadata: {}{}", with(""), "[".repeat(depth), "]".repeat(depth));
    good(&nested(MAX_DEPTH - 1));
    bad(&nested(MAX_DEPTH), 6, 74, "too-deep", "64 deep", "");
    let parameter =
        |bytes| format!("Parameters:\n  P: {{Type: String, Default: {}}}\n{}", "x".repeat(bytes), with(""));
    good(&parameter(MAX_PARAMETER));
    bad(&parameter(MAX_PARAMETER + 1), 2, 30, "too-large", "4096 bytes", "");
    let tags = |n: usize| {
        with(&format!("Tags: [{}]", (0..n).map(|i| format!("{{Key: k{i}, Value: v}},")).collect::<String>()))
    };
    good(&tags(MAX_TAGS));
    bad(&tags(MAX_TAGS + 1), 6, 7, "tag", "51 tags", "");
    let many = with(&(0..MAX_DIAGNOSTICS).map(|i| format!("X{i}: 1\n")).collect::<String>());
    assert_eq!(lenient(&many).expect_err("unknown").len(), MAX_DIAGNOSTICS);
    let many = with(&(0..=MAX_DIAGNOSTICS).map(|i| format!("X{i}: 1\n")).collect::<String>());
    assert_eq!(lenient(&many).expect_err("unknown").len(), MAX_DIAGNOSTICS + 1);
}

#[test]
fn a_small_template_can_not_become_a_large_one() {
    let refs = |n: usize| {
        let list = "!Ref P,".repeat(n);
        let head = format!("Parameters:\n  P: {{Type: String, Default: {}}}\n", "x".repeat(4000));
        head + &with(&format!("KmsKeyId: !Join ['', [{list}]]"))
    };
    good(&refs(500));
    let found = lenient(&refs(50_000)).expect_err("too much");
    assert!(found.iter().any(|d| d.code == "too-large" && d.message.contains("4194304")), "{found:?}");
    let chain = |n: usize| {
        let links = (1..n).map(|i| format!("  C{i}: !Not [!Condition C{}]\n", i - 1)).collect::<String>();
        format!(
            "Conditions:\n  C0: !Equals [a, a]\n{links}{}",
            with(&format!("Engine: !If [C{}, redis, valkey]", n - 1))
        )
    };
    good(&chain(20));
    let found = lenient(&chain(1000)).expect_err("too deep");
    assert!(found.iter().any(|d| d.code == "too-deep"), "{found:?}");
}

#[test]
fn the_table_is_whole_and_sorted() {
    let names: Vec<&str> = PROPERTIES.iter().map(|p| p.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
    assert_eq!(names.len(), 40, "the registry schema has 45 properties, 5 of them outputs");
    let doc = include_str!("properties.rs");
    for name in names {
        assert!(doc.contains(&format!("`{name}`")), "{name} is not in the table of the doc comment");
    }
}
