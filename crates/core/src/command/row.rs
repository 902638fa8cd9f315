//! The rows of the tables, and short forms for them.

use super::{Command, DataFn, Doc, Flags, Keys, Run};

pub(super) const READ: Flags = Flags::READONLY;
pub(super) const READ_FAST: Flags = Flags::READONLY.with(Flags::FAST);
pub(super) const WRITE: Flags = Flags::WRITE;
pub(super) const WRITE_FAST: Flags = Flags::WRITE.with(Flags::FAST);
pub(super) const GROW: Flags = Flags::WRITE.with(Flags::DENYOOM);
pub(super) const GROW_FAST: Flags = GROW.with(Flags::FAST);

/// One command of a table.
pub(super) struct Row {
    pub(super) command: Command,
    pub(super) doc: Doc,
}

impl Row {
    /// The same with other keys.
    pub(super) const fn with_keys(self, keys: Keys) -> Self {
        Self { command: Command { keys, ..self.command }, ..self }
    }
}

/// A group's rows.
pub(super) struct Group(pub(super) &'static str);

impl Group {
    #[expect(clippy::too_many_arguments, reason = "one row of the table")]
    pub(super) const fn row(
        &self,
        name: &'static str,
        arity: i16,
        flags: Flags,
        keys: Keys,
        since: &'static str,
        hint: &'static str,
        summary: &'static str,
        run: DataFn,
    ) -> Row {
        Row {
            command: Command { name, arity, flags, keys, run: Run::Data(run) },
            doc: Doc { group: self.0, summary, hint, since },
        }
    }
}
