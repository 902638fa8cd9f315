use super::*;
use crate::scenario::{Profile, Scenario};
use primacy_core::control::NodeRole;

const S: u64 = 1_000_000_000;

/// The seed's own command, as it stands there.
const SEEDS: &str = "# Example using the AWS CLI to force a failover for testing\n\
    aws elasticache test-failover \\\n    --replication-group-id my-replication-group \\\n    \
    --node-group-id 0001 # The ID of the shard you want to test";

fn group() -> World {
    let mut world = World::new(Scenario { timing: Profile::Demo, ..Scenario::default() });
    world.run_until(8 * S);
    world
}

fn ask(world: &mut World, line: &str) -> Result<String, String> {
    answer(world, line).unwrap_or_else(|| panic!("{line} is for a node"))
}

#[test]
fn the_command_of_the_article_fails_the_primary_over() {
    let mut world = group();
    let before = world.recorded_primary();
    let text = ask(&mut world, SEEDS).expect("it is accepted");
    assert!(text.contains("\"ReplicationGroupId\": \"my-replication-group\""), "{text}");
    world.run_until(world.now_ns() + 20 * S);
    assert_ne!(world.recorded_primary(), before);
    let events = ask(
        &mut world,
        "aws elasticache describe-events --source-type replication-group --duration 60 --output json",
    );
    let events = events.expect("events");
    for text in ["Test Failover API called for node group 0001", "Failover from primary node", "completed"] {
        assert!(events.contains(text), "{text} is missing in {events}");
    }
    assert!(!events.contains("cache-cluster"), "{events}");
}

#[test]
fn a_refusal_is_told_in_the_words_of_aws() {
    let mut world = group();
    let wrong = ask(
        &mut world,
        "aws elasticache test-failover --replication-group-id my-replication-group --node-group-id 0002",
    );
    let wrong = wrong.expect_err("there is one shard");
    assert!(
        wrong.starts_with(
            "An error occurred (NodeGroupNotFoundFault) when calling the TestFailover operation: "
        ),
        "{wrong}"
    );
    let other =
        ask(&mut world, "aws elasticache test-failover --replication-group-id mine --node-group-id 0001");
    assert!(other.expect_err("no such group").contains("(ReplicationGroupNotFoundFault)"));
    ask(&mut world, SEEDS).expect("the first one");
    let busy = ask(&mut world, SEEDS).expect_err("one is under way");
    assert!(busy.contains("(InvalidReplicationGroupState)"), "{busy}");
    assert_eq!(answer(&mut world, "GET aws"), None);
}

#[test]
fn dig_shows_the_answer_with_its_ttl_and_what_is_not_there() {
    let mut world = group();
    let text = ask(&mut world, "dig configuration").expect("an answer");
    assert!(text.contains("status: NOERROR") && text.contains("\t5\tIN\tA\t127.0.1.1"), "{text}");
    assert_eq!(ask(&mut world, "dig +short 002"), Ok("127.0.1.2".to_owned()));
    let nothing = ask(&mut world, "dig nobody.cache.primacy.internal").expect("an answer");
    assert!(nothing.contains("NXDOMAIN"), "{nothing}");
    world.apply(crate::command::parse("dns fails").expect("a command"));
    assert!(ask(&mut world, "dig configuration").expect_err("no answer").contains("SERVFAIL"));
}

#[test]
fn a_look_is_no_action() {
    let world = group();
    let digest = world.trace().digest();
    for line in ["dig reader", "aws elasticache describe-cache-clusters --show-cache-node-info"] {
        assert!(matches!(read(&world, line), Some(Spoken::Said(Ok(_)))), "{line}");
    }
    assert_eq!(world.trace().digest(), digest);
    assert!(matches!(read(&world, SEEDS), Some(Spoken::Does(_))));
}

#[test]
fn a_hint_is_what_is_still_missing() {
    assert!(hint("SET").starts_with(" key value [NX | XX]"), "{}", hint("SET"));
    assert!(hint("set k ").starts_with("value [NX | XX]"), "{}", hint("set k "));
    let test = "aws elasticache test-failover";
    assert_eq!(hint(test), " --replication-group-id ID --node-group-id 0001");
    assert_eq!(hint(&format!("{test} --replication-group-id mine ")), "--node-group-id 0001");
    assert_eq!((hint(""), hint("nonsense"), hint("GET k")), Default::default());
    assert_eq!(prompt("configuration", None, false), "configuration:6379>");
    assert_eq!(prompt("002", Some(NodeRole::Following), false), "002:6379 (replica)>");
    assert_eq!(prompt("configuration", None, true), "configuration:6379 (TX)>");
}

#[test]
fn a_word_is_completed_by_what_may_stand_there() {
    let keys = ["cart:7".to_owned(), "cart:8".to_owned(), "other".to_owned()];
    let nodes = ["my-group-001".to_owned(), "my-group-002".to_owned()];
    let texts = |line: &str| -> Vec<String> {
        complete(line, line.len(), &keys, &nodes).into_iter().map(|c| c.text).collect()
    };
    assert!(texts("ge").contains(&"get".to_owned()) && texts("GE").contains(&"GET".to_owned()));
    assert_eq!(texts("GET ca"), ["cart:7", "cart:8"]);
    assert!(texts("SET cart:7 1 E").contains(&"EX".to_owned()), "{:?}", texts("SET cart:7 1 E"));
    assert_eq!(texts("aws e"), ["elasticache"]);
    assert_eq!(texts("aws elasticache te"), ["test-failover"]);
    assert_eq!(texts("aws elasticache test-failover --replication-group-id "), ["my-group"]);
    assert!(texts("aws elasticache test-failover --no").contains(&"--node-group-id".to_owned()));
    assert_eq!(texts("dig my"), ["my-group-001", "my-group-002"]);
    assert_eq!(complete("GET ca", 6, &keys, &nodes)[0].from, 4);
    assert!(complete("GET ca", 99, &keys, &nodes).is_empty());
    assert!(is_whole("SET k \"v\"") && !is_whole("SET k \"v") && !is_whole("aws \\"));
}
