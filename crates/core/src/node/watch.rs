//! WATCH: which connections must hear that a key has changed.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Node;
use super::session::Session;
use crate::command::{Command, Keys};
use crate::id::ConnId;
use crate::resp::Args;

/// Watched keys with who watches them.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched(BTreeMap<(usize, Vec<u8>), Vec<ConnId>>);

impl Watched {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Node {
    pub(super) fn watch(&mut self, s: &mut Session, args: &Args<'_>) {
        for key in args.from(1) {
            let watchers = self.watched.0.entry((s.db, key.to_vec())).or_default();
            if !watchers.contains(&s.conn) {
                watchers.push(s.conn);
            }
        }
        s.watching = true;
    }

    /// Forgets what a connection watches; true if any of it had changed.
    pub(super) fn unwatch(&mut self, s: &mut Session) -> bool {
        if !core::mem::take(&mut s.watching) {
            return false;
        }
        self.watched.0.retain(|_, watchers| {
            watchers.retain(|&c| c != s.conn);
            !watchers.is_empty()
        });
        self.clients.at(s.slot, s.conn).is_some_and(|c| core::mem::take(&mut c.dirty))
    }

    /// The keys of a write have changed; a write without named keys (FLUSHALL, SWAPDB) or into another database (MOVE,
    /// COPY) changes all.
    pub(super) fn touch_keys(&mut self, db: usize, command: &Command, args: &Args<'_>) {
        if self.watched.is_empty() {
            return;
        }
        if command.keys == Keys::NONE || matches!(command.name, "move" | "copy") {
            self.touch_all();
            return;
        }
        for key in command.keys.of(args) {
            self.touch(db, key);
        }
    }

    /// One key has changed.
    pub(super) fn touch(&mut self, db: usize, key: &[u8]) {
        if self.watched.is_empty() {
            return;
        }
        let Some(watchers) = self.watched.0.get(&(db, key.to_vec())) else { return };
        for &conn in watchers {
            if let Some(client) = self.clients.get(conn) {
                client.dirty = true;
            }
        }
    }

    /// Every key has changed.
    pub(super) fn touch_all(&mut self) {
        for watchers in self.watched.0.values() {
            for &conn in watchers {
                if let Some(client) = self.clients.get(conn) {
                    client.dirty = true;
                }
            }
        }
    }
}
