//! The list of what has not run.

use std::collections::BTreeSet;
use std::error::Error;

use crate::arms::{self, Marks};
use crate::facts::Facts;
use crate::text;

/// Names shorter than this say nothing of where a function comes from.
const SHORTEST: usize = 8;

/// The lists for [`cut`](crate::cut).
#[derive(Debug, Default)]
pub struct Lists {
    /// The functions of which none has run, as few lines as tell them from the others.
    pub functions: String,
    /// The marks of the arms that have not run, of functions that have.
    pub arms: String,
    /// How much they are, for a person.
    pub told: String,
}

/// Lists what of a module has not run. `ran` has a run for each visit, and in it what [`Marked`](crate::Marked) tells of each
/// function and arm.
///
/// # Errors
/// As [`cut`](crate::cut), or a run is of another module.
pub fn list(module: &[u8], ran: &[Vec<bool>]) -> Result<Lists, Box<dyn Error>> {
    let facts = Facts::read(module)?;
    let has_run = |note: usize| ran.iter().any(|run| run[note]);
    let (arms, told, notes) =
        arms_of(&facts, module, |note| ran.iter().any(|run| run.get(note) == Some(&true)))?;
    if ran.iter().any(|run| run.len() != notes) {
        return Err("a run is of another module".into());
    }
    let loading = facts.loading()?;
    let (mut used, mut idle) = (BTreeSet::new(), BTreeSet::new());
    for (at, function) in (0..facts.bodies.len()).zip(facts.imported..) {
        let Some(name) = facts.names.get(&function) else { continue };
        let to = if has_run(at) || loading.contains(&function) { &mut used } else { &mut idle };
        to.insert(name.as_str());
    }
    idle.retain(|name| !used.contains(name) && name.len() >= SHORTEST);
    Ok(Lists { functions: lines(&used, &idle), arms, told })
}

/// The list of arms, what is told of them, and how many notes there are.
fn arms_of(
    facts: &Facts<'_>,
    module: &[u8],
    has_run: impl Fn(usize) -> bool,
) -> Result<(String, String, usize), Box<dyn Error>> {
    let whole = arms::whole(facts)?;
    let (mut used, mut idle) = (BTreeSet::new(), BTreeSet::new());
    let (mut notes, mut bytes, mut of) = (facts.bodies.len(), 0, 0);
    text::read(module, |text| {
        let marks = Marks::new(facts, module, text);
        let counts = has_run((text.function - facts.imported) as usize) && !whole.contains(&text.function);
        let mut end = 0;
        for tail in arms::candidates(text) {
            match has_run(notes) {
                _ if !counts => {}
                true => {
                    used.insert(marks.of(tail));
                }
                // What is in an arm goes with it.
                false if tail.begin < end => {}
                false => {
                    idle.insert(marks.of(tail));
                    bytes += text.size(tail);
                    end = text.end(tail);
                }
            }
            notes += 1;
        }
        of += if counts { text.offsets[text.operators.len()] - text.offsets[0] } else { 0 };
        Ok(())
    })?;
    idle.retain(|mark| !used.contains(mark));
    let told = format!("{} arms with {bytes} of the {of} bytes of functions that have run", idle.len());
    Ok((arms::write(&idle), told, notes))
}

/// Neighbours in the alphabet that begin alike, with no used name among them, become one line.
fn lines(used: &BTreeSet<&str>, idle: &BTreeSet<&str>) -> String {
    let mut text = String::new();
    let mut names = idle.iter().copied().peekable();
    while let Some(name) = names.next() {
        let free = |beginning: &&str| {
            used.range(*beginning..).next().is_none_or(|next| !next.starts_with(*beginning))
        };
        let beginning = beginnings(name)
            .find(free)
            .filter(|beginning| names.peek().is_some_and(|next| next.starts_with(*beginning)));
        match beginning {
            Some(beginning) => {
                text.extend([beginning, "*\n"]);
                while names.next_if(|next| next.starts_with(beginning)).is_some() {}
            }
            None => text.extend([name, "\n"]),
        }
    }
    text
}

/// The beginnings of a name that end where a part of it ends, shortest first.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    let ends =
        name.match_indices("::").map(|(at, _)| at + 2).chain(name.match_indices('<').map(|(at, _)| at + 1));
    let mut ends: Vec<usize> = ends.filter(|end| *end > SHORTEST).collect();
    ends.sort_unstable();
    ends.into_iter().map(|end| &name[..end])
}
