//! Every action as text, both ways: the language of the scripts, of the page's palette and of a screen reader.
//!
//! `parse(&command.to_string())` gives the same command again. `end` before the words of a running fault ends it, whatever
//! it is.

mod clients;
mod faults;
mod quote;
#[cfg(test)]
mod tests;
mod units;

pub use clients::{plain as plain_client, show_mix};
pub use quote::quote;
use quote::split;
pub use units::{client_name, duration, node, show_via, via};

use crate::command::{Command, Setting, Which};
use crate::scenario::ClientSpec;
use units::{client, number, show_client};

/// Every action for `help` and for the palette: how it is written, and what it does.
pub const TABLE: &[(&str, &str)] = &[
    ("kill NODE [unseen]", "ends a node's process with its memory; unseen: its host does not report it"),
    ("start NODE", "starts a node's process without waiting for the coordinator"),
    ("freeze|thaw NODE", "stops a node's machine with its monotonic clock; goes on"),
    ("pause NODE", "freezes a node's process (SIGSTOP)"),
    ("resume NODE", "lets a frozen process go on (SIGCONT)"),
    ("reboot NODE", "calls RebootCacheCluster: of the primary, the data are gone"),
    ("slow NODE x10", "everything in a node takes ten times as long; end slow NODE x10"),
    ("test-failover", "calls TestFailover: ends the primary's process, 15 times in 24 hours"),
    ("failover [NODE]", "hands the primary's role over without loss, to a node or to the best"),
    ("add-replica", "calls IncreaseReplicaCount: one more, 5 at most, in the zone with the fewest nodes"),
    ("remove-replica [NODE…]", "calls DecreaseReplicaCount: these nodes, or one of the fullest zone, leave"),
    ("replicas N", "calls IncreaseReplicaCount or DecreaseReplicaCount: so many, one after the other"),
    ("automatic-failover on|off", "sets AutomaticFailoverEnabled"),
    ("pause-replication NODE", "cuts the link between a node and the primary"),
    ("resume-replication NODE", "mends it"),
    ("cut SIDE SIDE [one-way] [reset]", "links carry nothing; reset: open connections end at once"),
    ("mend SIDE SIDE [one-way] [reset]", "mends what the same words have cut"),
    ("flap SIDE SIDE 200ms", "cuts and mends links in turn"),
    ("delay SIDE SIDE 200ms", "adds to the delay of links, each way"),
    ("undelay SIDE SIDE 200ms", "takes that away again"),
    ("jitter SIDE SIDE 20ms", "adds a random delay up to this to every message"),
    ("loss SIDE SIDE 5%", "loses packets: TCP sends them again, which takes 200 ms and more"),
    ("narrow SIDE SIDE 64KiB/s", "limits the bytes per second"),
    ("reset NODE", "resets all connections of a node"),
    ("half-open NODE", "open connections of a node carry nothing any more, and nobody is told"),
    ("lose ZONE", "takes the power of an availability zone away"),
    ("restore ZONE", "gives it back"),
    ("storm 100ms", "all processes die within this time and are started again"),
    ("drift NODE 5000ppm", "a node's clock runs wrong"),
    ("wall-jump NODE 60s", "a node's wall clock jumps"),
    ("mono-jump NODE 500ms", "a node's monotonic clock jumps forward"),
    ("corrupt NODE 1/20", "flips a bit in one of so many control messages"),
    ("forge NODE", "somebody without the secret sends control messages"),
    ("coordinator down|up", "the coordinator dies; a new one starts"),
    ("coordinator pause|resume", "the coordinator stands still; goes on"),
    (
        "coordinator stall before-store",
        "the coordinator stands still between reading the store and changing it; end coordinator stall before-store",
    ),
    ("coordinator second|single", "another coordinator is started beside it; one of the two ends"),
    ("coordinator drift 5000ppm", "the coordinator's clock runs wrong"),
    ("coordinator jump 500ms", "the coordinator's monotonic clock jumps forward"),
    ("store silent|speaks", "the coordinator's store does not answer; answers again"),
    ("store unknown 1/5", "one in so many changes of the store ends unknown"),
    ("dns delay 10s", "changes of the names reach the name server so much later"),
    ("dns stale|fresh", "the name server answers what it knew now; what is so"),
    ("dns fails|answers", "the name server fails (SERVFAIL); answers again"),
    ("set ttl 60s", "sets the TTL of the endpoint records"),
    (
        "client [via=configuration] [every=100ms] [does=set+get]",
        "adds an application; also zone= wait-for= wait-time= keys= hot= padding= retry= timeout= ttl= read-back= start-after=",
    ),
    ("client x50 [via=…]", "adds so many applications at once"),
    (
        "client cN [via=…] [retry=none|immediate|fixed:100ms|backoff:50ms..1s|jitter:50ms..1s]",
        "changes an application",
    ),
    ("client cN [ttl=honours|forever|never|30s]", "changes how long an application keeps a DNS answer"),
    (
        "client cN [keys=20] [hot=80%]",
        "changes how many keys an application has, and how much falls on the first",
    ),
    ("client cN [read-back=reader@5ms]", "after each write it reads the key there, so much later"),
    ("client all [every=10ms]", "changes all applications"),
    ("stop-client cN", "stops an application"),
    ("start-client cN", "lets it go on"),
    ("flood cN x200", "an application sends so many reads more with each operation"),
    ("memory 64KiB", "commands that add data are refused above so much memory, at every node"),
    ("store cut", "the coordinator that was started last cannot reach the store; end store cut ends it"),
    ("cut-pipeline cN 1/5", "an application loses its connection while it sends one in so many operations"),
    (
        "double 1/5",
        "one in so many messages outside of connections comes twice: exits, starts, answers of the store",
    ),
    ("deaf cN", "an application reads nothing from its connection; end deaf cN"),
    ("type TERMINAL TARGET COMMAND", "sends a command from a terminal"),
    ("hangup TERMINAL", "closes a terminal's connection"),
    ("end FAULT", "ends a running fault, in the words that began it"),
    ("heal", "ends all faults"),
];

