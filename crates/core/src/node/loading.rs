//! A snapshot arrives and is loaded beside the old data; the two are swapped when it is whole and right (R18).

use super::session::Outbox;
use super::upstream::Phase;
use super::{Cut, Node, Notice};
use crate::group::record::EpochStart;
use crate::id::{Epoch, Position};
use crate::id::{Offset, ReplId};
use crate::keyspace::snapshot::{LoadError, Loader};
use crate::log::Lineage;
use crate::resp::parse_i64;
use crate::time::Now;

/// Longest line that announces a snapshot.
const HEAD_MAX: usize = 64;
/// Bytes of an end mark.
const MARK: usize = 40;

/// How the snapshot's end is told.
#[derive(Clone, Debug)]
enum Framing {
    /// The announcement has not come yet.
    Unknown,
    /// This many bytes are still to come.
    Length(u64),
    /// This follows the last byte.
    Mark([u8; MARK]),
}

/// A snapshot being loaded.
#[derive(Clone, Debug)]
pub(super) struct Loading {
    repl_id: ReplId,
    offset: Offset,
    framing: Framing,
    loader: Loader,
}

impl Loading {
    pub(super) fn new(repl_id: ReplId, offset: Offset, seed: [u8; 32], ceiling: u64) -> Self {
        Self { repl_id, offset, framing: Framing::Unknown, loader: Loader::new(seed, ceiling) }
    }

    /// Takes a part of `input`; how much, and whether the snapshot is whole now.
    fn take(&mut self, input: &[u8]) -> Result<(usize, bool), &'static str> {
        match &mut self.framing {
            Framing::Unknown => Ok((self.announced(input)?, false)),
            Framing::Length(left) => {
                let n = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                *left -= n as u64;
                let whole = *left == 0;
                self.push(&input[..n])?;
                Ok((n, whole))
            }
            Framing::Mark(mark) => {
                // A look at one byte first: the whole snapshot goes through here.
                if let Some(at) = input.windows(MARK).position(|w| w[0] == mark[0] && w == mark) {
                    self.push(&input[..at])?;
                    return Ok((at + MARK, true));
                }
                // The last bytes may be the beginning of the mark.
                let n = input.len().saturating_sub(MARK - 1);
                self.push(&input[..n])?;
                Ok((n, false))
            }
        }
    }

    fn announced(&mut self, input: &[u8]) -> Result<usize, &'static str> {
        let Some(end) = input.iter().take(HEAD_MAX).position(|&b| b == b'\n') else {
            return if input.len() >= HEAD_MAX { Err("snapshot announced by a long line") } else { Ok(0) };
        };
        let line = input[..end].strip_suffix(b"\r").unwrap_or(&input[..end]);
        if let Some(mark) = line.strip_prefix(b"$EOF:") {
            self.framing = Framing::Mark(mark.try_into().map_err(|_| "snapshot with a short end mark")?);
        } else if let Some(length) = line.strip_prefix(b"$") {
            let length = parse_i64(length).and_then(|n| u64::try_from(n).ok());
            self.framing = Framing::Length(length.ok_or("snapshot with a bad length")?);
        } else if !line.is_empty() {
            return Err("not a snapshot");
        }
        Ok(end + 1)
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        self.loader.push(bytes).map_err(reason)
    }
}

impl Node {
    /// Bytes of a snapshot; how many were taken.
    pub(super) fn load(&mut self, input: &[u8], out: &mut Outbox, now: Now) -> Result<usize, &'static str> {
        let Phase::Loading(loading) = &mut self.upstream.phase else { return Err("no snapshot is expected") };
        let (taken, whole) = loading.take(input)?;
        if whole {
            let Phase::Loading(loading) = core::mem::take(&mut self.upstream.phase) else { return Ok(taken) };
            self.swap_in(*loading, out, now)?;
        }
        Ok(taken)
    }

    /// R18: the old data go only now.
    fn swap_in(&mut self, loading: Loading, out: &mut Outbox, now: Now) -> Result<(), &'static str> {
        let Loading { repl_id, offset, loader, .. } = loading;
        let loaded = loader.finish().map_err(reason)?;
        let lineage = loaded.lineage.as_deref().and_then(Lineage::decode);
        let foreign = || {
            let mut lineage = Lineage::default();
            let start = Position { epoch: Epoch(0), offset, opseq: 0 };
            lineage.push(EpochStart { epoch: Epoch(0), repl_id, start });
            lineage
        };
        let lineage =
            lineage.filter(|l| l.last().is_some_and(|e| e.repl_id == repl_id)).unwrap_or_else(foreign);
        // Readers would see an earlier time, or another history, without being told.
        let old = self.log.position();
        let continues = lineage.contains(self.log.repl_id(), old.offset) && old.offset <= offset;
        if old != Position::default() && !continues {
            self.close_clients();
        }
        self.cut_feeds(Cut::StoodDown, |_| true);
        self.feeds.snapshots.release(&mut self.keyspace, &self.feeds.list);
        self.keyspace = loaded.keyspace;
        self.log.restart(lineage, offset, loaded.opseq, loaded.stream_db);
        // As an epoch record in the stream does: who has data of an epoch promises no election of it any more (R4).
        self.promised = self.promised.max(self.current_epoch());
        self.touch_all();
        self.stream_begins(true, out, now);
        self.notice(Notice::LinkUp { full: true, offset });
        self.errand_done();
        Ok(())
    }
}

/// The loader's complaint, for a notice.
fn reason(error: LoadError) -> &'static str {
    match error {
        LoadError::Header | LoadError::Corrupt(_) => "snapshot is damaged",
        LoadError::Truncated => "snapshot ends too early",
        LoadError::Unsupported(_) => "snapshot holds data that are not supported",
        LoadError::Checksum => "snapshot has a wrong checksum",
        LoadError::Memory => "snapshot needs more than maxmemory",
    }
}
