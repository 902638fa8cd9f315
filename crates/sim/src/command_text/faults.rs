//! Faults as words.

use super::units::{
    client, micros, millis, node, number, show_client, show_micros, show_millis, show_side, show_who,
    show_zone, side, who, zone,
};
use crate::command::Command;
use crate::fault::{Cut, FaultKind, Moment, Named, Operation, Side, Who};

/// A storm without a time spreads its deaths over this many milliseconds.
const STORM_MS: u16 = 100;

/// The command behind a fault's words; `None` when the first word is no fault's.
pub(super) fn parse(name: &str, words: &[&str]) -> Option<Result<Command, String>> {
    let ends = |begin: &str| fault(begin, words).map(|kind| kind.map(Command::End));
    match name {
        "resume" => ends("pause"),
        "thaw" => ends("freeze"),
        "mend" => ends("cut"),
        "undelay" => ends("delay"),
        "restore" => ends("lose"),
        "resume-replication" => ends("pause-replication"),
        "end" => match words.split_first() {
            Some((name, words)) => fault(name, words).map(|kind| kind.map(Command::End)),
            None => Some(Err("end what?".to_owned())),
        },
        "coordinator" | "store" | "dns" => Some(service(name, words)),
        _ => fault(name, words).map(|kind| kind.map(Command::Begin)),
    }
}

/// The words that end a fault.
pub(super) fn show_end(kind: &FaultKind) -> String {
    let text = show(kind);
    match kind {
        FaultKind::Pause(_) => text.replacen("pause", "resume", 1),
        FaultKind::Freeze(_) => text.replacen("freeze", "thaw", 1),
        FaultKind::Cut(_) if text.starts_with("pause") => text.replacen("pause", "resume", 1),
        FaultKind::Cut(_) => text.replacen("cut", "mend", 1),
        FaultKind::Delay { .. } => format!("un{text}"),
        FaultKind::ZoneLoss(_) => text.replacen("lose", "restore", 1),
        FaultKind::CoordinatorDown(_) => text.replacen("down", "up", 1),
        FaultKind::CoordinatorPause => "coordinator resume".to_owned(),
        FaultKind::SecondCoordinator => "coordinator single".to_owned(),
        FaultKind::StoreSilent => "store speaks".to_owned(),
        FaultKind::DnsStale => "dns fresh".to_owned(),
        FaultKind::DnsFail => "dns answers".to_owned(),
        _ => format!("end {text}"),
    }
}

fn fault(name: &str, words: &[&str]) -> Option<Result<FaultKind, String>> {
    Some(match name {
        "coordinator" | "store" | "dns" => service(name, words).and_then(|command| match command {
            Command::Begin(kind) => Ok(kind),
            _ => Err(format!("{name} {} is itself an end", words.join(" "))),
        }),
        _ => {
            let kind = known(name, words).and_then(|kind| {
                kind.map(|kind| no_more(name, words, most(name, None)).map(|()| kind)).transpose()
            });
            return kind.transpose();
        }
    })
}

/// How many words may follow; where flags may stand, they are looked at one by one.
fn most(name: &str, first: Option<&str>) -> usize {
    match (name, first) {
        ("test-failover" | "add-replica", _) => 0,
        ("slow" | "drift" | "wall-jump" | "mono-jump" | "corrupt" | "cut-pipeline" | "flood", _) => 2,
        ("coordinator", Some("down" | "up" | "stall" | "drift" | "jump"))
        | ("dns", Some("delay"))
        | ("store", Some("unknown")) => 2,
        ("delay" | "jitter" | "loss" | "narrow", _) => 3,
        ("kill" | "cut" | "flap" | "end" | "remove-replica", _) => usize::MAX,
        _ => 1,
    }
}

/// Refuses a word that has no meaning where it stands.
pub(super) fn no_more(name: &str, words: &[&str], most: usize) -> Result<(), String> {
    match words.get(most) {
        Some(extra) => Err(format!("{name} does not take {extra}")),
        None => Ok(()),
    }
}

