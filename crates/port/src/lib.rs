//! The port between a page and an engine: what is asked, what is told.
//!
//! An engine is a simulated world in the same thread, the same world in a worker, or a real group behind a WebSocket.
//! The page cannot tell which but by [`Caps`]. Everything is plain data; the page asks, and every [`Ask`] is answered
//! by at least one [`Tell`] with its number. Only a live engine also tells without being asked (number 0).
//!
//! - Time passes only when the page asks for it ([`What::Run`]), so a hidden or paused page costs nothing.
//! - What a person does is text ([`What::Do`]), the language of the scripts in `tests/scripts`: the same words stand in
//!   the action log, in a script and in a screen reader's ear.
//! - Times are nanoseconds since the run's beginning.
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;

mod ask;
mod history;
mod lesson;
mod tell;
mod view;
pub mod wire;

pub use ask::{Ask, Lane, Opening, What};
pub use history::{Act, Branch, EventRow, History, Milestone, Ribbon, Segment, State};
pub use lesson::{Figure, Progress};
pub use tell::{Answer, Caps, Cause, Frame, Series, Subject, Tell, Told};
pub use view::{ClientSight, Host, LinkSight, NodeSight, PacketSight, Via, View};
