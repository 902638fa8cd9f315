//! Replication groups from JavaScript: create one, run commands, inject faults, advance virtual time, read what
//! happened. The group is the production core in the simulator's world, so equal seeds give equal runs.

use primacy_core::id::NodeId;
use primacy_sim::command::Command;
use primacy_sim::fault::{FaultKind, Operation, Who};
use primacy_sim::scenario::{Profile, Scenario, Via};
use primacy_sim::world::World;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

const MS: u64 = 1_000_000;
/// Virtual time that a command may take before its reply is given up, in milliseconds.
const REPLY_MS: u64 = 20_000;
const TERMINAL: u8 = 0;

/// What a group may be created with; everything has a default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct Options {
    seed: u32,
    replicas: u8,
    zones: u8,
    automatic_failover: bool,
    profile: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, replicas: 2, zones: 3, automatic_failover: true, profile: "lan".into() }
    }
}

/// One replication group in virtual time.
#[wasm_bindgen]
pub struct Group {
    world: World,
}

#[wasm_bindgen]
impl Group {
    /// A group at time 0 from `{seed, replicas, zones, automaticFailover, profile: "lan" | "demo" | "aws"}`.
    ///
    /// # Errors
    /// An unknown option, or a value out of its range.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        let options: Options = match options.is_undefined() {
            true => Options::default(),
            false => serde_wasm_bindgen::from_value(options).map_err(|e| JsError::new(&e.to_string()))?,
        };
        let timing = match options.profile.as_str() {
            "lan" => Profile::Lan,
            "demo" => Profile::Demo,
            "aws" => Profile::Aws,
            other => return Err(JsError::new(&format!("profile {other:?}: lan, demo or aws"))),
        };
        let scenario = Scenario {
            seed: u64::from(options.seed),
            replicas: options.replicas,
            zones: options.zones,
            automatic_failover: options.automatic_failover,
            timing,
            ..Scenario::default()
        };
        scenario.check().map_err(JsError::new)?;
        Ok(Self { world: World::new(scenario) })
    }

    /// Lets virtual time pass, in milliseconds.
    pub fn advance(&mut self, ms: u32) {
        let end = self.world.now_ns() + u64::from(ms) * MS;
        while self.world.step(end) {}
    }

    /// Sends a command's words to `primary`, `reader` or a node's number such as `002`, lets time pass until the
    /// reply is there, and returns its text.
    ///
    /// # Errors
    /// An unknown target, no connection, or no reply within 20 s of virtual time.
    pub fn run(&mut self, target: &str, words: Vec<String>) -> Result<String, JsError> {
        let via = match target {
            "primary" => Via::Primary,
            "reader" => Via::Reader,
            node => {
                Via::Node(NodeId(node.parse().map_err(|_| JsError::new("primary, reader or 001 to 006"))?))
            }
        };
        let words = words.into_iter().map(String::into_bytes).collect();
        self.world.apply(Command::Type { terminal: TERMINAL, via, words });
        let end = self.world.now_ns() + REPLY_MS * MS;
        while self.world.terminal_waits(TERMINAL) > 0 && self.world.step(end) {}
        let answer = self.world.poll_terminal(TERMINAL).ok_or_else(|| JsError::new("no reply in time"))?;
        answer.reply.map(|reply| reply.to_string()).map_err(|why| JsError::new(&why))
    }

    /// `kill -9` of a node.
    pub fn kill(&mut self, node: u16) {
        self.world.apply(Command::kill(NodeId(node)));
    }

    /// `kill -9` of whoever is primary.
    #[wasm_bindgen(js_name = killPrimary)]
    pub fn kill_primary(&mut self) {
        self.world.apply(Command::Begin(FaultKind::Crash { who: Who::Primary, seen: true }));
    }

    /// `kill -STOP` of a node.
    pub fn pause(&mut self, node: u16) {
        self.world.apply(Command::pause(NodeId(node)));
    }

    /// `kill -CONT` of a node.
    pub fn resume(&mut self, node: u16) {
        self.world.apply(Command::resume(NodeId(node)));
    }

    /// AWS's `TestFailover`.
    #[wasm_bindgen(js_name = testFailover)]
    pub fn test_failover(&mut self) {
        self.world.apply(Command::operate(Operation::TestFailover));
    }

    /// A planned failover to the best replica.
    pub fn failover(&mut self) {
        self.world.apply(Command::operate(Operation::Failover(None)));
    }

    /// Everything visible now, with the events after number `since`.
    ///
    /// # Errors
    /// A value that JavaScript cannot hold.
    pub fn view(&self, since: u32) -> Result<JsValue, JsError> {
        let view = self.world.observe(u64::from(since));
        serde_wasm_bindgen::to_value(&view).map_err(|e| JsError::new(&e.to_string()))
    }

    /// The number of the current primary, if the name points to one.
    pub fn primary(&self) -> Option<u16> {
        self.world.observe(u64::MAX).nodes.iter().find(|n| n.is_primary).map(|n| n.id.0)
    }

    /// The running hash of everything that has happened.
    #[wasm_bindgen(js_name = traceHash)]
    pub fn trace_hash(&self) -> String {
        self.world.observe(u64::MAX).trace
    }
}
