//! Model and judge agree: what the model may do the judge allows, and the mutants' counterexamples it refuses.

use primacy_model::replay::{ControlEvent, Pos, Replay, ReplayConfig};
use primacy_model::{
    Action, Bounds, Config, Mutant, Position, Refusal, Rng, Rule, State, search, step, steps,
};

/// Turns the model's actions into what a real implementation would tell.
struct Bridge {
    replay: Replay,
    now: u64,
    inc: [u64; 3],
    reported: [u64; 3],
    acked: [u64; 3],
    sent: [u64; 3],
    started: [u64; 3],
    round: [u64; 3],
    seq: u64,
    late: bool,
}

const fn pos(p: Position) -> Pos {
    Pos { epoch: p.epoch as u64, offset: p.offset as u64 }
}

impl Bridge {
    fn new(cfg: &Config) -> Self {
        let state = State::initial(cfg);
        let members = (0..3).filter(|id| state.store.members & (1 << id) != 0).map(|id| (id, 1)).collect();
        let replay = Replay::new(ReplayConfig {
            members,
            primary: Some((1, 0, 1)),
            strict: cfg.strict.then_some(1),
            lease: (!cfg.clockless).then_some((1, u64::from(cfg.margin))),
            bad_clocks: cfg.strict,
            failsafe: cfg.failsafe,
        });
        let zero = [0; 3];
        let mut bridge = Self {
            replay,
            now: 0,
            inc: [1; 3],
            reported: zero,
            acked: zero,
            sent: zero,
            started: zero,
            round: zero,
            seq: 0,
            late: cfg.late_member,
        };
        if cfg.late_member {
            bridge.tell(ControlEvent::Joined { node: 2, inc: 1, epoch: 1 }).expect("legal");
        }
        for replica in [1, 2] {
            let at = pos(state.nodes[usize::from(replica)].pos());
            let event =
                ControlEvent::Attached { replica, inc: 1, primary: 0, epoch: 1, pos: at, full: false };
            bridge.tell(event).expect("legal");
        }
        bridge
    }

    fn tell(&mut self, event: ControlEvent) -> Result<(), Refusal> {
        self.replay.advance(self.now);
        self.replay.step(&event)
    }

    /// Tells what `action` did between two states.
    fn act(&mut self, action: Action, old: &State, new: &State) -> Result<(), Refusal> {
        let was = |id: u8| &old.nodes[usize::from(id)];
        let is = |id: u8| &new.nodes[usize::from(id)];
        let epoch = u64::from(new.store.epoch);
        match action {
            Action::Tick | Action::SlowTick { .. } => self.now += 1,
            Action::Renew { node } => self.sent[usize::from(node)] = self.now,
            Action::Suspect { .. } => return self.tell(ControlEvent::Suspect { epoch }),
            Action::Freeze { node } => {
                let inc = self.inc[usize::from(node)];
                self.reported[usize::from(node)] = inc;
                return self.tell(ControlEvent::Frozen { node, inc, epoch, pos: pos(was(node).pos()) });
            }
            Action::Commit { reports, winner } => {
                for node in (0..3).filter(|node| reports & (1 << node) != 0) {
                    let inc = self.reported[usize::from(node)];
                    let pos = pos(was(node).report.pos);
                    self.tell(ControlEvent::Reported { node, inc, epoch, pos, electable: true })?;
                }
                let inc = self.reported[usize::from(winner)];
                let start = pos(was(winner).report.pos);
                let counted = u64::from(reports);
                return self.tell(ControlEvent::Committed { epoch, winner, inc, start, counted });
            }
            Action::Crash { node } => {
                let inc = self.inc[usize::from(node)];
                self.inc[usize::from(node)] += 1;
                return self.tell(ControlEvent::Exited { node, inc });
            }
            Action::Join { node } => {
                let inc = self.inc[usize::from(node)];
                return self.tell(ControlEvent::Joined { node, inc, epoch });
            }
            Action::SendAck { replica } => self.acked[usize::from(replica)] = self.inc[usize::from(replica)],
            Action::AddMember { node } => return self.tell(ControlEvent::MemberAdded { node, version: 1 }),
            Action::FailsafeAsk { node } => {
                self.round[usize::from(node)] += 1;
                self.started[usize::from(node)] = self.now;
            }
            Action::Attach { .. }
            | Action::Records { .. }
            | Action::Ack { .. }
            | Action::MarkSynced { .. } => {
                return self.replicate(action, old, new);
            }
            Action::FailsafeGrant { member, primary } => {
                let (inc, epoch) = (self.inc[usize::from(member)], u64::from(is(primary).epoch));
                let round = self.round[usize::from(primary)];
                return self.tell(ControlEvent::FailsafeGranted { member, inc, primary, epoch, round });
            }
            _ => return self.lead(action, new),
        }
        Ok(())
    }

