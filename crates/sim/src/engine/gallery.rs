//! The runs that a page offers by name.

use primacy_core::id::NodeId;

use crate::command::Command;
use crate::fault::{Cut, FaultKind, Operation, Side, Who};
use crate::scenario::{ClientSpec, Mix, Profile, Retry, Scenario, Via};

/// Name, title, and what there is to see. A preset's place in this list is its number in links: the list only grows.
pub const GALLERY: &[(&str, &str, &str)] = &[
    (
        FIRST,
        "The usual group",
        "A primary and two replicas in three zones; one application uses the configuration endpoint, one hardcoded the \
         primary's address, one reads from the replicas.",
    ),
    (
        "stale-reads",
        "Stale reads behind a slow link",
        "The primary's link to both replicas takes 800 ms: reads from the reader endpoint return old values.",
    ),
    (
        "no-split-brain",
        "The split brain that isn't",
        "The primary is cut off from everybody but one application. Its lease ends before another primary begins, so no \
         write is acknowledged twice.",
    ),
    (
        "one-zone",
        "Everyone in us-east-1a",
        "All three nodes in one zone: when it loses its power, nobody is left to take over.",
    ),
    (
        "ttl-60",
        "The 60 s TTL",
        "The names may be cached for 60 s. The failover takes seconds; the application that cached the old address waits \
         for a minute.",
    ),
    (
        "chained",
        "Chained failovers",
        "The primary dies, and before its replacement is back the next one dies too.",
    ),
    (
        "empty-primary",
        "The empty primary",
        "The primary's process is killed and started again at once, without its data. It must not serve, or the replicas \
         would copy the emptiness.",
    ),
    (
        "coordinator-lost",
        "The coordinator is lost",
        "The coordinator dies and stays away. The primary goes on while every member grants it.",
    ),
    (
        "no-failsafe",
        "The coordinator is lost, without a fallback",
        "The same with the fallback switched off: the primary must stop when its lease ends.",
    ),
    ("storm", "Reconnect storm", "Twenty applications that retry without a pause meet a failover."),
    (
        "planned",
        "A planned failover",
        "The operator moves the primary: writes pause for a moment, and nothing is lost.",
    ),
    (
        "failover-off",
        "Automatic failover is off",
        "The primary dies and nobody takes over: the group waits until the old primary is back.",
    ),
];

/// Applications begin when the group serves: one that asks earlier keeps the no for as long as a TTL. And they begin so late
/// that a visitor, and what a run does at 10 s, finds them with answers that they may still use for a while.
const STARTS_MS: u32 = 6000;
pub(super) const FIRST: &str = "first";
pub(super) const FIRST_SEED: u64 = 42;

const fn writes() -> Mix {
    Mix { set: 1, get: 0, incr: 0, wait: 0, multi: 0, token: 0, expire: 0 }
}

const fn reads() -> Mix {
    Mix { set: 0, get: 1, incr: 0, wait: 0, multi: 0, token: 0, expire: 0 }
}

fn client(via: Via, mix: Mix) -> ClientSpec {
    let retry = Retry::Backoff { base_ms: 100, max_ms: 1000, jitter: true };
    ClientSpec { via, mix, think_us: 100_000, retry, starts_ms: STARTS_MS, ..ClientSpec::default() }
}

/// The group that a visitor finds: the seed's, with an application that uses the configuration endpoint, one that
/// hardcoded the primary's address, and one that reads from replicas.
pub fn first(seed: u64) -> Scenario {
    let clients = vec![
        client(Via::Configuration, writes()),
        client(Via::Address(NodeId(1)), writes()),
        client(Via::Reader, reads()),
    ];
    Scenario { seed, timing: Profile::Demo, clients, ..Scenario::default() }
}

/// A run by its name, with what is done in it.
pub fn preset(name: &str) -> Option<Scenario> {
    let base = first(FIRST_SEED);
    let with = |commands| Scenario { commands, ..first(FIRST_SEED) };
    let primary = Side::One(Who::Primary);
    Some(match name {
        FIRST => base,
        "stale-reads" => {
            let slow = FaultKind::Delay { a: primary, b: Side::Replicas, us: 800_000 };
            let mut run = with(vec![(10_000, Command::Begin(slow))]);
            run.clients = vec![
                ClientSpec { keys: 2, ..client(Via::Primary, writes()) },
                ClientSpec { keys: 2, ..client(Via::Reader, reads()) },
                ClientSpec { keys: 2, ..client(Via::Primary, reads()) },
            ];
            run
        }
        "no-split-brain" => {
            let cut =
                |b| Command::cut(Cut { a: Side::One(Who::Node(NodeId(1))), b, one_way: false, reset: false });
            with(vec![(10_000, cut(Side::Coordinator)), (10_000, cut(Side::Replicas))])
        }
        "one-zone" => Scenario { zones: 1, ..with(vec![(10_000, Command::lose_zone(0))]) },
        "ttl-60" => with(vec![(500, Command::SetTtl(60)), (10_000, Command::kill(NodeId(1)))]),
        "chained" => {
            let kill = || Command::Begin(FaultKind::Crash { who: Who::Primary, seen: true });
            with(vec![(10_000, kill()), (15_000, kill())])
        }
        "empty-primary" => {
            with(vec![(10_000, Command::kill(NodeId(1))), (10_001, Command::Start(NodeId(1)))])
        }
        "coordinator-lost" => with(vec![(10_000, coordinator_down())]),
        "no-failsafe" => Scenario { failsafe: false, ..with(vec![(10_000, coordinator_down())]) },
        "storm" => {
            let mut run = with(vec![(10_000, Command::kill(NodeId(1)))]);
            let one =
                ClientSpec { retry: Retry::Fixed(1), think_us: 50_000, ..client(Via::Primary, writes()) };
            run.clients = vec![one; 20];
            run
        }
        "planned" => with(vec![(10_000, Command::operate(Operation::Failover(None)))]),
        "failover-off" => {
            Scenario { automatic_failover: false, ..with(vec![(10_000, Command::kill(NodeId(1)))]) }
        }
        _ => return None,
    })
}

fn coordinator_down() -> Command {
    Command::Begin(FaultKind::CoordinatorDown(crate::fault::Moment::Now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    #[test]
    fn every_run_of_the_gallery_runs_for_half_a_minute_and_breaks_nothing() {
        for (name, ..) in GALLERY {
            let scenario = preset(name).expect(name);
            assert_eq!(scenario.check(), Ok(()), "{name}");
            let mut world = World::new(scenario);
            world.run_until(30_000_000_000);
            assert!(world.violation().is_none(), "{name}: {:?}", world.violation());
        }
        assert!(preset("nothing").is_none());
    }
}
