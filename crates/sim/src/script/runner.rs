//! Carries a script's commands out.

mod words;

use primacy_core::control::NodeRole;
use primacy_core::group::event::EventKind;
use primacy_core::id::NodeId;
use primacy_core::map::Map;

use crate::check::i22_heals;
use crate::command::Command;
use crate::command_text::{client_name, duration, node, parse, spec, via};
use crate::scenario::Scenario;
use crate::world::World;

use super::describe;
use words::Options;

const MS: u64 = 1_000_000;
/// `redis` waits this long for an answer.
const ANSWER_NS: u64 = 5_000 * MS;
/// A replica this many bytes behind is said to lag: more than what is always under way.
const LAG: u64 = 500;
/// Steps in which `wait` looks.
const LOOK_NS: u64 = 10 * MS;

/// A script's state: its world and its terminals.
#[derive(Default)]
pub struct Runner {
    world: Option<World>,
    terminals: Map<String, u8>,
    told: u64,
    keeps_control: bool,
}

type Answer = Result<Vec<String>, String>;

impl Runner {
    /// The world, once there is a group.
    pub const fn world(&self) -> Option<&World> {
        self.world.as_ref()
    }

    /// Keeps the control steps of every group that is made from now on.
    pub const fn keep_control(&mut self) {
        self.keeps_control = true;
    }