    fn replicate(&mut self, action: Action, old: &State, new: &State) -> Result<(), Refusal> {
        match action {
            Action::Attach { replica, primary } => {
                let (was, is) = (&old.nodes[usize::from(replica)], &new.nodes[usize::from(replica)]);
                let inc = self.inc[usize::from(replica)];
                let epoch = u64::from(new.nodes[usize::from(primary)].epoch);
                let full = was.log != is.log;
                let from = pos(was.pos());
                self.tell(ControlEvent::Attached { replica, inc, primary, epoch, pos: from, full })?;
                if full {
                    self.tell(ControlEvent::Swapped { replica, inc, pos: pos(is.pos()) })?;
                }
                Ok(())
            }
            Action::Records { replica } => {
                let is = &new.nodes[usize::from(replica)];
                let epoch = u64::from(new.nodes[usize::from(is.follow)].epoch);
                let inc = self.inc[usize::from(replica)];
                self.tell(ControlEvent::Applied { replica, inc, epoch, pos: pos(is.pos()) })
            }
            Action::Ack { replica } => {
                let ack = old.nodes[usize::from(replica)].ack;
                let (epoch, offset) = (u64::from(ack.epoch), u64::from(ack.offset));
                let inc = self.acked[usize::from(replica)];
                self.tell(ControlEvent::Acked { replica, inc, primary: ack.to, epoch, offset })
            }
            Action::MarkSynced { replica } => {
                let inc = self.inc[usize::from(replica)];
                self.tell(ControlEvent::Synced { replica, inc, epoch: u64::from(new.store.epoch) })
            }
            _ => Ok(()),
        }
    }

    fn lead(&mut self, action: Action, new: &State) -> Result<(), Refusal> {
        let of = |id: u8| {
            let node = &new.nodes[usize::from(id)];
            (node, self.inc[usize::from(id)], u64::from(node.epoch))
        };
        let event = match action {
            Action::Promote { node } | Action::ResumeRole { node } => {
                let (is, inc, epoch) = of(node);
                ControlEvent::Promoted { node, inc, epoch, record: u64::from(is.log.len()) }
            }
            Action::RenewStored { node } => {
                let (is, inc, epoch) = of(node);
                self.seq += 1;
                let late = is.list & 0b100 != 0;
                let (seq, sent) = (self.seq, self.sent[usize::from(node)]);
                let members_seen = u64::from(late && self.late);
                ControlEvent::Renewed { node, inc, epoch, seq, sent, members_seen }
            }
            Action::ReleaseStored { node } if new.store.released => {
                let (is, inc, epoch) = of(node);
                ControlEvent::Released { node, inc, epoch, pos: pos(is.pos()) }
            }
            Action::StepDown { node } => {
                let (_, inc, epoch) = of(node);
                ControlEvent::SteppedDown { node, inc, epoch }
            }
            Action::AnswerWait { node, write } => {
                let (is, inc, epoch) = of(node);
                let offset = u64::from(is.log.find_write(write).expect("it was answered for") + 1);
                ControlEvent::WaitAnswered { node, inc, epoch, offset, k: 1 }
            }
            Action::FailsafeServe { node } => {
                let (_, inc, epoch) = of(node);
                let (round, started) = (self.round[usize::from(node)], self.started[usize::from(node)]);
                ControlEvent::FailsafeServing { node, inc, epoch, round, started }
            }
            _ => return Ok(()),
        };
        self.tell(event)
    }
}