/// Reads an action.
///
/// # Errors
/// What cannot be understood, as a sentence for a person.
pub fn parse(text: &str) -> Result<Command, String> {
    let text = text.trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let (name, rest) = words.split_first().ok_or("an empty command")?;
    let first = || {
        faults::no_more(name, rest, 1)?;
        rest.first().copied().ok_or_else(|| format!("{name} needs more words"))
    };
    match *name {
        "start" => Ok(Command::Start(node(first()?)?)),
        "heal" => faults::no_more(name, rest, 0).map(|()| Command::Heal),
        "client" => client_command(rest),
        "stop-client" => Ok(Command::StopClient(client(first()?)?)),
        "start-client" => Ok(Command::StartClient(client(first()?)?)),
        "set" => match rest {
            ["ttl", time] => {
                let seconds = duration(time)?.div_ceil(1_000_000_000);
                Ok(Command::SetTtl(u32::try_from(seconds).map_err(|_| "too long")?))
            }
            _ => Err("only the TTL can be set: set ttl 60s".to_owned()),
        },
        "type" => typed(text),
        "hangup" => Ok(Command::Hangup(number(first()?, "terminal")?)),
        _ => faults::parse(name, rest).unwrap_or_else(|| Err(unknown(name))),
    }
}

fn unknown(name: &str) -> String {
    let close = TABLE.iter().filter_map(|(usage, _)| usage.split([' ', '|']).next());
    let close = close.min_by_key(|known| distance(known, name)).filter(|known| distance(known, name) <= 2);
    match close {
        Some(known) => format!("unknown command {name}; did you mean {known}?"),
        None => format!("unknown command {name}"),
    }
}

/// Letters to be changed, added or taken away to make one word out of another.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let change = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

fn client_command(words: &[&str]) -> Result<Command, String> {
    let (first, rest) = match words.split_first() {
        Some((first, rest)) if !first.contains('=') => (*first, rest),
        _ => return Ok(Command::AddClient(spec(words)?)),
    };
    if let Some(count) = first.strip_prefix('x') {
        return Ok(Command::AddClients {
            count: number(count, "number of applications; 200 at most")?,
            spec: spec(rest)?,
        });
    }
    let which = if first == "all" { Which::All } else { Which::One(client(first)?) };
    if rest.is_empty() {
        return Err("change what? client c2 via=configuration".to_owned());
    }
    Ok(Command::ChangeClient { which, settings: clients::settings(rest)? })
}

/// The application that `name=value` words make.
///
/// # Errors
/// A word that is none.
pub fn spec(words: &[&str]) -> Result<ClientSpec, String> {
    let mut spec = plain_client();
    clients::settings(words)?.iter().for_each(|setting| setting.apply(&mut spec));
    Ok(spec)
}

/// An application's retry policy in words.
pub fn show_retry(spec: &ClientSpec) -> String {
    clients::show(&Setting::Retry(spec.retry)).trim_start_matches("retry=").to_owned()
}

fn typed(text: &str) -> Result<Command, String> {
    let mut words = split(text)?.into_iter().skip(1);
    let mut text = || words.next().map(|w| String::from_utf8_lossy(&w).into_owned());
    let usage = "write: type 0 configuration GET k";
    let (terminal, target) = (text().ok_or(usage)?, text().ok_or(usage)?);
    let words: Vec<_> = words.collect();
    if words.is_empty() {
        return Err(usage.to_owned());
    }
    Ok(Command::Type { terminal: number(&terminal, "terminal")?, via: via(&target)?, words })
}

impl std::fmt::Display for Command {
    /// As [`parse`] reads it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Begin(kind) => f.write_str(&faults::show(kind)),
            Self::End(kind) => f.write_str(&faults::show_end(kind)),
            Self::Heal => f.write_str("heal"),
            Self::Start(node) => write!(f, "start {node}"),
            Self::AddClient(spec) => write!(f, "client{}", clients::show_spec(spec)),
            Self::AddClients { count, spec } => write!(f, "client x{count}{}", clients::show_spec(spec)),
            Self::ChangeClient { which, settings } => {
                match which {
                    Which::One(index) => write!(f, "client {}", show_client(*index))?,
                    Which::All => f.write_str("client all")?,
                }
                settings.iter().try_for_each(|setting| write!(f, " {}", clients::show(setting)))
            }
            Self::StopClient(index) => write!(f, "stop-client {}", show_client(*index)),
            Self::StartClient(index) => write!(f, "start-client {}", show_client(*index)),
            Self::SetTtl(seconds) => write!(f, "set ttl {seconds}s"),
            Self::Type { terminal, via, words } => {
                write!(f, "type {terminal} {}", show_via(*via))?;
                words.iter().try_for_each(|word| write!(f, " {}", quote(word)))
            }
            Self::Hangup(terminal) => write!(f, "hangup {terminal}"),
        }
    }
}

impl std::fmt::Display for crate::fault::FaultKind {
    /// The words that begin it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&faults::show(self))
    }
}
