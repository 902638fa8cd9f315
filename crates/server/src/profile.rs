//! The timing profiles and `--set`.

use std::time::Duration;

use clap::ValueEnum;
use primacy_core::time::Timing;

use crate::duration;
use crate::fail::Fail;

/// A starting point for every duration of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// One machine or one network: a dead primary is replaced in milliseconds, a hung one in about a second; TTL 1 s.
    Lan,
    /// What AWS describes: detection, recovery and DNS take minutes; TTL 15 s.
    Aws,
    /// Slow enough to watch each step; TTL 5 s.
    Demo,
}

impl Profile {
    const fn timing(self) -> Timing {
        match self {
            Self::Lan => Timing::LAN,
            Self::Aws => Timing::AWS,
            Self::Demo => Timing::DEMO,
        }
    }
}

/// The names that `--set` takes, for its error text.
const NAMES: &str = "lease, margin, renew-every, heartbeat-every, silent-after, collect, straggler, replace-after, \
                     hung-after, genesis-wait, handover-limit, ack-every, ping-every, link-timeout, dns-ttl";

/// The profile with each `name=value` of `sets` put in. A lease that is set without `renew-every` takes a quarter of
/// itself for it, as in every profile.
pub(crate) fn timing(profile: Profile, sets: &[String]) -> Result<Timing, Fail> {
    let mut timing = profile.timing();
    let mut renew_set = false;
    for set in sets {
        let Some((name, value)) = set.split_once('=') else {
            return Err(Fail::input(format!("--set {set}: expected NAME=VALUE"))
                .hint(format!("for example --set lease=2s; the names are {NAMES}")));
        };
        put(&mut timing, name.trim(), value.trim())?;
        match name.trim() {
            "renew-every" | "renew_every" => renew_set = true,
            "lease" if !renew_set => timing.renew_every = timing.lease / 4,
            _ => {}
        }
    }
    check(&timing)?;
    Ok(timing)
}

fn put(timing: &mut Timing, name: &str, value: &str) -> Result<(), Fail> {
    let slot = match name.replace('_', "-").as_str() {
        "lease" => &mut timing.lease,
        "margin" => &mut timing.margin,
        "renew-every" => &mut timing.renew_every,
        "heartbeat-every" => &mut timing.heartbeat_every,
        "silent-after" => &mut timing.silent_after,
        "collect" => &mut timing.collect,
        "straggler" => &mut timing.straggler,
        "replace-after" => &mut timing.replace_after,
        "hung-after" => &mut timing.hung_after,
        "genesis-wait" => &mut timing.genesis_wait,
        "handover-limit" => &mut timing.handover_limit,
        "ack-every" => &mut timing.ack_every,
        "ping-every" => &mut timing.ping_every,
        "link-timeout" => &mut timing.link_timeout,
        "dns-ttl" => {
            let seconds =
                duration::parse(value).map_err(|e| Fail::input(format!("--set {name}: {e}")))?.as_secs();
            timing.dns_ttl = u32::try_from(seconds).unwrap_or(u32::MAX);
            return Ok(());
        }
        _ => {
            return Err(Fail::input(format!("--set {name}: there is no such timing"))
                .hint(format!("the names are {NAMES}")));
        }
    };
    *slot = duration::parse(value).map_err(|e| Fail::input(format!("--set {name}: {e}")))?;
    Ok(())
}

/// Refuses what could never work: a lease that cannot be renewed in time, or a margin below the clocks' error.
fn check(timing: &Timing) -> Result<(), Fail> {
    if timing.renew_every * 2 > timing.lease || timing.renew_every.is_zero() {
        return Err(Fail::input(format!(
            "renew-every ({:?}) must be above zero and at most half of the lease ({:?})",
            timing.renew_every, timing.lease
        ))
        .hint("a quarter of the lease is what every profile has"));
    }
    let least = timing.lease / 50 + Duration::from_millis(100);
    if timing.margin < least {
        return Err(Fail::input(format!(
            "margin ({:?}) must be at least 2 % of the lease plus 100 ms, {least:?} here: two clocks may differ that much",
            timing.margin
        )));
    }
    if timing.heartbeat_every.is_zero() || timing.ack_every.is_zero() || timing.ping_every.is_zero() {
        return Err(Fail::input("heartbeat-every, ack-every and ping-every must be above zero"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(list: &[&str]) -> Result<Timing, Fail> {
        timing(Profile::Lan, &list.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn every_name_in_the_help_can_be_set() {
        for name in NAMES.split(',') {
            let set = format!("{}=1s", name.trim());
            let set = if set.starts_with("renew") { "renew-every=0.2s".to_owned() } else { set };
            assert!(sets(&[&set]).is_ok(), "{set}");
        }
    }

    #[test]
    fn a_lease_brings_its_renewals_along() {
        let timing = sets(&["lease=2s", "margin=200ms"]).expect("both are good");
        assert_eq!(timing.renew_every, Duration::from_millis(500));
        assert_eq!(timing.margin, Duration::from_millis(200));
    }

    #[test]
    fn unsafe_or_unknown_settings_are_refused() {
        for bad in [
            &["lease"][..],
            &["leese=1s"],
            &["lease=2"],
            &["renew-every=900ms"],
            &["margin=1ms"],
            &["ack-every=0s"],
        ] {
            assert!(sets(bad).is_err(), "{bad:?} was taken");
        }
    }
}
