use alloc::collections::VecDeque;

use super::packed::{Item, Packed};

/// A node is not filled beyond this many bytes; a longer string has a node of its own.
const NODE_MAX: usize = 4096;
/// Estimated bytes of a node beside its strings.
const NODE_BYTES: u64 = 64;

/// A list: packed nodes in a ring.
#[derive(Clone, Debug, Default)]
pub struct List {
    nodes: VecDeque<Packed>,
    len: usize,
    size: usize,
}

impl List {
    /// An empty list.
    pub const fn new() -> Self {
        Self { nodes: VecDeque::new(), len: 0, size: 0 }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// No element.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn heap(&self) -> u64 {
        self.size as u64 + self.nodes.len() as u64 * NODE_BYTES + 48
    }

    /// Adds at the end.
    pub fn push_back(&mut self, bytes: &[u8]) {
        let cost = Packed::cost(bytes.len());
        if !self.nodes.back().is_some_and(|node| fits(node, cost)) {
            self.nodes.push_back(Packed::default());
        }
        if let Some(node) = self.nodes.back_mut() {
            node.push_back(bytes);
        }
        self.len += 1;
        self.size += cost;
    }

    /// Adds at the start.
    pub fn push_front(&mut self, bytes: &[u8]) {
        let cost = Packed::cost(bytes.len());
        if !self.nodes.front().is_some_and(|node| fits(node, cost)) {
            self.nodes.push_front(Packed::default());
        }
        if let Some(node) = self.nodes.front_mut() {
            node.push_front(bytes);
        }
        self.len += 1;
        self.size += cost;
    }

    /// Adds at either end.
    pub fn push(&mut self, front: bool, bytes: &[u8]) {
        if front { self.push_front(bytes) } else { self.push_back(bytes) }
    }

    /// The first or the last element.
    pub fn end(&self, front: bool) -> Option<&[u8]> {
        let node = if front { self.nodes.front() } else { self.nodes.back() }?;
        let item = if front { node.iter().next() } else { node.iter().next_back() };
        item.map(|item| item.bytes)
    }

    /// Removes the first or the last element.
    pub fn pop(&mut self, front: bool) {
        let last = self.nodes.len().saturating_sub(1);
        let node = if front { 0 } else { last };
        let Some(found) = self.nodes.get(node) else { return };
        let item = if front { found.iter().next() } else { found.iter().next_back() };
        if let Some(place) = item.map(|item| item.place()) {
            self.cut(node, place.0, place.1, 1);
        }
    }

