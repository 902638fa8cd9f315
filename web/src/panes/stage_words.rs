//! Names of things on the stage.

use primacy_port::State;

use crate::session::Pick;

/// A role in one word, for tests and styles.
pub(crate) fn role(words: &str) -> &'static str {
    match words {
        words if words.contains("primary") => "primary",
        words if words.contains("replica") || words == "full sync" => "replica",
        _ => "none",
    }
}

/// How an application fares, in one word.
pub(crate) fn fate(state: State) -> &'static str {
    match state {
        State::Idle => "idle",
        State::Good => "good",
        State::Retrying => "retrying",
        State::Failing => "failing",
        State::Stale => "stale",
        State::Stopped => "stopped",
    }
}

/// The heading for something that was selected.
pub(crate) fn title(pick: Pick) -> String {
    match pick {
        Pick::Node(id) => format!("Node {id:03}"),
        Pick::Client(index) => format!("Application c{}", index + 1),
        Pick::Endpoint(index) => {
            let names = ["Configuration", "Primary", "Reader"];
            format!("{} endpoint", names.get(usize::from(index)).unwrap_or(&"An"))
        }
        Pick::Event(id) => format!("Event {id}"),
        Pick::Zone(index) => {
            format!("Zone {}", char::from(b'a' + u8::try_from(index).unwrap_or(25).min(25)))
        }
        Pick::Coordinator => "Coordinator".into(),
    }
}
