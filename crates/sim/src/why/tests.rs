use primacy_port::{Cause, Subject};

use super::of;
use super::record::Met;
use crate::command::parse;
use crate::command_text::spec;
use crate::net::Host;
use crate::scenario::{Profile, Scenario};
use crate::world::World;

const S: u64 = 1_000_000_000;

/// A healthy group of the page's timing with these applications, 8 s old.
fn group(clients: &[&str]) -> World {
    let clients =
        clients.iter().map(|text| spec(&text.split(' ').collect::<Vec<_>>()).expect(text)).collect();
    let mut world = World::new(Scenario { timing: Profile::Demo, clients, ..Scenario::default() });
    world.run_until(8 * S);
    assert!(world.violation().is_none(), "{:?}", world.violation());
    world
}

fn act(world: &mut World, text: &str, for_ns: u64) {
    world.apply(parse(text).expect(text));
    world.run_until(world.now_ns() + for_ns);
    assert!(world.violation().is_none(), "{:?}", world.violation());
}

/// The newest failure of the first application whose words contain `error`.
fn failure(world: &World, error: &str) -> Vec<Cause> {
    let is = |what: &Met| match what {
        Met::Failed(number) => world.why.errors[usize::from(*number)].contains(error),
        Met::Stale { .. } => error == "stale",
    };
    let mut met = world.why.incidents.iter().rev().filter(|met| met.who == Host::Client(0));
    let met = met.find(|met| is(&met.what)).unwrap_or_else(|| panic!("no {error}: {:?}", world.why.errors));
    of(world, &Subject::Client { client: 0, at_ns: met.at })
}

/// The chain's links hold these words, in this order, the first in the first link and the last in the last.
fn says(chain: &[Cause], words: &[&str]) {
    let told: Vec<String> =
        chain.iter().map(|c| format!("{:.3} s: {}", c.at_ns as f64 / 1e9, c.text)).collect();
    let told = told.join("\n");
    assert!(chain.first().is_some_and(|c| c.text.contains(words[0])), "{told}");
    assert!(chain.last().is_some_and(|c| c.text.contains(words[words.len() - 1])), "{told}");
    let mut rest = chain.iter();
    for word in words {
        assert!(rest.any(|cause| cause.text.contains(word)), "{word} is missing in\n{told}");
    }
    assert!(chain.iter().all(|c| c.at_ns <= chain[0].at_ns || c.text.contains("lost")), "{told}");
}

#[test]
fn a_refused_write_goes_back_to_the_kill() {
    let mut world = group(&["via=configuration every=50ms retry=fixed:100ms"]);
    act(&mut world, "kill 001 unseen", 20 * S);
    let chain = failure(&world, "refused");
    says(
        &chain,
        &[
            "SET of c1 failed: connection refused",
            "c1 still held the address of 001 (TTL",
            "the names were pointed to",
            "was promoted",
            "001 had not renewed its lease for",
            "you killed 001",
        ],
    );
}

#[test]
fn a_cached_address_is_why_an_application_fails_after_the_names_have_moved() {
    let mut world = group(&["via=configuration every=50ms retry=fixed:100ms ttl=60s"]);
    act(&mut world, "kill 001", 50 * S);
    let chain = failure(&world, "READONLY");
    says(
        &chain,
        &[
            "READONLY",
            "c1 still held the address of 001 (TTL",
            "001 was a replica",
            "the names were pointed to",
            "was promoted",
            "the process of 001 had ended",
            "you killed 001",
        ],
    );
}

#[test]
fn a_hardcoded_address_is_named_as_such() {
    let mut world = group(&["via=001 every=50ms"]);
    act(&mut world, "pause 001", 30 * S);
    says(
        &failure(&world, "no answer"),
        &["no answer in time", "has the address of 001 written into it", "you froze 001"],
    );
}

