//! The panes, one file each; each reads the session and asks it, and decides nothing.

pub(crate) mod api;
pub(crate) mod charts;
mod deeds;
pub(crate) mod desk;
pub(crate) mod editor;
pub(crate) mod events;
pub(crate) mod inspector;
pub(crate) mod lesson;
mod menu;
pub(crate) mod stage;
mod stage_words;
mod table;
pub(crate) mod tabs;
pub(crate) mod terminal;
#[cfg(test)]
mod tests;
pub(crate) mod why;
