//! Scenarios from a number. The whole plan is drawn here, before the run; the run itself takes no decision
//! from a shared stream of random numbers (`failover.md` §4.2, rule 1).

mod faults;
mod rows;
mod traps;

use primacy_core::id::NodeId;
use primacy_core::rng::Rng;

use crate::scenario::{Caching, ClientSpec, Mix, Net, Profile, Retry, Scenario, Via};

/// How faults are drawn: each kind equally likely, or with weights that the seed draws too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Every kind of fault is equally likely.
    Uniform,
    /// Each seed has its own few kinds of fault and its own rhythm.
    Swarm,
}

/// Milliseconds of a drawn run: faults, then healing, then silence.
pub const END_MS: u32 = 60_000;
/// Faults end here.
pub const FAULTS_UNTIL_MS: u32 = 38_000;
/// Writes end here.
pub const WRITES_UNTIL_MS: u32 = 56_000;

/// The scenario of a seed.
pub fn scenario(seed: u64, style: Style) -> Scenario {
    let mut rng = Rng::from_u64(seed ^ if style == Style::Swarm { 0x5157_4d00 } else { 0 });
    let replicas = [2, 2, 2, 1, 3, 2, 4, 5, 1, 2][rng.below(10) as usize];
    let zones = [3, 3, 2, 3, 1, 3][rng.below(6) as usize];
    let clients = clients(&mut rng, replicas, zones);
    let mut drawn = Scenario {
        seed,
        replicas,
        zones,
        timing: Profile::Lan,
        automatic_failover: !rng.chance(1, 20),
        failsafe: !rng.chance(1, 4),
        backlog_kib: if rng.chance(1, 6) { 64 } else { 1024 },
        net: Net {
            near_us: 50 + rng.below(200) as u32,
            far_us: 200 + rng.below(1500) as u32,
            jitter_us: [10, 100, 1000, 5000][rng.below(4) as usize],
        },
        clients,
        faults: Vec::new(),
        commands: Vec::new(),
        faults_until_ms: FAULTS_UNTIL_MS,
        writes_until_ms: WRITES_UNTIL_MS,
        end_ms: END_MS,
        declared: None,
    };
    drawn.faults = faults::plan(&mut rng, style, &drawn);
    traps::add(&mut drawn, style);
    rows::add(&mut drawn, style);
    drawn
}

fn clients(rng: &mut Rng, replicas: u8, zones: u8) -> Vec<ClientSpec> {
    let count = 2 + rng.below(3);
    let mut clients: Vec<_> = (0..count).map(|index| client(rng, index, replicas, zones)).collect();
    if let Some(first) = clients.first_mut() {
        first.via = Via::Configuration;
        first.mix.set = first.mix.set.max(2);
    }
    clients
}

fn client(rng: &mut Rng, index: u64, replicas: u8, zones: u8) -> ClientSpec {
    let any_node = NodeId(1 + rng.below(u64::from(replicas) + 1) as u16);
    let via = match rng.below(8) {
        0 => Via::Reader,
        1 => Via::Address(any_node),
        2 => Via::Node(any_node),
        3 | 4 => Via::Configuration,
        _ => Via::Primary,
    };
    let writes = !matches!(via, Via::Reader);
    let mix = Mix {
        set: if writes { 1 + rng.below(4) as u8 } else { 0 },
        get: 1 + rng.below(3) as u8,
        incr: if writes { rng.below(2) as u8 } else { 0 },
        wait: if writes { rng.below(3) as u8 } else { 0 },
        multi: if writes { rng.below(2) as u8 } else { 0 },
        token: if writes { rng.below(2) as u8 } else { 0 },
        expire: if writes { rng.below(2) as u8 } else { 0 },
    };
    ClientSpec {
        via,
        zone: u8::try_from(index % u64::from(zones)).unwrap_or(0),
        think_us: [10_000, 50_000, 100_000, 200_000][rng.below(4) as usize],
        mix,
        wait_for: 1 + rng.below(u64::from(replicas.max(1))) as u8,
        wait_ms: [50, 200, 1000][rng.below(3) as usize],
        keys: if rng.chance(1, 8) { 200 } else { 1 + rng.below(12) as u8 },
        padding: [0, 0, 30, 2000, 4000][rng.below(5) as usize],
        retry: match rng.below(3) {
            0 => Retry::Fixed(20 + rng.below(200) as u16),
            n => Retry::Backoff { base_ms: 10 + rng.below(100) as u16, max_ms: 1000, jitter: n == 1 },
        },
        timeout_ms: [200, 500, 1500][rng.below(3) as usize],
        cache: if rng.chance(1, 6) { Caching::Forever } else { Caching::Honours },
        read_back: None,
        starts_ms: 0,
        hot: 0,
    }
}
