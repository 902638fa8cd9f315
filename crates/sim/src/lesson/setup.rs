//! The words of the lessons' setups.

use crate::command_text;
use crate::fault::{Fault, FaultKind};
use crate::scenario::{ClientSpec, Profile, Scenario};

/// Who asks for a name before there is a primary keeps the no for a TTL, and is red when the learner comes: none asks earlier.
const STARTS_MS: u32 = 5_000;

/// The seed's group under `demo` timing with these applications, each in words.
pub(super) fn group(seed: u64, apps: &[&str]) -> Scenario {
    Scenario {
        seed,
        timing: Profile::Demo,
        clients: apps.iter().map(|words| app(words)).collect(),
        ..Scenario::default()
    }
}

/// An application in words; the tests see to it that they are understood.
pub(super) fn app(words: &str) -> ClientSpec {
    let words: Vec<&str> = words.split_whitespace().collect();
    let spec = command_text::spec(&words).unwrap_or_default();
    ClientSpec { starts_ms: spec.starts_ms.max(STARTS_MS), ..spec }
}

/// A fault of the lesson's own plan, in words, from one time to another in milliseconds.
pub(super) fn fault(at_ms: u32, until_ms: u32, words: &str) -> Fault {
    let kind = match command_text::parse(words) {
        Ok(crate::Command::Begin(kind)) => kind,
        // Nothing else is written in a plan; see the test that reads all of them.
        _ => FaultKind::Storm { within_ms: 0 },
    };
    Fault { at_ms, for_ms: until_ms.saturating_sub(at_ms), kind }
}
