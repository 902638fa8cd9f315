//! How far a lesson has come.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The state of the lesson under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The lesson's number.
    pub lesson: u8,
    /// Whether each of its tasks is done, in their order.
    pub done: Vec<bool>,
    /// Its numbers; the first one is the proof.
    pub figures: Vec<Figure>,
}

/// A number that the engine computed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is.
    pub label: String,
    /// With its unit; `–` while there is none.
    pub value: String,
    /// How it comes about, with the values put in: `lost = 9182 − 9170`.
    pub formula: String,
}
