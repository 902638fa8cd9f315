//! Runs as text for a page's address: `#p1.<base64url>`, and bare scenarios for the command line.
//!
//! The bytes behind `p1.`: their number, which engine made them, how the run begins (a preset or a lesson by its number,
//! else the whole scenario), the actions with the milliseconds between them, and a checksum. An action that was done before
//! is named by its number. Links of the first format (`r=1&v=<version>&s=<base64url>`) are still read.

mod base64;
mod packed;

use crate::scenario::Scenario;

/// Longest text that is looked at, in characters; a run of a preset with 200 actions has fewer than 2000.
pub const MAX_TEXT: usize = 64 * 1024;
/// How a link begins; another format begins otherwise.
const BEGINNING: &str = "p1.";
/// The format before.
const FIRST_FORMAT: u32 = 1;

/// Why a text is not a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Longer than [`MAX_TEXT`].
    TooLong,
    /// Not base64url at this character.
    NotBase64(usize),
    /// It ends after so many characters, and more should come.
    Cut(usize),
    /// Ends early or holds something else.
    NotAScenario,
    /// Characters were changed on the way.
    Damaged,
    /// A value is out of its range.
    Refused(&'static str),
    /// Made by another format.
    OtherFormat,
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong => write!(f, "the link is longer than {MAX_TEXT} characters"),
            Self::NotBase64(at) => write!(f, "character {at} of the link does not belong there"),
            Self::Cut(at) => write!(f, "this link was cut off after {at} characters"),
            Self::NotAScenario => f.write_str("the link was cut off, is no run, or was made by a newer page"),
            Self::Damaged => f.write_str("some characters of the link were changed on the way"),
            Self::Refused(why) => write!(f, "the scenario is refused: {why}"),
            Self::OtherFormat => f.write_str("the link was made by another version"),
        }
    }
}

impl std::error::Error for LinkError {}

