//! The store's steps, read off its registers before and after a change.

use primacy_core::group::record::{Phase, Registers, ShardRec};
use primacy_core::id::{Incarnation, NodeId};
use primacy_model::replay::ControlEvent;

use super::mapping::{Mapper, number, pos};

impl Mapper {
    /// The coordinator whose life is `by` has changed the registers.
    pub(crate) fn stored(
        &mut self,
        at: u64,
        by: u32,
        before: &Registers,
        after: &Registers,
    ) -> Vec<ControlEvent> {
        let (Some(old), Some(new)) = (&before.shard, &after.shard) else { return vec![] };
        let mut events = Vec::new();
        self.electing = (new.phase == Phase::Electing).then_some(new.epoch);
        if new.phase == Phase::Electing && new.epoch != old.epoch {
            self.reported.clear();
            self.opened = if old.phase == Phase::Electing { self.opened } else { at };
            if let (Phase::Stable { primary, incarnation }, Some(position)) = (old.phase, new.released) {
                let (node, inc) = (number(primary), incarnation.0);
                events.push(ControlEvent::Released { node, inc, epoch: old.epoch.0, pos: pos(position) });
            }
            events.push(ControlEvent::Suspect { epoch: new.epoch.0 });
        }
        if let (Phase::Electing, Phase::Stable { primary, incarnation }) = (old.phase, new.phase) {
            events.extend(self.committed((at, by), old, new, (primary, incarnation)));
        }
        if before.lease_revision != after.lease_revision {
            events.extend(self.renewed(after));
        }
        let mut version = old.members_version;
        for (node, member) in &new.members {
            // Whoever is added has no process yet, and is on no list before it has joined.
            let known = old.members.get(node).map_or(Incarnation(0), |m| m.incarnation);
            if known != member.incarnation {
                // Every process of the simulator starts with nothing.
                let (node, inc) = (number(*node), member.incarnation.0);
                version += 1;
                // The members that found the group are on every list.
                if !new.history.is_empty() {
                    events.push(ControlEvent::MemberAdded { node, version });
                }
                events.push(ControlEvent::Admitted { node, inc, empty: true });
            }
            let marked = old.members.get(node).and_then(|m| m.synced);
            if let Some(inc) = member.synced.filter(|inc| marked != Some(*inc)) {
                let (replica, epoch) = (number(*node), new.epoch.0);
                events.push(ControlEvent::Synced { replica, inc: inc.0, epoch });
            }
        }
        for node in old.members.keys().filter(|node| !new.members.contains_key(node)) {
            events.push(ControlEvent::MemberRemoved { node: number(*node), version: new.members_version });
        }
        events
    }

    fn committed(
        &self,
        (at, by): (u64, u32),
        old: &ShardRec,
        new: &ShardRec,
        winner: (NodeId, Incarnation),
    ) -> Vec<ControlEvent> {
        let mut events = Vec::new();
        let rebooted = old.only == Some(winner.0) && old.reboot.is_some_and(|(node, _)| node == winner.0);
        let patient = at >= self.opened + self.genesis_ns;
        if new.genesis > old.genesis && (rebooted || patient) {
            events.push(ControlEvent::GenesisConfirmed);
        }
        let counts = |(node, life): &(&NodeId, &Incarnation)| {
            old.members.get(node).is_some_and(|member| member.incarnation == **life)
        };
        if let Some(entry) = new.history.last() {
            events.push(ControlEvent::Committed {
                epoch: new.epoch.0,
                winner: number(winner.0),
                inc: winner.1.0,
                start: pos(entry.start),
                counted: self
                    .counted
                    .get(&by)
                    .into_iter()
                    .flatten()
                    .filter(counts)
                    .fold(0, |set, (node, _)| set | 1 << number(*node)),
            });
        }
        events
    }

    fn renewed(&self, after: &Registers) -> Option<ControlEvent> {
        let lease = after.lease.as_ref()?;
        let life = (lease.holder, lease.incarnation);
        let sent = self.sent.get(&(life, lease.epoch, lease.seq)).copied().unwrap_or(u64::MAX);
        Some(ControlEvent::Renewed {
            node: number(lease.holder),
            inc: lease.incarnation.0,
            epoch: lease.epoch.0,
            seq: lease.seq,
            sent,
            members_seen: lease.members_seen,
        })
    }
}
