//! Lane B: the same run with one difference.

use primacy_core::time::Timing;

use super::{Engine, Lane, Twin, words};
use crate::command::{Command, Which};
use crate::fault::{FaultKind, Operation};
use crate::scenario::{Profile, Scenario};

impl Engine {
    pub(super) fn begin_twin(&mut self, difference: &str) -> Result<(), String> {
        let scenario = different(&self.a.whole(), difference)?;
        scenario.check()?;
        let mut lane = Lane::new(scenario, words::of, self.lesson.is_some());
        lane.seek(self.a.world().now_ns());
        self.b = Some(Twin { lane, difference: difference.trim().to_owned() });
        Ok(())
    }

    /// What is done in lane A is done in lane B too.
    pub(super) fn follow(&mut self, which: primacy_port::Lane) {
        let at_ns = self.a.world().now_ns();
        let (primacy_port::Lane::A, Some(twin)) = (which, &mut self.b) else { return };
        if let Ok(scenario) = different(&self.a.whole(), &twin.difference) {
            twin.lane.take_plan(scenario.commands, words::of);
        }
        twin.lane.seek(at_ns);
    }
}

/// A scenario with one difference in words: a setting of the run (`zones 1`, `replicas 1`, `failsafe off`, `backlog 64`,
/// `profile aws`, with a blank or `=` between), of an application or of the names (`client c2 via=primary`,
/// `set ttl 60s`), or any other action, which then happens at the beginning.
fn different(scenario: &Scenario, text: &str) -> Result<Scenario, String> {
    let mut changed = scenario.clone();
    let text = text.trim();
    let (name, value) = text.split_once([' ', '=']).unwrap_or((text, ""));
    if SETTINGS.contains(&name) {
        setting(&mut changed, name, value.trim())?;
        return Ok(changed);
    }
    match words::parse(text)? {
        Command::ChangeClient { which, settings } => {
            let meant = |index: usize| match which {
                Which::All => true,
                Which::One(one) => usize::from(one) == index,
            };
            let mut found = false;
            for (_, spec) in changed.clients.iter_mut().enumerate().filter(|(index, _)| meant(*index)) {
                found = true;
                settings.iter().for_each(|setting| setting.apply(spec));
            }
            if !found {
                return Err("the run does not begin with that application".into());
            }
        }
        Command::SetTtl(seconds) => {
            changed.timing = Profile::Own(Box::new(Timing { dns_ttl: seconds, ..changed.timing.timing() }));
        }
        Command::Begin(FaultKind::Operator(Operation::AutomaticFailover(on))) => {
            changed.automatic_failover = on;
        }
        Command::Type { .. } | Command::Hangup(_) => {
            return Err("a typed line is no difference of a run".into());
        }
        command => changed.commands.insert(0, (1, command)),
    }
    Ok(changed)
}

/// What a run as a whole can differ in.
const SETTINGS: &[&str] = &["zones", "replicas", "failsafe", "backlog", "profile"];

fn setting(scenario: &mut Scenario, name: &str, value: &str) -> Result<(), String> {
    let wrong = || format!("{name} {value}?");
    let number = || value.parse::<u8>().map_err(|_| wrong());
    let flag = || match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{name} on or {name} off")),
    };
    match name {
        "zones" => scenario.zones = number()?,
        "replicas" => scenario.replicas = number()?,
        "failsafe" => scenario.failsafe = flag()?,
        "backlog" => scenario.backlog_kib = value.parse().map_err(|_| wrong())?,
        "profile" => {
            scenario.timing = match value {
                "lan" => Profile::Lan,
                "demo" => Profile::Demo,
                "aws" => Profile::Aws,
                _ => return Err("profile lan, demo or aws".into()),
            }
        }
        _ => {
            return Err(
                "what can differ: zones, replicas, failover, failsafe, backlog, profile, or any action"
                    .into(),
            );
        }
    }
    Ok(())
}
