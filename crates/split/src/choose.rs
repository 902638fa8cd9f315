//! Which functions are loaded later.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use crate::facts::Facts;

/// The cut.
pub(crate) struct Chosen {
    /// The functions that are loaded later.
    pub(crate) later: BTreeSet<u32>,
    /// Those of them that the first module calls or has in a table.
    pub(crate) stand_ins: BTreeSet<u32>,
    /// Those of them that were arms: each has one caller, and that knows how to call it.
    pub(crate) arms: BTreeSet<u32>,
    /// The functions of the first module that the rest calls.
    pub(crate) wanted: BTreeSet<u32>,
    /// The places of the table that only the rest can have in its hands: it fills them itself.
    pub(crate) late: BTreeSet<u32>,
    /// Those of the later functions that the first module or the browser calls by name.
    named: BTreeSet<u32>,
}

impl Chosen {
    pub(crate) fn is_later(&self, function: u32) -> bool {
        self.later.contains(&function)
    }

    /// Leaves places of the table to the rest.
    pub(crate) fn leave(&mut self, facts: &Facts<'_>, late: &BTreeSet<u32>) {
        let of_later = facts.slots().filter(|(_, function)| self.later.contains(function));
        let (left, kept): (Vec<_>, Vec<_>) = of_later.partition(|(slot, _)| late.contains(slot));
        let kept: BTreeSet<u32> = kept.into_iter().map(|(_, function)| function).collect();
        self.stand_ins.retain(|function| self.named.contains(function) || kept.contains(function));
        self.late = left.into_iter().map(|(slot, _)| slot).collect();
    }

    /// What the table of later functions holds.
    pub(crate) fn places(&self) -> impl Iterator<Item = u32> {
        self.stand_ins.iter().chain(&self.arms).copied()
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

/// The last `arms` functions are arms.
pub(crate) fn choose(facts: &Facts<'_>, listed: &Listed<'_>, arms: usize) -> Result<Chosen, Box<dyn Error>> {
    let count = facts.imported + facts.bodies.len() as u32;
    let arms: BTreeSet<u32> = (count - arms as u32..count).collect();
    let mut names: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    let mut callers: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for function in facts.imported..count {
        let named = facts.named_by(function)?;
        for &other in &named {
            callers.entry(other).or_default().insert(function);
        }
        names.insert(function, named);
    }
    let goes = |function: &u32| facts.names.get(function).is_some_and(|name| listed.has(name));
    let mut later: BTreeSet<u32> = (facts.imported..count).filter(goes).collect();
    // What loads the rest cannot wait for it.
    let loading = facts.loading()?;
    later.retain(|function| !loading.contains(function));
    later.extend(&arms);
    let called_first = |function: &u32| {
        facts.exposed.contains(function)
            || callers.get(function).into_iter().flatten().any(|caller| !later.contains(caller))
    };
    let named: BTreeSet<u32> = later.difference(&arms).copied().filter(called_first).collect();
    let in_table = facts.slots().map(|(_, function)| function).filter(|function| later.contains(function));
    let stand_ins = named.iter().copied().chain(in_table).collect();
    let wanted = later.iter().filter_map(|function| names.get(function)).flatten().copied();
    let wanted = wanted.filter(|function| !later.contains(function)).collect();
    Ok(Chosen { stand_ins, arms, wanted, later, late: BTreeSet::new(), named })
}
