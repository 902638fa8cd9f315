//! I17: a read returns a value that was written before it returned, and along one connection what it returns never
//! becomes older.
//!
//! What a replica may do is lag; what it may not do is invent or go back under a client's eyes (R18 closes the
//! connections when the data are swapped).

use primacy_core::id::{Incarnation, NodeId};

use super::{Checks, Key, Write, WriteId};
use crate::reply::Reply;

impl Checks {
    /// A client read a value. True when a newer one had been acknowledged before it asked.
    pub(crate) fn read(
        &mut self,
        (conn, peer): (u32, (NodeId, Incarnation)),
        key: Key,
        value: &[u8],
        asked: u64,
    ) -> bool {
        let at = WriteId::of(value)
            .and_then(|id| self.writes.get(id))
            .filter(|w| w.key == key)
            .and_then(Write::at);
        let Some(at) = at else {
            let text = value[..value.len().min(32)].escape_ascii();
            self.broken(17, format!("node {} answered {key} with \"{text}\", which nobody wrote", peer.0));
            return false;
        };
        if let Some(before) = self.conn_reads.insert((conn, key), at)
            && before != at
            && self.histories.contains(before, at)
        {
            let facts = format!("{key} went back from {before:?} to {at:?} on one connection to {}", peer.0);
            self.broken(17, facts);
        }
        let newest = self.newest.get(&key);
        let stale = newest
            .is_some_and(|(new, acked)| *acked <= asked && *new != at && self.histories.contains(*new, at));
        self.tally.stale_reads += u64::from(stale);
        stale
    }

    /// When a value had been acknowledged that is newer than the one that a person read, before the person asked.
    pub(crate) fn is_older(&self, key: &[u8], reply: &Reply, asked: u64) -> Option<u64> {
        let (newest, acked) = self.newest.get(&Key::of(key)?)?;
        let older = match reply {
            Reply::Nil => true,
            Reply::Bulk(value) => {
                let at = WriteId::of(value).and_then(|id| self.writes.get(id)).and_then(Write::at);
                at.is_some_and(|at| at != *newest && self.histories.contains(*newest, at))
            }
            _ => false,
        };
        (older && *acked <= asked).then_some(*acked)
    }

    /// A client read nothing. True when a value had been acknowledged before it asked.
    pub(crate) fn misses(&self, key: Key, asked: u64) -> bool {
        let newest = self.newest.get(&key);
        newest.is_some_and(|(_, acked)| *acked <= asked)
    }

    /// `PRIMACY TOKEN` names the end of the connection's last write.
    pub(crate) fn token(&mut self, id: WriteId, token: Option<(u64, u64)>, text: &str) {
        let at = self.writes.get(id).and_then(Write::at).map(|(epoch, offset)| (epoch.0, offset));
        if token.is_none() || token != at {
            self.broken(17, format!("PRIMACY TOKEN said \"{text}\" for a write at {at:?}"));
        }
    }

    /// `PRIMACY WAIT` said whether a write of an earlier epoch survived.
    pub(crate) fn kept(&mut self, token: (u64, u64), text: &str) {
        let point = (primacy_core::id::Epoch(token.0), token.1);
        let newest = self.histories.epochs().next_back().map(|(epoch, branch)| (epoch, branch.parent.offset));
        let Some(tip) = newest else { return };
        // A primary of an older epoch cannot know of a newer one; with several epochs after the write, both may be said.
        let survives = self.histories.contains((tip.0, self.histories.end(tip.0)), point);
        if text.starts_with("kept") {
            self.tally.kept += 1;
        } else if text.starts_with("lost") {
            self.tally.told_lost += 1;
            if survives {
                self.broken(
                    17,
                    format!("PRIMACY WAIT said \"{text}\" for {point:?}, which is in epoch {}", tip.0.0),
                );
            }
        } else if !text.starts_with("timeout") {
            self.broken(17, format!("PRIMACY WAIT answered \"{text}\""));
        }
    }
}
