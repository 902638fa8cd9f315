//! Times, members, zones and sides as words.

use primacy_core::id::NodeId;

use crate::fault::{Side, Who};
use crate::scenario::Via;

const US: u64 = 1_000;
const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

/// `50us`, `500ms`, `3s`, `1.5s` or `2m`, in nanoseconds.
///
/// # Errors
/// Anything else, and what is longer than 500 years.
pub fn duration(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text} is no time; write 50us, 300ms, 1.5s or 2m");
    let units = [("us", US), ("µs", US), ("ms", MS), ("s", S), ("m", 60 * S)];
    let found = units.iter().find_map(|(unit, ns)| Some((text.strip_suffix(unit)?, *ns)));
    let (number, unit) = found.ok_or_else(wrong)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if !digits(whole) || (number.contains('.') && !digits(part)) || part.len() > 9 {
        return Err(wrong());
    }
    let whole = whole.parse::<u64>().map_err(|_| wrong())?;
    let scale = 10u64.pow(u32::try_from(part.len()).unwrap_or(0));
    let part = if part.is_empty() { 0 } else { part.parse::<u64>().map_err(|_| wrong())? };
    let ns = whole.checked_mul(unit).ok_or_else(wrong)?;
    let rest = u128::from(part) * u128::from(unit) / u128::from(scale);
    ns.checked_add(u64::try_from(rest).unwrap_or(0)).ok_or_else(wrong)
}

pub(super) fn micros(text: &str) -> Result<u32, String> {
    u32::try_from(duration(text)? / US).map_err(|_| format!("{text} is too long"))
}

pub(super) fn millis<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    // Bare milliseconds are what scripts have always said for a time-out.
    let ns = if text.bytes().all(|c| c.is_ascii_digit()) {
        duration(&format!("{text}ms"))
    } else {
        duration(text)
    };
    T::try_from(ns? / MS).map_err(|_| format!("{text} is too long"))
}

pub(super) fn show_micros(us: u32) -> String {
    match us {
        us if us >= 1_000_000 && us.is_multiple_of(1_000_000) => format!("{}s", us / 1_000_000),
        us if us.is_multiple_of(1_000) && us > 0 => format!("{}ms", us / 1_000),
        us => format!("{us}us"),
    }
}

pub(super) fn show_millis(ms: u32) -> String {
    if ms > 0 && ms.is_multiple_of(1_000) { format!("{}s", ms / 1_000) } else { format!("{ms}ms") }
}

pub(super) fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no {what}"))
}

/// `002`, or a whole `CacheClusterId` such as `my-replication-group-002`.
///
/// # Errors
/// Anything else.
pub fn node(text: &str) -> Result<NodeId, String> {
    let digits = text.rsplit('-').next().unwrap_or(text);
    digits.parse().map(NodeId).map_err(|_| format!("{text} is no member; write 001"))
}

pub(super) fn who(text: &str) -> Result<Who, String> {
    if text == "primary" {
        return Ok(Who::Primary);
    }
    match text.strip_prefix("replica-") {
        Some(n) => number(n, "number").map(Who::Replica),
        None => node(text).map(Who::Node),
    }
}

pub(super) fn show_who(who: Who) -> String {
    match who {
        Who::Primary => "primary".to_owned(),
        Who::Replica(n) => format!("replica-{n}"),
        Who::Node(node) => node.to_string(),
    }
}

/// `a`, `zone-a` or `us-east-1a`.
pub(super) fn zone(text: &str) -> Result<u8, String> {
    let short = text.strip_prefix("zone-").or_else(|| text.strip_prefix("us-east-1")).unwrap_or(text);
    match short.as_bytes() {
        [letter @ b'a'..=b'f'] => Ok(letter - b'a'),
        _ => Err(format!("{text} is no zone; write a")),
    }
}

pub(super) fn show_zone(zone: u8) -> char {
    char::from(b'a' + zone.min(25))
}

/// An application's name: `c1` is the first.
pub fn client_name(index: usize) -> String {
    format!("c{}", index + 1)
}

/// `c2` or `2`: the second one's index.
pub(super) fn client(text: &str) -> Result<u8, String> {
    let number: u8 = number(text.strip_prefix('c').unwrap_or(text), "application")?;
    number.checked_sub(1).ok_or_else(|| "the first application is c1".to_owned())
}

pub(super) fn show_client(index: u8) -> String {
    client_name(usize::from(index))
}

pub(super) fn side(text: &str) -> Result<Side, String> {
    Ok(match text {
        "nodes" => Side::Nodes,
        "replicas" => Side::Replicas,
        "coordinator" => Side::Coordinator,
        "clients" => Side::Clients,
        "all" => Side::All,
        _ if text.starts_with("zone-") => Side::Zone(zone(text)?),
        _ if text.starts_with('c') => Side::Client(client(text)?),
        _ => Side::One(who(text)?),
    })
}

pub(super) fn show_side(side: Side) -> String {
    match side {
        Side::One(one) => show_who(one),
        Side::Nodes => "nodes".to_owned(),
        Side::Replicas => "replicas".to_owned(),
        Side::Coordinator => "coordinator".to_owned(),
        Side::Clients => "clients".to_owned(),
        Side::Zone(zone) => format!("zone-{}", show_zone(zone)),
        Side::All => "all".to_owned(),
        Side::Client(index) => show_client(index),
    }
}

/// `configuration`, `primary`, `reader`, `002` (its address) or `name-002` (its own DNS name).
///
/// # Errors
/// Anything else.
pub fn via(text: &str) -> Result<Via, String> {
    Ok(match text {
        "configuration" | "cfg" => Via::Configuration,
        "primary" => Via::Primary,
        "reader" => Via::Reader,
        _ => match text.strip_prefix("name-") {
            Some(name) => Via::Node(node(name)?),
            None => Via::Address(node(text).map_err(|_| {
                format!("{text} is no target; write configuration, primary, reader, 001 or name-001")
            })?),
        },
    })
}

/// The word for a way to a node; [`via`] reads it.
pub fn show_via(via: Via) -> String {
    match via {
        Via::Configuration => "configuration".to_owned(),
        Via::Primary => "primary".to_owned(),
        Via::Reader => "reader".to_owned(),
        Via::Node(node) => format!("name-{node}"),
        Via::Address(node) => node.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_and_nothing_else_is_a_time() {
        assert_eq!(duration("1.5s"), Ok(1_500_000_000));
        assert_eq!(duration("50us"), Ok(50_000));
        assert_eq!(duration("2m"), Ok(120_000_000_000));
        for wrong in ["", "s", "5", "-1s", "1.s", ".5s", "1e3s", "99999999999999999999s", "18446744073m"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        for us in [0, 1, 999, 1000, 1500, 1_000_000, 2_500_000, u32::MAX] {
            assert_eq!(micros(&show_micros(us)), Ok(us));
        }
    }
}
