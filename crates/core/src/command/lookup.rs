use super::row::Row;
use super::{Command, Doc, hash, key, list, node, set, string};

/// The tables, by group.
const GROUPS: &[&[Row]] = &[string::TABLE, key::TABLE, hash::TABLE, list::TABLE, set::TABLE, node::TABLE];

/// How many commands there are.
const COUNT: usize = count();

static COMMANDS: [Command; COUNT] = commands();
static DOCS: [Doc; COUNT] = docs();

/// Slots of the hash index: a power of two, at least twice the number of commands.
const SLOTS: usize = 1024;
/// Longest command name looked up, in bytes.
const NAME_MAX: usize = 32;

/// Position of a command plus one; 0 is a free slot.
static INDEX: [u16; SLOTS] = index();

/// Finds a command by its name in any case. No allocation.
#[inline]
pub fn lookup(name: &[u8]) -> Option<&'static Command> {
    find(name).map(|(_, command)| command)
}

/// What help says of a command.
pub(super) fn doc(command: &Command) -> &'static Doc {
    // Every command is one of the table.
    &DOCS[find(command.name.as_bytes()).map_or(0, |(at, _)| at)]
}

/// A command and its position.
#[inline]
fn find(name: &[u8]) -> Option<(usize, &'static Command)> {
    if name.len() > NAME_MAX {
        return None;
    }
    let mut slot = hash(name);
    loop {
        let at = usize::from(INDEX[slot]).checked_sub(1)?;
        let command = COMMANDS.get(at)?;
        if command.name.as_bytes().eq_ignore_ascii_case(name) {
            return Some((at, command));
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// Every command, group by group.
pub fn all() -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter()
}

const fn count() -> usize {
    let (mut group, mut count) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
}

/// The row at a position, counted through all groups.
const fn row(mut at: usize) -> &'static Row {
    let mut group = 0;
    while at >= GROUPS[group].len() {
        at -= GROUPS[group].len();
        group += 1;
    }
    &GROUPS[group][at]
}

const fn commands() -> [Command; COUNT] {
    let mut all = [row(0).command; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = row(at).command;
        at += 1;
    }
    all
}

const fn docs() -> [Doc; COUNT] {
    let mut all = [row(0).doc; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = row(at).doc;
        at += 1;
    }
    all
}

const fn hash(name: &[u8]) -> usize {
    let mut h: u32 = 0x811c_9dc5;
    let mut i = 0;
    while i < name.len() {
        h = (h ^ (name[i] | 0x20) as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    ((h >> 16) ^ h) as usize % SLOTS
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "there are fewer commands than slots; const code has no try_from"
)]
const fn index() -> [u16; SLOTS] {
    let mut index = [0; SLOTS];
    let mut at = 0;
    while at < COUNT {
        let mut slot = hash(row(at).command.name.as_bytes());
        while index[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        at += 1;
        index[slot] = at as u16;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_found_in_any_case() {
        for command in all() {
            assert_eq!(lookup(command.name.as_bytes()).map(|c| c.name), Some(command.name));
            let row =
                GROUPS.iter().flat_map(|group| group.iter()).find(|row| row.command.name == command.name);
            assert_eq!(Some(command.doc().summary), row.map(|row| row.doc.summary));
            let upper = command.name.to_ascii_uppercase();
            assert_eq!(lookup(upper.as_bytes()).map(|c| c.name), Some(command.name));
        }
        assert!(lookup(b"nosuchcommand").is_none());
        assert!(lookup(b"").is_none());
        assert!(lookup(&[b'x'; 1000]).is_none());
    }
}
