//! What a script's group is made of.

use crate::scenario::{Profile, Scenario};
use primacy_core::map::Map;

/// `name=value` words.
pub(super) struct Options<'a>(Map<&'a str, &'a str>);

impl<'a> Options<'a> {
    pub(super) fn parse(words: &[&'a str]) -> Result<Self, String> {
        let pair = |word: &&'a str| word.split_once('=').ok_or_else(|| format!("{word} is no name=value"));
        words.iter().map(pair).collect::<Result<_, _>>().map(Self)
    }

    fn number<T: std::str::FromStr>(&self, name: &str, otherwise: T) -> Result<T, String> {
        self.0.get(name).map_or(Ok(otherwise), |v| v.parse().map_err(|_| format!("{name}={v}?")))
    }

    fn flag(&self, name: &str, otherwise: bool) -> Result<bool, String> {
        match self.0.get(name).copied() {
            None => Ok(otherwise),
            Some("on") => Ok(true),
            Some("off") => Ok(false),
            Some(other) => Err(format!("{name}={other}?")),
        }
    }

    pub(super) fn apply(&self, scenario: &mut Scenario) -> Result<(), String> {
        scenario.seed = self.number("seed", scenario.seed)?;
        scenario.replicas = self.number("replicas", scenario.replicas)?;
        scenario.zones = self.number("zones", scenario.zones)?;
        scenario.backlog_kib = self.number("backlog", scenario.backlog_kib)?;
        scenario.automatic_failover = self.flag("failover", scenario.automatic_failover)?;
        scenario.failsafe = self.flag("failsafe", scenario.failsafe)?;
        scenario.timing = match self.0.get("profile").copied() {
            None | Some("lan") => Profile::Lan,
            Some("demo") => Profile::Demo,
            Some("aws") => Profile::Aws,
            Some(other) => return Err(format!("profile={other}?")),
        };
        Ok(())
    }
}
