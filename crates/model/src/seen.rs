//! The set of states that a search has seen: fingerprints in order of discovery and an open-addressed index on them.

/// Seen fingerprints with the number of the state each was first reached from.
#[derive(Debug)]
pub(crate) struct Seen {
    prints: Vec<u64>,
    parents: Vec<u32>,
    /// Numbers of states plus one, 0 for an empty slot; the length is a power of two.
    slots: Vec<u32>,
}

impl Seen {
    pub(crate) fn new() -> Self {
        Self { prints: Vec::new(), parents: Vec::new(), slots: vec![0; 1 << 12] }
    }

    pub(crate) const fn len(&self) -> usize {
        self.prints.len()
    }

    /// The number of the state with this fingerprint, and whether it is new.
    pub(crate) fn insert(&mut self, print: u64, parent: u32) -> (u32, bool) {
        if self.prints.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.find(print);
        if self.slots[slot] != 0 {
            return (self.slots[slot] - 1, false);
        }
        let number = self.prints.len() as u32;
        self.prints.push(print);
        self.parents.push(parent);
        self.slots[slot] = number + 1;
        (number, true)
    }

    /// The slot that holds the fingerprint or would take it.
    fn find(&self, print: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = print as usize & mask;
        while self.slots[slot] != 0 && self.prints[self.slots[slot] as usize - 1] != print {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(size, 0);
        for number in 0..self.prints.len() {
            let slot = self.find(self.prints[number]);
            self.slots[slot] = number as u32 + 1;
        }
    }

    /// The fingerprints from the first state to state `number`.
    pub(crate) fn path(&self, number: u32) -> Vec<u64> {
        let mut path = vec![self.prints[number as usize]];
        let mut at = number;
        while at != 0 {
            at = self.parents[at as usize];
            path.push(self.prints[at as usize]);
        }
        path.reverse();
        path
    }
}
