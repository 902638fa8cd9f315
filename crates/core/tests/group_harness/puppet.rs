//! Nodes as puppets: what the rules ask of a node, without data.

use std::time::Duration;

use primacy_core::control::{FromNode, NodeRole, ToNode};
use primacy_core::id::{Epoch, Incarnation, NodeId, Position};
use primacy_core::time::{Instant, Now};

use super::{Bench, addr};

/// One played node.
#[derive(Clone, Debug)]
pub struct Puppet {
    pub life: Incarnation,
    pub alive: bool,
    pub hung: bool,
    pub role: NodeRole,
    pub promised: Epoch,
    pub position: Position,
    /// Highest epoch whose primary it has been.
    pub leads: Epoch,
    pub seq: u64,
    pub version: u64,
    pub primary: Option<NodeId>,
    pub electable: bool,
    pub next_beat: Instant,
    pub next_renewal: Option<Instant>,
    /// R1: send time of the renewal that was stored, + L.
    pub lease_until: Instant,
    /// Refuses a handover although it is asked for.
    pub refuses_handover: bool,
}

impl Puppet {
    pub(super) fn new(life: Incarnation, now: Now) -> Self {
        Self {
            life,
            alive: true,
            hung: false,
            role: NodeRole::Joining,
            promised: Epoch(0),
            position: Position::default(),
            leads: Epoch(0),
            seq: 0,
            version: 0,
            primary: None,
            electable: true,
            next_beat: now.mono,
            next_renewal: None,
            lease_until: Instant::ZERO,
            refuses_handover: false,
        }
    }
}

impl Puppet {
    fn vote(&self) -> FromNode {
        FromNode::Report {
            epoch: self.promised,
            position: self.position,
            repl_id: Default::default(),
            electable: self.electable,
        }
    }

    fn hand_over(&mut self, epoch: Epoch, now: Instant) -> FromNode {
        if self.refuses_handover {
            self.next_renewal = Some(now);
            return FromNode::HandoverFailed { epoch };
        }
        self.role = NodeRole::PrimaryReleased;
        self.next_renewal = None;
        FromNode::Release { epoch, seq: self.seq, position: self.position }
    }
}

impl Bench {
    pub(super) fn say(&mut self, node: NodeId, message: FromNode) {
        let puppet = &self.puppets[&node];
        if puppet.alive && !puppet.hung && !self.cut.contains(&node) {
            self.lines.push((node, puppet.life, message));
        }
    }

    pub(super) fn obey(&mut self, node: NodeId, life: Incarnation, message: ToNode) {
        let now = self.now.mono;
        let Some(p) = self.puppets.get_mut(&node).filter(|p| p.life == life && p.alive && !p.hung) else {
            return;
        };
        if self.silent_puppets || self.cut.contains(&node) {
            return;
        }
        let mut answers = Vec::new();
        match message {
            ToNode::Joined { .. } => p.role = NodeRole::Detached,
            ToNode::Freeze { epoch } if epoch >= p.promised => {
                p.promised = epoch;
                p.role = NodeRole::Frozen;
                p.next_renewal = None;
                answers.push(p.vote());
            }
            ToNode::CatchUp { from, until, .. } => {
                assert!(self.puppets[&from].position >= until);
                let p = self.puppets.get_mut(&node).unwrap();
                p.position = until;
                answers.push(p.vote());
            }
            ToNode::Promote { epoch, start, members, .. } if epoch == p.promised && p.leads < epoch => {
                assert_eq!(start, p.position, "promoted at what it reported");
                p.leads = epoch;
                p.seq = 0;
                p.version = members.version;
                p.role = NodeRole::PrimaryNoLease;
                p.position = Position { epoch, offset: start.offset + 50, opseq: start.opseq };
                answers.push(self.renewal(node));
            }
            ToNode::Renewed { members, asked, epoch, .. } if p.role.is_primary() && epoch == p.leads => {
                p.lease_until = asked + Duration::from_secs(1);
                p.role = NodeRole::PrimaryServing;
                p.version = members.version;
                p.next_renewal = Some(now + Duration::from_millis(250));
            }
            ToNode::Denied { epoch } => {
                p.promised = p.promised.max(epoch);
                p.role = NodeRole::Detached;
                p.next_renewal = None;
            }
            ToNode::Follow { epoch, primary, .. } if epoch >= p.promised => {
                answers.extend(self.follow(node, epoch, primary));
            }
            ToNode::Handover { epoch, .. } if p.role == NodeRole::PrimaryServing => {
                answers.push(p.hand_over(epoch, now));
            }
            _ => {}
        }
        answers.into_iter().for_each(|a| self.say(node, a));
        self.check_leases();
    }

    fn follow(&mut self, node: NodeId, epoch: Epoch, primary: NodeId) -> Option<FromNode> {
        let head = self.puppets[&primary].position;
        let p = self.puppets.get_mut(&node).unwrap();
        p.promised = epoch;
        p.next_renewal = None;
        p.role = NodeRole::Following;
        let full = p.position.epoch == Epoch(0);
        let new = p.primary != Some(primary) || p.position.epoch != head.epoch;
        p.primary = Some(primary);
        p.position = head;
        new.then_some(FromNode::Attached { epoch, full, position: head })
    }

    pub fn renewal(&mut self, node: NodeId) -> FromNode {
        let followers: Vec<_> =
            self.puppets.iter().filter(|(_, f)| f.primary == Some(node) && f.alive).collect();
        let acked = followers.iter().map(|(id, f)| (**id, f.position)).collect();
        let synced = followers.iter().map(|(id, f)| (**id, f.life)).collect();
        let asked = self.now.mono;
        let p = self.puppets.get_mut(&node).unwrap();
        p.seq += 1;
        FromNode::Renew {
            epoch: p.leads,
            seq: p.seq,
            asked,
            position: p.position,
            acked,
            members_seen: p.version,
            synced,
        }
    }

    pub(super) fn beat(&mut self) {
        if self.silent_puppets {
            return;
        }
        let now = self.now.mono;
        for node in self.puppets.keys().copied().collect::<Vec<_>>() {
            let p = self.puppets.get_mut(&node).unwrap();
            if !p.alive || p.hung {
                continue;
            }
            if p.next_renewal.is_some_and(|at| at <= now) {
                p.next_renewal = Some(now + Duration::from_millis(250));
                let message = self.renewal(node);
                self.say(node, message);
            }
            let p = self.puppets.get_mut(&node).unwrap();
            if p.next_beat <= now {
                p.next_beat = now + Duration::from_millis(100);
                if p.role == NodeRole::Joining {
                    let position = p.position;
                    self.say(node, FromNode::Join { addr: addr(node), position });
                    continue;
                }
                let (role, promised, position) = (p.role, p.promised, p.position);
                let link_up = role == NodeRole::Following;
                let acked = match self.renewal_facts(node) {
                    Some(acked) if role.is_primary() => acked,
                    _ => Vec::new(),
                };
                self.say(node, FromNode::Heartbeat { role, promised, position, acked, link_up, keys: 0 });
            }
        }
    }

    fn renewal_facts(&self, node: NodeId) -> Option<Vec<(NodeId, Position)>> {
        let followers = self.puppets.iter().filter(|(_, f)| f.primary == Some(node) && f.alive && !f.hung);
        Some(followers.map(|(&id, f)| (id, f.position)).collect())
    }
}
