//! The panes, one file each; each reads the store and sends actions, and decides nothing.

pub(crate) mod actions;
pub(crate) mod clients;
pub(crate) mod events;
pub(crate) mod keys;
pub(crate) mod names;
pub(crate) mod stage;
pub(crate) mod terminal;
pub(crate) mod timebar;
pub(crate) mod top;
pub(crate) mod wires;
