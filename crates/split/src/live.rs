//! Which locals are still read, at every instruction of a function.

use wasmparser::Operator;

use crate::text::Text;

/// Sets of locals, one before each instruction, and an empty one behind the last.
pub(crate) struct Live {
    words: usize,
    sets: Vec<u64>,
}

impl Live {
    pub(crate) fn of(text: &Text<'_>) -> Self {
        let words = text.locals.len().div_ceil(64).max(1);
        let mut live = Self { words, sets: vec![0; words * (text.operators.len() + 1)] };
        let next: Vec<Vec<usize>> = (0..text.operators.len()).map(|at| next(text, at)).collect();
        // A loop hands its beginning's locals to its end, so one walk is not enough.
        while live.walk(text, &next) {}
        live
    }

    pub(crate) fn has(&self, at: usize, local: u32) -> bool {
        self.sets[at * self.words + local as usize / 64] >> (local % 64) & 1 == 1
    }

    /// Whether anything has changed.
    fn walk(&mut self, text: &Text<'_>, next: &[Vec<usize>]) -> bool {
        let mut changed = false;
        let mut set = vec![0; self.words];
        for at in (0..text.operators.len()).rev() {
            set.fill(0);
            for after in &next[at] {
                let from = &self.sets[after * self.words..];
                set.iter_mut().zip(from).for_each(|(word, more)| *word |= more);
            }
            match text.operators[at] {
                Operator::LocalGet { local_index } => {
                    set[local_index as usize / 64] |= 1 << (local_index % 64);
                }
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    set[local_index as usize / 64] &= !(1 << (local_index % 64));
                }
                _ => {}
            }
            let here = &mut self.sets[at * self.words..(at + 1) * self.words];
            if here != set {
                here.copy_from_slice(&set);
                changed = true;
            }
        }
        changed
    }
}

/// The instructions that may come after this one.
fn next(text: &Text<'_>, at: usize) -> Vec<usize> {
    let to = |depth: u32| {
        let body = text.around(text.within[at]).nth(depth as usize);
        body.map(|body| text.bodies[body].label)
    };
    match &text.operators[at] {
        Operator::Br { relative_depth } => to(*relative_depth).into_iter().collect(),
        Operator::BrIf { relative_depth } => to(*relative_depth).into_iter().chain([at + 1]).collect(),
        Operator::BrTable { targets } => {
            let all = targets.targets().flatten().chain([targets.default()]);
            all.filter_map(to).collect()
        }
        Operator::Return | Operator::Unreachable => Vec::new(),
        // The arm that follows, and the other one or what comes after both.
        Operator::If { .. } => vec![at + 1, text.bodies[text.within[at + 1]].end + 1],
        Operator::Else => vec![text.bodies[text.within[at]].label],
        _ => vec![at + 1],
    }
}
