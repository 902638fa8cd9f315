//! What the simulator saw, in the judge's words: the steps of nodes, and what reached the coordinator.
//!
//! A look at a node may show several steps at once; they are told in the only order in which the node can take them.

use std::collections::BTreeMap;

use primacy_core::control::NodeRole;
use primacy_core::id::{Epoch, Incarnation, NodeId, Position};
use primacy_core::time::Timing;
use primacy_model::replay::{ControlEvent, Pos};
use primacy_sim::world::{ControlFact, Fed, Life, Sight};

/// Time as the simulator's nanoseconds.
pub(crate) fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

pub(crate) fn number(node: NodeId) -> u8 {
    u8::try_from(node.0).unwrap_or(u8::MAX)
}

pub(crate) fn pos(position: Position) -> Pos {
    Pos { epoch: position.epoch.0, offset: position.offset }
}

/// What is remembered from one fact to the next.
pub(crate) struct Mapper {
    /// Send times of renewals.
    pub(crate) sent: BTreeMap<(Life, Epoch, u64), u64>,
    /// The connection over which each node has told that it is fed.
    attached: BTreeMap<NodeId, u32>,
    pub(crate) lease_ns: u64,
    pub(crate) genesis_ns: u64,
    /// When the store took the open election.
    pub(crate) opened: u64,
    /// The open election, and the lives whose promises for it have come to each coordinator, by its life.
    pub(crate) electing: Option<Epoch>,
    pub(crate) reported: BTreeMap<u32, BTreeMap<NodeId, Incarnation>>,
    /// Those that had come when the winner was proposed.
    pub(crate) counted: BTreeMap<u32, BTreeMap<NodeId, Incarnation>>,
}

impl Mapper {
    pub(crate) fn new(timing: &Timing) -> Self {
        Self {
            sent: BTreeMap::new(),
            attached: BTreeMap::new(),
            lease_ns: nanos(timing.lease),
            genesis_ns: nanos(timing.genesis_wait),
            opened: 0,
            electing: None,
            reported: BTreeMap::new(),
            counted: BTreeMap::new(),
        }
    }

    /// The steps that a fact tells of.
    pub(crate) fn events(&mut self, at: u64, fact: &ControlFact) -> Vec<ControlEvent> {
        match fact {
            ControlFact::Started((node, _)) => {
                self.attached.remove(node);
                vec![]
            }
            ControlFact::Ended((node, inc)) => {
                // A promise ends with the life that gave it.
                let kept = |n: &NodeId, life: &mut Incarnation| (*n, *life) != (*node, *inc);
                self.reported.values_mut().for_each(|reported| reported.retain(kept));
                vec![ControlEvent::Exited { node: number(*node), inc: inc.0 }]
            }
            ControlFact::Moved { life, was, is } => self.moved(*life, *was, *is),
            ControlFact::Asked { life, epoch, seq, sent_ns } => {
                self.sent.insert((*life, *epoch, *seq), *sent_ns);
                vec![]
            }
            ControlFact::Proposed { by, epoch } => {
                if self.electing == Some(*epoch) {
                    let reported = self.reported.get(by).cloned().unwrap_or_default();
                    self.counted.insert(*by, reported);
                }
                vec![]
            }
            ControlFact::Stored { by, before, after } => self.stored(at, *by, before, after),
            // A promise that comes when its election is over counts for nothing.
            ControlFact::Reported { epoch, .. } if self.electing != Some(*epoch) => vec![],
            ControlFact::Reported { by, life, epoch, position, electable } => {
                self.reported.entry(*by).or_default().insert(life.0, life.1);
                vec![ControlEvent::Reported {
                    node: number(life.0),
                    inc: life.1.0,
                    epoch: epoch.0,
                    pos: pos(*position),
                    electable: *electable,
                }]
            }
            ControlFact::Acked { replica, primary, epoch, offset } => vec![ControlEvent::Acked {
                replica: number(replica.0),
                inc: replica.1.0,
                primary: number(*primary),
                epoch: epoch.0,
                offset: *offset,
            }],
            ControlFact::Replied { life, epoch, acknowledges, waited } => {
                let (node, inc, epoch) = (number(life.0), life.1.0, epoch.0);
                match *waited {
                    Some((offset, k)) => vec![ControlEvent::WaitAnswered { node, inc, epoch, offset, k }],
                    None if *acknowledges => vec![ControlEvent::Acknowledged { node, inc, epoch }],
                    None => vec![],
                }
            }
            ControlFact::Granted { life, primary, epoch, round } => vec![ControlEvent::FailsafeGranted {
                member: number(life.0),
                inc: life.1.0,
                primary: number(*primary),
                epoch: epoch.0,
                round: *round,
            }],
            ControlFact::OnGrants { life, epoch, round, until_ns } => vec![ControlEvent::FailsafeServing {
                node: number(life.0),
                inc: life.1.0,
                epoch: epoch.0,
                round: *round,
                started: until_ns.saturating_sub(self.lease_ns),
            }],
            ControlFact::Published { primary, epoch } => primary
                .iter()
                .map(|node| ControlEvent::Published { epoch: epoch.0, node: number(*node) })
                .collect(),
        }
    }

