//! Expiry times as commands give them.

use alloc::vec::Vec;

use super::Ctx;

/// In what a time is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds from now.
    Seconds,
    /// Milliseconds from now.
    Millis,
    /// Seconds since 1970.
    SecondsAt,
    /// Milliseconds since 1970.
    MillisAt,
}

impl Unit {
    /// Reads EX, PX, EXAT or PXAT.
    pub(super) fn option(word: &[u8]) -> Option<Self> {
        let units: [(&[u8], Self); 4] = [
            (b"ex", Self::Seconds),
            (b"px", Self::Millis),
            (b"exat", Self::SecondsAt),
            (b"pxat", Self::MillisAt),
        ];
        units.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, unit)| *unit)
    }

    /// Whether the time is counted from 1970.
    pub(super) fn is_absolute(self) -> bool {
        matches!(self, Self::SecondsAt | Self::MillisAt)
    }

    /// Milliseconds since 1970, which may be negative; `None` if they do not fit.
    pub(super) fn resolve(self, n: i64, now_ms: u64) -> Option<i64> {
        let millis = match self {
            Self::Seconds | Self::SecondsAt => n.checked_mul(1000)?,
            Self::Millis | Self::MillisAt => n,
        };
        let base = if self.is_absolute() { 0 } else { i64::try_from(now_ms).ok()? };
        millis.checked_add(base)
    }
}

impl Ctx<'_> {
    /// Reads an expiry that must be positive, in milliseconds since 1970; replies with an error otherwise.
    pub(super) fn expiry(&mut self, text: &[u8], unit: Unit, command: &str) -> Option<u64> {
        let n = self.number(text)?;
        let at = Some(n).filter(|&n| n > 0).and_then(|n| unit.resolve(n, self.now_ms));
        let at = at.and_then(|at| u64::try_from(at).ok());
        if at.is_none() {
            self.invalid_expiry(command);
        }
        at
    }

    pub(super) fn invalid_expiry(&mut self, command: &str) {
        let text: Vec<u8> = [b"ERR invalid expire time in '", command.as_bytes(), b"' command"].concat();
        self.error(text);
    }
}
