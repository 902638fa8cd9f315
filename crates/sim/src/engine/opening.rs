//! How a run begins.

use primacy_aws::template::{self, Options};
use primacy_aws::{Diagnostic, render};
use primacy_port::{Lane as Which, Opening};

use super::gallery::FIRST;
use super::{Engine, GALLERY, Lane, Twin, first, preset, words};
use crate::command::Command;
use crate::link;
use crate::scenario::Scenario;

/// Simulated time before the first look: the group is in service then.
pub(super) const WARM_UP_NS: u64 = 8_000_000_000;

impl Engine {
    /// Begins another run.
    pub(super) fn open(&mut self, which: Which, opening: Opening) -> Result<(), String> {
        if self.untouched && which == Which::A && opening == Opening::Preset(FIRST.to_owned()) {
            // It is in service already: running it up once more would double a visitor's waiting.
            return Ok(());
        }
        let mut notices = Vec::new();
        let scenario = match opening {
            Opening::Preset(name) => preset(&name).ok_or_else(|| {
                let names: Vec<&str> = GALLERY.iter().map(|(name, ..)| *name).collect();
                format!("there is no run {name:?}; there are {}", names.join(", "))
            })?,
            Opening::Link(text) => linked(&text, &mut notices)?,
            Opening::Course { lesson, link } => {
                self.resume_lesson(lesson, linked(&link, &mut notices)?)?;
                self.notices = notices;
                return Ok(());
            }
            Opening::Lesson(number) => return self.open_lesson(number),
            Opening::Template { text, .. } if self.teaches_templates() => return self.teach_template(&text),
            Opening::Template { text, seed } => {
                let (scenario, warnings) = declared(&text, seed)?;
                notices.extend(warnings);
                scenario
            }
            Opening::Seed(seed) => Scenario { seed, ..self.lane(which)?.base().clone() },
        };
        let until_ns = warm_up_ns(&scenario);
        let told = which == Which::B && self.lesson.is_some();
        let mut lane = Lane::new(scenario, words::of, told);
        match which {
            Which::A => {
                lane.begin(until_ns);
                (self.a, self.b, self.notices, self.lesson) = (lane, None, notices, None);
            }
            Which::B => {
                lane.seek(self.a.world().now_ns());
                self.b = Some(Twin { lane, difference: "another run".to_owned() });
            }
        }
        Ok(())
    }
}

fn linked(text: &str, notices: &mut Vec<String>) -> Result<Scenario, String> {
    let (made_by, scenario) = link::parse_fragment(text).map_err(|why| why.to_string())?;
    if made_by != link::engine() {
        notices.push(format!(
            "The link was made by engine {made_by}; with this one ({}) it may run differently.",
            link::engine()
        ));
    }
    Ok(scenario)
}

/// The first group of a template with the usual applications, and what should be known about it.
pub(super) fn declared(text: &str, seed: u64) -> Result<(Scenario, Vec<String>), String> {
    let shown = |all: &[Diagnostic]| all.iter().map(|d| render(d, "template", text)).collect::<Vec<_>>();
    let parsed = template::parse(text, Options::default()).map_err(|found| shown(&found).join("\n"))?;
    let mut notices = shown(&parsed.warnings);
    let count = parsed.groups.len();
    let spec = parsed.groups.into_iter().next().ok_or("the template declares no group")?;
    if count > 1 {
        notices.push(format!("The template declares {count} groups; this is {}.", spec.id));
    }
    let letter = |zone: &String| zone.as_bytes().last().map_or(1, |c| c.saturating_sub(b'a') + 1);
    let zones = spec.preferred_zones.iter().map(letter).max().unwrap_or(3).clamp(1, 6);
    let scenario = Scenario {
        replicas: spec.replicas,
        zones: zones.max(if spec.multi_az { 3 } else { 1 }),
        automatic_failover: spec.automatic_failover,
        declared: Some(Box::new(spec)),
        ..first(seed)
    };
    Ok((scenario, notices))
}

/// The group is in service then, and nothing that one must see was missed; what only sets the run up is not waited for.
fn warm_up_ns(scenario: &Scenario) -> u64 {
    let shows = |command: &Command| {
        !matches!(command, Command::SetTtl(_) | Command::ChangeClient { .. } | Command::AddClient(_))
    };
    let acts = scenario.commands.iter().filter(|(_, command)| shows(command)).map(|(at, _)| *at);
    let planned = scenario.faults.iter().map(|f| f.at_ms).chain(acts).min();
    planned.map_or(WARM_UP_NS, |ms| u64::from(ms).saturating_sub(1_000) * 1_000_000).min(WARM_UP_NS)
}
