//! Words of script commands.

use std::collections::BTreeMap;

use primacy_core::id::NodeId;

use crate::command::Command;
use crate::fault::{Cut, FaultKind, Moment, Operation, Side, Who};
use crate::scenario::{ClientSpec, Mix, Profile, Retry, Scenario, Via};

const MS: u64 = 1_000_000;

/// `500ms` or `3s`, in nanoseconds.
pub(super) fn duration(text: &str) -> Result<u64, String> {
    let wrong = || format!("no time: {text}");
    if let Some(ms) = text.strip_suffix("ms") {
        return ms.parse::<u64>().map(|n| n * MS).map_err(|_| wrong());
    }
    let seconds = text.strip_suffix('s').ok_or_else(wrong)?;
    seconds.parse::<u64>().map(|n| n * 1000 * MS).map_err(|_| wrong())
}

/// `002`.
pub(super) fn node(text: &str) -> Result<NodeId, String> {
    text.parse().map(NodeId).map_err(|_| format!("no member: {text}"))
}

fn who(text: &str) -> Result<Who, String> {
    if text == "primary" { Ok(Who::Primary) } else { node(text).map(Who::Node) }
}

fn zone(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [letter @ b'a'..=b'f'] => Ok(letter - b'a'),
        _ => Err(format!("no zone: {text}")),
    }
}

fn side(text: &str) -> Result<Side, String> {
    Ok(match text {
        "nodes" => Side::Nodes,
        "replicas" => Side::Replicas,
        "coordinator" => Side::Coordinator,
        "clients" => Side::Clients,
        "all" => Side::All,
        _ => match text.strip_prefix("zone-") {
            Some(letter) => Side::Zone(zone(letter)?),
            None => Side::One(who(text)?),
        },
    })
}

fn cut(words: &[&str]) -> Result<Cut, String> {
    let (a, b) = match words {
        [a, b, ..] => (side(a)?, side(b)?),
        _ => return Err("cut needs two sides".to_owned()),
    };
    Ok(Cut { a, b, one_way: words.contains(&"one-way"), reset: words.contains(&"reset") })
}

/// The command behind a fault's words.
pub(super) fn fault_of(name: &str, words: &[&str]) -> Result<Command, String> {
    let first = || words.first().copied().ok_or_else(|| format!("{name} needs more"));
    let begin = |kind| Ok(Command::Begin(kind));
    let end = |kind| Ok(Command::End(kind));
    match name {
        "kill" => begin(FaultKind::Crash { who: who(first()?)?, seen: !words.contains(&"unseen") }),
        "start" => Ok(Command::Start(node(first()?)?)),
        "storm" => begin(FaultKind::Storm { within_ms: 100 }),
        "pause" => begin(FaultKind::Pause(who(first()?)?)),
        "resume" => end(FaultKind::Pause(who(first()?)?)),
        "cut" => cut(words).and_then(|cut| begin(FaultKind::Cut(cut))),
        "mend" => cut(words).and_then(|cut| end(FaultKind::Cut(cut))),
        "lose" => begin(FaultKind::ZoneLoss(zone(first()?)?)),
        "restore" => end(FaultKind::ZoneLoss(zone(first()?)?)),
        "coordinator" => match first()? {
            "down" => begin(FaultKind::CoordinatorDown(Moment::Now)),
            "up" => end(FaultKind::CoordinatorDown(Moment::Now)),
            "pause" => begin(FaultKind::CoordinatorPause),
            "resume" => end(FaultKind::CoordinatorPause),
            other => Err(format!("coordinator {other}?")),
        },
        "store" => match first()? {
            "silent" => begin(FaultKind::StoreSilent),
            "speaks" => end(FaultKind::StoreSilent),
            other => Err(format!("store {other}?")),
        },
        "dns" => match first()? {
            "stale" => begin(FaultKind::DnsStale),
            "fresh" => end(FaultKind::DnsStale),
            "fails" => begin(FaultKind::DnsFail),
            "answers" => end(FaultKind::DnsFail),
            other => Err(format!("dns {other}?")),
        },
        "delay" | "undelay" => {
            let [a, b, time] = words else { return Err("delay needs two sides and a time".to_owned()) };
            let us = u32::try_from(duration(time)? / 1000).map_err(|_| "too long")?;
            let kind = FaultKind::Delay { a: side(a)?, b: side(b)?, us };
            if name == "delay" { begin(kind) } else { end(kind) }
        }
        "forge" => begin(FaultKind::Forge(who(first()?)?)),
        "reset" => begin(FaultKind::Reset(who(first()?)?)),
        "half-open" => begin(FaultKind::HalfOpen(who(first()?)?)),
        "test-failover" => begin(FaultKind::Operator(Operation::TestFailover)),
        "failover" => {
            let target = words.first().map(|w| who(w)).transpose()?;
            begin(FaultKind::Operator(Operation::Failover(target)))
        }
        "reboot" => begin(FaultKind::Operator(Operation::Reboot(who(first()?)?))),
        "heal" => Ok(Command::Heal),
        _ => Err(format!("unknown command {name}")),
    }
}

