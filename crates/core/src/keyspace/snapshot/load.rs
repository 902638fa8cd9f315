use alloc::vec::Vec;
use core::fmt;

use super::crc64::Crc64;
use super::decode::{Reader, Stop};
use super::encode::{AUX, EOF, EXPIRE_MS, EXPIRE_S, RESIZE_DB, SELECT_DB, TEXT};
use super::value::Partial;
use crate::id::ReplId;
use crate::keyspace::{DATABASES, Keyspace};
use crate::resp::parse_i64;

const FREQUENCY: u8 = 0xf9;
const IDLE: u8 = 0xf8;
const MODULE_AUX: u8 = 0xf7;
const FUNCTION_OLD: u8 = 0xf6;
const FUNCTION: u8 = 0xf5;

/// Newest version of the format that is read; Redis 7.0 writes 10.
const VERSION_MAX: u32 = 12;
/// First version with a checksum.
const VERSION_CHECKSUM: u32 = 5;

/// Why a file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It does not start as an RDB file, or in a version not known.
    Header,
    /// It ends too early.
    Truncated,
    /// It contradicts itself; what was being read.
    Corrupt(&'static str),
    /// It holds what this keyspace cannot keep.
    Unsupported(&'static str),
    /// Its checksum is wrong.
    Checksum,
    /// It needs more memory than allowed.
    Memory,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => write!(f, "not an RDB file of a known version"),
            Self::Truncated => write!(f, "the RDB file ends too early"),
            Self::Corrupt(what) => write!(f, "the RDB file is corrupt: {what}"),
            Self::Unsupported(what) => write!(f, "the RDB file holds {what}, which are not supported"),
            Self::Checksum => write!(f, "the RDB file's checksum is wrong"),
            Self::Memory => write!(f, "the RDB file needs more memory than allowed"),
        }
    }
}

/// What a file held.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The data.
    pub keyspace: Keyspace,
    /// `repl-id` and `repl-offset`, if the file has them.
    pub repl: Option<(ReplId, u64)>,
    /// `repl-stream-db`: the database in which the stream behind the file goes on.
    pub stream_db: Option<usize>,
    /// `primacy-epoch`; 0 without.
    pub epoch: u64,
    /// `primacy-opseq`; 0 without.
    pub opseq: u64,
    /// `primacy-lineage`.
    pub lineage: Option<Vec<u8>>,
}

/// Reads a file chunk by chunk into a keyspace of its own (R18): nothing is replaced before the checksum is right.
#[derive(Clone, Debug)]
pub struct Loader {
    loaded: Loaded,
    repl_id: Option<ReplId>,
    offset: Option<u64>,
    /// Bytes that do not make a whole element yet.
    buffer: Vec<u8>,
    /// No use to look at the buffer before it has so many bytes.
    need: usize,
    ceiling: u64,
    state: State,
    crc: Crc64,
    version: u32,
    db: usize,
    expire: Option<u64>,
}

#[derive(Clone, Debug)]
enum State {
    Header,
    Opcode,
    Value { key: Vec<u8>, partial: Partial },
    Checksum,
    End,
}

impl Loader {
    /// `seed` as for [`Keyspace::new`]. More than `ceiling` bytes of data end in [`LoadError::Memory`]; 0: no limit.
    pub fn new(seed: [u8; 32], ceiling: u64) -> Self {
        let keyspace = Keyspace::new(seed);
        Self {
            loaded: Loaded { keyspace, repl: None, stream_db: None, epoch: 0, opseq: 0, lineage: None },
            repl_id: None,
            offset: None,
            buffer: Vec::new(),
            need: 1,
            ceiling: if ceiling == 0 { u64::MAX } else { ceiling },
            state: State::Header,
            crc: Crc64::new(),
            version: 0,
            db: 0,
            expire: None,
        }
    }

