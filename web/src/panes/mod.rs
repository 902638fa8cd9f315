//! The panes, one file each; each reads the session and asks it, and decides nothing.

pub(crate) mod clients;
pub(crate) mod events;
pub(crate) mod names;
pub(crate) mod stage;
pub(crate) mod terminal;
pub(crate) mod wires;