/// `Ok(None)`: no fault has this name.
fn known(name: &str, words: &[&str]) -> Result<Option<FaultKind>, String> {
    let word = |n: usize| words.get(n).copied().ok_or_else(|| format!("{name} needs more words"));
    let one = || who(word(0)?);
    let sides = || Ok::<_, String>((side(word(0)?)?, side(word(1)?)?));
    Ok(Some(match name {
        "kill" => FaultKind::Crash { who: who(word(0)?)?, seen: !flags(&words[1..], &["unseen"])?[0] },
        "storm" => FaultKind::Storm { within_ms: words.first().map_or(Ok(STORM_MS), |t| millis(t))? },
        "pause" => FaultKind::Pause(one()?),
        "freeze" => FaultKind::Freeze(one()?),
        "slow" => FaultKind::Slow { who: who(word(0)?)?, factor: factor(word(1)?)? },
        "drift" => {
            let ppm = word(1)?;
            FaultKind::Drift { who: who(word(0)?)?, ppm: number(ppm.trim_end_matches("ppm"), "clock rate")? }
        }
        "wall-jump" => {
            let seconds = word(1)?;
            FaultKind::WallJump {
                who: who(word(0)?)?,
                seconds: number(seconds.trim_end_matches('s'), "time")?,
            }
        }
        "mono-jump" => FaultKind::MonoJump { who: who(word(0)?)?, ms: millis(word(1)?)? },
        "double" => FaultKind::Doubled { one_in: one_in(word(0)?)? },
        "cut-pipeline" => FaultKind::CutPipeline { client: client(word(0)?)?, one_in: one_in(word(1)?)? },
        "flood" => FaultKind::Flood { client: client(word(0)?)?, reads: factor(word(1)?)? },
        "memory" => FaultKind::Memory { kib: number(word(0)?.trim_end_matches("KiB"), "amount")? },
        "cut" => FaultKind::Cut(cut(sides()?, &words[2..])?),
        "pause-replication" => FaultKind::Cut(cut((Side::One(one()?), Side::One(Who::Primary)), &[])?),
        "flap" => FaultKind::Flap {
            cut: cut(sides()?, words.get(3..).unwrap_or_default())?,
            period_ms: millis(word(2)?)?,
        },
        "delay" => {
            let ((a, b), us) = (sides()?, micros(word(2)?)?);
            FaultKind::Delay { a, b, us }
        }
        "jitter" => {
            let ((a, b), us) = (sides()?, micros(word(2)?)?);
            FaultKind::Jitter { a, b, us }
        }
        "loss" => {
            let ((a, b), percent) = (sides()?, number(word(2)?.trim_end_matches('%'), "percentage")?);
            if percent > 90 {
                return Err("at most 90% of the packets can be lost; use cut for all".to_owned());
            }
            FaultKind::Loss { a, b, percent }
        }
        "narrow" => {
            let ((a, b), rate) = (sides()?, word(2)?);
            FaultKind::Narrow { a, b, kib_s: number(rate.trim_end_matches("KiB/s"), "rate")? }
        }
        "reset" => FaultKind::Reset(one()?),
        "half-open" => FaultKind::HalfOpen(one()?),
        "corrupt" => FaultKind::Corrupt { who: who(word(0)?)?, one_in: one_in(word(1)?)? },
        "forge" => FaultKind::Forge(one()?),
        "lose" => FaultKind::ZoneLoss(zone(word(0)?)?),
        "deaf" => FaultKind::DeafClient(client(word(0)?)?),
        _ => return operation(name, words).map(|asked| asked.map(FaultKind::Operator)),
    }))
}

/// What an operator asks of the coordinator.
fn operation(name: &str, words: &[&str]) -> Result<Option<Operation>, String> {
    let word = words.first().map(|word| who(word)).transpose();
    let first = || words.first().copied().ok_or_else(|| format!("{name} needs more words"));
    Ok(Some(match name {
        "test-failover" => Operation::TestFailover,
        "failover" => Operation::Failover(word?),
        "reboot" => Operation::Reboot(who(first()?)?),
        "add-replica" => Operation::AddReplica,
        "remove-replica" if words.len() > 1 => {
            let nodes = words.iter().map(|word| node(word)).collect::<Result<Vec<_>, _>>()?;
            Operation::RemoveReplicas(Named::of(nodes).ok_or("a group has the nodes 001 to 006")?)
        }
        "remove-replica" => Operation::RemoveReplica(word?),
        "replicas" => Operation::Replicas(number(first()?, "number of replicas")?),
        "automatic-failover" => Operation::AutomaticFailover(match first()? {
            "on" => true,
            "off" => false,
            other => return Err(format!("automatic-failover is on or off, not {other}")),
        }),
        _ => return Ok(None),
    }))
}

