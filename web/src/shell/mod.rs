//! What stands around the panes.

pub(crate) mod header;
pub(crate) mod keys;
pub(crate) mod notices;
pub(crate) mod steps;
pub(crate) mod timebar;
