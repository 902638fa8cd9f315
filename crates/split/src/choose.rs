//! Which functions are loaded later.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use crate::LOAD;
use crate::facts::Facts;

/// The cut.
pub(crate) struct Chosen {
    /// The functions that are loaded later.
    pub(crate) later: BTreeSet<u32>,
    /// Those of them that the first module calls or has in a table.
    pub(crate) stand_ins: BTreeSet<u32>,
    /// The functions of the first module that the rest calls.
    pub(crate) wanted: BTreeSet<u32>,
}

impl Chosen {
    pub(crate) fn is_later(&self, function: u32) -> bool {
        self.later.contains(&function)
    }
}

/// The names of a list.
#[derive(Default)]
pub(crate) struct Listed<'a> {
    whole: BTreeSet<&'a str>,
    beginnings: BTreeSet<&'a str>,
}

impl<'a> Listed<'a> {
    pub(crate) fn read(list: &'a str) -> Self {
        let mut listed = Self::default();
        for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_suffix('*') {
                Some(beginning) => listed.beginnings.insert(beginning),
                None => listed.whole.insert(line),
            };
        }
        listed
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        let begins = |end: usize| name.is_char_boundary(end) && self.beginnings.contains(&name[..end]);
        self.whole.contains(name) || (1..=name.len()).any(begins)
    }
}

pub(crate) fn choose(facts: &Facts<'_>, listed: &Listed<'_>) -> Result<Chosen, Box<dyn Error>> {
    let count = facts.imported + facts.bodies.len() as u32;
    let load = facts.exported(LOAD).ok_or_else(|| format!("the module does not export {LOAD}"))?;
    let mut named: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    let mut callers: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for function in facts.imported..count {
        let names = facts.named_by(function)?;
        for &other in &names {
            callers.entry(other).or_default().insert(function);
        }
        named.insert(function, names);
    }
    let goes = |function: &u32| facts.names.get(function).is_some_and(|name| listed.has(name));
    let mut later: BTreeSet<u32> = (facts.imported..count).filter(goes).collect();
    // What loads the rest cannot wait for it.
    let (mut look, mut seen) = (vec![load], BTreeSet::new());
    while let Some(function) = look.pop() {
        if seen.insert(function) {
            later.remove(&function);
            look.extend(named.get(&function).into_iter().flatten());
        }
    }
    let called_first = |function: &u32| {
        facts.reachable.contains(function)
            || callers.get(function).into_iter().flatten().any(|caller| !later.contains(caller))
    };
    let stand_ins = later.iter().copied().filter(called_first).collect();
    let wanted = later.iter().filter_map(|function| named.get(function)).flatten().copied();
    let wanted = wanted.filter(|function| !later.contains(function)).collect();
    Ok(Chosen { stand_ins, wanted, later })
}