    /// One look at a node may show several steps: they are told in the only order in which the node can take them.
    fn moved(&mut self, (id, life): Life, was: Sight, is: Sight) -> Vec<ControlEvent> {
        let (node, inc) = (number(id), life.0);
        let mut events = Vec::new();
        if was.role == NodeRole::Joining && is.role != NodeRole::Joining {
            events.push(ControlEvent::Joined { node, inc, epoch: is.promised.0 });
        }
        let leads = is.role.is_primary() && is.position.epoch > was.position.epoch;
        let froze =
            is.role == NodeRole::Frozen && (was.role != NodeRole::Frozen || is.promised > was.promised);
        let froze_unseen = leads && (was.role != NodeRole::Frozen || is.promised > was.promised);
        if froze || froze_unseen {
            events.push(ControlEvent::Frozen { node, inc, epoch: is.promised.0, pos: pos(was.position) });
        } else if was.role.is_primary() && !is.role.is_primary() {
            events.push(ControlEvent::SteppedDown { node, inc, epoch: was.position.epoch.0 });
        }
        if leads {
            let (epoch, record) = (is.position.epoch.0, is.position.offset);
            events.push(ControlEvent::Promoted { node, inc, epoch, record });
        } else if !is.role.is_primary() {
            self.fed((id, life), was, is, &mut events);
        }
        events
    }

    /// What came over the connection to whoever feeds the node.
    fn fed(&mut self, (id, life): Life, was: Sight, is: Sight, events: &mut Vec<ControlEvent>) {
        let Some(fed) = is.fed else { return };
        let (replica, inc) = (number(id), life.0);
        let flows =
            matches!(is.role, NodeRole::Following | NodeRole::FullSync) || is.position != was.position;
        if is.role == NodeRole::Frozen {
            if is.position != was.position {
                let (epoch, from) = (is.promised.0, number(fed.by));
                events.push(ControlEvent::CaughtUp {
                    node: replica,
                    inc,
                    epoch,
                    from,
                    pos: pos(is.position),
                });
            }
            return;
        }
        if !flows {
            return;
        }
        let Fed { by, epoch, full, conn, .. } = fed;
        let primary = number(by);
        if self.attached.insert(id, conn) != Some(conn) {
            let at = pos(was.position);
            events.push(ControlEvent::Attached { replica, inc, primary, epoch: epoch.0, pos: at, full });
        }
        if is.position == was.position {
            return;
        }
        if full && was.role != NodeRole::Following {
            events.push(ControlEvent::Swapped { replica, inc, pos: pos(is.position) });
        } else {
            events.push(ControlEvent::Applied { replica, inc, epoch: epoch.0, pos: pos(is.position) });
        }
    }
}
