//! The loop of a member's process: reads, runs, and a little later sends.

use primacy_core::id::{ConnId, NodeId};
use primacy_core::node::{DialId, Event, Flow};
use primacy_core::time::Now;

use super::World;
use super::happening::Happening;
use super::machine::{CONNECT_NS, Inbound, Process};
use crate::net::{ConnNo, Host, Payload, Service};

/// Time of one round of the event loop, and of each thing done in it.
const ROUND_NS: u64 = 4_000;
const STEP_NS: u64 = 1_000;

impl World {
    /// The process of a member, when it runs.
    pub(crate) fn process(&mut self, id: NodeId) -> Option<&mut Process> {
        self.machines.get_mut(&id)?.process.as_deref_mut()
    }

    pub(crate) fn clock_of(&self, id: NodeId) -> Now {
        self.machines.get(&id).map(|m| m.clock.now(self.queue.now())).unwrap_or_default()
    }

    /// Something arrived at a member's machine.
    pub(crate) fn arrive_at_node(&mut self, id: NodeId, conn: ConnNo, end: u8, payload: Payload) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        if !machine.powered {
            return;
        }
        let life = machine.life;
        let known = self.net.conn(conn).is_some_and(|c| c.ends[usize::from(end)].life == life);
        let Some(process) = machine.process.as_deref_mut().filter(|_| known || payload == Payload::Open)
        else {
            if payload != Payload::Reset {
                self.net.send(conn, end, Payload::Reset, now);
            }
            return;
        };
        let inbound = match payload {
            Payload::Open => {
                self.net.accept(conn, life);
                self.net.send(conn, end, Payload::Opened, now);
                Inbound::Accepted(conn)
            }
            Payload::Opened => Inbound::Opened(conn),
            Payload::Data(bytes) => Inbound::Data(conn, bytes),
            Payload::Close | Payload::Reset => Inbound::Closed(conn),
        };
        process.inbox.push_back(inbound);
        self.node_works(id);
    }

    /// A member's process gets room to send.
    pub(crate) fn room_at_node(&mut self, id: NodeId, conn: ConnNo) {
        if let Some(process) = self.process(id) {
            process.inbox.push_back(Inbound::Room(conn));
            self.node_works(id);
        }
    }

    /// A timer of a process may be due.
    pub(crate) fn node_timer(&mut self, id: NodeId, life: u32) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.life == life) else { return };
        let Some(process) = machine.process.as_deref_mut() else { return };
        if process.timer_at == Some(now) {
            process.timer_at = None;
            self.node_works(id);
        }
    }

    /// The time of the last round has passed: what it made is sent, and the next round begins.
    pub(crate) fn node_round(&mut self, id: NodeId, life: u32) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.life == life) else { return };
        if machine.paused > 0 {
            return;
        }
        let Some(process) = machine.process.as_deref_mut() else { return };
        if process.busy != Some(now) {
            return;
        }
        process.busy = None;
        self.node_sends(id);
        self.node_works(id);
    }

    /// A stopped process goes on.
    pub(crate) fn node_resumed(&mut self, id: NodeId) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.paused == 0) else { return };
        let life = machine.life;
        if let Some(process) = machine.process.as_deref_mut() {
            process.busy = Some(now);
            self.queue.push(now, Happening::Round { node: id, life });
        }
    }

    /// Puts something before the process's loop, if that life still runs.
    pub(crate) fn node_tells(&mut self, id: NodeId, life: u32, inbound: Inbound) {
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.life == life) else { return };
        if let Some(process) = machine.process.as_deref_mut() {
            process.inbox.push_back(inbound);
            self.node_works(id);
        }
    }

    /// One round: everything that waits, then due timers; then time passes.
    pub(crate) fn node_works(&mut self, id: NodeId) {
        let now = self.queue.now();
        let clock = self.clock_of(id);
        let Some(machine) = self.machines.get_mut(&id) else { return };
        if machine.paused > 0 {
            return;
        }
        let (factor, life) = (machine.factor, machine.life);
        if machine.process.as_ref().is_none_or(|p| p.busy.is_some()) {
            return;
        }
        let mut steps = 0;
        while let Some(inbound) = self.process(id).and_then(|p| p.inbox.pop_front()) {
            steps += 1;
            self.node_takes(id, inbound, clock);
            self.watch_node(id);
        }
        let Some(process) = self.process(id) else { return };
        if process.node.poll_timeout().is_some_and(|(at, _)| at <= clock.mono) {
            process.node.handle_timeout(clock);
            steps += 1;
        }
        if steps == 0 {
            return self.arm_node_timer(id);
        }
        self.node_events(id, clock);
        self.watch_node(id);
        self.round_explained(id, false);
        let until = now + (ROUND_NS + STEP_NS * steps) * factor;
        if let Some(process) = self.process(id) {
            process.busy = Some(until);
            self.queue.push(until, Happening::Round { node: id, life });
        }
    }

    pub(super) fn node_takes(&mut self, id: NodeId, inbound: Inbound, clock: Now) {
        match inbound {
            Inbound::Accepted(conn) => self.node_accepts(id, conn, clock),
            Inbound::Opened(conn) => self.node_opened(id, conn, clock),
            Inbound::Data(conn, bytes) => self.node_reads(id, conn, bytes, clock),
            Inbound::Closed(conn) => self.node_lost(id, conn, clock),
            Inbound::DialTooLate(conn) => self.dial_too_late(id, conn, clock),
            Inbound::DialControl => self.dial_control(id),
            Inbound::Room(conn) => {
                if let Some(process) = self.process(id) {
                    process.dirty.push(conn);
                }
            }
        }
    }

    /// What the node asks its driver for.
    pub(super) fn node_events(&mut self, id: NodeId, clock: Now) {
        while let Some(event) = self.process(id).and_then(|p| p.node.poll_event()) {
            match event {
                Event::Dial { dial, to, .. } => self.node_dials(id, dial, to),
                Event::Hangup(conn) => self.node_hangs_up(id, conn, clock),
                Event::Wake(conn) => self.node_wakes(id, conn, clock),
                Event::LeaveCoordinator => self.leave_coordinator(id),
                Event::RoleChanged { from, to, epoch } => self.saw_role(id, from, to, epoch),
                Event::Notice(notice) => self.saw_notice(id, &notice),
            }
        }
    }

    pub(super) fn node_dials(&mut self, id: NodeId, dial: DialId, to: NodeId) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let life = machine.life;
        let conn = self.net.open((Host::Node(id), life), Host::Node(to), Service::Resp, now);
        if let Some(process) = machine.process.as_deref_mut() {
            process.dials.insert(conn, dial);
        }
        self.queue.push(now + CONNECT_NS, Happening::DialTimeout { node: id, life, conn });
    }

    pub(super) fn node_hangs_up(&mut self, id: NodeId, conn: ConnId, clock: Now) {
        let now = self.queue.now();
        let no = ConnNo::try_from(conn.0).unwrap_or(ConnNo::MAX);
        let Some(process) = self.process(id) else { return };
        if let Some(sock) = process.socks.remove(&no) {
            let end = sock.end;
            process.node.closed(sock.session, clock);
            self.net.send(no, end, Payload::Reset, now);
        }
    }

    pub(super) fn node_wakes(&mut self, id: NodeId, conn: ConnId, clock: Now) {
        let no = ConnNo::try_from(conn.0).unwrap_or(ConnNo::MAX);
        let Some(process) = self.process(id) else { return };
        let Some(sock) = process.socks.get_mut(&no) else { return };
        let flow = process.node.handle_wake(&mut sock.session, &mut sock.out, clock);
        process.dirty.push(no);
        sock.parked = flow == Flow::Park;
        sock.closing |= flow == Flow::Close;
        if flow == Flow::Continue {
            let (end, unread) = (sock.end, std::mem::take(&mut sock.unread));
            process.run(no, clock);
            self.read_by(no, end, unread);
        }
    }

    pub(super) fn arm_node_timer(&mut self, id: NodeId) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let Some(process) = machine.process.as_deref_mut() else { return };
        let Some((deadline, _)) = process.node.poll_timeout() else { return };
        let at = machine.clock.global(deadline).max(now + STEP_NS);
        if process.timer_at.is_none_or(|armed| armed > at || armed <= now) {
            process.timer_at = Some(at);
            self.queue.push(at, Happening::NodeTimer { node: id, life: machine.life });
        }
    }
}