fn service(name: &str, words: &[&str]) -> Result<Command, String> {
    let first = words.first().copied().ok_or_else(|| format!("{name} what?"))?;
    no_more(name, words, most(name, Some(first)))?;
    let (begin, end) = (|kind| Ok(Command::Begin(kind)), |kind| Ok(Command::End(kind)));
    match (name, first) {
        ("coordinator", "down") => moment(&words[1..]).and_then(|m| begin(FaultKind::CoordinatorDown(m))),
        ("coordinator", "up") => moment(&words[1..]).and_then(|m| end(FaultKind::CoordinatorDown(m))),
        ("coordinator", "pause") => begin(FaultKind::CoordinatorPause),
        ("coordinator", "resume") => end(FaultKind::CoordinatorPause),
        ("coordinator", "second") => begin(FaultKind::SecondCoordinator),
        ("coordinator", "single") => end(FaultKind::SecondCoordinator),
        ("coordinator", "stall") => moment(&words[1..]).and_then(|m| begin(FaultKind::CoordinatorStall(m))),
        ("coordinator", "drift") => {
            let ppm = words.get(1).ok_or("coordinator drift needs a rate")?;
            number(ppm.trim_end_matches("ppm"), "clock rate")
                .and_then(|ppm| begin(FaultKind::CoordinatorDrift { ppm }))
        }
        ("coordinator", "jump") => {
            let ms = words.get(1).ok_or("coordinator jump needs a time")?;
            millis(ms).and_then(|ms| begin(FaultKind::CoordinatorJump { ms }))
        }
        ("store", "silent") => begin(FaultKind::StoreSilent),
        ("store", "speaks") => end(FaultKind::StoreSilent),
        ("store", "unknown") => one_in(words.get(1).copied().unwrap_or("1/1"))
            .and_then(|n| begin(FaultKind::StoreUnknown { one_in: n })),
        ("store", "cut") => begin(FaultKind::StoreCut),
        ("dns", "stale") => begin(FaultKind::DnsStale),
        ("dns", "fresh") => end(FaultKind::DnsStale),
        ("dns", "fails") => begin(FaultKind::DnsFail),
        ("dns", "answers") => end(FaultKind::DnsFail),
        ("dns", "delay") => {
            let ms = words.get(1).ok_or("dns delay needs a time")?;
            millis(ms).and_then(|ms| begin(FaultKind::DnsDelay { ms }))
        }
        _ => Err(format!("{name} {first}? See help")),
    }
}

/// The words that begin a fault; [`parse`] reads them.
pub(super) fn show(kind: &FaultKind) -> String {
    match kind {
        FaultKind::Crash { who, seen } => {
            format!("kill {}{}", show_who(*who), if *seen { "" } else { " unseen" })
        }
        FaultKind::Storm { within_ms } => format!("storm {}", show_millis(u32::from(*within_ms))),
        FaultKind::Pause(who) => format!("pause {}", show_who(*who)),
        FaultKind::Freeze(who) => format!("freeze {}", show_who(*who)),
        FaultKind::Slow { who, factor } => format!("slow {} x{factor}", show_who(*who)),
        FaultKind::Drift { who, ppm } => format!("drift {} {ppm}ppm", show_who(*who)),
        FaultKind::WallJump { who, seconds } => format!("wall-jump {} {seconds}s", show_who(*who)),
        FaultKind::Cut(Cut {
            a: Side::One(who),
            b: Side::One(Who::Primary),
            one_way: false,
            reset: false,
        }) => {
            format!("pause-replication {}", show_who(*who))
        }
        FaultKind::Cut(cut) => format!("cut {}{}", sides(cut.a, cut.b), show_flags(cut)),
        FaultKind::Flap { cut, period_ms } => {
            format!("flap {} {}{}", sides(cut.a, cut.b), show_millis(u32::from(*period_ms)), show_flags(cut))
        }
        FaultKind::Delay { a, b, us } => format!("delay {} {}", sides(*a, *b), show_micros(*us)),
        FaultKind::Jitter { a, b, us } => format!("jitter {} {}", sides(*a, *b), show_micros(*us)),
        FaultKind::Loss { a, b, percent } => format!("loss {} {percent}%", sides(*a, *b)),
        FaultKind::Narrow { a, b, kib_s } => format!("narrow {} {kib_s}KiB/s", sides(*a, *b)),
        FaultKind::Reset(who) => format!("reset {}", show_who(*who)),
        FaultKind::HalfOpen(who) => format!("half-open {}", show_who(*who)),
        FaultKind::Corrupt { who, one_in } => format!("corrupt {} 1/{one_in}", show_who(*who)),
        FaultKind::MonoJump { who, ms } => format!("mono-jump {} {}", show_who(*who), show_millis(*ms)),
        FaultKind::Doubled { one_in } => format!("double 1/{one_in}"),
        FaultKind::CutPipeline { client, one_in } => {
            format!("cut-pipeline {} 1/{one_in}", show_client(*client))
        }
        FaultKind::Flood { client, reads } => format!("flood {} x{reads}", show_client(*client)),
        FaultKind::Memory { kib } => format!("memory {kib}KiB"),
        FaultKind::Forge(who) => format!("forge {}", show_who(*who)),
        FaultKind::ZoneLoss(zone) => format!("lose {}", show_zone(*zone)),
        FaultKind::DeafClient(index) => format!("deaf {}", show_client(*index)),
        FaultKind::Operator(operation) => show_operation(*operation),
        service => show_service(service),
    }
}

