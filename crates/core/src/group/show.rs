//! The view: what is known, as plain data.

use alloc::vec::Vec;

use crate::endpoint::cluster_id;
use crate::group::Group;
use crate::group::record::Member;
use crate::group::view::{GroupStatus, GroupView, NodeStatus, NodeView};
use crate::id::{NodeId, Offset};
use crate::time::Now;

impl Group {
    /// `Status` for the API.
    pub fn status(&self) -> GroupStatus {
        let deleting = self.wishes.delete.is_some() || self.rec().is_some_and(|r| r.deleting);
        match (deleting, self.available) {
            (true, _) => GroupStatus::Deleting,
            (false, true) if self.is_scaling() => GroupStatus::Modifying,
            (false, true) => GroupStatus::Available,
            (false, false) => GroupStatus::Creating,
        }
    }

    pub(super) fn show(&self, _now: Now) -> GroupView {
        let primary = self.primary().map(|(n, _)| n);
        let head = primary.and_then(|p| self.seen.get(&p)).map_or(0, |s| s.position.offset);
        let members = self.rec().map(|r| r.members.iter().collect::<Vec<_>>()).unwrap_or_default();
        GroupView {
            spec: self.config.spec.clone(),
            name_hash: self.names.hash(),
            region: self.config.region.clone(),
            account: self.config.account.clone(),
            created_ms: self.created_ms,
            status: self.status(),
            epoch: self.epoch(),
            primary,
            primary_endpoint: self.names.primary(),
            reader_endpoint: self.names.reader(),
            configuration_endpoint: self.names.configuration(),
            nodes: members.into_iter().map(|(&id, m)| self.show_node(id, m, (primary, head))).collect(),
            events: self.journal.iter().cloned().collect(),
        }
    }

    fn show_node(&self, id: NodeId, member: &Member, (primary, head): (Option<NodeId>, Offset)) -> NodeView {
        let seen = self.seen.get(&id);
        let status = match seen {
            Some(s) if s.rebooting => NodeStatus::Rebooting,
            Some(s) if s.recovering.is_some() => NodeStatus::Recovering,
            Some(s) if s.newcomer || (!self.available && !s.settled) => NodeStatus::Creating,
            Some(_) => NodeStatus::Available,
            None => NodeStatus::Creating,
        };
        let position = seen.map(|s| s.position).unwrap_or_default();
        NodeView {
            id,
            name: cluster_id(&self.config.spec.id, id),
            zone: member.zone.clone(),
            addr: seen.and_then(|s| s.addr).filter(|_| member.incarnation.0 == 0).unwrap_or(member.addr),
            dns_name: self.names.node(id),
            status,
            is_primary: primary == Some(id),
            incarnation: member.incarnation,
            role: seen.and_then(|s| s.role),
            position,
            lag_bytes: if primary == Some(id) { 0 } else { head.saturating_sub(position.offset) },
            keys: seen.map_or(0, |s| s.keys),
            heard: self.is_up(id),
            link_up: seen.is_some_and(|s| s.link_up),
        }
    }
}
