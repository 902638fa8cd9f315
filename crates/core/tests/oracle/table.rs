//! The table's rows against what Redis says of its commands.

use std::collections::BTreeSet;

use primacy_core::command::{Flags, all};

use crate::compare::elements;
use crate::redis::Redis;

/// Ours alone.
const OWN: &[&str] = &["primacy"];
/// Redis has the flags and keys with each subcommand; ours has what holds for all.
const CONTAINERS: &[&str] = &["client", "config", "memory", "object"];

#[test]
fn arity_flags_and_keys_are_those_of_redis() {
    let redis = Redis::start();
    let mut link = redis.connect();
    let mut wrong = Vec::new();
    for command in all().filter(|command| !OWN.contains(&command.name)) {
        let reply = link.ask(&[b"COMMAND", b"INFO", command.name.as_bytes()]);
        let info = elements(&elements(&reply)[0]);
        let number = |i: usize| -> i16 {
            let text = String::from_utf8_lossy(&info[i]);
            text.trim_start_matches(':').trim().parse().expect("a number")
        };
        let flags = elements(&info[2])
            .into_iter()
            .map(|flag| String::from_utf8_lossy(&flag).trim_start_matches('+').trim().to_owned());
        let known = |flag: &String| Flags::NAMES.iter().any(|(_, name)| name == flag);
        let theirs: BTreeSet<String> = flags.filter(known).collect();
        let ours: BTreeSet<String> = Flags::NAMES
            .iter()
            .filter(|(flag, _)| command.flags.contains(*flag))
            .map(|(_, name)| (*name).to_owned())
            .collect();
        let keys = (command.keys.first, command.keys.last, command.keys.step);
        let container = CONTAINERS.contains(&command.name);
        let same = container || (keys == (number(3), number(4), number(5)) && ours == theirs);
        if command.arity != number(1) || !same {
            let theirs = (number(1), theirs, (number(3), number(4), number(5)));
            wrong.push(format!(
                "{}:\n  ours   {:?}\n  theirs {theirs:?}",
                command.name,
                (command.arity, ours, keys)
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
