//! What a terminal understands itself, without a connection.

use primacy_core::command::lookup;
use primacy_sim::command_text::parse;

/// A command for the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Local {
    Help,
    Clear,
    /// Another target.
    Connect(String),
    /// Waits for so many nanoseconds of the run.
    Sleep(u64),
    /// An action on the group, in the words of the palette.
    Act(String),
    /// Almost one of these.
    Wrong(String),
}

pub(super) const HELP: &str = "\
Redis commands go to the node that the prompt names: SET, GET, INCR, WAIT, INFO replication, MULTI …
connect TARGET     configuration, primary, reader, or a node such as 002
sleep 2s           waits that long in the run's time; also 500ms
dig NAME           what DNS answers: configuration, primary, reader, or a node
aws elasticache …  describe-replication-groups, describe-events, test-failover, reboot-cache-cluster,
                   increase-replica-count, decrease-replica-count
kill 001           and other actions of Ctrl-K
clear              empties the screen, as Ctrl-L does
Tab completes, Ctrl-R searches what was typed before, Shift-Enter begins a new line, Ctrl-C hangs up.";

/// The terminal's own commands for completion.
pub(super) const WORDS: [&str; 4] = ["clear", "connect", "help", "sleep"];

/// Reads a line; `None` when it is for the engine.
pub(super) fn read(line: &str) -> Option<Local> {
    let mut words = line.split_whitespace();
    let command = words.next()?.to_ascii_lowercase();
    let rest: Vec<&str> = words.collect();
    match (command.as_str(), rest.as_slice()) {
        ("help", []) => Some(Local::Help),
        ("clear", []) => Some(Local::Clear),
        ("connect", [target]) => Some(target_of(target)),
        ("connect", _) => {
            Some(Local::Wrong("connect TARGET: configuration, primary, reader, or a node such as 002".into()))
        }
        ("sleep", [time]) => Some(
            span(time)
                .map_or_else(|| Local::Wrong(format!("sleep {time}? A time is 2s or 500ms.")), Local::Sleep),
        ),
        ("sleep", _) => Some(Local::Wrong("sleep TIME: 2s or 500ms".into())),
        _ if lookup(command.as_bytes()).is_none() && parse(line.trim()).is_ok() => {
            Some(Local::Act(line.trim().to_owned()))
        }
        _ => None,
    }
}

fn target_of(word: &str) -> Local {
    let short = word.trim_end_matches(":6379").to_ascii_lowercase();
    let name = match short.as_str() {
        "cfg" | "configuration" => "configuration".to_owned(),
        name @ ("primary" | "reader") => name.to_owned(),
        name => match name.rsplit('-').next().and_then(|digits| digits.parse::<u16>().ok()) {
            Some(node) => format!("{node:03}"),
            None => {
                let known = "configuration, primary, reader, or a node such as 002";
                return Local::Wrong(format!("There is no {word}: {known}."));
            }
        },
    };
    Local::Connect(name)
}

fn span(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1_000_000),
        None => (text.strip_suffix('s').unwrap_or(text), 1_000_000_000),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn targets_have_short_names_and_long_ones() {
        let connect = |name: &str| Some(Local::Connect(name.into()));
        assert_eq!(read("connect cfg"), connect("configuration"));
        assert_eq!(read("connect my-replication-group-002"), connect("002"));
        assert_eq!(read("CONNECT 3"), connect("003"));
        assert!(matches!(read("connect nowhere"), Some(Local::Wrong(_))));
    }

    #[wasm_bindgen_test]
    fn what_is_not_for_the_terminal_goes_on() {
        assert_eq!((read("GET help"), read("")), (None, None));
        assert_eq!(read("sleep 2s"), Some(Local::Sleep(2_000_000_000)));
        assert_eq!(read("sleep 5ms"), Some(Local::Sleep(5_000_000)));
        assert!(matches!(read("sleep well"), Some(Local::Wrong(_))));
    }

    #[wasm_bindgen_test]
    fn an_action_whose_word_is_no_command_is_done_and_any_other_is_for_the_node() {
        assert_eq!(read(" kill 001"), Some(Local::Act("kill 001".into())));
        assert_eq!((read("kill"), read("client x5"), read("set ttl 60s")), (None, None, None));
    }
}
