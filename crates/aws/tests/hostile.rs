//! Nothing that comes in can make the readers panic or run away.

use primacy_aws::template::{Options, parse};
use primacy_aws::{api, render};
use proptest::prelude::*;

const SEED: &str = include_str!("../../../examples/replication-group.yaml");

/// Lines and pieces that templates are made of, to get past the first checks.
const PIECES: &[&str] = &[
    "Resources:\n",
    "  G:\n",
    "    Type: AWS::ElastiCache::ReplicationGroup\n",
    "    Properties:\n",
    "      ReplicationGroupDescription: d\n",
    "      NumCacheClusters: 2\n",
    "      ReplicasPerNodeGroup: ",
    "Parameters:\n",
    "Conditions:\n",
    "Mappings:\n",
    "Outputs:\n",
    "!Ref ",
    "!Sub ",
    "!If ",
    "!Join ",
    "!Select ",
    "!FindInMap ",
    "!GetAtt ",
    "!Split ",
    "Fn::If: ",
    "Ref: ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ": ",
    "- ",
    "'",
    "\"",
    "${",
    "}",
    "\n",
    "  ",
    "\t",
    "*a",
    "&a ",
    "|\n",
    ">\n",
    "<<: ",
    "---\n",
    "? ",
    "# ",
    "%",
    "@",
    "~",
    "null",
    "0001",
    "-1",
    "99999999999999999999",
    "true",
    "é",
    "\u{0}",
    "AWS::NoValue",
    "Tags:\n",
    "NodeGroupConfiguration: ",
    "PreferredCacheClusterAZs: ",
    "Condition: C\n",
];

fn read(text: &str) {
    for strict in [false, true] {
        let found = match parse(text, Options { strict }) {
            Ok(parsed) => {
                assert!(!parsed.groups.is_empty());
                parsed.warnings
            }
            Err(found) => {
                assert!(found.iter().any(|d| d.severity == primacy_aws::Severity::Error));
                found
            }
        };
        for finding in found {
            assert!(finding.line >= 1 && finding.column >= 1 && finding.length >= 1);
            render(&finding, "t", text);
        }
    }
}

fn ask(body: &[u8]) {
    let answer = match api::parse(body) {
        Ok(request) => api::respond(&request, &[], 0, "r"),
        Err(error) => error.respond("r"),
    };
    assert!(answer.body.ends_with('>') && [200, 400, 404].contains(&answer.status));
}

/// 2000, or as many as `PROPTEST_CASES` says for a long run.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_pieces_are_no_panic(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        read(&pieces.concat());
    }

    #[test]
    fn a_damaged_template_is_no_panic(cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_u8,
        proptest::sample::select(PIECES)), 1..6))
    {
        let mut text: Vec<char> = SEED.chars().collect();
        for (place, how, piece) in cuts {
            let at = place.index(text.len() + 1);
            match how {
                0 => { text.splice(at..at, piece.chars()); }
                1 => { text.drain(at..(at + 7).min(text.len())); }
                2 => { let line: Vec<char> = text[at..].iter().copied().take(40).collect(); text.splice(at..at, line); }
                _ => { text.truncate(at); }
            }
        }
        read(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_body_is_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        ask(&bytes);
    }

    #[test]
    fn any_parameters_are_no_panic(action in proptest::sample::select(api::SERVED), pairs in proptest::collection::vec(
        (proptest::sample::select(&["ReplicationGroupId", "NodeGroupId", "MaxRecords", "Marker", "StartTime", "EndTime",
            "Duration", "SourceType", "CacheClusterId", "CacheNodeIdsToReboot.CacheNodeId.1", "CacheNodeIdsToReboot.",
            "ResourceName", "PrimaryClusterId", "ApplyImmediately"][..]), ".{0,20}"), 0..5))
    {
        let fields: String = pairs.iter().map(|(name, value)| {
            format!("&{name}={}", form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>())
        }).collect();
        ask(format!("Action={action}&Version=2015-02-02{fields}").as_bytes());
    }

    #[test]
    fn any_time_is_no_panic(text in "[0-9TtZz:.+ -]{0,30}") {
        primacy_aws::time::parse_iso(&text);
    }
}
