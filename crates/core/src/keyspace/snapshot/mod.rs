//! Snapshots as Redis's RDB files: written slice by slice while writes go on, without a fork and without a second
//! copy of the data; read from chunks into a new keyspace.
//!
//! Each entry is written the first time that either the walk comes to it or a command is about to change it; its mark
//! remembers which. So the file holds the data as they were at [`Snapshot::begin`].

mod blob;
mod capture;
mod crc64;
mod decode;
mod encode;
mod load;
mod lzf;
mod value;

pub(super) use capture::Capture;
pub use load::{LoadError, Loaded, Loader};

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::Keyspace;
use crate::id::{Position, ReplId};
use crc64::Crc64;

/// What a snapshot says about itself.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// The log's replication id.
    pub repl_id: ReplId,
    /// Where in the log the snapshot stands.
    pub position: Position,
    /// Text of the node's own, carried in the field `primacy-lineage`.
    pub lineage: String,
    /// The database in which the log goes on behind the snapshot; a Redis replica selects it. `None` if the log
    /// starts with a SELECT there.
    pub stream_db: Option<usize>,
    /// Wall clock, milliseconds since 1970.
    pub now_ms: u64,
}

/// A snapshot under way; one at a time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    header: Option<Meta>,
    crc: Crc64,
    /// The database that the file's last SELECTDB names.
    selected: Option<usize>,
    done: bool,
}

impl Snapshot {
    /// Fixes the contents: what the keyspace holds now. A snapshot begun before and not finished is lost.
    pub fn begin(keyspace: &mut Keyspace, meta: Meta) -> Self {
        let generation = keyspace.next_generation();
        for (number, db) in keyspace.dbs_mut().iter_mut().enumerate() {
            let len = db.len();
            db.capture = (len > 0).then(|| Box::new(Capture::new(generation, number, len)));
        }
        Self { header: Some(meta), crc: Crc64::new(), selected: None, done: false }
    }

    /// Appends the next part of the file, about `budget` bytes of it; more if a value is larger, or if commands
    /// changed more meanwhile. True: the file is complete.
    pub fn next_slice(&mut self, keyspace: &mut Keyspace, out: &mut Vec<u8>, budget: usize) -> bool {
        if self.done {
            return true;
        }
        let start = out.len();
        let end = start.saturating_add(budget);
        if let Some(meta) = self.header.take() {
            encode::header(out, &meta, keyspace.memory());
        }
        let mut left = false;
        for db in keyspace.dbs_mut() {
            let Some(capture) = &mut db.capture else { continue };
            if capture.has_output() || out.len() < end {
                let number = capture.number();
                let mut part = capture.take_output();
                let walked = capture.walk(&mut db.pages, &mut part, end.saturating_sub(out.len()));
                if !part.is_empty() && self.selected != Some(number) {
                    encode::select(out, number);
                    self.selected = Some(number);
                }
                out.append(&mut part);
                left |= !walked;
            } else {
                left = true;
            }
        }
        if !left {
            self.done = true;
            self.release(keyspace);
            out.push(encode::EOF);
        }
        self.crc.update(&out[start..]);
        if self.done {
            out.extend_from_slice(&self.crc.value().to_le_bytes());
        }
        self.done
    }

    /// Gives the snapshot up.
    pub fn abort(self, keyspace: &mut Keyspace) {
        if !self.done {
            self.release(keyspace);
        }
    }

    fn release(&self, keyspace: &mut Keyspace) {
        keyspace.dbs_mut().iter_mut().for_each(|db| db.capture = None);
    }
}
