//! The world: everything around the core, simulated. One queue of events, one event at a time.
//!
//! [`World::step`] takes the next event; whatever it changes is hashed into the trace and looked at by the checks.
//! The same world runs in `cargo test`, in the campaign (`src/bin/sim.rs`) and behind the page.

mod attacker;
pub(crate) mod client;
mod control_trace;
mod coordinator;
mod coordinators;
mod dns;
mod driver;
mod habits;
mod happening;
mod inject;
mod lag;
pub(crate) mod ledger;
mod life;
mod machine;
mod outcome;
mod reading;
mod roster;
mod sending;
mod store;
mod terminal;
mod view;
mod watch;
mod weight;

use std::collections::VecDeque;

use primacy_core::endpoint::{Names, Zone as DnsZone};
use primacy_core::group::event::Event;
use primacy_core::group::spec::GroupSpec;
use primacy_core::group::{GroupConfig, RequestError};
use primacy_core::id::{Incarnation, NodeId, Zone};
use primacy_core::map::Map;

pub use control_trace::{ControlFact, Fed, Life, Sight};
pub use lag::Lag;
pub use outcome::{Ended, Outcome};
pub use terminal::Answer;
pub use view::{ClientView, LinkView, NodeSight, PacketView, WorldView};

use crate::check::{Checks, Tally, Violation};
use crate::clock::Clock;
use crate::command::Command;
use crate::fault::{Cut, FaultKind};
use crate::hash::{Trace, draw};
use crate::members::Members;
use crate::net::{ConnNo, Host, Network, Payload};
use crate::queue::Queue;
use crate::scenario::Scenario;
use crate::why::record::Record;

use client::{Client, State};
use coordinator::{Coordinator, Input};
use dns::Dns;
use happening::Happening;
use inject::Active;
use machine::{Inbound, Machine};
use store::Store;
use terminal::Terminal;

const MS: u64 = 1_000_000;
/// The bounds are looked at this often.
const CHECK_EVERY_NS: u64 = 250 * MS;
/// The group's id in every scenario: the seed's template, its logical id in kebab case.
pub const GROUP_ID: &str = "my-replication-group";

/// A running scenario.
#[derive(Clone)]
pub struct World {
    pub(crate) scenario: Scenario,
    pub(crate) queue: Queue<Happening>,
    pub(crate) net: Network,
    pub(crate) machines: Members<Machine>,
    pub(crate) coordinator: Coordinator,
    /// The older one of two at once.
    pub(crate) rival: Option<Box<Coordinator>>,
    /// Lives of coordinators so far, each end counted too.
    pub(crate) coordinator_lives: u32,
    /// The clock of name servers and resolvers, which no fault touches.
    pub(crate) names_clock: Clock,
    /// One in this many messages outside of connections comes twice; 0: none.
    pub(crate) doubled: u16,
    /// The limit of every member's memory, and what one held already when it was set.
    pub(crate) memory: Option<(u64, u64)>,
    pub(crate) store: Store,
    pub(crate) dns: Dns,
    pub(crate) clients: Vec<Client>,
    pub(crate) terminals: Map<u8, Terminal>,
    pub(crate) active: Vec<Active>,
    /// When a fault last began or ended.
    pub(crate) disturbed_ns: u64,
    pub(crate) flaps: Vec<(Cut, u64)>,
    pub(crate) forgeries: Map<ConnNo, NodeId>,
    pub(crate) checks: Checks,
    pub(crate) control: control_trace::Control,
    pub(crate) trace: Trace,
    pub(crate) ledger: ledger::Ledger,
    /// What it can be asked why about.
    pub(crate) why: Record,
    pub(crate) events: VecDeque<(u64, Event)>,
    /// The recorded primary's way, for lags in time.
    pub(crate) way: lag::Way,
    /// What the applications met since [`World::take_outcomes`], if anybody asks.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) keeps_outcomes: bool,
    pub(crate) notes: Vec<(u64, String)>,
    pub(crate) noting: bool,
    pub(crate) last_request: Option<Result<(), RequestError>>,
    pub(crate) group_config: GroupConfig,
    pub(crate) group_id: String,
    pub(crate) zone_names: Vec<Zone>,
    pub(crate) secret: String,
}

