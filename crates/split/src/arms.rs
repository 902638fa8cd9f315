//! Tails of bodies (`text`) that a function can do without until the rest is there: arms of matches, errors' ways, and the like.
//!
//! An arm is known by a mark, a hash of its function's name and of its instructions: their kinds, the names of what they call, and
//! small numbers. What changes when something else does is left out: numbers of functions and locals, the numbers behind names that
//! several have, places in frames, and addresses. Where the code has changed more than that since the list was made, the mark is
//! unknown and the arm stays.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;

use wasmparser::Operator;

use crate::facts::Facts;
use crate::text::{Tail, Text};

/// Shorter tails, in bytes, are not worth a call.
pub(crate) const SHORTEST: usize = 24;

/// Constants below this tell arms apart; others may be places in a frame, or addresses.
const SMALL: i32 = 16;

/// Marks to a line of the list.
const IN_LINE: usize = 10;

/// The tails of a function that may become arms.
pub(crate) fn candidates(text: &Text<'_>) -> impl Iterator<Item = Tail> {
    text.tails.iter().copied().filter(|tail| text.size(*tail) >= SHORTEST)
}

/// What an arm is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u64);

/// Gives the marks of a function's tails.
pub(crate) struct Marks<'t> {
    name: u64,
    operators: Vec<u64>,
    text: &'t Text<'t>,
}

impl<'t> Marks<'t> {
    pub(crate) fn new(facts: &Facts<'_>, module: &[u8], text: &'t Text<'t>) -> Self {
        let name =
            |function: u32| hash(facts.names.get(&function).map_or(&[][..], |name| stem(name).as_bytes()));
        let kind = |at: usize| hash(&module[text.offsets[at]..=text.offsets[at]]);
        let operators = text.operators.iter().enumerate();
        let operators = operators.map(|(at, operator)| match operator {
            Operator::Call { function_index } => name(*function_index),
            Operator::I32Const { value } if (0..SMALL).contains(value) => !hash(&[*value as u8]),
            _ => kind(at),
        });
        Self { name: name(text.function), operators: operators.collect(), text }
    }

    pub(crate) fn of(&self, tail: Tail) -> Mark {
        let all = self.operators[tail.begin..self.text.end(tail)].iter();
        let fold = |sum: u64, one: &u64| (sum.rotate_left(5) ^ one).wrapping_mul(PRIME);
        // Forty-eight bits are twelve digits.
        Mark(all.fold(self.name, fold) >> 16)
    }
}

/// A function's name without the numbers by which the compiler (`.1367`) and the linker (`[1]`) tell namesakes apart.
fn stem(name: &str) -> &str {
    let name = name.strip_suffix(']').map_or(name, |name| number(name, '['));
    number(name, '.')
}

/// What is before a last number that this opens.
fn number(name: &str, opens: char) -> &str {
    match name.rsplit_once(opens) {
        Some((stem, number)) if !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()) => {
            stem
        }
        _ => name,
    }
}

const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// The arms of a list.
pub(crate) fn read(list: &str) -> Result<BTreeSet<Mark>, Box<dyn Error>> {
    let words = list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    words.map(|word| Ok(Mark(u64::from_str_radix(word, 16)?))).collect()
}

pub(crate) fn write(marks: &BTreeSet<Mark>) -> String {
    let mut list = String::new();
    for (at, Mark(mark)) in marks.iter().enumerate() {
        let end = if (at + 1) % IN_LINE == 0 || at + 1 == marks.len() { "\n" } else { " " };
        let _ = write!(list, "{mark:012x}{end}");
    }
    list
}

/// The functions that have to stay in one piece: whatever loads the rest runs, and may use what they were just changing.
pub(crate) fn whole(facts: &Facts<'_>) -> Result<BTreeSet<u32>, Box<dyn Error>> {
    let mut whole = facts.loading()?;
    let allocates = |name: &str| OF_LOADING.iter().any(|part| name.contains(part));
    whole.extend(facts.names.iter().filter(|(_, name)| allocates(name)).map(|(function, _)| *function));
    Ok(whole)
}

/// The allocator, and the tables of JavaScript's values.
const OF_LOADING: [&str; 6] = ["dlmalloc", "__rust", "__rdl_", "__wbindgen", "__externref", "wasm_bindgen::"];