fn show_service(kind: &FaultKind) -> String {
    match kind {
        FaultKind::CoordinatorDown(moment) => format!("coordinator down{}", show_moment(*moment)),
        FaultKind::CoordinatorStall(moment) => format!("coordinator stall{}", show_moment(*moment)),
        FaultKind::CoordinatorDrift { ppm } => format!("coordinator drift {ppm}ppm"),
        FaultKind::CoordinatorJump { ms } => format!("coordinator jump {}", show_millis(*ms)),
        FaultKind::SecondCoordinator => "coordinator second".to_owned(),
        FaultKind::CoordinatorPause => "coordinator pause".to_owned(),
        FaultKind::StoreSilent => "store silent".to_owned(),
        FaultKind::StoreCut => "store cut".to_owned(),
        FaultKind::StoreUnknown { one_in } => format!("store unknown 1/{one_in}"),
        FaultKind::DnsStale => "dns stale".to_owned(),
        FaultKind::DnsFail => "dns fails".to_owned(),
        FaultKind::DnsDelay { ms } => format!("dns delay {}", show_millis(*ms)),
        other => other.name().to_owned(),
    }
}

const fn show_moment(moment: Moment) -> &'static str {
    match moment {
        Moment::Now => "",
        Moment::Stored => " after-store",
        Moment::Asked => " before-store",
        Moment::Frozen => " after-freeze",
        Moment::Promoting => " before-promote",
    }
}

fn show_operation(operation: Operation) -> String {
    match operation {
        Operation::TestFailover => "test-failover".to_owned(),
        Operation::Failover(None) => "failover".to_owned(),
        Operation::Failover(Some(who)) => format!("failover {}", show_who(who)),
        Operation::Replicas(count) => format!("replicas {count}"),
        Operation::AddReplica => "add-replica".to_owned(),
        Operation::RemoveReplicas(named) => {
            named.nodes().fold("remove-replica".to_owned(), |text, node| format!("{text} {node}"))
        }
        Operation::RemoveReplica(None) => "remove-replica".to_owned(),
        Operation::RemoveReplica(Some(who)) => format!("remove-replica {}", show_who(who)),
        Operation::Reboot(who) => format!("reboot {}", show_who(who)),
        Operation::AutomaticFailover(on) => format!("automatic-failover {}", if on { "on" } else { "off" }),
    }
}

fn moment(words: &[&str]) -> Result<Moment, String> {
    Ok(match words.first().copied() {
        None => Moment::Now,
        Some("after-store") => Moment::Stored,
        Some("before-store") => Moment::Asked,
        Some("after-freeze") => Moment::Frozen,
        Some("before-promote") => Moment::Promoting,
        Some(other) => return Err(format!("{other} is no moment")),
    })
}

fn cut((a, b): (Side, Side), rest: &[&str]) -> Result<Cut, String> {
    let [one_way, reset] = flags(rest, &["one-way", "reset"])?;
    Ok(Cut { a, b, one_way, reset })
}

/// Which of the known words stand in `words`; an unknown one is an error.
fn flags<const N: usize>(words: &[&str], known: &[&str; N]) -> Result<[bool; N], String> {
    match words.iter().find(|word| !known.contains(word)) {
        Some(word) => Err(format!("{word}? Only {} can stand there", known.join(" and "))),
        None => Ok(std::array::from_fn(|n| words.contains(&known[n]))),
    }
}

fn show_flags(cut: &Cut) -> String {
    let [one_way, reset] =
        [(cut.one_way, " one-way"), (cut.reset, " reset")].map(|(on, word)| if on { word } else { "" });
    format!("{one_way}{reset}")
}

fn sides(a: Side, b: Side) -> String {
    format!("{} {}", show_side(a), show_side(b))
}

fn factor(text: &str) -> Result<u16, String> {
    number(text.trim_start_matches('x'), "factor")
}

fn one_in(text: &str) -> Result<u16, String> {
    number(text.strip_prefix("1/").unwrap_or(text), "fraction such as 1/20")
}