/// 16 bytes for a nonce or a seed, different for every use.
pub(crate) fn nonce(seed: u64, a: u64, b: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&draw(seed, 51, a, b).to_le_bytes());
    bytes[8..].copy_from_slice(&draw(seed, 52, a, b).to_le_bytes());
    bytes
}

/// The group that a scenario is about.
pub(crate) fn spec(scenario: &Scenario) -> GroupSpec {
    let seeds = || GroupSpec {
        id: GROUP_ID.to_owned(),
        description: "My witty cache cluster".to_owned(),
        node_type: "cache.m6g.large".to_owned(),
        engine: "redis".to_owned(),
        engine_version: "6.x".to_owned(),
        parameter_group: Some("default.redis6.x".to_owned()),
        replicas: 0,
        automatic_failover: false,
        multi_az: scenario.zones > 1,
        preferred_zones: Vec::new(),
        port: 6379,
        security_groups: Vec::new(),
        tags: Vec::new(),
    };
    GroupSpec {
        replicas: scenario.replicas,
        automatic_failover: scenario.automatic_failover && scenario.replicas > 0,
        ..scenario.declared.as_deref().cloned().unwrap_or_else(seeds)
    }
}

impl World {
    /// A world at time 0: the coordinator is about to start, and nothing else exists yet.
    pub fn new(scenario: Scenario) -> Self {
        let timing = scenario.timing.timing();
        let zone_names: Vec<Zone> =
            (0..scenario.zones).map(|n| format!("us-east-1{}", char::from(b'a' + n))).collect();
        let mut config = GroupConfig::new(spec(&scenario));
        config.timing = timing;
        config.zones.clone_from(&zone_names);
        config.failsafe = scenario.failsafe;
        let group_id = config.spec.id.clone();
        let names = Names::new(&group_id, &config.region, &config.domain);
        let zone = DnsZone::new(&config.domain, timing.dns_ttl);
        let secret = format!("secret-{:016x}", draw(scenario.seed, 53, 0, 0));
        let mut world = Self {
            net: Network::new(scenario.seed, scenario.net),
            queue: Queue::default(),
            machines: Members::default(),
            coordinator: Coordinator::new(0, 0),
            rival: None,
            coordinator_lives: 0,
            names_clock: Clock::new(77_000_000_000),
            doubled: 0,
            memory: None,
            store: Store::default(),
            dns: Dns {
                zone,
                names,
                endpoints: primacy_core::endpoint::Endpoints::default(),
                stale: None,
                stale_faults: 0,
                failing: 0,
                last_publish: 0,
                delay_ms: 0,
            },
            clients: Vec::new(),
            terminals: Map::new(),
            active: Vec::new(),
            disturbed_ns: 0,
            flaps: Vec::new(),
            forgeries: Map::new(),
            checks: Checks::new(&secret),
            control: control_trace::Control::default(),
            trace: Trace::default(),
            ledger: ledger::Ledger::default(),
            why: Record::default(),
            events: VecDeque::new(),
            way: lag::Way::default(),
            outcomes: Vec::new(),
            keeps_outcomes: false,
            notes: Vec::new(),
            noting: false,
            last_request: None,
            group_config: config,
            group_id,
            zone_names,
            secret,
            scenario,
        };
        world.populate();
        world
    }

