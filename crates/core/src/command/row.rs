//! Short forms for the rows of the tables.

use super::{Command, DataFn, Flags, Keys, Run};

pub(super) const READ: Flags = Flags::READONLY;
pub(super) const READ_FAST: Flags = Flags::READONLY.with(Flags::FAST);
pub(super) const WRITE: Flags = Flags::WRITE;
pub(super) const WRITE_FAST: Flags = Flags::WRITE.with(Flags::FAST);
pub(super) const GROW: Flags = Flags::WRITE.with(Flags::DENYOOM);
pub(super) const GROW_FAST: Flags = GROW.with(Flags::FAST);

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
    ) -> Command {
        Command { name, arity, flags, keys, group: self.0, summary, hint, since, run: Run::Data(run) }
    }
}
