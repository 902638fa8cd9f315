//! The list of what has not run.

use std::collections::BTreeSet;
use std::error::Error;

use crate::facts::Facts;

/// Names shorter than this say nothing of where a function comes from.
const SHORTEST: usize = 8;

/// The list for [`cut`](crate::cut): the functions of the module of which none has run, as few lines as tell them from the others.
/// `ran` has a run for each visit, and in it what [`Marked`](crate::Marked) tells of each function.
///
/// # Errors
/// As [`cut`](crate::cut), or a run is of another module.
pub fn list(module: &[u8], ran: &[Vec<bool>]) -> Result<String, Box<dyn Error>> {
    let facts = Facts::read(module)?;
    if ran.iter().any(|run| run.len() != facts.bodies.len()) {
        return Err("a run is of another module".into());
    }
    let (mut used, mut idle) = (BTreeSet::new(), BTreeSet::new());
    for (at, function) in (0..facts.bodies.len()).zip(facts.imported..) {
        let Some(name) = facts.names.get(&function) else { continue };
        let to = if ran.iter().any(|run| run[at]) { &mut used } else { &mut idle };
        to.insert(name.as_str());
    }
    idle.retain(|name| !used.contains(name) && name.len() >= SHORTEST);
    Ok(lines(&used, &idle))
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
