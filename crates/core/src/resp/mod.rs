//! RESP2 on the wire: commands found in a socket's buffer, replies appended to another; [`client`] is the
//! other end.
//!
//! [`scan`] marks the arguments of one command in place and copies nothing; the errors are Redis 7.0's own
//! texts. Nothing is allocated from a length that a peer declares.

mod args;
pub mod client;
mod inline;
mod number;
pub mod reply;
mod scan;

pub use args::{ArgSpans, Args};
pub use inline::split as words;
pub use number::{DIGITS, format_i64, parse_i64};
pub use scan::{Protocol, Scan, rescan, scan};

/// Longest inline command, and longest line that announces a count, in bytes (Redis: 64 KiB).
pub const INLINE_MAX: usize = 64 * 1024;
/// Most arguments of one command (Redis 7.0: `INT_MAX`).
pub const MULTIBULK_MAX: i64 = i32::MAX as i64;
/// Longest single argument in bytes (Redis: `proto-max-bulk-len`, 512 MiB).
pub const BULK_MAX: i64 = 512 * 1024 * 1024;
/// Most arguments of one command before authentication.
pub const UNAUTHENTICATED_MULTIBULK_MAX: i64 = 10;
/// Longest single argument before authentication, in bytes.
pub const UNAUTHENTICATED_BULK_MAX: i64 = 16 * 1024;

/// What a connection may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest inline command and longest count line, in bytes.
    pub inline: usize,
    /// Most arguments of one command.
    pub multibulk: i64,
    /// Longest single argument, in bytes.
    pub bulk: i64,
    /// False: the connection still has to authenticate, and the tight limits hold.
    pub authenticated: bool,
}

impl Limits {
    /// Redis's defaults for a connection that may run commands.
    pub const DEFAULT: Self =
        Self { inline: INLINE_MAX, multibulk: MULTIBULK_MAX, bulk: BULK_MAX, authenticated: true };
    /// Redis's limits for a connection that has not authenticated yet.
    pub const UNAUTHENTICATED: Self = Self { authenticated: false, ..Self::DEFAULT };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
