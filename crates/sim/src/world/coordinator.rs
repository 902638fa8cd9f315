//! The coordinator's process: the driver of [`Group`], its control connections, its store requests.

use std::collections::VecDeque;

use primacy_core::control::frame::{Channel, End};
use primacy_core::control::{Envelope, FromNode, ToNode};
use primacy_core::endpoint::Endpoints;
use primacy_core::group::record::{Change, Phase, Registers};
use primacy_core::group::{Action, Group, Request, Stored};
use primacy_core::id::{Incarnation, NodeId};
use primacy_core::map::{Map, Set};

use super::happening::Happening;
use super::machine::address;
use super::{World, nonce};
use crate::clock::Clock;
use crate::fault::Moment;
use crate::hash::draw_below;
use crate::net::{ConnNo, Host, Payload};

/// A store that has not answered after this long is taken for silent.
const STORE_LATE_NS: u64 = 1_000_000_000;
/// A message of which bytes came for longer than this is spoilt in its length: the connection is cut.
pub(crate) const FRAME_NS: u64 = 1_000_000_000;
/// A host that cannot be reached is asked again after this long.
pub(crate) const HOST_RETRY_NS: u64 = 200_000_000;
const MS: u64 = 1_000_000;

/// The coordinator's machine and process.
#[derive(Clone)]
pub(crate) struct Coordinator {
    /// Number of the machine: faults that stop it find it again.
    pub(crate) machine: u32,
    pub(crate) clock: Clock,
    pub(crate) group: Option<Box<Group>>,
    pub(crate) life: u32,
    pub(crate) paused: u16,
    pub(crate) down: u16,
    /// What it asks does not reach the store.
    pub(crate) storeless: u16,
    /// Dies at this moment.
    pub(crate) trap: Option<Moment>,
    /// Comes to stand still at this moment.
    pub(crate) stall: Option<Moment>,
    /// It has come to that.
    pub(crate) stalled: bool,
    /// What it was about to do then.
    undone: Option<Box<Action>>,
    /// The world's numbers of the events that this process has told, in its own order.
    pub(crate) told: Vec<u64>,
    inbox: VecDeque<Input>,
    links: Map<ConnNo, Link>,
    by_node: Map<NodeId, (Incarnation, ConnNo)>,
    /// Store requests without an answer.
    open: Set<u64>,
    timer_at: Option<u64>,
}

#[derive(Clone)]
struct Link {
    channel: Channel,
    /// When the bytes of a message that is not whole yet began to come.
    waits_since: Option<u64>,
    /// A bit of the next frames may be flipped: the member whose fault that is.
    member: Option<NodeId>,
}

/// What reaches the coordinator's process.
#[derive(Clone)]
pub(crate) enum Input {
    Accepted(ConnNo),
    Data(ConnNo, Vec<u8>),
    Closed(ConnNo),
    Exited(NodeId, Incarnation),
    Provisioned(NodeId, Incarnation),
    Stored(u64, Stored),
    Loaded(u64, Box<Registers>),
    Timer,
    Request(Request),
}

impl Coordinator {
    pub(crate) fn new(machine: u32, life: u32) -> Self {
        Self {
            machine,
            clock: Clock::new(77_000_000_000 + u64::from(machine) * 1_000_000_000),
            group: None,
            life,
            paused: 0,
            down: 0,
            storeless: 0,
            trap: None,
            stall: None,
            stalled: false,
            undone: None,
            told: Vec::new(),
            inbox: VecDeque::new(),
            links: Map::new(),
            by_node: Map::new(),
            open: Set::new(),
            timer_at: None,
        }
    }
}

