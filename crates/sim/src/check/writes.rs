//! Every write that a client began, by its value, which is used once.

use primacy_core::id::NodeId;

use super::history::Point;
use crate::chunks::Chunks;

/// A primary and five replicas.
pub(crate) const MEMBERS: usize = 6;

/// Names a write: the client and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WriteId {
    pub(crate) client: u8,
    pub(crate) number: u32,
}

impl WriteId {
    /// The beginning of the value that the client sets.
    pub(crate) fn value(self) -> Vec<u8> {
        format!("w{}.{}.", self.client, self.number).into_bytes()
    }

    /// Reads [`WriteId::value`] back.
    pub(crate) fn of(value: &[u8]) -> Option<Self> {
        let rest = value.strip_prefix(b"w")?;
        let mut parts = rest.split(|b| *b == b'.');
        let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse::<u32>().ok();
        let client = u8::try_from(number()?).ok()?;
        Some(Self { client, number: number()? })
    }
}

/// What is known about a write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Write {
    pub(crate) key: String,
    /// Where it ends in the tree of histories, once logged.
    pub(crate) at: Option<Point>,
    /// When it was begun, in nanoseconds since the beginning.
    pub(crate) asked: u64,
    /// When its client was answered.
    pub(crate) acked: Option<u64>,
    /// When each member had it, by number from 1; 0: not yet, or in a snapshot.
    pub(crate) held: [u64; MEMBERS],
    /// When `WAIT` answered, and with how many.
    pub(crate) waited: Option<(u64, u32)>,
    /// When its client read it again.
    pub(crate) reread: Option<Reread>,
}

/// A client's read of what it had written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reread {
    /// When it was asked, in nanoseconds since the beginning.
    pub(crate) asked: u64,
    /// Who answered.
    pub(crate) node: NodeId,
    /// The answer was older than the write.
    pub(crate) stale: bool,
}

/// All writes.
#[derive(Clone, Default)]
pub(crate) struct Writes {
    clients: Vec<Chunks<Write, 32>>,
}

impl Writes {
    pub(crate) fn begin(&mut self, client: u8, key: &str, asked: u64) -> WriteId {
        let index = usize::from(client);
        if self.clients.len() <= index {
            self.clients.resize_with(index + 1, Chunks::default);
        }
        let number = u32::try_from(self.clients[index].len()).unwrap_or(u32::MAX);
        self.clients[index].push(Write { key: key.to_owned(), asked, ..Write::default() });
        WriteId { client, number }
    }

    /// Bytes that a copy does not share, and bytes that it shares.
    pub(crate) fn weight(&self) -> (usize, usize) {
        self.clients.iter().map(Chunks::weight).fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1))
    }

    pub(crate) fn get(&self, id: WriteId) -> Option<&Write> {
        self.clients.get(usize::from(id.client))?.get(id.number as usize)
    }

    pub(crate) fn get_mut(&mut self, id: WriteId) -> Option<&mut Write> {
        self.clients.get_mut(usize::from(id.client))?.get_mut(id.number as usize)
    }

    /// One client's writes, oldest first.
    pub(crate) fn of(&self, client: u8) -> impl DoubleEndedIterator<Item = &Write> {
        self.clients.get(usize::from(client)).into_iter().flat_map(Chunks::iter)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Write> {
        self.clients.iter().flat_map(Chunks::iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_its_write() {
        let id = WriteId { client: 7, number: 1234 };
        let mut value = id.value();
        value.extend_from_slice(b"xxxx");
        assert_eq!(WriteId::of(&value), Some(id));
        assert_eq!(WriteId::of(b"w"), None);
        assert_eq!(WriteId::of(b"w999.1."), None);
    }
}