    /// Element `i`.
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        let (node, inner) = self.locate(i)?;
        self.nodes[node].get(inner).map(|item| item.bytes)
    }

    /// Elements from `start` on, in order.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = &[u8]> {
        let (node, inner) = self.locate(start).unwrap_or((self.nodes.len(), 0));
        self.nodes.range(node..).flat_map(Packed::iter).skip(inner).map(|item| item.bytes)
    }

    /// All elements from the last to the first.
    pub fn iter_back(&self) -> impl Iterator<Item = &[u8]> {
        self.nodes.iter().rev().flat_map(|node| node.iter().rev()).map(|item| item.bytes)
    }

    /// Replaces element `i`; false if there is none.
    pub fn set(&mut self, i: usize, bytes: &[u8]) -> bool {
        let Some((node, inner)) = self.locate(i) else { return false };
        let Some(place) = self.nodes[node].get(inner).map(|item| item.place()) else { return false };
        let cost = Packed::cost(bytes.len());
        if self.nodes[node].size() - (place.1 - place.0) + cost <= NODE_MAX || self.nodes[node].len() == 1 {
            self.nodes[node].replace(place, bytes);
            self.size = self.size + cost - (place.1 - place.0);
        } else {
            self.insert_at(node, inner, bytes);
            if let Some((node, inner)) = self.locate(i + 1)
                && let Some(place) = self.nodes[node].get(inner).map(|item| item.place())
            {
                self.cut(node, place.0, place.1, 1);
            }
        }
        true
    }

    /// Puts `bytes` before or after the first element equal to `pivot`; false if there is none.
    pub fn insert(&mut self, pivot: &[u8], before: bool, bytes: &[u8]) -> bool {
        let found =
            self.nodes.iter().enumerate().find_map(|(n, node)| {
                node.iter().position(|item| item.bytes == pivot).map(|inner| (n, inner))
            });
        let Some((node, inner)) = found else { return false };
        self.insert_at(node, if before { inner } else { inner + 1 }, bytes);
        true
    }

    /// Removes up to `max` elements equal to `bytes`, from the end if `back`; says how many.
    pub fn remove_equal(&mut self, bytes: &[u8], max: usize, back: bool) -> usize {
        let mut removed = 0;
        for n in 0..self.nodes.len() {
            let node = if back { self.nodes.len() - 1 - n } else { n };
            removed += remove_from(&mut self.nodes[node], bytes, max - removed, back);
            if removed == max {
                break;
            }
        }
        self.nodes.retain(|node| node.len() > 0);
        self.len -= removed;
        self.size -= removed * Packed::cost(bytes.len());
        self.merge();
        removed
    }

    /// Keeps `count` elements from `start` on.
    pub fn keep(&mut self, start: usize, count: usize) {
        self.drop_end(true, start.min(self.len));
        self.drop_end(false, self.len.saturating_sub(count));
    }

    /// Removes `count` elements at one end.
    pub fn drop_end(&mut self, front: bool, mut count: usize) {
        while count > 0 {
            let node = if front { 0 } else { self.nodes.len().saturating_sub(1) };
            let Some(found) = self.nodes.get(node) else { return };
            let take = count.min(found.len());
            let all: (usize, usize) = (take, found.len());
            let places = if front {
                found.get(0).zip(found.get(take - 1))
            } else {
                found.get(all.1 - take).zip(found.get(all.1 - 1))
            };
            let Some((start, end)) = places.map(|(a, b): (Item<'_>, Item<'_>)| (a.place().0, b.place().1))
            else {
                return;
            };
            self.cut(node, start, end, take);
            count -= take;
        }
    }

    /// Which node holds element `i`, and where in it, walked to from the nearer end.
    fn locate(&self, i: usize) -> Option<(usize, usize)> {
        if i >= self.len {
            return None;
        }
        if i * 2 < self.len {
            let mut before = 0;
            for (n, node) in self.nodes.iter().enumerate() {
                if i < before + node.len() {
                    return Some((n, i - before));
                }
                before += node.len();
            }
        } else {
            let mut end = self.len;
            for (n, node) in self.nodes.iter().enumerate().rev() {
                let start = end - node.len();
                if i >= start {
                    return Some((n, i - start));
                }
                end = start;
            }
        }
        None
    }

    /// Puts an element in front of element `inner` of a node, which splits if it is full.
    fn insert_at(&mut self, node: usize, inner: usize, bytes: &[u8]) {
        let cost = Packed::cost(bytes.len());
        self.len += 1;
        self.size += cost;
        let place = self.nodes[node].get(inner).map(|item| item.place());
        if fits(&self.nodes[node], cost) {
            match place {
                Some(place) => self.nodes[node].insert_before(place, bytes),
                None => self.nodes[node].push_back(bytes),
            }
            return;
        }
        if let Some((start, _)) = place.filter(|_| inner > 0) {
            let count = self.nodes[node].len() - inner;
            let tail = self.nodes[node].split_off(start, count);
            self.nodes.insert(node + 1, tail);
        }
        let mut middle = Packed::default();
        middle.push_back(bytes);
        self.nodes.insert(if inner == 0 { node } else { node + 1 }, middle);
        self.merge();
    }

    /// Removes `count` elements between two places of a node.
    fn cut(&mut self, node: usize, start: usize, end: usize, count: usize) {
        self.nodes[node].remove(start, end, count);
        self.len -= count;
        self.size -= end - start;
        if self.nodes[node].len() == 0 {
            self.nodes.remove(node);
        }
    }

    /// Joins neighbours that together fill no more than half a node.
    fn merge(&mut self) {
        let mut node = 1;
        while node < self.nodes.len() {
            if self.nodes[node - 1].size() + self.nodes[node].size() > NODE_MAX / 2 {
                node += 1;
            } else if let Some(tail) = self.nodes.remove(node) {
                self.nodes[node - 1].append(&tail);
            }
        }
    }
}

fn fits(node: &Packed, cost: usize) -> bool {
    node.len() == 0 || node.size() + cost <= NODE_MAX
}

fn remove_from(node: &mut Packed, bytes: &[u8], max: usize, back: bool) -> usize {
    let mut removed = 0;
    while removed < max {
        let mut items = node.iter();
        let found = if back {
            items.rfind(|item| item.bytes == bytes)
        } else {
            items.find(|item| item.bytes == bytes)
        };
        let Some((start, end)) = found.map(|item| item.place()) else { break };
        node.remove(start, end, 1);
        removed += 1;
    }
    removed
}