/// `name=value` words.
pub(super) struct Options<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Options<'a> {
    pub(super) fn parse(words: &[&'a str]) -> Result<Self, String> {
        let pair = |word: &&'a str| word.split_once('=').ok_or_else(|| format!("{word} is no name=value"));
        words.iter().map(pair).collect::<Result<_, _>>().map(Self)
    }

    fn number<T: std::str::FromStr>(&self, name: &str, otherwise: T) -> Result<T, String> {
        self.0.get(name).map_or(Ok(otherwise), |v| v.parse().map_err(|_| format!("{name}={v}?")))
    }

    fn flag(&self, name: &str, otherwise: bool) -> Result<bool, String> {
        match self.0.get(name).copied() {
            None => Ok(otherwise),
            Some("on") => Ok(true),
            Some("off") => Ok(false),
            Some(other) => Err(format!("{name}={other}?")),
        }
    }

    pub(super) fn apply(&self, scenario: &mut Scenario) -> Result<(), String> {
        scenario.seed = self.number("seed", scenario.seed)?;
        scenario.replicas = self.number("replicas", scenario.replicas)?;
        scenario.zones = self.number("zones", scenario.zones)?;
        scenario.backlog_kib = self.number("backlog", scenario.backlog_kib)?;
        scenario.automatic_failover = self.flag("failover", scenario.automatic_failover)?;
        scenario.failsafe = self.flag("failsafe", scenario.failsafe)?;
        scenario.timing = match self.0.get("profile").copied() {
            None | Some("lan") => Profile::Lan,
            Some("demo") => Profile::Demo,
            Some("aws") => Profile::Aws,
            Some(other) => return Err(format!("profile={other}?")),
        };
        Ok(())
    }

    pub(super) fn client(&self) -> Result<ClientSpec, String> {
        let via = match self.0.get("via").copied().unwrap_or("configuration") {
            "configuration" => Via::Configuration,
            "primary" => Via::Primary,
            "reader" => Via::Reader,
            address => Via::Address(node(address)?),
        };
        let one =
            |name: &str| u8::from(self.0.get("does").copied().unwrap_or("set").split('+').any(|w| w == name));
        let mix = Mix {
            set: one("set"),
            get: one("get"),
            incr: one("incr"),
            wait: one("wait"),
            multi: one("multi"),
            token: one("token"),
            expire: one("expire"),
        };
        Ok(ClientSpec {
            via,
            think_us: u32::try_from(duration(self.0.get("every").copied().unwrap_or("50ms"))? / 1000)
                .map_err(|_| "too long")?,
            mix,
            wait_for: self.number("wait-for", 1)?,
            honours_ttl: self.flag("ttl", true)?,
            retry: Retry::Backoff { base_ms: 20, max_ms: 500, jitter: true },
            timeout_ms: self.number("timeout", 500)?,
            ..ClientSpec::default()
        })
    }
}
