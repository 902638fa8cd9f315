use primacy_core::id::NodeId;
use primacy_core::rng::Rng;

use super::*;
use crate::draw::{Style, scenario};
use crate::fault::{FaultKind, Named, Operation};
use crate::scenario::{Caching, ReadBack, Retry, Via};

/// Every action that a seed can stand for: its plan's faults, begun and ended, and its applications.
fn drawn(seed: u64) -> Vec<Command> {
    let style = if seed.is_multiple_of(2) { Style::Uniform } else { Style::Swarm };
    let scenario = scenario(seed, style);
    let mut rng = Rng::from_u64(seed);
    let faults = scenario.faults.iter().map(|fault| fault.kind.clone());
    let mut commands: Vec<Command> = Vec::new();
    for kind in faults {
        commands.extend([Command::Begin(kind.clone()), Command::End(kind)]);
    }
    for (index, mut spec) in (0..).zip(scenario.clients) {
        spec.retry = [spec.retry, Retry::None, Retry::Immediate][rng.below(3) as usize];
        spec.cache = [spec.cache, Caching::Never, Caching::Fixed { ms: rng.below(90_000) as u32 }]
            [rng.below(3) as usize];
        spec.read_back =
            (rng.below(2) == 0).then(|| ReadBack { via: spec.via, after_us: rng.below(1_000_000) as u32 });
        spec.starts_ms = rng.below(3) as u32 * 500;
        spec.hot = rng.below(3) as u8 * 50;
        let settings = vec![
            Setting::Via(spec.via),
            Setting::Does(spec.mix),
            Setting::Every(spec.think_us),
            Setting::Retry(spec.retry),
            Setting::Cache(spec.cache),
            Setting::ReadBack(spec.read_back),
            Setting::Starts(spec.starts_ms),
            Setting::Hot(spec.hot),
        ];
        commands.push(Command::ChangeClient { which: Which::One(index), settings: settings.clone() });
        commands.push(Command::ChangeClient { which: Which::All, settings });
        commands.push(Command::AddClients { count: rng.below(200) as u8, spec: spec.clone() });
        commands.push(Command::AddClient(spec.clone()));
        commands.extend([Command::StopClient(index), Command::StartClient(index), Command::Hangup(index)]);
        let word = |rng: &mut Rng| (0..rng.below(9)).map(|_| rng.below(256) as u8).collect();
        let words = (0..=rng.below(4)).map(|_| word(&mut rng)).collect();
        commands.push(Command::Type { terminal: index, via: spec.via, words });
    }
    commands.extend([Command::Heal, Command::SetTtl(rng.below(100_000) as u32)]);
    commands
}

#[test]
fn every_action_is_read_back_from_its_words() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..3000 {
        for command in drawn(seed) {
            let text = command.to_string();
            assert_eq!(parse(&text).as_ref(), Ok(&command), "{text}");
            if let Command::Begin(kind) = &command {
                kinds.insert(kind.name());
                let end = parse(&format!("end {text}"));
                assert_eq!(end, Ok(Command::End(kind.clone())), "{text}");
            }
        }
    }
    assert_eq!(kinds.len(), 37, "a drawn plan has all these kinds: {kinds:?}");
}

#[test]
fn what_no_plan_draws_is_read_back_too() {
    for text in [
        "jitter 001 002 20ms",
        "end jitter 001 002 20ms",
        "loss c3 nodes 5%",
        "end loss c3 nodes 5%",
        "dns delay 10s",
        "end dns delay 10s",
        "automatic-failover off",
        "coordinator second",
        "coordinator single",
        "coordinator stall before-store",
        "end coordinator stall before-store",
        "coordinator drift -10000ppm",
        "coordinator jump 1500ms",
        "mono-jump 002 5s",
        "double 1/2",
        "end double 1/2",
        "cut-pipeline c1 1/3",
        "flood c1 x200",
        "memory 64KiB",
        "store cut",
        "client c2 keys=20 hot=80%",
        "pause-replication 002",
        "freeze 001",
        "thaw 001",
        "resume-replication 002",
        "delay 002 001 300ms",
        "undelay 002 001 300ms",
        "client c2 via=configuration",
        "client all every=10ms",
        "client x50 retry=immediate",
        "client does=set*3+get read-back=reader@5ms",
        "set ttl 60s",
        "slow 003 x10",
        "type 1 configuration SET k \"two words\"",
        "start 001",
        "cut zone-a coordinator one-way",
        "lose a",
        "failover 002",
    ] {
        assert_eq!(parse(text).map(|c| c.to_string()), Ok(text.to_owned()));
    }
}