    fn populate(&mut self) {
        for id in 1..=u16::from(self.scenario.replicas) + 1 {
            let node = NodeId(id);
            let zone = u8::try_from(id - 1).unwrap_or(0) % self.scenario.zones;
            self.machines.insert(node, Machine::new(node, zone));
            self.net.place(Host::Node(node), zone);
        }
        self.queue.push(0, Happening::CoordinatorStarts);
        for spec in self.scenario.clients.clone() {
            self.add_client(spec);
        }
        let faults: Vec<_> = self.scenario.faults.iter().map(|f| (f.at_ms, f.for_ms)).collect();
        for (index, (at, lasts)) in faults.into_iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            self.queue.push(u64::from(at) * MS, Happening::FaultBegins(index));
            self.queue.push(u64::from(at) * MS + u64::from(lasts) * MS, Happening::FaultEnds(index));
        }
        let commands: Vec<_> = self.scenario.commands.iter().map(|c| c.0).collect();
        for (index, at) in commands.into_iter().enumerate() {
            self.queue
                .push_first(u64::from(at) * MS, Happening::Command(u32::try_from(index).unwrap_or(u32::MAX)));
        }
        if self.scenario.faults_until_ms < u32::MAX {
            self.queue.push(u64::from(self.scenario.faults_until_ms) * MS, Happening::Heal);
        }
        self.queue.push(CHECK_EVERY_NS, Happening::Check);
    }

    fn add_client(&mut self, spec: crate::scenario::ClientSpec) {
        if self.clients.len() >= crate::scenario::MAX_CLIENTS {
            return;
        }
        let index = u8::try_from(self.clients.len()).unwrap_or(u8::MAX);
        self.net.place(Host::Client(index), spec.zone);
        let starts = u64::from(spec.starts_ms);
        self.clients.push(Client::new(spec));
        let wait = MS * (starts + 1 + draw(self.scenario.seed, 54, u64::from(index), 0) % 50);
        self.client_later(index, State::BackingOff, wait);
    }

    /// Nanoseconds since the beginning.
    pub const fn now_ns(&self) -> u64 {
        self.queue.now()
    }

    /// When the next event is due; never when nothing waits.
    pub fn next_ns(&self) -> u64 {
        self.queue.next_at().unwrap_or(u64::MAX)
    }

    /// What the run consists of, with all commands that were applied to it.
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Number of the newest event of the group; 0 before the first.
    pub fn newest_event(&self) -> u64 {
        self.events.back().map_or(0, |(_, event)| event.id.0)
    }

    /// The running hash over everything that happened.
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The first invariant that did not hold.
    pub const fn violation(&self) -> Option<&Violation> {
        self.checks.violation.as_ref()
    }

    /// What the run has reached.
    pub const fn tally(&self) -> &Tally {
        &self.checks.tally
    }

    /// The answer to the newest request to the coordinator.
    pub const fn last_request(&self) -> Option<&Result<(), RequestError>> {
        self.last_request.as_ref()
    }

    /// Whether it keeps of each write what the lessons tell of it, beside what the checks need; call it before the first step.
    pub const fn keep_stories(&mut self, on: bool) {
        self.checks.writes.keep_stories(on);
    }

    /// Keeps a line for every change of a role and every notice of a node.
    pub fn keep_notes(&mut self) {
        self.noting = true;
    }

    /// The lines kept so far, with their times in nanoseconds.
    pub fn notes(&self) -> &[(u64, String)] {
        &self.notes
    }

    /// Runs the next event, if it is due by `limit_ns`. False: nothing was due, and the clock stands at the limit.
    pub fn step(&mut self, limit_ns: u64) -> bool {
        let Some(happening) = self.queue.pop(limit_ns) else { return false };
        self.checks.now = self.queue.now();
        self.trace.event(self.queue.now(), happening.tag());
        self.happen(happening);
        let queue = &mut self.queue;
        for arrival in self.net.take_arrivals() {
            queue.push(arrival.at, Happening::Arrive { conn: arrival.conn, end: arrival.end });
        }
        true
    }

    /// Runs all events up to a time, or up to the first violation.
    pub fn run_until(&mut self, limit_ns: u64) {
        while self.checks.violation.is_none() && self.step(limit_ns) {}
    }

    /// Runs the scenario to its end and makes the checks of the end.
    pub fn run_to_end(&mut self) {
        self.run_until(u64::from(self.scenario.end_ms) * MS);
        if self.checks.violation.is_none() {
            self.check_end();
        }
    }

    /// Plans an action for the next whole millisecond, before everything else that happens then, and keeps it in the
    /// scenario: the run that the scenario repeats is this one. Returns that time in milliseconds.
    pub fn schedule(&mut self, command: Command) -> u32 {
        let at = u32::try_from(self.queue.now() / MS + 1).unwrap_or(u32::MAX);
        self.plan(at, command);
        at
    }

    /// Plans an action for a later time, in milliseconds; [`Self::schedule`] otherwise.
    pub fn plan(&mut self, at_ms: u32, command: Command) {
        let index = u32::try_from(self.scenario.commands.len()).unwrap_or(u32::MAX);
        self.scenario.commands.push((at_ms, command));
        self.queue.push_first(u64::from(at_ms) * MS, Happening::Command(index));
    }

    /// Applies an action now, and keeps it with its time in the scenario. What else happens in this millisecond may
    /// come before or after it when the scenario is replayed: a script does not mind, a page uses [`Self::schedule`].
    pub fn apply(&mut self, command: Command) {
        let at = u32::try_from(self.queue.now() / MS).unwrap_or(u32::MAX);
        self.scenario.commands.push((at, command.clone()));
        self.carry_out(command);
        let queue = &mut self.queue;
        for arrival in self.net.take_arrivals() {
            queue.push(arrival.at, Happening::Arrive { conn: arrival.conn, end: arrival.end });
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrive { conn, end } => self.arrive(conn, end),
            Happening::Room { conn, end } => {
                if let Some(Host::Node(node)) = self.net.conn(conn).map(|c| c.ends[usize::from(end)].host) {
                    self.room_at_node(node, conn);
                }
            }
            Happening::Round { node, life } => self.node_round(node, life),
            Happening::NodeTimer { node, life } => self.node_timer(node, life),
            Happening::DialTimeout { node, life, conn } => {
                self.node_tells(node, life, Inbound::DialTooLate(conn));
            }
            Happening::Control { node, life } => self.node_tells(node, life, Inbound::DialControl),
            Happening::Spawn { node, zone, incarnation, by } => self.spawn(node, zone, incarnation, by),
            Happening::CoordinatorStarts => self.coordinator_starts(),
            Happening::Kill { by: life, .. }
            | Happening::Exited { by: life, .. }
            | Happening::Provisioned { by: life, .. }
            | Happening::GroupTimer { life }
            | Happening::StoreAsked { life, .. }
            | Happening::StoreRead { life, .. }
            | Happening::StoreAnswers { life, .. }
            | Happening::StoreSays { life, .. }
            | Happening::StoreLate { life, .. } => {
                self.as_coordinator(life, |world| world.happen_to_coordinator(happening));
            }
            Happening::Publish { endpoints } => self.publish(*endpoints),
            Happening::Client { index, turn } => self.client_turn(index, turn),
            Happening::Terminal { index, turn } => self.terminal_late(index, turn),
            other => self.happen_to_plan(other),
        }
    }

    fn happen_to_coordinator(&mut self, happening: Happening) {
        match happening {
            Happening::Kill { node, incarnation, by } => self.kill(node, incarnation, by),
            Happening::Exited { node, incarnation, by } => self.exited(node, incarnation, by),
            Happening::Provisioned { node, incarnation, by } => self.provisioned(node, incarnation, by),
            Happening::GroupTimer { life } => self.group_timer(life),
            Happening::StoreAsked { life, ticket, change } => self.store_asked(life, ticket, change),
            Happening::StoreRead { life, ticket } => self.store_read(life, ticket),
            Happening::StoreAnswers { life, ticket, outcome } => self.store_answers(life, ticket, outcome),
            Happening::StoreSays { life, ticket, registers } => self.store_says(life, ticket, registers),
            Happening::StoreLate { life, ticket } => self.store_late(life, ticket),
            _ => {}
        }
    }

    fn happen_to_plan(&mut self, happening: Happening) {
        match happening {
            Happening::FaultBegins(index) => {
                if let Some(fault) = self.scenario.faults.get(index as usize) {
                    let kind = fault.kind.clone();
                    self.begin(kind, Some(index));
                }
            }
            Happening::FaultEnds(index) => self.end(|active| active.planned == Some(index)),
            Happening::Flap { fault, on } => self.flap_turns(fault, on),
            Happening::Heal => self.heal(),
            Happening::Command(index) => {
                if let Some((_, command)) = self.scenario.commands.get(index as usize) {
                    let command = command.clone();
                    self.carry_out(command);
                }
            }
            Happening::StormKill { node, life } => self.storm_kill(node, life),
            Happening::Abandoned { conn } => self.abandoned(conn),
            Happening::Check => {
                self.part_with_machines();
                self.check_now();
                self.queue.push(self.queue.now() + CHECK_EVERY_NS, Happening::Check);
            }
            _ => {}
        }
    }

    fn arrive(&mut self, conn: ConnNo, end: u8) {
        let Some(payload) = self.net.arrive(conn, end, self.queue.now()) else { return };
        self.trace.word(u64::from(conn) << 1 | u64::from(end));
        let closing = matches!(payload, Payload::Close | Payload::Reset);
        if let Payload::Data(bytes) = &payload {
            self.trace.bytes(bytes);
        }
        let Some(host) = self.net.conn(conn).map(|c| c.ends[usize::from(end)].host) else { return };
        match host {
            Host::Node(node) => self.arrive_at_node(node, conn, end, payload),
            Host::Coordinator => self.arrive_at_coordinator(conn, payload),
            Host::Client(index) => self.arrive_at_client(index, conn, payload),
            Host::Terminal(index) => self.arrive_at_terminal(index, conn, payload),
            Host::Attacker => self.arrive_at_attacker(conn, payload),
            Host::Store | Host::Dns => {}
        }
        if closing {
            self.net.forget_if_closed(conn);
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Begin(kind) => self.begin(kind, None),
            Command::End(kind) => self.end(|active| active.kind == kind),
            Command::Heal => self.heal(),
            Command::Start(node) => {
                let zone = self.machines.get(&node).map_or(0, |m| m.zone);
                self.spawn(node, zone, Incarnation(0), None);
            }
            Command::AddClient(spec) => self.add_client(spec),
            Command::AddClients { count, spec } => (0..count).for_each(|_| self.add_client(spec.clone())),
            Command::ChangeClient { which, settings } => self.change_clients(which, &settings),
            Command::SetTtl(seconds) => self.set_ttl(seconds),
            Command::Hangup(index) => self.terminal_hangs_up(index),
            Command::StopClient(index) => {
                if let Some(client) = self.clients.get_mut(usize::from(index)) {
                    client.stopped = true;
                }
            }
            Command::StartClient(index) => {
                if let Some(client) = self.clients.get_mut(usize::from(index)).filter(|c| c.stopped) {
                    client.stopped = false;
                    let state = client.state;
                    self.client_later(index, state, MS);
                }
            }
            Command::Type { terminal, via, words } => self.terminal_types(terminal, via, &words),
        }
    }

    /// Hands a request to the coordinator, as the API does.
    pub fn request(&mut self, request: primacy_core::group::Request) {
        self.tell_coordinator(Input::Request(request));
    }

    /// Faults that run now.
    pub fn faults(&self) -> impl Iterator<Item = &FaultKind> {
        self.active.iter().map(|active| &active.kind)
    }
}
