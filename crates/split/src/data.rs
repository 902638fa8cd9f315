//! Which of a module's data are loaded later: constants that nothing of the first part can get at.

use std::collections::BTreeSet;
use std::error::Error;

use wasmparser::Operator;

use crate::choose::Chosen;
use crate::facts::{Facts, Segment};
use crate::linked::Linked;

/// Fewer bytes in a row than this are not worth a segment of the rest.
const WORTH: usize = 16;

/// Stands in the first part where the rest will write. Who read it too early would have addresses that there are not, and end at
/// once instead of going on with nothing: the page's tests notice it in whatever they do before the rest is there.
const MISSING: u8 = 0xcc;

/// How many zeros may stand between two pieces of the first part's data, in bytes.
const MOST_ZEROS: u32 = 1 << 20;

/// A module's data in two parts.
pub(crate) struct Data<'a> {
    pub(crate) first: Vec<(u32, Vec<u8>)>,
    pub(crate) rest: Vec<Segment<'a>>,
    /// The places of the table that only data of the rest mention.
    pub(crate) late: BTreeSet<u32>,
}

impl<'a> Data<'a> {
    /// All of it in the first part.
    pub(crate) fn whole(facts: &Facts<'a>) -> Self {
        let first = facts.data.iter().map(|segment| (segment.address, segment.bytes.to_vec())).collect();
        Self { first, rest: Vec::new(), late: BTreeSet::new() }
    }

    /// Shares a module's data out.
    pub(crate) fn share(
        facts: &Facts<'a>,
        chosen: &Chosen,
        linked: &Linked<'_>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut mentioned = facts.constants.clone();
        for (body, function) in facts.bodies.iter().zip(facts.imported..) {
            if !chosen.is_later(function) {
                for operator in body.get_operators_reader()? {
                    mentioned.extend(mentions(&operator?));
                }
            }
        }
        let reached = linked.reached(mentioned.into_iter());
        let mut data = Self { first: Vec::new(), rest: Vec::new(), late: linked.late(&reached) };
        for segment in &facts.data {
            let mut later = vec![false; segment.bytes.len()];
            for known in &linked.segments {
                mark(segment, known, linked, |object| !reached.contains(&object), &mut later)?;
            }
            data.cut(*segment, &mut later);
        }
        Ok(data)
    }

    /// Cuts a segment where what is later begins and ends.
    fn cut(&mut self, segment: Segment<'a>, later: &mut [bool]) {
        for run in later.chunk_by_mut(|one, next| one == next) {
            if run.len() < WORTH {
                run.fill(false);
            }
        }
        let mut at = 0;
        for run in later.chunk_by(|one, next| one == next) {
            let bytes = &segment.bytes[at..at + run.len()];
            let address = segment.address + at as u32;
            if run[0] {
                self.rest.push(Segment { address, bytes });
                self.keep(address, &vec![MISSING; run.len()]);
            } else {
                self.keep(address, bytes);
            }
            at += run.len();
        }
    }

    /// Adds to the first part. What is missing is fewer bytes, once compressed, than another segment would be.
    fn keep(&mut self, address: u32, bytes: &[u8]) {
        let gap = self.first.last().and_then(|(begin, last)| address.checked_sub(begin + last.len() as u32));
        match (gap, self.first.last_mut()) {
            (Some(gap @ ..MOST_ZEROS), Some((_, last))) => {
                last.resize(last.len() + gap as usize, 0);
                last.extend_from_slice(bytes);
            }
            _ => self.first.push((address, bytes.to_vec())),
        }
    }
}

/// Marks what of a segment are constants that come later, and what is between two of them.
fn mark(
    segment: &Segment<'_>,
    known: &Segment<'_>,
    linked: &Linked<'_>,
    is_later: impl Fn(usize) -> bool,
    later: &mut [bool],
) -> Result<(), Box<dyn Error>> {
    let mut object = vec![false; later.len()];
    for pass in [true, false] {
        for (place, range) in linked.objects().filter(|(place, _)| is_later(*place) == pass) {
            // Tools leave out long zeros, so a constant may begin or end in another segment.
            let (begin, end) = (range.start.max(segment.address), range.end.min(segment.end()));
            if begin >= end || begin < known.address {
                continue;
            }
            let of =
                |segment: &Segment<'_>| (begin - segment.address) as usize..(end - segment.address) as usize;
            if known.bytes.get(of(known)) != Some(&segment.bytes[of(segment)]) {
                return Err(format!("constant {place} is not what the linker wrote").into());
            }
            later[of(segment)].fill(pass);
            object[of(segment)].fill(true);
        }
    }
    let inside = |at: usize| (known.address..known.end()).contains(&(segment.address + at as u32));
    for at in (1..later.len()).filter(|at| inside(*at)) {
        // What aligns the next.
        later[at] |= !object[at] && segment.bytes[at] == 0 && later[at - 1];
    }
    Ok(())
}

/// The addresses that an instruction has, if it has any: a number, half a number (tools put an address and a length into one), or
/// where it reads and writes.
fn mentions(operator: &Operator<'_>) -> impl Iterator<Item = u32> {
    macro_rules! addresses {
        ($($name:ident)*) => {
            match operator {
                Operator::I32Const { value } => [Some(value.cast_unsigned()), None],
                Operator::I64Const { value } => [Some(*value as u32), Some((*value >> 32) as u32)],
                $(Operator::$name { memarg } => [u32::try_from(memarg.offset).ok(), None],)*
                _ => [None; 2],
            }
        };
    }
    let all = addresses!(I32Load I64Load F32Load F64Load I32Load8S I32Load8U I32Load16S I32Load16U I64Load8S
        I64Load8U I64Load16S I64Load16U I64Load32S I64Load32U I32Store I64Store F32Store F64Store I32Store8
        I32Store16 I64Store8 I64Store16 I64Store32);
    all.into_iter().flatten()
}
