//! Where the world writes down what it may be asked about.

use primacy_core::id::NodeId;
use primacy_port::Via;

use super::record::{Act, Became, Choice, Incident, Met};
use crate::check::{Key, WriteId};
use crate::fault::{FaultKind, Operation, Side};
use crate::net::Host;
use crate::scenario::Mix;
use crate::world::World;

impl World {
    /// A process started, ended, or took another role.
    pub(crate) fn keep_turn(&mut self, node: NodeId, what: Became) {
        let now = self.now_ns();
        self.why.turns(now, node, what);
    }

    /// A fault begins; whom it hits is settled now.
    pub(crate) fn keep_act(&mut self, kind: &FaultKind, planned: bool) {
        let one = |who| [vec![Host::Node(self.whom(who))], vec![]];
        let sides = match kind {
            FaultKind::Crash { who, .. }
            | FaultKind::Pause(who)
            | FaultKind::Freeze(who)
            | FaultKind::Slow { who, .. }
            | FaultKind::Drift { who, .. }
            | FaultKind::WallJump { who, .. }
            | FaultKind::MonoJump { who, .. }
            | FaultKind::Reset(who)
            | FaultKind::HalfOpen(who)
            | FaultKind::Corrupt { who, .. }
            | FaultKind::Forge(who)
            | FaultKind::Operator(
                Operation::Reboot(who) | Operation::Failover(Some(who)) | Operation::RemoveReplica(Some(who)),
            ) => one(*who),
            FaultKind::Operator(Operation::RemoveReplicas(named)) => {
                [named.nodes().map(Host::Node).collect(), vec![]]
            }
            FaultKind::Operator(Operation::TestFailover) => one(crate::fault::Who::Primary),
            FaultKind::Cut(cut) | FaultKind::Flap { cut, .. } => [self.side(cut.a), self.side(cut.b)],
            FaultKind::Delay { a, b, .. }
            | FaultKind::Narrow { a, b, .. }
            | FaultKind::Jitter { a, b, .. }
            | FaultKind::Loss { a, b, .. } => [self.side(*a), self.side(*b)],
            FaultKind::ZoneLoss(zone) => [self.side(Side::Zone(*zone)), vec![]],
            FaultKind::Storm { .. } => [self.side(Side::Nodes), vec![]],
            FaultKind::DeafClient(index)
            | FaultKind::CutPipeline { client: index, .. }
            | FaultKind::Flood { client: index, .. } => [vec![Host::Client(*index)], vec![]],
            _ => [vec![], vec![]],
        };
        let act = Act { at: self.now_ns(), ended: None, kind: kind.clone(), planned, sides };
        self.why.begins(act);
    }

    /// The answer that a client holds for the name that it will ask for, if it may use it: for how much longer.
    pub(crate) fn client_holds(&self, index: u8) -> Option<Option<u64>> {
        let client = self.clients.get(usize::from(index))?;
        let (_, until) = client.resolver.held(&self.name_of(client.way())?)?;
        let now = self.names_clock.now(self.now_ns()).mono;
        match until {
            None => Some(None),
            Some(until) if now < until => {
                Some(Some(u64::try_from(until.since(now).as_nanos()).unwrap_or(u64::MAX)))
            }
            // A resolver that cannot ask answers with what it had.
            Some(_) => (self.dns.failing > 0).then_some(Some(0)),
        }
    }

    /// A client has decided to whom it connects.
    pub(crate) fn client_chooses(&mut self, index: u8, node: Option<NodeId>, held: Option<Option<u64>>) {
        let at = self.now_ns();
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        let via: Via = client.way();
        client.choice = Some(Choice { at, via, node, held });
        client.doing = usual(client.spec.mix);
    }

    /// A client's operation failed.
    pub(crate) fn keep_failure(&mut self, index: u8, error: &str) {
        let at = self.now_ns();
        let Some(client) = self.clients.get(usize::from(index)) else { return };
        let (operation, choice) = (client.doing, client.choice);
        let what = Met::Failed(self.why.error(error));
        self.why.meets(Incident { at, who: Host::Client(index), operation, choice, what });
    }

    /// A client read less than had been acknowledged.
    pub(crate) fn keep_stale(&mut self, index: u8, key: Key, got: Option<WriteId>) {
        let at = self.now_ns();
        let newest = self.checks.newest.get(&key);
        let acked = newest.map_or(at, |(_, acked)| *acked);
        let choice = self.clients.get(usize::from(index)).and_then(|client| client.choice);
        let what = Met::Stale { got, acked };
        self.why.meets(Incident { at, who: Host::Client(index), operation: "GET", choice, what });
    }
}

/// What a client is about that has not come to ask yet.
const fn usual(mix: Mix) -> &'static str {
    match mix {
        Mix { set: 0, incr: 0, wait: 0, multi: 0, token: 0, expire: 0, .. } => "GET",
        Mix { get: 0, incr: 0, wait: 0, multi: 0, .. } => "SET",
        Mix { get: 0, set: 0, incr: 0, multi: 0, token: 0, expire: 0, .. } => "SET and WAIT",
        _ => "an operation",
    }
}
