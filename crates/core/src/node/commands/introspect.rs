//! COMMAND: the table, as clients want to read it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::command::{Command, Flags, all, error, lookup};
use crate::resp::{Args, reply};

pub(super) fn command(args: &Args<'_>, out: &mut Vec<u8>) {
    if args.len() == 1 {
        reply::array(out, all().count());
        return all().for_each(|c| describe(out, c));
    }
    let sub = args.get(1).to_ascii_lowercase();
    match sub.as_slice() {
        b"count" if args.len() == 2 => reply::count(out, all().count()),
        b"list" if args.len() == 2 => {
            reply::array(out, all().count());
            all().for_each(|c| reply::bulk(out, c.name.as_bytes()));
        }
        b"info" if args.len() == 2 => {
            reply::array(out, all().count());
            all().for_each(|c| describe(out, c));
        }
        b"info" => {
            reply::array(out, args.len() - 2);
            for name in args.from(2) {
                match lookup(name) {
                    Some(command) => describe(out, command),
                    None => reply::nil_array(out),
                }
            }
        }
        b"docs" => {
            let named = args.from(2).filter_map(lookup);
            let wanted: Vec<&Command> = if args.len() == 2 { all().collect() } else { named.collect() };
            reply::array(out, 2 * wanted.len());
            wanted.into_iter().for_each(|c| docs(out, c));
        }
        b"getkeys" if args.len() >= 3 => get_keys(args, out),
        b"count" | b"list" | b"getkeys" => {
            error::wrong_arity_of(out, &alloc::format!("command|{}", String::from_utf8_lossy(&sub)));
        }
        _ => error::unknown_subcommand(out, "command", args.get(1)),
    }
}

fn get_keys(args: &Args<'_>, out: &mut Vec<u8>) {
    let Some(command) = lookup(args.get(2)) else {
        return reply::error(out, "ERR Invalid command specified");
    };
    if !command.accepts(args.len() - 2) {
        return reply::error(out, "ERR Invalid number of arguments specified for command");
    }
    let mut spans = crate::resp::ArgSpans::new();
    let inner: Vec<&[u8]> = args.from(2).collect();
    spans.assemble(&inner);
    let keys: Vec<&[u8]> = command.keys.of(&spans.view(&[])).collect();
    if keys.is_empty() {
        return reply::error(out, "ERR The command has no key arguments");
    }
    reply::array(out, keys.len());
    keys.into_iter().for_each(|key| reply::bulk(out, key));
}

/// One command as in COMMAND INFO of Redis 7.
fn describe(out: &mut Vec<u8>, c: &Command) {
    reply::array(out, 10);
    reply::bulk(out, c.name.as_bytes());
    reply::integer(out, c.arity.into());
    let flags = Flags::NAMES.iter().filter(|&&(flag, _)| c.flags.contains(flag));
    reply::array(out, flags.clone().count());
    flags.for_each(|(_, name)| reply::simple(out, name));
    reply::integer(out, c.keys.first.into());
    reply::integer(out, c.keys.last.into());
    reply::integer(out, c.keys.step.into());
    let category = alloc::format!("@{}", c.doc().group);
    reply::array(out, 1);
    reply::simple(out, &category);
    // Tips, key specifications, subcommands.
    (0..3).for_each(|_| reply::array(out, 0));
}

fn docs(out: &mut Vec<u8>, c: &Command) {
    reply::bulk(out, c.name.as_bytes());
    let doc = c.doc();
    let arguments: Vec<&str> = arguments(doc.hint);
    reply::array(out, if arguments.is_empty() { 6 } else { 8 });
    for (field, value) in [("summary", doc.summary), ("since", doc.since), ("group", doc.group)] {
        reply::bulk(out, field.as_bytes());
        reply::bulk(out, value.as_bytes());
    }
    if arguments.is_empty() {
        return;
    }
    reply::bulk(out, b"arguments");
    reply::array(out, arguments.len());
    for argument in arguments {
        // A whole word or bracket of the hint is one argument: enough for the hints of redis-cli.
        reply::array(out, 6);
        let bare = argument.trim_matches(['[', ']']);
        let optional = argument.starts_with('[');
        for (field, value) in [("name", bare), ("type", "string")] {
            reply::bulk(out, field.as_bytes());
            reply::bulk(out, value.as_bytes());
        }
        reply::bulk(out, b"flags");
        reply::array(out, usize::from(optional));
        if optional {
            reply::simple(out, "optional");
        }
    }
}

/// The words of a hint, brackets kept together.
fn arguments(hint: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0u32, None, Vec::new());
    for (i, c) in hint.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => {
                found.extend(start.take().and_then(|s: usize| hint.get(s..i)));
                continue;
            }
            _ => {}
        }
        start.get_or_insert(i);
    }
    found.extend(start.and_then(|s| hint.get(s..)));
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn hints_are_split_at_their_outer_words() {
        assert_eq!(super::arguments("key [NX | XX] [EX seconds]"), ["key", "[NX | XX]", "[EX seconds]"]);
        assert!(super::arguments("").is_empty());
    }
}