/// The scenario as base64url.
pub fn encode(scenario: &Scenario) -> String {
    base64::encode(&postcard::to_allocvec(scenario).unwrap_or_default())
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// Anything else, without a panic and without more memory than the text is long.
pub fn decode(text: &str) -> Result<Scenario, LinkError> {
    if text.len() > MAX_TEXT {
        return Err(LinkError::TooLong);
    }
    let bytes = base64::decode(text).map_err(LinkError::NotBase64)?;
    let scenario: Scenario = postcard::from_bytes(&bytes).map_err(|_| LinkError::NotAScenario)?;
    scenario.check().map_err(LinkError::Refused)?;
    Ok(scenario)
}

/// Which engine made a link: two engines that run a scenario differently have different names.
pub fn engine() -> String {
    format!("{:08x}", engine_number())
}

fn engine_number() -> u32 {
    let mut trace = crate::hash::Trace::default();
    trace.bytes(crate::golden::KEPT.as_bytes());
    trace.bytes(env!("CARGO_PKG_VERSION").as_bytes());
    trace.digest().bytes().take(8).fold(0, |n, digit| n << 4 | char::from(digit).to_digit(16).unwrap_or(0))
}

/// The part of a page's address after `#`.
pub fn fragment(scenario: &Scenario) -> String {
    format!("{BEGINNING}{}", base64::encode(&packed::write(scenario, engine_number())))
}

/// Reads a fragment, with or without its `#`, and says which engine made it.
///
/// # Errors
/// Why it is refused; [`LinkError::OtherFormat`] for another beginning.
pub fn parse_fragment(text: &str) -> Result<(String, Scenario), LinkError> {
    let text = text.trim().trim_start_matches('#');
    if text.len() > MAX_TEXT {
        return Err(LinkError::TooLong);
    }
    let Some(rest) = text.strip_prefix(BEGINNING) else { return first_format(text) };
    let bytes = base64::decode(rest).map_err(|at| LinkError::NotBase64(at + BEGINNING.len()))?;
    let (engine, scenario) = packed::read(&bytes).map_err(|error| match error {
        LinkError::Cut(_) => LinkError::Cut(text.len()),
        other => other,
    })?;
    scenario.check().map_err(LinkError::Refused)?;
    Ok((format!("{engine:08x}"), scenario))
}

fn first_format(text: &str) -> Result<(String, Scenario), LinkError> {
    let field = |name: &str| {
        let mut parts = text.split('&');
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    if field("r").and_then(|r| r.parse().ok()) != Some(FIRST_FORMAT) {
        return Err(LinkError::OtherFormat);
    }
    Ok((field("v").unwrap_or_default().to_owned(), decode(field("s").unwrap_or_default())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::command_text;
    use crate::draw::{Style, scenario};
    use crate::engine;

    /// What a person does in a session.
    const TYPICAL: &[&str] = &[
        "kill 001",
        "kill primary",
        "pause 002",
        "resume 002",
        "type 0 configuration SET counter 17",
        "type 0 configuration GET counter",
        "type 0 002 GET counter",
        "type 0 primary INCR visits",
        "test-failover",
        "cut 001 all",
        "mend 001 all",
        "delay primary replicas 300ms",
        "undelay primary replicas 300ms",
        "lose a",
        "restore a",
        "client via=primary every=50ms does=set+get",
        "client c2 via=configuration",
        "set ttl 60s",
        "failover",
        "heal",
    ];

    fn session(actions: usize) -> Scenario {
        let mut run = engine::first(42);
        let mut at = 8_000;
        for n in 0..actions {
            at += 500 + u32::try_from(crate::hash::draw_below(1, 2, 3, n as u64, 9_000)).unwrap();
            run.commands.push((at, command_text::parse(TYPICAL[n * 7 % TYPICAL.len()]).unwrap()));
        }
        run
    }

    #[test]
    fn every_scenario_survives_the_way() {
        for seed in 0..200 {
            let mut drawn = scenario(seed, Style::Swarm);
            drawn.commands = session(seed as usize % 30).commands;
            let text = fragment(&drawn);
            assert_eq!(parse_fragment(&text), Ok((engine(), drawn)));
        }
    }

    #[test]
    fn two_hundred_typical_actions_fit_into_two_thousand_characters() {
        for (actions, most) in [(0, 30), (5, 130), (20, 400), (50, 700), (200, 2000)] {
            let run = session(actions);
            let text = fragment(&run);
            println!("{actions} actions: {} characters", text.len());
            assert!(text.len() <= most, "{actions} actions: {} characters", text.len());
            assert_eq!(parse_fragment(&format!("#{text}")), Ok((engine(), run)));
        }
    }

    #[test]
    fn presets_and_lessons_are_named_by_their_number() {
        let presets = engine::GALLERY.iter().map(|(name, ..)| engine::preset(name).unwrap());
        let lessons = crate::lesson::LESSONS.iter().map(|lesson| (lesson.setup)());
        for mut run in presets.chain(lessons) {
            run.seed = 7_777;
            let text = fragment(&run);
            assert_eq!(parse_fragment(&text), Ok((engine(), run)));
            assert!(text.len() < 80, "{} characters", text.len());
        }
    }

    #[test]
    fn a_declared_group_is_kept() {
        let mut run = session(3);
        let mut spec = crate::world::spec(&run);
        spec.id = "another".into();
        run.declared = Some(Box::new(spec));
        assert_eq!(parse_fragment(&fragment(&run)), Ok((engine(), run)));
    }

    #[test]
    fn a_cut_link_says_where_and_a_changed_one_that_it_was_changed() {
        let text = fragment(&session(20));
        for cut in BEGINNING.len() + 4..text.len() {
            let error = parse_fragment(&text[..cut]).unwrap_err();
            assert_eq!(error, LinkError::Cut(cut));
        }
        let why = parse_fragment(&text[..100]).unwrap_err().to_string();
        assert_eq!(why, "this link was cut off after 100 characters");
        let mut changed = text.into_bytes();
        changed[60] = if changed[60] == b'A' { b'B' } else { b'A' };
        assert_eq!(parse_fragment(&String::from_utf8(changed).unwrap()), Err(LinkError::Damaged));
        assert_eq!(parse_fragment("p9.AAAA"), Err(LinkError::OtherFormat));
        assert_eq!(parse_fragment(""), Err(LinkError::OtherFormat));
    }

    #[test]
    fn links_of_the_first_format_are_still_read() {
        let run = Scenario { commands: vec![(9_000, Command::Heal)], ..engine::first(3) };
        let text = format!("#r=1&v=0.1.0&s={}", encode(&run));
        assert_eq!(parse_fragment(&text), Ok(("0.1.0".into(), run)));
    }

    #[test]
    fn hostile_texts_are_refused() {
        let mut rng = primacy_core::rng::Rng::from_u64(1);
        for text in [
            encode(&scenario(3, Style::Uniform)),
            fragment(&session(9)),
            fragment(&scenario(4, Style::Swarm)),
        ] {
            for cut in 0..text.len() {
                let _ = (decode(&text[..cut]), parse_fragment(&text[..cut]));
            }
            for _ in 0..10_000 {
                let mut bytes = text.clone().into_bytes();
                let at = rng.below(bytes.len() as u64) as usize;
                bytes[at] = b'A' + rng.below(26) as u8;
                let changed = String::from_utf8(bytes).unwrap();
                let _ = (decode(&changed), parse_fragment(&changed));
            }
        }
        assert_eq!(decode("ab!"), Err(LinkError::NotBase64(2)));
        assert_eq!(decode(&"A".repeat(MAX_TEXT + 1)), Err(LinkError::TooLong));
    }
}