impl World {
    /// A coordinator starts: it knows only what the store says (R3).
    pub(crate) fn coordinator_starts(&mut self) {
        if self.coordinator.down > 0 || self.coordinator.group.is_some() {
            return;
        }
        if self.store.silent > 0 || self.coordinator.storeless > 0 {
            return self.queue.push(self.queue.now() + HOST_RETRY_NS, Happening::CoordinatorStarts);
        }
        let clock = self.coordinator.clock.now(self.queue.now());
        self.coordinator.life = self.new_coordinator_life();
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&nonce(self.scenario.seed, u64::from(self.coordinator.life), 7));
        let registers = self.store.registers.clone();
        let group = Group::new(self.group_config.clone(), registers, seed, clock);
        self.coordinator.group = Some(Box::new(group));
        self.coordinator.told.clear();
        let nodes: Vec<NodeId> = self.machines.keys().collect();
        nodes.into_iter().for_each(|node| self.report_missing(node));
        self.coordinator_acts();
    }

    /// The coordinator's process dies with everything that it knows.
    pub(crate) fn coordinator_dies(&mut self) {
        let now = self.queue.now();
        if self.coordinator.group.take().is_none() {
            return;
        }
        self.checks.tally.coordinator_crashes += 1;
        let ended = self.coordinator.life;
        self.coordinator.life = self.new_coordinator_life();
        self.coordinator.trap = None;
        self.coordinator.undone = None;
        self.coordinator.inbox.clear();
        self.coordinator.links.clear();
        self.coordinator.by_node.clear();
        self.coordinator.open.clear();
        self.coordinator.timer_at = None;
        for (conn, end) in self.control_conns_of(ended) {
            self.net.send(conn, end, Payload::Reset, now);
        }
    }

    /// Something arrives at the control port.
    pub(crate) fn arrive_at_coordinator(&mut self, conn: ConnNo, payload: Payload) {
        let life = match payload {
            Payload::Open => self.acceptor(conn),
            _ => self.net.conn(conn).map_or(0, |c| c.ends[1].life),
        };
        self.as_coordinator(life, |world| world.coordinator_gets(conn, payload));
    }

    fn coordinator_gets(&mut self, conn: ConnNo, payload: Payload) {
        let now = self.queue.now();
        let life = self.coordinator.life;
        let known = self.net.conn(conn).is_some_and(|c| c.ends[1].life == life);
        if self.coordinator.group.is_none() || !(known || payload == Payload::Open) {
            if payload != Payload::Reset {
                self.net.send(conn, 1, Payload::Reset, now);
            }
            return;
        }
        match payload {
            Payload::Open => {
                self.net.accept(conn, life);
                self.net.send(conn, 1, Payload::Opened, now);
                self.tell_coordinator(Input::Accepted(conn));
            }
            Payload::Opened => {}
            Payload::Data(bytes) => self.tell_coordinator(Input::Data(conn, bytes)),
            Payload::Close | Payload::Reset => self.tell_coordinator(Input::Closed(conn)),
        }
    }

    /// Hands something to the coordinator's process, or keeps it while that is stopped.
    pub(crate) fn tell_coordinator(&mut self, input: Input) {
        if self.coordinator.group.is_none() {
            return;
        }
        self.coordinator.inbox.push_back(input);
        self.coordinator_works();
    }

    /// Works off what waits.
    pub(crate) fn coordinator_works(&mut self) {
        while self.coordinator.paused == 0 {
            let Some(input) = self.coordinator.inbox.pop_front() else { break };
            self.coordinator_takes(input);
            self.coordinator_acts();
        }
    }

    /// The coordinator's timer may be due.
    pub(crate) fn group_timer(&mut self, life: u32) {
        let now = self.queue.now();
        if self.coordinator.life == life && self.coordinator.timer_at == Some(now) {
            self.coordinator.timer_at = None;
            self.tell_coordinator(Input::Timer);
        }
    }

    fn coordinator_takes(&mut self, input: Input) {
        let now = self.queue.now();
        let clock = self.coordinator.clock.now(now);
        if let Input::Data(conn, bytes) = input {
            return self.coordinator_reads(conn, &bytes);
        }
        let Some(group) = self.coordinator.group.as_deref_mut() else { return };
        match input {
            Input::Accepted(conn) => self.coordinator_accepts(conn),
            Input::Data(..) => {}
            Input::Closed(conn) => {
                self.coordinator.by_node.retain(|_, (_, c)| *c != conn);
                // Only once: a dead machine answers every Close with a Reset.
                if self.coordinator.links.remove(&conn).is_some() {
                    self.net.send(conn, 1, Payload::Close, now);
                }
            }
            Input::Exited(node, incarnation) => group.handle_exited(node, incarnation, clock),
            Input::Provisioned(node, incarnation) => {
                group.handle_provisioned(node, address(node), incarnation, clock);
            }
            Input::Stored(ticket, outcome) => {
                if self.coordinator.open.remove(&ticket) {
                    group.handle_stored(ticket, outcome, clock);
                }
            }
            Input::Loaded(ticket, registers) => {
                if self.coordinator.open.remove(&ticket) {
                    group.handle_registers(*registers, clock);
                }
            }
            Input::Timer => group.handle_timeout(clock),
            Input::Request(request) => {
                let answer = group.handle_request(request.clone(), clock);
                self.saw_request(&request, &answer);
            }
        }
    }

    fn coordinator_accepts(&mut self, conn: ConnNo) {
        let nonce = nonce(self.scenario.seed, u64::from(conn), 1);
        let channel = Channel::new(self.secret.as_bytes(), End::Acceptor, nonce);
        let hello = channel.hello().to_vec();
        self.coordinator.links.insert(conn, Link { channel, waits_since: None, member: None });
        self.net.send(conn, 1, Payload::Data(hello), self.queue.now());
    }

    fn coordinator_reads(&mut self, conn: ConnNo, bytes: &[u8]) {
        let now = self.queue.now();
        self.net.read(conn, 1, bytes.len());
        let Some(link) = self.coordinator.links.get_mut(&conn) else { return };
        link.channel.push(bytes);
        let stuck = *link.waits_since.get_or_insert(now);
        loop {
            let Some(link) = self.coordinator.links.get_mut(&conn) else { return };
            match link.channel.pop::<Envelope>() {
                Ok(Some(envelope)) => {
                    link.waits_since = None;
                    link.member = Some(envelope.from);
                    self.coordinator.by_node.insert(envelope.from, (envelope.incarnation, conn));
                    self.coordinator_hears(envelope);
                }
                Ok(None) if link.waits_since.is_none() || now < stuck + FRAME_NS => return,
                Ok(None) | Err(_) => {
                    self.checks.tally.frames_refused += 1;
                    self.coordinator.links.remove(&conn);
                    self.coordinator.by_node.retain(|_, (_, c)| *c != conn);
                    return self.net.send(conn, 1, Payload::Reset, now);
                }
            }
        }
    }

    fn coordinator_hears(&mut self, envelope: Envelope) {
        let by = self.coordinator.life;
        self.control_heard(by, (envelope.from, envelope.incarnation), &envelope.message);
        let clock = self.coordinator.clock.now(self.queue.now());
        if let FromNode::Report { epoch, position, .. } = &envelope.message {
            self.checks.saw_report((by, *epoch), (envelope.from, envelope.incarnation), *position);
        }
        let Some(group) = self.coordinator.group.as_deref_mut() else { return };
        group.handle_report(envelope, clock);
        self.coordinator_acts();
    }

    /// Carries out what the coordinator decided.
    fn coordinator_acts(&mut self) {
        while let Some(action) = self.coordinator_decides() {
            match action {
                Action::Send(node, incarnation, message) => {
                    if self.trapped(Moment::Promoting, matches!(message, ToNode::Promote { .. })) {
                        return;
                    }
                    let froze = matches!(message, ToNode::Freeze { .. });
                    self.coordinator_sends(node, incarnation, &message);
                    if self.trapped(Moment::Frozen, froze) {
                        return;
                    }
                    self.stalls_at(Moment::Frozen, froze);
                }
                Action::Store { ticket, change } => {
                    if self.trapped(Moment::Asked, change.shard.is_some()) {
                        return;
                    }
                    self.coordinator_stores(ticket, change);
                }
                Action::Load { ticket } => self.coordinator_loads(ticket),
                Action::Publish(endpoints) => self.coordinator_publishes(endpoints),
                Action::Provision { node, zone, incarnation } => {
                    let zone = self.zone_names.iter().position(|z| *z == zone).unwrap_or(0);
                    let wait = 20 * MS + draw_below(self.scenario.seed, 3, incarnation.0, 0, 80 * MS);
                    let (zone, by) = (u8::try_from(zone).unwrap_or(0), Some(self.coordinator.life));
                    let at = self.queue.now() + wait;
                    self.push_loose(at, Happening::Spawn { node, zone, incarnation, by });
                }
                Action::Kill { node, incarnation } => {
                    let by = self.coordinator.life;
                    self.push_loose(self.queue.now() + MS, Happening::Kill { node, incarnation, by });
                }
                Action::Event(event) => self.saw_event(event),
            }
        }
        self.arm_group_timer();
    }

    /// What to do next; nothing while a fault has stopped it before it was done.
    fn coordinator_decides(&mut self) -> Option<Action> {
        let coordinator = &mut self.coordinator;
        if coordinator.stalled {
            return None;
        }
        if let Some(undone) = coordinator.undone.take() {
            return Some(*undone);
        }
        let action = coordinator.group.as_deref_mut()?.poll_action()?;
        let life = coordinator.life;
        if let Action::Store { change, .. } = &action
            && let Some(shard) = change.shard.as_ref().filter(|s| matches!(s.phase, Phase::Stable { .. }))
        {
            let epoch = shard.epoch;
            self.checks.proposed((life, epoch));
            self.control_proposed(life, epoch);
        }
        let (asks, promotes) = match &action {
            Action::Store { change, .. } => (change.shard.is_some(), false),
            Action::Send(_, _, message) => (false, matches!(message, ToNode::Promote { .. })),
            _ => (false, false),
        };
        if self.stalls_at(Moment::Asked, asks) || self.stalls_at(Moment::Promoting, promotes) {
            self.coordinator.undone = Some(Box::new(action));
            return None;
        }
        Some(action)
    }

    /// Stands still here if a fault waits for this moment.
    pub(crate) fn stalls_at(&mut self, moment: Moment, here: bool) -> bool {
        let stalls = here && self.coordinator.stall == Some(moment);
        if stalls {
            self.checks.tally.stall_moments |= 1 << moment as u8;
            self.coordinator.stall = None;
            self.coordinator.stalled = true;
            self.coordinator.paused += 1;
        }
        stalls
    }

    /// A coordinator that a fault has stopped at a moment of its own goes on with what it was about to do.
    pub(crate) fn coordinator_goes_on(&mut self) {
        self.coordinator.stall = None;
        if std::mem::take(&mut self.coordinator.stalled) {
            self.coordinator.paused = self.coordinator.paused.saturating_sub(1);
            self.coordinator_acts();
            self.coordinator_works();
        }
    }

    /// Dies here if a fault waits for this moment.
    fn trapped(&mut self, moment: Moment, here: bool) -> bool {
        let trapped = here && self.coordinator.trap == Some(moment);
        if trapped {
            self.checks.tally.crash_moments |= 1 << moment as u8;
            self.coordinator_dies();
        }
        trapped
    }

    fn coordinator_sends(&mut self, node: NodeId, incarnation: Incarnation, message: &ToNode) {
        let Some((life, conn)) = self.coordinator.by_node.get(&node).copied() else { return };
        if life != incarnation {
            return;
        }
        let Some(link) = self.coordinator.links.get_mut(&conn) else { return };
        let mut bytes = Vec::new();
        if link.channel.seal(message, &mut bytes).is_ok() {
            let corrupt = self.machines.get(&node).map_or(0, |m| m.corrupt);
            self.spoil(&mut bytes, corrupt, conn);
            self.net.send(conn, 1, Payload::Data(bytes), self.queue.now());
        }
    }

    fn coordinator_stores(&mut self, ticket: u64, change: Change) {
        let (now, life) = (self.queue.now(), self.coordinator.life);
        self.coordinator.open.insert(ticket);
        let at = now + self.net.transit(Host::Coordinator, Host::Store, u64::from(life), ticket, 0);
        if self.coordinator.storeless == 0 {
            self.queue.push(at, Happening::StoreAsked { life, ticket, change: Box::new(change) });
        }
        self.queue.push(now + STORE_LATE_NS, Happening::StoreLate { life, ticket });
    }

    fn coordinator_loads(&mut self, ticket: u64) {
        let (now, life) = (self.queue.now(), self.coordinator.life);
        self.coordinator.open.insert(ticket);
        let at = now + self.net.transit(Host::Coordinator, Host::Store, u64::from(life), ticket, 0);
        if self.coordinator.storeless == 0 {
            self.queue.push(at, Happening::StoreRead { life, ticket });
        }
        self.queue.push(now + STORE_LATE_NS, Happening::StoreLate { life, ticket });
    }

    fn coordinator_publishes(&mut self, endpoints: Endpoints) {
        let (now, life) = (self.queue.now(), self.coordinator.life);
        // One channel to the name server: publications keep their order.
        let at = now + self.net.transit(Host::Coordinator, Host::Dns, u64::from(life), now, 0);
        let at = at + u64::from(self.dns.delay_ms) * MS;
        let at = at.max(self.dns.last_publish);
        self.dns.last_publish = at;
        self.push_loose(at, Happening::Publish { endpoints: Box::new(endpoints) });
    }

    pub(crate) fn arm_group_timer(&mut self) {
        let now = self.queue.now();
        let coordinator = &mut self.coordinator;
        let Some((deadline, _)) = coordinator.group.as_ref().and_then(|g| g.poll_timeout()) else { return };
        let at = coordinator.clock.global(deadline).max(now + 1_000);
        if coordinator.timer_at.is_none_or(|armed| armed > at || armed <= now) {
            coordinator.timer_at = Some(at);
            self.queue.push(at, Happening::GroupTimer { life: coordinator.life });
        }
    }

    /// Flips one bit of a frame, if a fault wants it.
    pub(crate) fn spoil(&self, bytes: &mut [u8], one_in: u16, conn: ConnNo) {
        let now = self.queue.now();
        let pick = |what, n| draw_below(self.scenario.seed, what, u64::from(conn), now, n);
        if one_in > 0 && pick(11, u64::from(one_in)) == 0 {
            let at = usize::try_from(pick(12, bytes.len() as u64)).unwrap_or(0);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << pick(13, 8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::command::Command;
    use crate::scenario::Scenario;
    use crate::world::World;
    use primacy_core::id::NodeId;

    #[test]
    fn a_dead_members_control_connection_falls_silent() {
        let mut world = World::new(Scenario::default());
        let steps_in = |world: &mut World, from: u64| {
            let before = world.observe(u64::MAX).steps;
            world.run_until((from + 1) * 1_000_000_000);
            world.observe(u64::MAX).steps - before
        };
        world.run_until(10_000_000_000);
        let healthy = steps_in(&mut world, 10);
        world.apply(Command::kill(NodeId(1)));
        world.run_until(20_000_000_000);
        assert!(steps_in(&mut world, 20) < 2 * healthy, "a connection answers itself");
    }
}