    /// Takes the next bytes of the file. After an error the loader is of no more use.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        self.buffer.extend_from_slice(bytes);
        let buffer = core::mem::take(&mut self.buffer);
        let result = self.consume(&buffer);
        self.buffer = buffer;
        self.buffer.drain(..result?);
        self.check_memory(self.buffer.len() as u64)
    }

    /// True once the whole file, checksum and all, has been read.
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// The data, once the file is complete.
    pub fn finish(self) -> Result<Loaded, LoadError> {
        if !self.is_complete() {
            return Err(LoadError::Truncated);
        }
        let repl = self.repl_id.zip(self.offset);
        Ok(Loaded { repl, ..self.loaded })
    }

    /// Reads whole elements; how many bytes they took.
    fn consume(&mut self, buffer: &[u8]) -> Result<usize, LoadError> {
        let mut at = 0;
        while buffer.len() - at >= self.need {
            let mut reader = Reader::new(&buffer[at..]);
            match self.step(&mut reader) {
                Ok(()) => {
                    let end = at + reader.at;
                    if !matches!(self.state, State::End) {
                        self.crc.update(&buffer[at..end]);
                    }
                    at = end;
                    self.need = 1;
                }
                Err(Stop::More(need)) => self.need = need,
                Err(Stop::Wrong(error)) => return Err(error),
            }
        }
        Ok(at)
    }

    fn step(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        match &mut self.state {
            State::Header => self.header(reader),
            State::Opcode => self.opcode(reader),
            State::Value { partial, .. } => {
                let left = partial.step(reader, self.ceiling)?;
                let memory = partial.memory();
                self.check_memory(memory)?;
                if !left {
                    self.keep();
                }
                Ok(())
            }
            State::Checksum => {
                let want = u64::from_le_bytes(reader.array()?);
                self.state = State::End;
                // 0: the writer had checksums switched off.
                if want != 0 && want != self.crc.value() {
                    return Err(LoadError::Checksum.into());
                }
                Ok(())
            }
            State::End => Err(LoadError::Corrupt("bytes behind the end").into()),
        }
    }

    fn header(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let header: [u8; 9] = reader.array()?;
        let version = header.strip_prefix(b"REDIS").and_then(|digits| {
            let digits = core::str::from_utf8(digits).ok()?;
            digits.parse().ok().filter(|version| (1..=VERSION_MAX).contains(version))
        });
        self.version = version.ok_or(LoadError::Header)?;
        self.state = State::Opcode;
        Ok(())
    }

    fn opcode(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        match reader.byte()? {
            AUX => self.aux(reader)?,
            RESIZE_DB => {
                reader.length()?;
                reader.length()?;
            }
            EXPIRE_MS => self.expire = Some(u64::from_le_bytes(reader.array()?)),
            EXPIRE_S => {
                let seconds = i64::from(i32::from_le_bytes(reader.array()?));
                self.expire = Some(u64::try_from(seconds).unwrap_or(0) * 1000);
            }
            FREQUENCY => drop(reader.byte()?),
            IDLE => drop(reader.length()?),
            SELECT_DB => {
                let db = usize::try_from(reader.length()?).ok().filter(|&db| db < DATABASES);
                self.db = db.ok_or(LoadError::Unsupported("more than 16 databases"))?;
            }
            EOF if self.version < VERSION_CHECKSUM => self.state = State::End,
            EOF => self.state = State::Checksum,
            FUNCTION | FUNCTION_OLD => return Err(LoadError::Unsupported("functions").into()),
            MODULE_AUX => return Err(LoadError::Unsupported("module values").into()),
            kind => self.value(kind, reader)?,
        }
        Ok(())
    }

    fn aux(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let (name, value) = (reader.text(self.ceiling)?, reader.text(self.ceiling)?);
        let number = || parse_i64(&value).and_then(|n| u64::try_from(n).ok());
        match &*name {
            b"repl-id" => self.repl_id = ReplId::parse(&value),
            b"repl-offset" => self.offset = number(),
            b"repl-stream-db" => self.loaded.stream_db = number().and_then(|n| usize::try_from(n).ok()),
            b"primacy-epoch" => self.loaded.epoch = number().unwrap_or(0),
            b"primacy-opseq" => self.loaded.opseq = number().unwrap_or(0),
            b"primacy-lineage" => self.loaded.lineage = Some(value.into_owned()),
            _ => {}
        }
        Ok(())
    }

    fn value(&mut self, kind: u8, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let key = reader.text(self.ceiling)?;
        let db = self.loaded.keyspace.db_mut(self.db);
        if db.find(&key).is_some() {
            return Err(LoadError::Corrupt("the same key twice").into());
        }
        if kind == TEXT {
            let value = reader.text(self.ceiling)?;
            // An expiry of u64::MAX means none here, and Redis's clock never gets there.
            db.set(&key, &value, Some(self.expire.take().unwrap_or(u64::MAX)), 0);
            self.check_memory(0)?;
        } else {
            let partial = Partial::begin(kind, db, reader)?;
            self.state = State::Value { key: key.into_owned(), partial };
        }
        Ok(())
    }

    /// Moves the finished value into the keyspace. An empty one is left out, as Redis does.
    fn keep(&mut self) {
        let state = core::mem::replace(&mut self.state, State::Opcode);
        let expire = self.expire.take();
        if let State::Value { key, partial } = state {
            let value = partial.finish();
            if !value.is_empty() {
                self.loaded.keyspace.db_mut(self.db).insert_value(&key, value, expire, 0);
            }
        }
    }

    fn check_memory(&self, pending: u64) -> Result<(), LoadError> {
        let used = self.loaded.keyspace.memory().saturating_add(pending);
        if used > self.ceiling { Err(LoadError::Memory) } else { Ok(()) }
    }
}