    /// Carries one command out and returns the lines that it answers.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn execute(&mut self, line: &str) -> Answer {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (name, rest) = words.split_first().ok_or("an empty command")?;
        if *name == "group" {
            return self.group(rest);
        }
        let world = self.world.as_mut().ok_or("the first command must be: group")?;
        let mut answer = match *name {
            "run" => {
                let ns = duration(rest.first().ok_or("run needs a time")?)?;
                world.run_until(world.now_ns() + ns);
                vec![]
            }
            "redis" | "send" | "answer" => self.redis(name, rest)?,
            "wait" => self.wait(rest)?,
            "events" => self.events(rest),
            "status" => self.status(),
            "names" => self.names(),
            "client" => self.client(line, rest)?,
            "clients" => self.clients(),
            "losses" => self.losses(),
            "lease" => self.lease(rest)?,
            _ => self.act(line)?,
        };
        if let Some(violation) = self.world.as_ref().and_then(World::violation) {
            answer.push(format!("VIOLATION: {violation}"));
        }
        Ok(answer)
    }

    fn world_mut(&mut self) -> Result<&mut World, String> {
        self.world.as_mut().ok_or_else(|| "no group".to_owned())
    }

    fn group(&mut self, rest: &[&str]) -> Answer {
        let options = Options::parse(rest)?;
        let mut scenario = Scenario { end_ms: u32::MAX, ..Scenario::default() };
        options.apply(&mut scenario)?;
        scenario.check().map_err(str::to_owned)?;
        let mut world = World::new(scenario);
        if self.keeps_control {
            world.keep_control();
        }
        for _ in 0..3000 {
            world.run_until(world.now_ns() + LOOK_NS);
            if world.violation().is_some() || i22_heals::check(&world).is_ok() {
                break;
            }
        }
        let healthy = i22_heals::check(&world);
        self.told = world.observe(0).newest_event;
        self.world = Some(world);
        self.terminals.clear();
        healthy.map_err(|why| format!("the group did not form: {why}"))?;
        Ok(self.status())
    }

    fn act(&mut self, line: &str) -> Answer {
        let world = self.world_mut()?;
        let command = parse(line)?;
        let asks = matches!(&command, Command::Begin(crate::fault::FaultKind::Operator(_)));
        world.apply(command);
        match world.last_request() {
            Some(Err(error)) if asks => Ok(vec![format!("refused: {error:?}")]),
            _ => Ok(vec!["ok".to_owned()]),
        }
    }

    fn redis(&mut self, verb: &str, rest: &[&str]) -> Answer {
        let (target, words) = rest.split_first().ok_or("redis needs a target")?;
        let next = u8::try_from(self.terminals.len()).unwrap_or(u8::MAX);
        let terminal = *self.terminals.entry((*target).to_owned()).or_insert(next);
        let place = target.split('/').next().unwrap_or(target);
        let via = via(place)?;
        let world = self.world_mut()?;
        if verb != "answer" {
            let words = words.iter().map(|w| w.as_bytes().to_vec()).collect();
            world.apply(Command::Type { terminal, via, words });
        }
        if verb == "send" {
            return Ok(vec![]);
        }
        let limit = world.now_ns() + ANSWER_NS;
        loop {
            if let Some(answer) = world.poll_terminal(terminal) {
                let text = answer.reply.map_or_else(|why| why, |reply| reply.to_string());
                return Ok(text.lines().map(str::to_owned).collect());
            }
            if world.violation().is_some() || !world.step(limit) {
                return Ok(vec!["(no answer)".to_owned()]);
            }
        }
    }

    fn wait(&mut self, rest: &[&str]) -> Answer {
        let (what, limit) = match rest {
            [what, limit] => (*what, duration(limit)?),
            [what] => (*what, 30_000 * MS),
            _ => return Err("wait needs a condition and a time".to_owned()),
        };
        let world = self.world_mut()?;
        let begun = world.now_ns();
        let before = serving(world);
        while world.now_ns() < begun + limit && world.violation().is_none() {
            let now = serving(world);
            let done = match what.split_once('=') {
                None if what == "healthy" => i22_heals::check(world).is_ok(),
                None if what == "primary" => now.is_some(),
                None if what == "another" => now.is_some() && now != before,
                None if what == "nobody" => now.is_none(),
                Some(("primary", id)) => now == Some(node(id)?),
                Some(("name", id)) => world.dns.endpoints.primary.map(|(n, _)| n) == Some(node(id)?),
                _ => return Err(format!("wait for what? {what}")),
            };
            if done {
                let tenths = (world.now_ns() - begun).div_ceil(100 * MS);
                let who = now.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
                return Ok(vec![format!("{who} serves, within {}.{} s", tenths / 10, tenths % 10)]);
            }
            world.run_until(world.now_ns() + LOOK_NS);
        }
        let why = i22_heals::check(world).err().unwrap_or_default();
        Ok(vec![format!("not within {} s: {why}", limit / (1000 * MS))])
    }

    fn events(&mut self, rest: &[&str]) -> Vec<String> {
        let Some(world) = self.world.as_ref() else { return vec![] };
        let view = world.observe(self.told);
        self.told = view.newest_event;
        let lines = view.events.iter().map(|(_, event)| describe::event(&event.kind));
        lines.filter(|line| rest.is_empty() || rest.iter().any(|word| line.contains(word))).collect()
    }

    fn status(&self) -> Vec<String> {
        let Some(world) = self.world.as_ref() else { return vec![] };
        let view = world.observe(u64::MAX);
        let line = |node: &crate::world::NodeSight| {
            let role = match (node.up, node.role) {
                (false, _) => "down".to_owned(),
                (true, Some(role)) if node.paused => format!("{role:?} (stopped)"),
                (true, Some(role)) => format!("{role:?}"),
                (true, None) => "unknown".to_owned(),
            };
            let lag = if node.up && !node.is_primary && node.lag_bytes > LAG { ", lags" } else { "" };
            format!("{} {} {role}, epoch {}{lag}", node.id, node.zone, node.epoch.0)
        };
        view.nodes.iter().map(line).collect()
    }

    fn names(&self) -> Vec<String> {
        let Some(world) = self.world.as_ref() else { return vec![] };
        let short = |name: &str| name.split('.').take(3).collect::<Vec<_>>().join(".");
        let view = world.observe(u64::MAX);
        let line = |(name, node): &(String, Option<NodeId>)| {
            let target = node.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
            format!("{} -> {target}", short(name))
        };
        view.endpoints.iter().take(2).map(line).collect()
    }

    fn client(&mut self, line: &str, rest: &[&str]) -> Answer {
        if rest.first().is_some_and(|word| !word.contains('=')) {
            return self.act(line);
        }
        let spec = spec(rest)?;
        let world = self.world_mut()?;
        let index = world.observe(u64::MAX).clients.len();
        world.apply(Command::AddClient(spec));
        Ok(vec![client_name(index)])
    }

    fn clients(&self) -> Vec<String> {
        let Some(world) = self.world.as_ref() else { return vec![] };
        let view = world.observe(u64::MAX);
        let line = |client: &crate::world::ClientView| {
            let last = client.recent.last().is_some_and(|(_, ok)| *ok);
            let state = if last {
                let node = client.node.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
                format!("works with {node}")
            } else {
                let why = client.last_error.clone().unwrap_or_default();
                format!("fails: {why}")
            };
            format!("{} {state}", client_name(usize::from(client.index)))
        };
        view.clients.iter().map(line).collect()
    }

    fn losses(&self) -> Vec<String> {
        let Some(world) = self.world.as_ref() else { return vec![] };
        let lost = world.observe(0).events;
        let lines = lost.iter().filter(|(_, event)| matches!(event.kind, EventKind::Lost(_)));
        lines.map(|(_, event)| describe::event(&event.kind)).collect()
    }

    fn lease(&self, rest: &[&str]) -> Answer {
        let id = node(rest.first().ok_or("whose lease?")?)?;
        let view = self.world.as_ref().ok_or("no group")?.observe(u64::MAX);
        let sight = view.nodes.iter().find(|n| n.id == id).ok_or("no such node")?;
        let on = if sight.failsafe { " on grants" } else { "" };
        let running = sight.lease_ns.is_some_and(|ns| ns > 0);
        Ok(vec![if running { format!("running{on}") } else { "none".to_owned() }])
    }
}

fn serving(world: &World) -> Option<NodeId> {
    let view = world.observe(u64::MAX);
    let mut all = view.nodes.iter().filter(|n| !n.paused && n.role == Some(NodeRole::PrimaryServing));
    all.find(|n| n.lease_ns.is_some_and(|ns| ns > 0)).map(|n| n.id)
}