#[test]
fn a_wrong_word_is_refused_with_a_reason() {
    for (text, part) in [
        ("", "empty"),
        ("frobnicate", "unknown command"),
        ("kil 001", "did you mean kill?"),
        ("kill", "needs more"),
        ("kill 001 softly", "softly"),
        ("kill one", "no member"),
        ("delay 001 002 soon", "no time"),
        ("client 2", "change what"),
        ("stop-client 0", "c1"),
        ("client keys=0", "at least one key"),
        ("client does=dance", "none of"),
        ("client retry=maybe", "write none"),
        ("client color=red", "no color"),
        ("set tll 3s", "set ttl"),
        ("type 0 configuration", "write:"),
        ("loss 001 002 100%", "90%"),
        ("end", "end what"),
        ("coordinator sideways", "sideways"),
        ("heal all", "does not take all"),
        ("slow 001 x10 x20", "does not take x20"),
        ("dns fails often", "does not take often"),
        ("stop-client c1 c2", "does not take c2"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn the_table_names_every_kind_of_fault_and_its_lines_are_readable() {
    let usages: Vec<&str> = TABLE.iter().map(|(usage, _)| *usage).collect();
    assert!(TABLE.iter().all(|(usage, what)| !usage.is_empty() && !what.ends_with('.')));
    for kind in [
        FaultKind::Storm { within_ms: 100 },
        FaultKind::StoreSilent,
        FaultKind::DnsStale,
        FaultKind::Operator(Operation::TestFailover),
        FaultKind::Operator(Operation::AddReplica),
        FaultKind::Operator(Operation::RemoveReplica(None)),
        FaultKind::Operator(Operation::RemoveReplicas(Named::of([NodeId(2), NodeId(6)]).expect("members"))),
        FaultKind::Operator(Operation::Replicas(3)),
        FaultKind::DnsDelay { ms: 1 },
    ] {
        let text = kind.to_string();
        let first = text.split(' ').next().unwrap_or_default();
        assert!(usages.iter().any(|usage| usage.starts_with(first)), "{first}");
    }
}

#[test]
fn an_application_without_words_is_the_one_that_scripts_have_always_added() {
    let plain = spec(&[]).expect("no words");
    assert_eq!((plain.via, plain.think_us, plain.timeout_ms), (Via::Configuration, 50_000, 500));
    assert_eq!(Command::AddClient(plain).to_string(), "client");
    assert_eq!(parse("stop-client 2"), Ok(Command::StopClient(1)), "the second one, as its name says");
}

/// Any words at all: nothing panics, and what is understood is said again.
#[test]
fn what_is_understood_of_random_words_is_read_back() {
    let mut vocabulary: Vec<String> =
        TABLE.iter().flat_map(|(usage, _)| usage.split([' ', '|', '[', ']'])).map(str::to_owned).collect();
    vocabulary.extend(
        [
            "001",
            "c2",
            "300ms",
            "x10",
            "primary",
            "nodes",
            "1/3",
            "5%",
            "all",
            "zone-b",
            "on",
            "via=reader",
            "keys=3",
        ]
        .map(str::to_owned),
    );
    let mut rng = Rng::from_u64(11);
    let mut understood = 0;
    for _ in 0..60_000 {
        let words =
            (0..=rng.below(5)).map(|_| vocabulary[rng.below(vocabulary.len() as u64) as usize].as_str());
        let line = words.collect::<Vec<_>>().join(" ");
        if let Ok(command) = parse(&line) {
            assert_eq!(parse(&command.to_string()).as_ref(), Ok(&command), "{line}");
            understood += 1;
        }
    }
    assert!(understood > 500, "only {understood} lines");
}
