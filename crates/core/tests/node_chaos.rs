//! Random writes, partitions, stops, restarts and elections on three nodes, from a seed. After every heal all nodes are
//! equal; every write that disappears is in a loss report, to the operation; no node goes back without one.

mod common;

use common::World;
use primacy_core::control::{FromNode, NodeRole, ToNode};
use primacy_core::id::Epoch;
use primacy_core::rng::Rng;

struct Chaos {
    w: World,
    rng: Rng,
    epoch: u64,
    primary: usize,
    lives: [u64; 3],
    trail: Vec<String>,
    old_wins: u64,
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let mut w = World::new(3);
        let primary = w.elect(1, &[0, 1, 2]);
        Self { w, rng: Rng::from_u64(seed), epoch: 1, primary, lives: [1; 3], trail: vec![], old_wins: 0 }
    }

    fn pick(&mut self, n: u64) -> usize {
        usize::try_from(self.rng.below(n)).unwrap()
    }

    fn write(&mut self) {
        let i = self.pick(3);
        if self.w.stopped.contains(&i) {
            return;
        }
        let c = self.w.client(i);
        let key = self.pick(20);
        let line = match self.pick(7) {
            0 => format!("SET k{key} {}", self.rng.next_u64()),
            1 => format!("INCR n{key}"),
            2 => format!("RPUSH l{key} {}", self.rng.below(100)),
            3 => format!("SADD s{key} {} {}", self.rng.below(10), self.rng.below(10)),
            4 => format!("SPOP s{key}"),
            5 => format!("HSET h{key} f{} 1", self.rng.below(5)),
            _ => format!("SELECT {}\r\nMULTI\r\nINCR a{key}\r\nDEL k{key}\r\nEXEC", self.rng.below(3)),
        };
        self.w.call(i, c, &line);
        self.w.close(i, c);
    }

    fn fault(&mut self) {
        let (a, b) = (self.pick(3), self.pick(3));
        match self.pick(6) {
            0 if a != b => {
                self.w.apart.insert((a.min(b), a.max(b)));
            }
            1 => self.w.apart.clear(),
            2 if self.w.stopped.is_empty() => {
                self.w.stopped.insert(a);
            }
            3 => self.w.stopped.clear(),
            4 => {
                self.w.unrenewed.insert(a);
            }
            _ => self.w.unrenewed.clear(),
        }
    }

    /// A new epoch. Now and then the primary, awake and cut off, does not vote.
    fn election(&mut self) {
        let away = self.primary;
        let exclude = self.rng.chance(1, 2) && self.w.stopped.is_empty();
        if exclude {
            self.w.apart.insert((away.min((away + 1) % 3), away.max((away + 1) % 3)));
            self.w.apart.insert((away.min((away + 2) % 3), away.max((away + 2) % 3)));
            (0..5).for_each(|_| self.write());
            self.w.unrenewed.insert(away);
        }
        let voters: Vec<usize> =
            (0..3).filter(|i| !(self.w.stopped.contains(i) || exclude && *i == away)).collect();
        // R3: a primary that does not vote must have lost its lease.
        if !voters.contains(&self.primary) {
            self.w.pass(1500);
        }
        self.epoch += 1;
        self.trail.push(format!("election {} of {voters:?}", self.epoch));
        let old = self.primary;
        self.primary = self.w.elect(self.epoch, &voters);
        self.old_wins += u64::from(old == self.primary);
    }

    /// A replica's process is replaced.
    fn restart(&mut self) {
        let i = self.pick(3);
        if i == self.primary || !self.w.stopped.is_empty() {
            return;
        }
        self.lives[i] += 1;
        self.trail.push(format!("restart {i}"));
        self.w.restart(i, self.lives[i]);
        self.w.follow(i, self.epoch, self.primary);
    }

    fn heal(&mut self) {
        self.w.stopped.clear();
        self.w.apart.clear();
        self.w.unrenewed.clear();
        for i in (0..3).filter(|&i| i != self.primary) {
            self.w.follow(i, self.epoch, self.primary);
        }
        if self.rng.chance(1, 4) {
            let epoch = Epoch(self.epoch);
            let target = self.w.members.peers[(self.primary + 1) % 3].id;
            self.w.tell(self.primary, ToNode::Handover { epoch, target });
        }
        self.w.pass(6000);
    }

    fn check(&self) {
        let (position, digest) = (self.w.position(self.primary), self.w.digest(self.primary));
        assert_eq!(self.w.hosts[self.primary].node.role(), NodeRole::PrimaryServing, "{:#?}", self.trail);
        for i in 0..3 {
            let role = self.w.hosts[i].node.role();
            assert_eq!(self.w.position(i), position, "node {i} {role:?}: {:#?}", self.trail);
            assert_eq!(self.w.digest(i), digest, "node {i} {role:?}: {:#?}", self.trail);
            for message in &self.w.hosts[i].said {
                if let FromNode::Lost(r) = message {
                    assert!(r.fork.offset <= r.end.offset && r.ops == r.end.opseq - r.fork.opseq, "{r:?}");
                }
            }
        }
    }
}

#[test]
fn nodes_agree_after_every_heal_and_losses_are_reported() {
    let (mut losses, mut old_wins, mut partial, mut full) = (0u64, 0, 0, 0);
    for seed in 0..150 {
        let mut chaos = Chaos::new(seed);
        chaos.trail.push(format!("seed {seed}"));
        let mut before: Vec<_> = (0..3).map(|i| (chaos.lives[i], chaos.w.position(i))).collect();
        for round in 0..12 {
            for _ in 0..chaos.pick(30) {
                match chaos.pick(12) {
                    0..8 => chaos.write(),
                    8 => chaos.fault(),
                    9 => chaos.restart(),
                    10 => chaos.election(),
                    _ => {
                        let ms = 5 * chaos.rng.below(300);
                        chaos.w.pass(ms);
                    }
                }
                for (i, (life, old)) in before.iter_mut().enumerate() {
                    let now = chaos.w.position(i);
                    let same = *life == chaos.lives[i];
                    // I8: back only with a loss report; its end is where the node stood.
                    if same && now.offset < old.offset {
                        let told = chaos.w.hosts[i]
                            .said
                            .iter()
                            .any(|m| matches!(m, FromNode::Lost(r) if r.end >= *old));
                        assert!(told, "node {i} went from {old:?} to {now:?}: {:#?}", chaos.trail);
                    }
                    (*life, *old) = (chaos.lives[i], now);
                }
            }
            chaos.trail.push(format!("heal {round}"));
            chaos.heal();
            chaos.check();
            (0..3).for_each(|i| before[i] = (chaos.lives[i], chaos.w.position(i)));
        }
        for host in &chaos.w.hosts {
            losses += host.said.iter().filter(|m| matches!(m, FromNode::Lost(r) if r.ops > 0)).count() as u64;
            partial += host.node.stats().sync_partial_ok;
            full += host.node.stats().sync_full;
        }
        old_wins += chaos.old_wins;
    }
    // A tame generator proves nothing.
    assert!(
        losses > 50 && old_wins > 50 && partial > 500 && full > 500,
        "{losses} {old_wins} {partial} {full}"
    );
}