/// What the judge says to `actions`, and where.
fn judge(cfg: &Config, actions: &[Action]) -> Result<(), (usize, Refusal)> {
    let mut bridge = Bridge::new(cfg);
    let mut state = State::initial(cfg);
    for (at, &action) in actions.iter().enumerate() {
        let next = step(cfg, &state, action).map_err(|refusal| (at, refusal))?.state;
        bridge.act(action, &state, &next).map_err(|refusal| (at, refusal))?;
        state = next;
    }
    Ok(())
}

#[test]
fn the_judge_allows_what_the_model_does() {
    let wide = Config { handovers: 2, ..Config::walk() };
    for cfg in [
        wide,
        Config { failsafe: true, ..wide },
        Config { failsafe: true, late_member: true, ..wide },
        Config { margin: 1, coordinators: 2, ..wide },
        Config { strict: true, wait_without_lease: true, clock_loss: 2, ..wide },
        Config { crashes: 2, ..Config::strict_clockless() },
    ] {
        for seed in 0..300 {
            let mut rng = Rng(seed);
            let mut bridge = Bridge::new(&cfg);
            let mut state = State::initial(&cfg);
            let mut actions = Vec::new();
            for _ in 0..200 {
                let choices = steps(&cfg, &state);
                if choices.is_empty() {
                    break;
                }
                let (action, next, violation) = choices[rng.below(choices.len() as u64) as usize];
                if violation.is_some() {
                    // Strict with two crashes may lose a write that k = 1 does not promise to keep.
                    break;
                }
                actions.push(action);
                if let Err(refusal) = bridge.act(action, &state, &next) {
                    panic!("{refusal} after {action:?}, seed {seed}, {cfg:?}\n{actions:?}\n{state:#?}");
                }
                state = next;
            }
        }
    }
}

/// The counterexample of `mutant`, told to the judge, is refused by `rule`.
fn refused(cfg: Config, mutant: Mutant, rule: Rule) {
    let cfg = cfg.without(mutant);
    let trace = search(&cfg, Bounds::states(3_000_000)).trace.expect("mutants.rs shows that it is caught");
    match judge(&cfg, &trace.actions) {
        Err((_, refusal)) => assert_eq!(refusal.rule, rule, "{mutant:?}: {refusal}"),
        Ok(()) => panic!("{mutant:?}: the judge saw nothing in {:#?}", trace.actions),
    }
}

#[test]
fn the_judge_refuses_the_mutants() {
    let s1 = Config::strict_clockless();
    for (cfg, mutant, rule) in [
        (Config::f1(), Mutant::M1e, Rule::R3),
        (s1, Mutant::M1, Rule::R4),
        (Config::f2(), Mutant::M1, Rule::R4),
        (Config::f1(), Mutant::M3, Rule::R5),
        (Config::f1(), Mutant::M8, Rule::R3),
        (Config::f1(), Mutant::M9, Rule::R3),
        (Config::f3(), Mutant::M10, Rule::R3),
        (Config::f2(), Mutant::M11, Rule::R9),
        (Config::f2(), Mutant::M12, Rule::R9),
        (s1, Mutant::M13, Rule::R10),
        (s1, Mutant::M15, Rule::R12),
        (Config::f6m(), Mutant::M17, Rule::R15),
        (Config::f5(), Mutant::M18, Rule::R14),
        (Config::f5(), Mutant::M19, Rule::R14),
        (Config::f6(), Mutant::M20, Rule::R16),
        (Config::f1(), Mutant::M21, Rule::R2),
        (Config::f1(), Mutant::M22, Rule::R11),
        (s1, Mutant::M23, Rule::R12),
    ] {
        refused(cfg, mutant, rule);
    }
}
