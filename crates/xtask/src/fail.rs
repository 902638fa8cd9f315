//! The two ways a command ends badly: the caller mistyped (exit 2), or the work failed (exit 1).

/// Why a command stopped, as a sentence for the person who typed it.
#[derive(Debug)]
pub(crate) enum Fail {
    Usage(String),
    Failed(String),
}

pub(crate) type Outcome<T> = Result<T, Fail>;

impl Fail {
    pub(crate) fn message(self) -> String {
        match self {
            Self::Usage(message) | Self::Failed(message) => message,
        }
    }
}

/// Builds a [`Fail::Failed`].
pub(crate) fn failed(message: impl Into<String>) -> Fail {
    Fail::Failed(message.into())
}

/// Turns an error of the operating system into a sentence that says what was being done.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| failed(format!("cannot {}: {error}", what())))
    }
}
