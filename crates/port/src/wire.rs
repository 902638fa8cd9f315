//! The messages as bytes: postcard, one message a buffer or a WebSocket frame.

use alloc::vec::Vec;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest message that is read, in bytes: a template of 1 MiB is the longest thing that is said.
pub const MAX_MESSAGE: usize = 2 << 20;

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// Longer than [`MAX_MESSAGE`].
    TooLong,
    /// They end early, or say something else.
    Malformed,
}

impl core::fmt::Display for WireError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the message is longer than 2 MiB",
            Self::Malformed => "the message is cut off or from another version",
        })
    }
}

/// A message's bytes.
pub fn encode(message: &impl Serialize) -> Vec<u8> {
    // Only a sequence of unknown length cannot be written, and the messages have none.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// Anything else, without a panic and without more memory than the bytes are long.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > MAX_MESSAGE {
        return Err(WireError::TooLong);
    }
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        _ => Err(WireError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ask, Lane, Opening, What};

    #[test]
    fn a_message_survives_the_way_and_a_cut_one_is_refused() {
        let what = What::Open(Opening::Template { text: "Resources:".into(), seed: 42 });
        let ask = Ask { number: 7, lane: Lane::B, what };
        let bytes = encode(&ask);
        assert_eq!(decode::<Ask>(&bytes), Ok(ask));
        for cut in 0..bytes.len() {
            assert_eq!(decode::<Ask>(&bytes[..cut]), Err(WireError::Malformed), "{cut}");
        }
        assert_eq!(decode::<Ask>(&[0; MAX_MESSAGE + 1]), Err(WireError::TooLong));
    }

    #[test]
    fn a_length_that_lies_costs_no_memory() {
        let mut bytes = encode(&Ask { number: 1, lane: Lane::A, what: What::Do("kill 001".into()) });
        let at = bytes.len() - "kill 001".len() - 1;
        bytes.splice(at..=at, [0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(decode::<Ask>(&bytes), Err(WireError::Malformed));
    }
}
