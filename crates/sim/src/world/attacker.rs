//! Somebody on the network without the group's secret.

use primacy_core::control::frame::{Channel, End};
use primacy_core::control::{Envelope, FromNode};
use primacy_core::id::{Epoch, Incarnation, NodeId};

use super::{World, nonce};
use crate::net::{ConnNo, Host, Payload, Service};
use crate::reply::command;

impl World {
    /// Somebody without the secret speaks to a member's port and to the coordinator's.
    pub(super) fn forge(&mut self, node: NodeId) {
        let now = self.queue.now();
        self.checks.tally.forgeries += 1;
        let control = self.net.open((Host::Attacker, 0), Host::Coordinator, Service::Control, now);
        self.forgeries.insert(control, node);
        let resp = self.net.open((Host::Attacker, 0), Host::Node(node), Service::Resp, now);
        self.forgeries.insert(resp, node);
    }

    /// An attacker's connection is up: it says what it can without the secret.
    pub(crate) fn arrive_at_attacker(&mut self, conn: ConnNo, payload: Payload) {
        let now = self.queue.now();
        let Some(node) = self.forgeries.get(&conn).copied() else { return };
        let Some(service) = self.net.conn(conn).map(|c| c.service) else { return };
        match (payload, service) {
            (Payload::Opened, Service::Control) => {
                let channel = Channel::new(b"not the secret", End::Initiator, nonce(1, u64::from(conn), 0));
                self.net.send(conn, 0, Payload::Data(channel.hello().to_vec()), now);
            }
            (Payload::Data(bytes), Service::Control) => {
                let mut channel =
                    Channel::new(b"not the secret", End::Initiator, nonce(1, u64::from(conn), 0));
                channel.push(&bytes);
                let _ = channel.pop::<Envelope>();
                let mut out = Vec::new();
                let epoch = Epoch(1_000_000);
                let incarnation = Incarnation(u64::MAX);
                let message = FromNode::Stale { promised: epoch };
                let group = self.group_id.clone();
                let envelope = Envelope { group, from: node, incarnation, message };
                if channel.seal(&envelope, &mut out).is_ok() {
                    self.net.send(conn, 0, Payload::Data(out), now);
                }
            }
            (Payload::Opened, Service::Resp) => {
                let mut out = Vec::new();
                let proof = "00".repeat(32);
                let id = node.0.to_string();
                let group = self.group_id.clone();
                let attach: [&[u8]; 7] = [
                    b"REPLCONF",
                    b"primacy",
                    group.as_bytes(),
                    id.as_bytes(),
                    b"999999",
                    b"1000000",
                    proof.as_bytes(),
                ];
                command(&mut out, &attach);
                command(&mut out, &[b"REPLCONF", b"ACK", b"999999999999", b"EPOCH", b"1000000"]);
                command(&mut out, &[b"REPLCONF", b"GRANT", b"1", b"1"]);
                command(&mut out, &[b"PUBLISH", b"__primacy:epoch", b"1000000 0"]);
                command(&mut out, &[b"REPLICAOF", b"127.0.0.1", b"1"]);
                self.net.send(conn, 0, Payload::Data(out), now);
            }
            (Payload::Data(bytes), Service::Resp) => {
                self.net.read(conn, 0, bytes.len());
                self.checks.scan_bytes(&bytes);
            }
            _ => {
                self.forgeries.remove(&conn);
            }
        }
    }
}
