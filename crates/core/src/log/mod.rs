//! The replication log: bytes with an offset, the history of replication ids, and how a write becomes bytes.
//!
//! The append is the write: what is not in the log has not happened to anybody else. Offsets count appended bytes
//! whether or not a replica is attached.

pub mod lineage;
pub mod ring;

pub use lineage::Lineage;
pub use ring::Ring;

use alloc::vec::Vec;
use core::fmt::Write;

use crate::group::record::EpochStart;
use crate::id::{Epoch, Offset, Position, ReplId};
use crate::resp::reply;

/// Channel of epoch records (R5).
pub const EPOCH_CHANNEL: &[u8] = b"__primacy:epoch";
/// Channel of the failsafe's asks (R14).
pub const FAILSAFE_CHANNEL: &[u8] = b"__primacy:failsafe";
/// Channels that clients may not publish to begin with this.
pub const RESERVED_CHANNELS: &[u8] = b"__primacy:";

/// Asks every replica for its position.
const GETACK: &[u8] = b"*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n";
const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";
const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";
const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";

/// A transaction being executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Transaction {
    #[default]
    None,
    /// EXEC runs and nothing has been logged yet.
    Armed,
    /// MULTI has been logged.
    Open,
}

/// One node's log.
#[derive(Clone, Debug)]
pub struct Log {
    ring: Ring,
    lineage: Lineage,
    /// Write commands in the log since the group's first.
    opseq: u64,
    /// Database that the stream has selected; `None`: the next write says so again.
    db: Option<usize>,
    transaction: Transaction,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            ring: Ring::new(0),
            lineage: Lineage::default(),
            opseq: 0,
            db: None,
            transaction: Transaction::None,
        }
    }
}

impl Log {
    /// How far the log has come; its epoch is that of the last record in it (R5).
    pub fn position(&self) -> Position {
        Position {
            epoch: self.lineage.last().map_or(Epoch(0), |e| e.epoch),
            offset: self.ring.end(),
            opseq: self.opseq,
        }
    }

    /// Bytes appended so far.
    pub const fn end(&self) -> Offset {
        self.ring.end()
    }

    /// The bytes.
    pub const fn ring(&self) -> &Ring {
        &self.ring
    }

    /// The epochs in it.
    pub const fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// Replication id of the newest epoch; zeros before the first.
    pub fn repl_id(&self) -> ReplId {
        self.lineage.last().map_or_else(ReplId::default, |e| e.repl_id)
    }

    /// The database that the stream has selected.
    pub const fn selected(&self) -> Option<usize> {
        self.db
    }

    /// The next write selects its database again: another primary writes from here.
    pub const fn forget_selected(&mut self) {
        self.db = None;
    }

    /// Starts a transaction: MULTI is logged with its first write.
    pub const fn begin(&mut self) {
        self.transaction = Transaction::Armed;
    }

    /// Ends the transaction.
    pub fn commit(&mut self) {
        if self.transaction == Transaction::Open {
            self.ring.append(EXEC);
        }
        self.transaction = Transaction::None;
    }

    /// Logs one write command of database `db`.
    #[inline]
    pub fn write(&mut self, db: usize, frame: &[u8]) {
        if self.db != Some(db) || self.transaction == Transaction::Armed {
            self.prepare(db);
        }
        self.opseq += 1;
        self.ring.append(frame);
    }

    /// Logs `ops` write commands that must be applied together.
    pub fn write_many(&mut self, db: usize, ops: u32, parts: [&[u8]; 2]) {
        let alone = self.transaction == Transaction::None;
        if alone && ops > 1 {
            self.transaction = Transaction::Armed;
        }
        self.prepare(db);
        self.opseq += u64::from(ops);
        parts.into_iter().for_each(|part| self.ring.append(part));
        if alone {
            self.commit();
        }
    }

