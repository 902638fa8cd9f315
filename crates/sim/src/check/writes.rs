//! Every write that a client began, by its value, which is used once.

use primacy_core::id::{Epoch, NodeId, Offset};
use primacy_core::resp::{DIGITS, format_i64};

use super::history::Point;
use super::key::Key;
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
        let mut value = Vec::with_capacity(16);
        value.push(b'w');
        for number in [u32::from(self.client), self.number] {
            value.extend_from_slice(format_i64(i64::from(number), &mut [0; DIGITS]));
            value.push(b'.');
        }
        value
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

/// What is known about a write. There are hundreds of thousands of them, in every copy of a world.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) key: Key,
    /// Where it ends; nothing ends at offset 0.
    at: (Epoch, Offset),
    /// When it was begun, in nanoseconds since the beginning.
    pub(crate) asked: u64,
    /// When its client was answered; nobody is at 0.
    acked: u64,
    story: Option<Box<Story>>,
}

/// What the lessons know of a write beyond that.
#[derive(Clone, Debug)]
pub(crate) struct Story {
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

/// Nothing has been told yet.
const UNTOLD: Story = Story { held: [0; MEMBERS], waited: None, reread: None };

impl Write {
    /// Where it ends in the tree of histories, once logged.
    pub(crate) fn at(&self) -> Option<Point> {
        Some(self.at).filter(|(_, end)| *end > 0)
    }

    pub(crate) const fn logged(&mut self, at: Point) {
        self.at = at;
    }

    /// When its client was answered.
    pub(crate) fn acked(&self) -> Option<u64> {
        Some(self.acked).filter(|at| *at > 0)
    }

    pub(crate) const fn answered(&mut self, now: u64) {
        self.acked = now;
    }

    /// What a lesson may know; without one, nothing has been told.
    pub(crate) fn story(&self) -> &Story {
        self.story.as_deref().unwrap_or(&UNTOLD)
    }

    /// Adds to the story, if anybody listens.
    pub(crate) fn tell(&mut self, what: impl FnOnce(&mut Story)) {
        if let Some(story) = self.story.as_deref_mut() {
            what(story);
        }
    }
}

/// All writes.
#[derive(Clone, Default)]
pub(crate) struct Writes {
    clients: Vec<Chunks<Write, 32>>,
    untold: bool,
}

impl Writes {
    /// Only lessons listen to the stories of single writes: without one, a write takes a third of the memory.
    pub(crate) const fn keep_stories(&mut self, on: bool) {
        self.untold = !on;
    }

    /// Whether anybody listens.
    pub(crate) const fn told(&self) -> bool {
        !self.untold
    }

    pub(crate) fn begin(&mut self, client: u8, key: Key, asked: u64) -> WriteId {
        let index = usize::from(client);
        if self.clients.len() <= index {
            self.clients.resize_with(index + 1, Chunks::default);
        }
        let number = u32::try_from(self.clients[index].len()).unwrap_or(u32::MAX);
        let story = if self.untold { None } else { Some(Box::new(UNTOLD)) };
        self.clients[index].push(Write { key, at: (Epoch(0), 0), asked, acked: 0, story });
        WriteId { client, number }
    }

    /// Bytes that a copy does not share, and bytes that it shares.
    pub(crate) fn weight(&self) -> (usize, usize) {
        let story = if self.untold { 0 } else { size_of::<Story>() };
        let weights = self.clients.iter().map(|each| (each.weight(), each.len()));
        weights.fold((0, 0), |sum, (each, len)| (sum.0 + each.0, sum.1 + each.1 + len * story))
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
