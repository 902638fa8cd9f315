//! What happens by the clock.

use super::timer::ALL;
use super::{Node, Timer};
use crate::control::NodeRole;
use crate::time::{Instant, Now};
use core::time::Duration;

/// How often a serving primary looks for expired keys (Redis: `hz 10`).
const EXPIRE_EVERY: Duration = Duration::from_millis(100);
/// Keys looked at in one round and database.
const EXPIRE_BUDGET: usize = 10_000;

impl Node {
    /// When [`Self::handle_timeout`] must be called next, and what for.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.timers.next()
    }

    /// Runs every timer that is due.
    pub fn handle_timeout(&mut self, now: Now) {
        // Before the timers are set anew, their lateness tells whether the node was frozen.
        self.look(now);
        for timer in ALL {
            if self.timers.take_due(timer, now.mono).is_some() {
                self.fire(timer, now);
            }
        }
    }

    fn fire(&mut self, timer: Timer, now: Now) {
        let at = now.mono;
        match timer {
            Timer::LeaseEnd => self.check_lease(at),
            Timer::Renew => self.renew_due(at),
            Timer::Heartbeat => self.heartbeat_due(at),
            Timer::Ack => self.ack_due(at),
            Timer::Ping => self.ping_due(at),
            Timer::Link => self.link_due(at),
            Timer::Redial => self.dial(at),
            Timer::Wait => self.wait_due(at),
            Timer::Handover => self.handover_due(at),
            Timer::Expire => self.expire_due(now),
        }
    }

    /// Looks at the links four times per time limit, as long as there is one.
    pub(super) fn arm_link(&mut self, now: Instant) {
        if self.timers.get(Timer::Link).is_none() {
            self.timers.set(Timer::Link, now + self.config.timing.link_timeout / 4);
        }
    }

    fn link_due(&mut self, now: Instant) {
        self.check_feeds(now);
        self.check_upstream(now);
        if !self.feeds.list.is_empty() || self.upstream.target().is_some() {
            self.arm_link(now);
        }
    }

    /// Only a serving primary expires keys, and only while it has keys that can.
    pub(super) fn arm_expire(&mut self, now: Instant) {
        let volatile = || self.keyspace.dbs().iter().any(|db| db.volatile() > 0);
        if self.role == NodeRole::PrimaryServing && self.timers.get(Timer::Expire).is_none() && volatile() {
            self.timers.set(Timer::Expire, now + EXPIRE_EVERY);
        }
    }

    fn expire_due(&mut self, now: Now) {
        if !self.serving(now.mono) {
            return;
        }
        for db in 0..self.keyspace.dbs().len() {
            if self.keyspace.db(db).earliest_expiry() > now.unix_ms {
                continue;
            }
            let (log, effect, expired) = (&mut self.log, &mut self.effect, &mut self.stats.expired_keys);
            self.keyspace.db_mut(db).expire_some(now.unix_ms, EXPIRE_BUDGET, |key| {
                effect.clear();
                effect.expired(key);
                log.write(db, effect.expired_frames());
                *expired += 1;
            });
            self.touch_all();
        }
        self.trim_log();
        self.arm_expire(now.mono);
    }
}