    fn prepare(&mut self, db: usize) {
        if self.db != Some(db) {
            self.db = Some(db);
            let mut digits = [0; crate::resp::DIGITS];
            let number = crate::resp::format_i64(i64::try_from(db).unwrap_or(0), &mut digits);
            let mut frame = Vec::with_capacity(32);
            reply::array(&mut frame, 2);
            reply::bulk(&mut frame, b"SELECT");
            reply::bulk(&mut frame, number);
            self.ring.append(&frame);
        }
        if self.transaction == Transaction::Armed {
            self.transaction = Transaction::Open;
            self.ring.append(MULTI);
        }
    }

    /// Begins an epoch: its record goes first (R5), and every write after it belongs to it.
    pub fn begin_epoch(&mut self, epoch: Epoch, repl_id: ReplId) {
        let start = self.position();
        let mut text = alloc::string::String::new();
        let _ = write!(text, "{} {repl_id}", epoch.0);
        self.publish(EPOCH_CHANNEL, text.as_bytes());
        self.lineage.push(EpochStart { epoch, repl_id, start });
        self.forget_selected();
    }

    /// Asks all members for a grant (R14).
    pub fn ask_grants(&mut self, epoch: Epoch, round: u64) {
        let mut text = alloc::string::String::new();
        let _ = write!(text, "{} {round}", epoch.0);
        self.publish(FAILSAFE_CHANNEL, text.as_bytes());
    }

    fn publish(&mut self, channel: &[u8], message: &[u8]) {
        let mut frame = Vec::with_capacity(128);
        reply::array(&mut frame, 3);
        [b"PUBLISH", channel, message].into_iter().for_each(|arg| reply::bulk(&mut frame, arg));
        self.ring.append(&frame);
    }

    /// Asks every replica for its position.
    pub fn ask_positions(&mut self) {
        self.ring.append(GETACK);
    }

    /// Keeps idle links alive.
    pub fn ping(&mut self) {
        self.ring.append(PING);
    }

    /// Appends a part of the primary's stream that has been applied: `ops` write commands, `db` selected at its end.
    pub fn applied(&mut self, bytes: &[u8], ops: u64, db: Option<usize>) {
        self.ring.append(bytes);
        self.opseq += ops;
        self.db = db;
    }

    /// An epoch record was applied `before` bytes behind the end of what [`Self::applied`] has taken so far, after
    /// `ops` write commands.
    pub fn applied_epoch(&mut self, epoch: Epoch, repl_id: ReplId, before: u64, ops: u64) {
        let p = self.position();
        let start = Position { epoch: p.epoch, offset: p.offset + before, opseq: p.opseq + ops };
        self.lineage.push(EpochStart { epoch, repl_id, start });
    }

    /// A snapshot was swapped in (R18): the log continues there, with `db` selected, and holds nothing before.
    pub fn restart(&mut self, lineage: Lineage, offset: Offset, opseq: u64, db: Option<usize>) {
        self.ring.reset(offset);
        self.lineage = lineage;
        self.opseq = opseq;
        self.db = db;
        self.transaction = Transaction::None;
    }

    /// Drops what neither the backlog nor a cursor at `needed` or after wants.
    pub fn trim(&mut self, backlog: usize, needed: Offset) {
        self.ring.trim(backlog, needed);
    }
}

/// Reads an epoch record's message.
pub fn parse_epoch(message: &[u8]) -> Option<(Epoch, ReplId)> {
    let space = message.iter().position(|&b| b == b' ')?;
    let epoch = crate::resp::parse_i64(&message[..space]).and_then(|n| u64::try_from(n).ok())?;
    Some((Epoch(epoch), ReplId::parse(&message[space + 1..])?))
}

/// Reads a failsafe ask's message: epoch and round.
pub fn parse_ask(message: &[u8]) -> Option<(Epoch, u64)> {
    let number = |text| crate::resp::parse_i64(text).and_then(|n| u64::try_from(n).ok());
    let space = message.iter().position(|&b| b == b' ')?;
    Some((Epoch(number(&message[..space])?), number(&message[space + 1..])?))
}
