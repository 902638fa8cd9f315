//! "Why?": from something that a person saw back to what somebody did, link by link.
//!
//! The world keeps facts ([`record::Record`]); the chain is made when it is asked for, so that a run that nobody asks about
//! pays almost nothing.

mod acts;
mod events;
mod failed;
mod keep;
mod lost;
pub(crate) mod record;
mod stale;
#[cfg(test)]
mod tests;

use primacy_core::group::event::EventKind as Kind;
use primacy_core::id::NodeId;
use primacy_port::{Cause, Subject};

use crate::net::Host;
use crate::world::World;
use record::Met;

/// The chain of causes: what was asked about first, its last cause last. Empty when there is nothing to explain.
pub fn of(world: &World, subject: &Subject) -> Vec<Cause> {
    match subject {
        Subject::Event(id) => events::chain(world, *id),
        Subject::Client { client, at_ns } => application(world, *client, *at_ns),
        Subject::Lost { at_ns } => lost::newest(world, *at_ns),
        Subject::Answer { terminal, at_ns } => answer(world, *terminal, *at_ns),
        Subject::Node(node) => member(world, NodeId(*node)),
    }
}

fn application(world: &World, client: u16, at: u64) -> Vec<Cause> {
    let who = u8::try_from(client).map(Host::Client);
    let mut met = world.why.incidents.iter().rev();
    let Some(incident) = met.find(|met| Ok(met.who) == who && met.at <= at) else { return vec![] };
    let what = failed::Asked {
        at: incident.at,
        who: incident.who,
        operation: incident.operation.to_owned(),
        choice: incident.choice,
    };
    match incident.what {
        Met::Failed(error) => {
            let error = world.why.errors.get(usize::from(error)).map_or("", String::as_str);
            failed::chain(world, &what, error)
        }
        Met::Stale { got, acked } => stale::chain(world, &what, got, acked),
    }
}

fn answer(world: &World, terminal: u8, at: u64) -> Vec<Cause> {
    let mut typed = world.why.typed.iter().rev();
    let Some(typed) = typed.find(|typed| typed.terminal == terminal && typed.at <= at) else { return vec![] };
    let operation = typed.words.first().map(|word| String::from_utf8_lossy(word).to_ascii_uppercase());
    let what = failed::Asked {
        at: typed.at,
        who: Host::Terminal(terminal),
        operation: operation.unwrap_or_default(),
        choice: typed.choice,
    };
    match (&typed.error, typed.stale) {
        (Some(error), _) => failed::chain(world, &what, error),
        (None, Some(acked)) => stale::chain(world, &what, None, acked),
        (None, None) => vec![],
    }
}

/// Why a member is what it is.
fn member(world: &World, node: NodeId) -> Vec<Cause> {
    let now = world.now_ns();
    if let Some(died) = world.why.down_at(node, now) {
        let down = Cause { at_ns: died, text: format!("the process of {node} ended"), event: None };
        return [down].into_iter().chain(events::death(world, node, died)).collect();
    }
    let about = |kind: &Kind| match kind {
        Kind::Serving { node: who, .. }
        | Kind::NodeAttached { node: who, .. }
        | Kind::NodeJoined { node: who, .. }
        | Kind::NodeSilent { node: who } => *who == node,
        _ => false,
    };
    events::last(world, now, about).map(|(_, event)| events::chain(world, event.id.0)).unwrap_or_default()
}
