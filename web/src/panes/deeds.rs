//! What can be done to a member, an application, a zone, a name or the coordinator, as buttons: each is one command in
//! the engine's own words.

use primacy_port::{Caps, Frame, NodeSight, Subject, View};

use super::desk::desk;
use crate::session::{Pick, Session, Tab};
use leptos::prelude::*;
use primacy_port::Lane;

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) label: String,
    /// What it means, for a tooltip.
    pub(crate) hint: &'static str,
    /// It breaks something.
    pub(crate) harms: bool,
    pub(crate) what: What,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A command.
    Act(String),
    /// Opens a terminal to this target.
    Terminal(String),
    /// Asks why.
    Why(Subject),
}

impl Deed {
    /// Does it; `from` is where a popover may appear.
    pub(crate) fn run(self, session: Session, lane: Lane, from: (f64, f64)) {
        match self.what {
            What::Act(text) => session.act(text),
            What::Terminal(target) => {
                desk().terminals.open(&target);
                session.tab.set(Tab::Terminal);
            }
            What::Why(subject) => {
                desk().why_at.set(from);
                session.ask_why(lane, subject);
            }
        }
    }
}

/// What can be done to something now.
pub(crate) fn deeds(frame: &Frame, caps: &Caps, pick: Pick) -> Vec<Deed> {
    let view = &frame.view;
    let mut all = match pick {
        Pick::Node(id) => view.nodes.iter().find(|n| n.id.0 == id).map(|n| node(n, view)).unwrap_or_default(),
        Pick::Client(index) => client(view, index),
        Pick::Zone(index) => zone(view, index),
        Pick::Endpoint(index) => endpoint(index),
        Pick::Coordinator => coordinator(view),
        Pick::Event(id) => vec![why(Subject::Event(id))],
    };
    all.retain(|deed| granted(deed, caps));
    all
}

/// A real group grants little; a simulated one says so by naming nothing or everything.
fn granted(deed: &Deed, caps: &Caps) -> bool {
    let What::Act(text) = &deed.what else { return true };
    let first = text.split(' ').next().unwrap_or_default();
    let all = !caps.live && caps.commands.is_empty();
    all || caps.commands.iter().any(|known| known == first)
}

fn act(label: &str, hint: &'static str, text: String) -> Deed {
    Deed { label: label.to_owned(), hint, harms: false, what: What::Act(text) }
}

fn harm(label: &str, hint: &'static str, text: String) -> Deed {
    Deed { harms: true, ..act(label, hint, text) }
}

fn why(subject: Subject) -> Deed {
    Deed { label: "Why?".into(), hint: "The chain of causes", harms: false, what: What::Why(subject) }
}

fn terminal(target: String) -> Deed {
    let hint = "Opens a connection of its own";
    Deed { label: "Terminal here".into(), hint, harms: false, what: What::Terminal(target) }
}

fn node(node: &NodeSight, view: &View) -> Vec<Deed> {
    let id = format!("{:03}", node.id.0);
    let runs = |words: &str| view.faults.iter().any(|f| f == words);
    let mut all = Vec::new();
    if node.up {
        all.push(harm("Kill", "kill -9: the process ends with its memory", format!("kill {id}")));
    } else {
        all.push(act("Start", "Starts the process at once", format!("start {id}")));
    }
    if node.paused {
        all.push(act("Wake", "kill -CONT", format!("resume {id}")));
    } else if node.up {
        all.push(harm("Freeze", "kill -STOP: it stands still and keeps its memory", format!("pause {id}")));
    }
    if runs(&format!("cut {id} all")) {
        all.push(act("Reconnect", "Its links carry again", format!("mend {id} all")));
    } else {
        all.push(harm("Isolate", "No link to any other host", format!("cut {id} all")));
    }
    if !node.is_primary {
        all.extend(stream(&id, view));
    }
    if node.up {
        all.push(harm(
            "Reboot",
            "RebootCacheCluster: of the primary, the data are gone",
            format!("reboot {id}"),
        ));
    }
    if !node.is_primary && node.up {
        all.push(act(
            "Promote",
            "A planned failover to this node; no write is lost",
            format!("failover {id}"),
        ));
    }
    if !node.is_primary {
        let hint = "DecreaseReplicaCount: it leaves the group, and its process ends";
        all.push(harm("Remove", hint, format!("remove-replica {id}")));
    }
    all.push(terminal(id));
    all.push(why(Subject::Node(node.id.0)));
    all
}

