//! What an arm takes, gives and where it leaves to, when it has become a function of its own.

use std::collections::BTreeSet;

use wasmparser::{Operator, ValType};

use crate::live::Live;
use crate::text::{Tail, Text};

/// An arm as a function.
pub(crate) struct Plan {
    pub(crate) tail: Tail,
    /// The locals that it reads before it has written them: its parameters.
    pub(crate) takes: Vec<u32>,
    /// The locals that it writes and that are read behind it.
    pub(crate) gives: Vec<u32>,
    /// The first is the one that needs no branch, when there is such a one.
    pub(crate) exits: Vec<Exit>,
    /// All locals that it names.
    pub(crate) named: BTreeSet<u32>,
}

/// A way out of an arm.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) way: Way,
    /// What is on the stack then.
    pub(crate) carries: Vec<ValType>,
}

/// How an arm is left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// By its end.
    End,
    /// To a label, counted from the body that the arm is the tail of.
    Label(u32),
}

impl Plan {
    /// None when the tail does what is not provided for.
    pub(crate) fn of(text: &Text<'_>, live: &Live, tail: Tail) -> Option<Self> {
        let mut scan = Scan::default();
        let mut depth = 0;
        for at in tail.begin..text.end(tail) {
            scan.take(text, tail, at, depth)?;
            match text.operators[at] {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End => depth -= 1,
                _ => {}
            }
        }
        let body = &text.bodies[tail.body];
        if body.falls {
            scan.ways.insert(Way::End);
        }
        let exits: Vec<Exit> = scan.ways.iter().map(|way| way.exit(text, tail)).collect();
        let after = |local: &u32| scan.ways.iter().any(|way| live.has(way.target(text, tail), *local));
        let gives: Vec<u32> = scan.writes.iter().copied().filter(after).collect();
        let before = |local: &u32| live.has(tail.begin, *local);
        let named = scan.reads.iter().chain(&scan.writes).copied().collect::<BTreeSet<_>>();
        let needed = |local: &u32| scan.reads.contains(local) || gives.contains(local);
        let takes = named.iter().copied().filter(needed).filter(before).collect();
        let mut plan = Self { tail, takes, gives, exits, named };
        // Equal kinds of arms then have equal types.
        let kind = |local: &u32| (order(text.locals[*local as usize]), *local);
        plan.takes.sort_by_key(kind);
        plan.gives.sort_by_key(kind);
        Some(plan)
    }

    /// About what the call that stands for the arm takes, in bytes.
    pub(crate) fn cost(&self) -> usize {
        let exits = match self.exits.len() {
            0 => 1,
            1 => usize::from(self.exits[0].way != Way::End) * 2,
            more => more * 4,
        };
        8 + 2 * (self.takes.len() + self.gives.len()) + exits
    }
}

impl Way {
    /// The way of a branch; a branch to the body's own label is like its end, but for a loop's.
    pub(crate) fn to(text: &Text<'_>, tail: Tail, label: u32) -> Self {
        if label == 0 && !text.bodies[tail.body].is_loop { Self::End } else { Self::Label(label) }
    }

    /// The way of a `return`.
    pub(crate) fn back(text: &Text<'_>, tail: Tail) -> Self {
        Self::to(text, tail, text.around(tail.body).count() as u32 - 1)
    }

    fn exit(self, text: &Text<'_>, tail: Tail) -> Exit {
        let carries = match self {
            Self::End => text.bodies[tail.body].yields.clone(),
            Self::Label(label) => body(text, tail, label).carries.clone(),
        };
        Exit { way: self, carries }
    }

    fn target(self, text: &Text<'_>, tail: Tail) -> usize {
        match self {
            Self::End => text.bodies[tail.body].end,
            Self::Label(label) => body(text, tail, label).label,
        }
    }
}

fn body<'t>(text: &'t Text<'_>, tail: Tail, label: u32) -> &'t crate::text::Body {
    let number = text.around(tail.body).nth(label as usize).expect("a valid label");
    &text.bodies[number]
}

/// Wasm's types have no order of their own.
pub(crate) fn order(kind: ValType) -> u8 {
    match kind {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        ValType::V128 => 4,
        ValType::Ref(_) => 5,
    }
}

#[derive(Default)]
struct Scan {
    ways: BTreeSet<Way>,
    reads: BTreeSet<u32>,
    writes: BTreeSet<u32>,
}

impl Scan {
    fn take(&mut self, text: &Text<'_>, tail: Tail, at: usize, depth: u32) -> Option<()> {
        match &text.operators[at] {
            Operator::LocalGet { local_index } => {
                self.reads.insert(*local_index);
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                self.writes.insert(*local_index);
            }
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.leave(text, tail, *relative_depth, depth);
            }
            Operator::BrTable { targets } => {
                // All that a table leads to carries the same; the tables of matches carry nothing.
                let default = text.around(text.within[at]).nth(targets.default() as usize)?;
                if !text.bodies[default].carries.is_empty() {
                    return None;
                }
                for target in targets.targets() {
                    self.leave(text, tail, target.ok()?, depth);
                }
                self.leave(text, tail, targets.default(), depth);
            }
            Operator::Return => {
                self.ways.insert(Way::back(text, tail));
            }
            _ => {}
        }
        Some(())
    }

    fn leave(&mut self, text: &Text<'_>, tail: Tail, label: u32, depth: u32) {
        if let Some(outside) = label.checked_sub(depth) {
            self.ways.insert(Way::to(text, tail, outside));
        }
    }
}
