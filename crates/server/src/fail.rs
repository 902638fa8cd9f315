//! An error that ends the command: what went wrong and what to do about it.

use std::fmt;

/// Exit code for a template or an option that cannot be used; nothing was started.
pub(crate) const BAD_INPUT: u8 = 2;

/// Why the command ends.
#[derive(Debug)]
pub(crate) struct Fail {
    code: u8,
    what: String,
    hint: Option<String>,
}

impl Fail {
    /// Something did not work: exit code 1.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { code: 1, what: what.into(), hint: None }
    }

    /// The user's input cannot be used: exit code 2.
    pub(crate) fn input(what: impl Into<String>) -> Self {
        Self { code: BAD_INPUT, what: what.into(), hint: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The process's exit code.
    pub(crate) const fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  help: {hint}"),
            None => Ok(()),
        }
    }
}