/// The link from the primary.
fn stream(id: &str, view: &View) -> Vec<Deed> {
    let of = |word: &str| {
        view.faults.iter().find(|f| {
            let mut words = f.split(' ');
            words.next() == Some(word) && words.any(|side| side == id)
        })
    };
    let delayed = match of("delay") {
        Some(fault) => act("Undo the delay", "The link is as fast as before", format!("end {fault}")),
        None => harm(
            "Delay stream 200 ms",
            "Its link to the primary gets slower",
            format!("delay {id} primary 200ms"),
        ),
    };
    let stopped = match of("pause-replication") {
        Some(fault) => act("Resume replication", "The stream goes on", format!("end {fault}")),
        None => harm("Pause replication", "Cuts its link to the primary", format!("pause-replication {id}")),
    };
    vec![delayed, stopped]
}

fn client(view: &View, index: u16) -> Vec<Deed> {
    let Some(client) = view.clients.iter().find(|c| c.index == index) else { return Vec::new() };
    let name = &client.name;
    let mut all = Vec::new();
    if client.stopped {
        all.push(act("Start", "It goes on", format!("start-client {name}")));
    } else {
        all.push(harm("Stop", "It sends nothing more", format!("stop-client {name}")));
    }
    if client.via != primacy_port::Via::Configuration {
        let hint = "It resolves the configuration endpoint from now on";
        all.push(act("Use the endpoint", hint, format!("client {name} via=configuration")));
    }
    all.push(harm(
        "Keep DNS answers for ever",
        "As a JVM may by default",
        format!("client {name} ttl=forever"),
    ));
    all.push(act(
        "Honour the TTL",
        "It asks again when an answer has expired",
        format!("client {name} ttl=honours"),
    ));
    if client.last_error.is_some() || client.stale_reads > 0 {
        all.push(why(Subject::Client { client: index, at_ns: view.now_ns }));
    }
    all
}

fn zone(view: &View, index: u16) -> Vec<Deed> {
    let letter = char::from(b'a' + u8::try_from(index).unwrap_or(25).min(25));
    match view.zones.get(usize::from(index)) {
        Some((_, true)) => {
            vec![act("Restore power", "Its machines start again", format!("restore {letter}"))]
        }
        Some((_, false)) => {
            vec![harm("Cut power", "Every machine of the zone is off at once", format!("lose {letter}"))]
        }
        None => Vec::new(),
    }
}

fn endpoint(index: u16) -> Vec<Deed> {
    let target = ["configuration", "primary", "reader"].get(usize::from(index)).unwrap_or(&"configuration");
    let mut all = vec![terminal((*target).to_owned())];
    all.extend(
        [5, 60].map(|s| {
            act(&format!("Set the TTL to {s} s"), "Of all endpoint records", format!("set ttl {s}s"))
        }),
    );
    all
}

fn coordinator(view: &View) -> Vec<Deed> {
    if !view.coordinator_up {
        return vec![act("Start", "A new one takes over the record", "coordinator up".into())];
    }
    let pause = match view.coordinator_paused {
        true => act("Wake", "It goes on", "coordinator resume".into()),
        false => harm("Freeze", "It decides nothing", "coordinator pause".into()),
    };
    let more = "IncreaseReplicaCount: one more, 5 at most";
    let fewer = "DecreaseReplicaCount: one of the fullest zone leaves";
    vec![
        harm("Kill", "Nobody decides until a new one starts", "coordinator down".into()),
        pause,
        act("Add a replica", more, "add-replica".into()),
        act("Remove a replica", fewer, "remove-replica".into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn words(deeds: &[Deed]) -> Vec<String> {
        let act = |deed: &Deed| match &deed.what {
            What::Act(text) => Some(text.clone()),
            _ => None,
        };
        deeds.iter().filter_map(act).collect()
    }

    #[wasm_bindgen_test]
    fn a_zone_without_power_can_only_be_restored() {
        let view = View {
            zones: vec![("us-east-1a".into(), false), ("us-east-1b".into(), true)],
            ..View::default()
        };
        let frame = Frame { view, ..Frame::default() };
        assert_eq!(words(&deeds(&frame, &Caps::default(), Pick::Zone(0))), ["lose a"]);
        assert_eq!(words(&deeds(&frame, &Caps::default(), Pick::Zone(1))), ["restore b"]);
    }

    #[wasm_bindgen_test]
    fn a_real_group_offers_what_it_grants_and_no_more() {
        let frame = Frame { view: View { coordinator_up: true, ..View::default() }, ..Frame::default() };
        let caps = Caps { live: true, commands: vec!["kill".into()], ..Caps::default() };
        assert!(deeds(&frame, &caps, Pick::Coordinator).is_empty());
    }
}
