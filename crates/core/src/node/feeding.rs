//! One snapshot at a time, shared by all replicas that wait for one.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::feed::{Feed, Stage};

use crate::id::Offset;
use crate::keyspace::Keyspace;
use crate::keyspace::snapshot::{Meta, Snapshot};
use crate::log::Log;

/// Serialised per step.
const STEP: usize = 64 << 10;
/// How far the fastest replica may be ahead of the slowest one in a shared snapshot, in bytes.
const WINDOW: usize = 8 << 20;

/// The running snapshot, if there is one.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots(Option<Running>);

#[derive(Clone, Debug)]
struct Running {
    snapshot: Option<Snapshot>,
    /// Bytes not yet taken by all; the first is number `base`.
    bytes: Vec<u8>,
    base: u64,
    /// Log offset that the stream continues from.
    offset: Offset,
    /// Ends the bytes; `None`: framed by length.
    mark: Option<Vec<u8>>,
}

impl Snapshots {
    pub(super) const fn running(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a snapshot of `keyspace` as it is now.
    pub(super) fn begin(&mut self, keyspace: &mut Keyspace, log: &Log, mark: Option<[u8; 20]>, now_ms: u64) {
        let position = log.position();
        let meta = Meta {
            repl_id: log.repl_id(),
            position,
            lineage: log.lineage().encode(),
            stream_db: log.selected(),
            now_ms,
        };
        let mut snapshot = Snapshot::begin(keyspace, meta);
        let mark = mark.map(|m| crate::id::ReplId(m).to_string().into_bytes());
        let mut bytes = Vec::new();
        if let Some(mark) = &mark {
            bytes.extend_from_slice(b"$EOF:");
            bytes.extend_from_slice(mark);
            bytes.extend_from_slice(b"\r\n");
            self.0 = Some(Running {
                snapshot: Some(snapshot),
                bytes,
                base: 0,
                offset: position.offset,
                mark: Some(mark.clone()),
            });
            return;
        }
        // Without end mark the length goes first, so the whole has to be there.
        let mut body = Vec::new();
        while !snapshot.next_slice(keyspace, &mut body, usize::MAX) {}
        bytes.push(b'$');
        bytes.extend_from_slice(body.len().to_string().as_bytes());
        bytes.extend_from_slice(b"\r\n");
        bytes.append(&mut body);
        self.0 = Some(Running { snapshot: None, bytes, base: 0, offset: position.offset, mark: None });
    }

    /// The running snapshot's offset, if a replica may still share it from its first byte.
    pub(super) fn joinable(&self, eof: bool) -> Option<Offset> {
        self.0.as_ref().filter(|r| r.base == 0 && (eof || r.mark.is_none())).map(|r| r.offset)
    }

    /// What follows the `taken` first bytes, walking further when there is nothing.
    pub(super) fn slice<'a>(
        &'a mut self,
        keyspace: &mut Keyspace,
        feeds: &[Feed],
        taken: u64,
    ) -> Option<[&'a [u8]; 2]> {
        let running = self.0.as_mut()?;
        let at = usize::try_from(taken.checked_sub(running.base)?).ok()?;
        if at >= running.bytes.len() {
            running.drop_taken(feeds);
            let wanted = running.bytes.len();
            while running.snapshot.is_some() && running.bytes.len() == wanted && wanted < WINDOW {
                running.step(keyspace);
            }
        }
        let at = usize::try_from(taken.checked_sub(running.base)?).ok()?;
        let rest = running.bytes.get(at..).filter(|rest| !rest.is_empty())?;
        Some([rest, &[]])
    }

    /// Whether the whole snapshot is among the `taken` first bytes; if so, whether it was framed by an end mark.
    pub(super) fn finished(&self, taken: u64) -> Option<bool> {
        let running = self.0.as_ref()?;
        let whole = running.snapshot.is_none() && taken >= running.base + running.bytes.len() as u64;
        whole.then_some(running.mark.is_some())
    }

    /// Forgets what every feed has taken, and the snapshot when nobody takes it any more.
    pub(super) fn release(&mut self, keyspace: &mut Keyspace, feeds: &[Feed]) {
        if feeds.iter().any(|f| !f.cut && matches!(f.stage, Stage::Snapshot(_))) {
            return;
        }
        if let Some(snapshot) = self.0.take().and_then(|r| r.snapshot) {
            snapshot.abort(keyspace);
        }
    }
}

impl Running {
    fn step(&mut self, keyspace: &mut Keyspace) {
        let Some(snapshot) = &mut self.snapshot else { return };
        if snapshot.next_slice(keyspace, &mut self.bytes, STEP) {
            self.snapshot = None;
            if let Some(mark) = &self.mark {
                self.bytes.extend_from_slice(mark);
            }
        }
    }

    fn drop_taken(&mut self, feeds: &[Feed]) {
        let taken = feeds.iter().filter(|f| !f.cut).filter_map(|f| match f.stage {
            Stage::Snapshot(taken) => Some(taken),
            _ => None,
        });
        let Some(least) = taken.min() else { return };
        let gone = usize::try_from(least.saturating_sub(self.base)).unwrap_or(0).min(self.bytes.len());
        self.bytes.drain(..gone);
        self.base += gone as u64;
    }
}