#[test]
fn a_lease_that_ran_out_goes_back_to_the_cut() {
    let mut world = group(&["via=configuration every=50ms ttl=forever"]);
    act(&mut world, "cut 001 coordinator", 100_000_000);
    act(&mut world, "cut 001 replicas", 20 * S);
    says(
        &failure(&world, "READONLY"),
        &["READONLY", "c1", "the lease of 001 had ended", "you cut 001 off from the coordinator"],
    );
}

#[test]
fn a_stale_read_goes_back_to_the_slow_link() {
    let mut world = group(&["via=configuration every=50ms keys=1 read-back=003@5ms"]);
    act(&mut world, "delay 003 001 200ms", 5 * S);
    says(
        &failure(&world, "stale"),
        &[
            "GET of c1 returned the value of 00:",
            "a newer value had been acknowledged",
            "the read went to 003",
            "you delayed the links of 003 to 001 by 200 ms",
        ],
    );
}

#[test]
fn a_stale_read_without_a_fault_is_what_asynchronous_means() {
    let clients = vec![spec(&["every=50ms", "keys=1", "read-back=003@0ms"]).expect("an application")];
    let net = crate::scenario::Net { jitter_us: 3000, ..Default::default() };
    let mut world = World::new(Scenario { net, clients, ..Scenario::default() });
    world.run_until(20 * S);
    says(&failure(&world, "stale"), &["GET of c1", "the read went to 003", "replication is asynchronous"]);
}

#[test]
fn a_loss_names_the_bytes_the_winner_and_why_it_lacked_them() {
    let mut world = group(&["via=configuration every=20ms"]);
    act(&mut world, "cut 001 replicas", S / 2);
    act(&mut world, "kill 001", 10 * S);
    let chain = of(&world, &Subject::Lost { at_ns: world.now_ns() });
    says(
        &chain,
        &[
            "lost: 001 stood at",
            "was promoted",
            "you killed 001",
            "did not have them: you cut 001 off from 002 and 003",
        ],
    );
}

#[test]
fn a_names_move_and_a_member_can_be_asked_about() {
    let mut world = group(&[]);
    act(&mut world, "test-failover", 10 * S);
    let moved = world.events.iter().rev().find_map(|(_, event)| match event.kind {
        primacy_core::group::event::EventKind::EndpointMoved { .. } => Some(event.id.0),
        _ => None,
    });
    let chain = of(&world, &Subject::Event(moved.expect("the names have moved")));
    says(
        &chain,
        &["the names were pointed to", "was promoted", "TestFailover ended", "you called TestFailover"],
    );
    let primary = world.recorded_primary().expect("there is a primary");
    says(
        &of(&world, &Subject::Node(primary.0)),
        &["it is the primary", "was promoted", "you called TestFailover"],
    );
    act(&mut world, "kill primary", 1_000_000);
    let down = format!("the process of {primary} ended");
    says(&of(&world, &Subject::Node(primary.0)), &[&down, &format!("you killed {primary}")]);
}

#[test]
fn every_failure_of_drawn_runs_has_a_chain_and_most_end_with_a_fault() {
    let (mut all, mut explained) = (0, 0);
    for seed in 0..12 {
        let mut world = World::new(crate::draw::scenario(seed, crate::draw::Style::Swarm));
        world.run_to_end();
        for met in &world.why.incidents {
            let Host::Client(client) = met.who else { continue };
            let chain = of(&world, &Subject::Client { client: u16::from(client), at_ns: met.at });
            assert!(!chain.is_empty() && chain.len() < 24, "{met:?}");
            assert!(
                chain.iter().all(|cause| !cause.text.is_empty() && !cause.text.ends_with('.')),
                "{chain:?}"
            );
            all += 1;
            explained += u32::from(chain.iter().any(|c| c.text.contains("the scenario ")));
        }
    }
    assert!(all > 500, "only {all} failures");
    assert!(explained * 10 > all * 6, "{explained} of {all} end with a fault");
}
