use super::{Command, hash, key, list, node, set, string};

/// The table, by group.
const GROUPS: &[&[Command]] = &[string::TABLE, key::TABLE, hash::TABLE, list::TABLE, set::TABLE, node::TABLE];

/// Slots of the hash index: a power of two, at least twice the number of commands.
const SLOTS: usize = 1024;
/// Longest command name looked up, in bytes.
const NAME_MAX: usize = 32;

/// Position in `GROUPS` and in the group, each plus one; 0 is a free slot.
static INDEX: [(u8, u8); SLOTS] = index();

/// Finds a command by its name in any case. No allocation.
#[inline]
pub fn lookup(name: &[u8]) -> Option<&'static Command> {
    if name.len() > NAME_MAX {
        return None;
    }
    let mut slot = hash(name);
    loop {
        let (group, row) = INDEX[slot];
        let command =
            GROUPS.get(usize::from(group).wrapping_sub(1))?.get(usize::from(row).wrapping_sub(1))?;
        if command.name.as_bytes().eq_ignore_ascii_case(name) {
            return Some(command);
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// Every command, group by group.
pub fn all() -> impl Iterator<Item = &'static Command> {
    GROUPS.iter().flat_map(|group| group.iter())
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
    reason = "a group has fewer than 255 rows; const code has no try_from"
)]
const fn index() -> [(u8, u8); SLOTS] {
    let mut index = [(0, 0); SLOTS];
    let mut group = 0;
    while group < GROUPS.len() {
        let mut row = 0;
        while row < GROUPS[group].len() {
            let mut slot = hash(GROUPS[group][row].name.as_bytes());
            while index[slot].0 != 0 {
                slot = (slot + 1) % SLOTS;
            }
            index[slot] = (group as u8 + 1, row as u8 + 1);
            row += 1;
        }
        group += 1;
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
            let upper = command.name.to_ascii_uppercase();
            assert_eq!(lookup(upper.as_bytes()).map(|c| c.name), Some(command.name));
        }
        assert!(lookup(b"nosuchcommand").is_none());
        assert!(lookup(b"").is_none());
        assert!(lookup(&[b'x'; 1000]).is_none());
    }
}
