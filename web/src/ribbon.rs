//! Ribbons of the past as SVG paths and as words.

use primacy_port::{Ribbon, Segment, State};

use crate::format::clock;

/// States in the order in which their paths are drawn, with their classes and words.
pub(crate) const STATES: [(State, &str, &str); 5] = [
    (State::Good, "good", "working"),
    (State::Stopped, "stopped", "stopped"),
    (State::Retrying, "retrying", "retrying"),
    (State::Stale, "stale", "stale reads"),
    (State::Failing, "failing", "failing"),
];

/// Width of a ribbon's drawing; its height is 12.
pub(crate) const WIDTH: u64 = 4000;

/// Where a time lies on an axis, in units of the drawing.
fn x(at_ns: u64, axis_ns: u64) -> u64 {
    (u128::from(at_ns.min(axis_ns)) * u128::from(WIDTH) / u128::from(axis_ns.max(1))) as u64
}

/// All stretches of one state as one path. The worse it goes, the higher: colour alone says nothing.
pub(crate) fn path(ribbon: &Ribbon, state: State, axis_ns: u64) -> String {
    use std::fmt::Write;
    let (top, height) = match state {
        State::Good => (8, 4),
        State::Retrying => (4, 8),
        State::Stopped => (10, 2),
        _ => (0, 12),
    };
    let mut path = String::new();
    for segment in ribbon.segments.iter().filter(|s| s.state == state) {
        let from = x(segment.from_ns, axis_ns);
        // A short outage must not vanish.
        let wide = x(segment.to_ns, axis_ns).saturating_sub(from).max(6);
        let _ = write!(path, "M{from} {top}h{wide}v{height}h-{wide}z");
    }
    path
}

/// The stretch at a time.
pub(crate) fn at(ribbon: &Ribbon, at_ns: u64) -> Option<&Segment> {
    ribbon.segments.iter().find(|s| (s.from_ns..s.to_ns.max(s.from_ns + 1)).contains(&at_ns))
}

/// `failing, 0:31.000 to 1:19.000, 48 s, 480 operations failed`.
pub(crate) fn words(segment: &Segment) -> String {
    let state = STATES.iter().find(|s| s.0 == segment.state).map_or("nothing yet", |s| s.2);
    let (from, to) = (clock(segment.from_ns), clock(segment.to_ns));
    let ms = segment.to_ns.saturating_sub(segment.from_ns) / 1_000_000;
    let mut text = format!("{state}, {from} to {to}, {}.{} s", ms / 1000, ms / 100 % 10);
    for (number, what) in [(segment.failed, "failed"), (segment.stale, "stale")] {
        if number > 0 {
            text.push_str(&format!(", {number} {what}"));
        }
    }
    if !segment.error.is_empty() {
        text.push_str(", ");
        text.push_str(&segment.error);
    }
    text
}

/// Everything but "working", in words, the newest last.
pub(crate) fn troubles(ribbon: &Ribbon) -> Vec<String> {
    let bad = |s: &&Segment| !matches!(s.state, State::Good | State::Idle);
    let all: Vec<String> = ribbon.segments.iter().filter(bad).map(words).collect();
    let surplus = all.len().saturating_sub(12);
    all.into_iter().skip(surplus).collect()
}

/// The end of the axis: a round time beyond the run's end, so that the scale seldom changes.
pub(crate) fn axis(end_ns: u64) -> u64 {
    const SECONDS: [u64; 12] = [15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 86_400];
    let wanted = end_ns / 1_000_000_000 + 1;
    SECONDS.iter().find(|s| **s >= wanted).copied().unwrap_or(wanted) * 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    const S: u64 = 1_000_000_000;

    #[wasm_bindgen_test]
    fn a_stretch_says_what_it_is_without_its_colour() {
        let failing = Segment {
            from_ns: 31 * S,
            to_ns: 79 * S,
            state: State::Failing,
            failed: 480,
            ..Segment::default()
        };
        assert_eq!(words(&failing), "failing, 0:31.000 to 1:19.000, 48.0 s, 480 failed");
        let ribbon = Ribbon { segments: vec![failing], ..Ribbon::default() };
        assert_eq!(path(&ribbon, State::Failing, 120 * S), "M1033 0h1600v12h-1600z");
        assert_eq!(path(&ribbon, State::Good, 120 * S), "");
        assert!(at(&ribbon, 31 * S).is_some() && at(&ribbon, 80 * S).is_none());
    }

    #[wasm_bindgen_test]
    fn the_axis_ends_after_the_run_and_seldom_moves() {
        assert_eq!(axis(0), 15 * S);
        assert_eq!(axis(15 * S), 30 * S);
        assert_eq!(axis(599 * S), 600 * S);
    }
}
