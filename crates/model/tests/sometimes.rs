//! The searches reach what they must have been through for their silence to mean something.

use primacy_model::{Config, NODES, Role, State, reach};

#[track_caller]
fn sometimes(cfg: Config, what: &str, goal: impl Fn(&State) -> bool) {
    let depth = reach(&cfg, 3_000_000, goal);
    println!("{} reaches \"{what}\" in {depth:?} steps", cfg.name);
    assert!(depth.is_some(), "{} never reaches: {what}", cfg.name);
}

fn serving(s: &State, epoch: u8) -> Option<usize> {
    s.nodes.iter().position(|node| node.serves() && node.epoch == epoch)
}

#[test]
fn f1_elects_and_waits() {
    let f1 = Config::f1();
    sometimes(f1, "a write WAITed in epoch 3", |s| {
        serving(s, 3).is_some_and(|id| s.writes[0].waited && s.nodes[id].log.find_write(0) == Some(3))
    });
    sometimes(f1, "a write of epoch 1 lost without a holder at the table", |s| s.writes[0].excused);
    sometimes(f1, "the old primary wins again", |s| s.nodes.iter().any(|n| n.serves() && n.log.0 == 0x321));
    sometimes(f1, "an old primary that still believes in epoch 1 while epoch 3 serves", |s| {
        serving(s, 3).is_some() && s.nodes.iter().any(|node| node.role == Role::Primary && node.epoch == 1)
    });
    sometimes(f1, "three histories at once", |s| {
        (0..NODES).all(|a| (0..a).all(|b| !s.nodes[a].log.is_prefix_of(s.nodes[b].log)))
            && s.nodes.iter().all(|node| node.log.len() > 1)
    });
}

#[test]
fn the_other_configurations_use_their_budgets() {
    sometimes(Config::f3(), "a resumed primary after a release", |s| {
        s.budget.handovers == 0 && serving(s, 1).is_some()
    });
    sometimes(Config::f5(), "failsafe service during an open election", |s| {
        s.store.electing && s.nodes.iter().any(|node| node.lease > 0)
    });
    sometimes(Config::f2(), "a WAIT answered by a replica that is no more", |s| {
        s.writes[0].waited && s.writes[0].holders.count_ones() == 1
    });
    sometimes(Config::f6m(), "the late member serves", |s| {
        s.nodes.iter().any(|node| node.serves() && node.epoch == 2 && s.store.members == 0b111)
    });
    sometimes(Config::f7(), "a lease that outlives the tick", |s| {
        s.budget.losses == 0 && s.coordinators[0].observed == 1 && serving(s, 1).is_some()
    });
    sometimes(Config::strict_clockless(), "a restarted node synced again", |s| {
        s.budget.crashes == 0 && s.store.synced == 0b111
    });
}
