//! Blocked clients: WAIT and PRIMACY WAIT (R2, R7, R8), and writes queued by a planned failover.

use super::clients::{Waiting, Wake};
use super::session::{Flow, Outbox, Session};
use super::{Event, Node, Timer};
use crate::id::ConnId;
use crate::resp::reply;
use crate::time::{Instant, Now};

/// What a blocked client hears when its primary is not one any more; Redis's own words.
pub(super) const UNBLOCKED: &str =
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";

/// A blocked client with its time limit.
#[derive(Clone, Debug)]
pub(super) struct Waiter {
    conn: ConnId,
    waiting: Waiting,
    deadline: Option<Instant>,
}

impl Node {
    /// Blocks a connection until enough members have what it waits for; asks them for their positions.
    pub(super) fn block(&mut self, s: &Session, waiting: Waiting, deadline: Option<Instant>) {
        self.feeds.getack = true;
        self.waiters.push(Waiter { conn: s.conn, waiting, deadline });
        self.arm_wait();
    }

    fn arm_wait(&mut self) {
        match self.waiters.iter().filter_map(|w| w.deadline).min() {
            Some(at) => self.timers.set(Timer::Wait, at),
            None => self.timers.stop(Timer::Wait),
        }
    }

    /// Wakes every waiter whose replicas have come far enough.
    pub(super) fn wake_waiting(&mut self) {
        if self.waiters.is_empty() {
            return;
        }
        let mut waiters = core::mem::take(&mut self.waiters);
        waiters.retain(|w| {
            let done = self.holders(w.waiting.offset) >= w.waiting.need;
            if done {
                self.wake(w.conn, Wake::Answer(w.waiting));
            }
            !done
        });
        self.waiters = waiters;
        self.arm_wait();
    }

    /// The oldest time limit is reached: its waiter hears how many there are.
    pub(super) fn wait_due(&mut self, now: Instant) {
        let mut waiters = core::mem::take(&mut self.waiters);
        waiters.retain(|w| {
            let due = w.deadline.is_some_and(|d| d <= now);
            if due {
                self.wake(w.conn, Wake::Answer(w.waiting));
            }
            !due
        });
        self.waiters = waiters;
        self.arm_wait();
    }

    /// Has the driver call `handle_wake`.
    pub(super) fn wake(&mut self, conn: ConnId, what: Wake) {
        if let Some(client) = self.clients.get(conn) {
            if client.wake.is_none() {
                self.events.push_back(Event::Wake(conn));
            }
            client.wake = Some(what);
        }
    }

    /// Writes may go on: whoever was parked runs its input again.
    pub(super) fn resume_parked(&mut self) {
        for conn in core::mem::take(&mut self.parked) {
            self.wake(conn, Wake::Resume);
        }
    }

    /// Blocked and parked clients hear that the role has changed, and are closed.
    pub(super) fn unblock_all(&mut self) {
        for conn in core::mem::take(&mut self.parked) {
            self.wake(conn, Wake::Unblock);
        }
        for waiter in core::mem::take(&mut self.waiters) {
            self.wake(waiter.conn, Wake::Unblock);
        }
        self.timers.stop(Timer::Wait);
    }

    /// A connection is gone: nobody has to answer it.
    pub(super) fn forget_blocked(&mut self, conn: ConnId) {
        self.parked.retain(|&c| c != conn);
        if self.waiters.iter().any(|w| w.conn == conn) {
            self.waiters.retain(|w| w.conn != conn);
            self.arm_wait();
        }
    }

    /// True while the connection waits for something.
    fn is_blocked(&self, conn: ConnId) -> bool {
        self.parked.contains(&conn) || self.waiters.iter().any(|w| w.conn == conn)
    }

    /// After `Event::Wake`: late replies. `Continue`: call `handle_input` with the unconsumed bytes. `Park`: wait on.
    pub fn handle_wake(&mut self, s: &mut Session, out: &mut Outbox, now: Now) -> Flow {
        self.look(now);
        let Some(client) = self.clients.at(s.slot, s.conn) else { return Flow::Close };
        match client.wake.take() {
            None if self.is_blocked(s.conn) => Flow::Park,
            None | Some(Wake::Resume) => {
                s.parked = false;
                Flow::Continue
            }
            Some(Wake::Answer(waiting)) => self.answer_wait(s, waiting, out, now.mono),
            Some(Wake::Unblock) => {
                reply::error(out.buf(), UNBLOCKED);
                Flow::Close
            }
            Some(Wake::Acknowledge) => {
                self.send_ack(out);
                Flow::Continue
            }
        }
    }

    /// Answers only under a running lease of a primary that has what was asked for (R2).
    pub(super) fn answer_wait(
        &mut self,
        s: &Session,
        waiting: Waiting,
        out: &mut Outbox,
        now: Instant,
    ) -> Flow {
        if !self.may_acknowledge(now) {
            reply::error(out.buf(), UNBLOCKED);
            return Flow::Close;
        }
        let holders = self.holders(waiting.offset);
        self.max_waited = self.max_waited.max(waiting.offset);
        let start = out.buf().len();
        if waiting.words {
            let word = if holders >= waiting.need { "kept" } else { "timeout" };
            reply::simple(out.buf(), &alloc::format!("{word} {holders}"));
        } else {
            reply::count(out.buf(), holders);
        }
        if s.reply != super::session::ReplyMode::On {
            out.buf().truncate(start);
        }
        out.guard(self.current_epoch());
        Flow::Continue
    }
}
