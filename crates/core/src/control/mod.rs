//! What the coordinator and the nodes say to each other: plain data, sealed frame by frame.
//!
//! A driver only carries the bytes. [`message`] has the messages, [`frame`] their encoding with the
//! group's secret: a frame that was not sealed with it, or was changed on the way, is refused.

pub mod frame;
pub mod message;

pub use message::{Envelope, FromNode, LossReport, NodeRole, ToNode};
