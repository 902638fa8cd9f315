//! What stands around the panes.

pub(crate) mod border;
pub(crate) mod death;
pub(crate) mod gallery;
pub(crate) mod header;
pub(crate) mod hooks;
mod icon;
pub(crate) mod intro;
pub(crate) mod keys;
pub(crate) mod live;
pub(crate) mod look;
pub(crate) mod notices;
pub(crate) mod palette;
mod ribbons;
pub(crate) mod rooms;
pub(crate) mod sandbox;
pub(crate) mod share;
mod sheet;
pub(crate) mod steps;
pub(crate) mod timebar;
mod timeline;
pub(crate) mod twin;
