//! Scenarios as text for a page's address: `#r=1&v=<version>&s=<base64url(postcard)>`.

use crate::scenario::Scenario;

/// Longest text that is looked at, in characters; a scenario has 300 to 1500 bytes.
pub const MAX_TEXT: usize = 64 * 1024;
/// The format of links.
pub const FORMAT: u32 = 1;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Why a text is not a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Longer than [`MAX_TEXT`].
    TooLong,
    /// Not base64url at this character.
    NotBase64(usize),
    /// Ends early or holds something else.
    NotAScenario,
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
            Self::NotAScenario => f.write_str("the link was cut off or is not a scenario"),
            Self::Refused(why) => write!(f, "the scenario is refused: {why}"),
            Self::OtherFormat => f.write_str("the link was made by another version"),
        }
    }
}

impl std::error::Error for LinkError {}

/// The scenario as base64url.
pub fn encode(scenario: &Scenario) -> String {
    let bytes = postcard::to_allocvec(scenario).unwrap_or_default();
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            let six = word >> (18 - 6 * digit) & 63;
            text.push(char::from(ALPHABET[six as usize]));
        }
    }
    text
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// Anything else, without a panic and without more memory than the text is long.
pub fn decode(text: &str) -> Result<Scenario, LinkError> {
    if text.len() > MAX_TEXT {
        return Err(LinkError::TooLong);
    }
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut word, mut bits) = (0u32, 0);
    for (at, c) in text.bytes().enumerate() {
        let six = ALPHABET.iter().position(|a| *a == c).ok_or(LinkError::NotBase64(at))?;
        word = word << 6 | u32::try_from(six).unwrap_or(0);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(word >> bits & 255).unwrap_or(0));
        }
    }
    let scenario: Scenario = postcard::from_bytes(&bytes).map_err(|_| LinkError::NotAScenario)?;
    scenario.check().map_err(LinkError::Refused)?;
    Ok(scenario)
}

/// Which engine made a link: two engines that run a scenario differently have different names.
pub fn engine() -> String {
    let mut trace = crate::hash::Trace::default();
    trace.bytes(crate::golden::KEPT.as_bytes());
    trace.bytes(env!("CARGO_PKG_VERSION").as_bytes());
    trace.digest().chars().take(8).collect()
}

/// The part of a page's address after `#`.
pub fn fragment(scenario: &Scenario) -> String {
    format!("r={FORMAT}&v={}&s={}", env!("CARGO_PKG_VERSION"), encode(scenario))
}

/// Reads a fragment, with or without its `#`. The version is returned for the page to compare.
///
/// # Errors
/// As [`decode`]; [`LinkError::OtherFormat`] for another `r`.
pub fn parse_fragment(text: &str) -> Result<(String, Scenario), LinkError> {
    let field = |name: &str| {
        let mut parts = text.trim_start_matches('#').split('&');
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    if field("r").and_then(|r| r.parse().ok()) != Some(FORMAT) {
        return Err(LinkError::OtherFormat);
    }
    Ok((field("v").unwrap_or_default().to_owned(), decode(field("s").unwrap_or_default())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Style, scenario};

    #[test]
    fn every_scenario_survives_the_way() {
        for seed in 0..200 {
            let drawn = scenario(seed, Style::Swarm);
            let text = fragment(&drawn);
            assert_eq!(parse_fragment(&text).unwrap().1, drawn);
        }
    }

    #[test]
    fn hostile_texts_are_refused() {
        let text = encode(&scenario(3, Style::Uniform));
        for cut in 0..text.len() {
            let _ = decode(&text[..cut]);
        }
        let mut rng = primacy_core::rng::Rng::from_u64(1);
        for _ in 0..20_000 {
            let mut bytes = text.clone().into_bytes();
            let at = rng.below(bytes.len() as u64) as usize;
            bytes[at] = ALPHABET[rng.below(64) as usize];
            let _ = decode(&String::from_utf8(bytes).unwrap());
        }
        assert_eq!(decode("ab!"), Err(LinkError::NotBase64(2)));
        assert_eq!(decode(&"A".repeat(MAX_TEXT + 1)), Err(LinkError::TooLong));
    }
}
