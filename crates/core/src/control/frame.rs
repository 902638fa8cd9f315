//! Sealed frames: how control messages travel (`failover.md` S5).
//!
//! Each side of a connection first sends a hello: eight fixed bytes and a 16-byte nonce. Then frames:
//! `length u32 LE | payload (postcard) | seal`. The seal is HMAC-SHA256 under the group's secret over direction,
//! both nonces, the frame's number and the payload, cut to 16 bytes. So a frame that is forged, changed, replayed
//! (on this connection or from another), reordered, reflected or left out is refused, and the connection with it.

use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// The longest payload: a history of 64 epochs and a member list are far below it.
pub const MAX_PAYLOAD: usize = 256 << 10;
/// Bytes of a hello.
pub const HELLO: usize = MAGIC.len() + NONCE;

const MAGIC: &[u8; 8] = b"primacy1";
const NONCE: usize = 16;
const SEAL: usize = 16;
const LENGTH: usize = 4;

/// Who opened the connection; gives the two directions different seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// This side connected.
    Initiator,
    /// This side accepted.
    Acceptor,
}

/// Why a connection must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The peer does not speak this protocol.
    NotPrimacy,
    /// The peer sent our own nonce back.
    Reflected,
    /// A frame's length is above [`MAX_PAYLOAD`].
    TooLong,
    /// The seal is not right.
    Forged,
    /// The seal is right and the payload is not a message: another version.
    Malformed,
    /// A message was to be sent before the peer's hello.
    NotReady,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPrimacy => "the peer does not speak Primacy's control protocol",
            Self::Reflected => "the peer reflects our own hello",
            Self::TooLong => "a frame is longer than 256 KiB",
            Self::Forged => "a frame is not sealed with the group's secret",
            Self::Malformed => "a frame's payload is not a known message",
            Self::NotReady => "the peer has not said hello yet",
        })
    }
}

impl core::error::Error for FrameError {}

/// One connection's sealed frames, both directions. The driver carries its bytes.
#[derive(Clone)]
pub struct Channel {
    key: Hmac<Sha256>,
    end: End,
    nonce: [u8; NONCE],
    peer: Option<[u8; NONCE]>,
    sent: u64,
    received: u64,
    input: Vec<u8>,
    read: usize,
    failed: Option<FrameError>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("end", &self.end)
            .field("ready", &self.is_ready())
            .finish_non_exhaustive()
    }
}

impl Channel {
    /// A new connection's channel. `nonce` must never have been used with this secret before: draw it from a good source.
    pub fn new(secret: &[u8], end: End, nonce: [u8; NONCE]) -> Self {
        Self {
            key: keyed(secret),
            end,
            nonce,
            peer: None,
            sent: 0,
            received: 0,
            input: Vec::new(),
            read: 0,
            failed: None,
        }
    }

    /// The first bytes to send.
    pub fn hello(&self) -> [u8; HELLO] {
        let mut out = [0; HELLO];
        out[..MAGIC.len()].copy_from_slice(MAGIC);
        out[MAGIC.len()..].copy_from_slice(&self.nonce);
        out
    }

    /// True once the peer's hello is there: messages can be sealed.
    pub const fn is_ready(&self) -> bool {
        self.peer.is_some()
    }

    /// Appends one sealed message to `out`.
    ///
    /// # Errors
    /// [`FrameError::NotReady`] before the peer's hello, [`FrameError::TooLong`] above [`MAX_PAYLOAD`].
    pub fn seal<T: Serialize>(&mut self, message: &T, out: &mut Vec<u8>) -> Result<(), FrameError> {
        if self.peer.is_none() {
            return Err(FrameError::NotReady);
        }
        let payload = postcard::to_allocvec(message).map_err(|_| FrameError::Malformed)?;
        let length = u32::try_from(payload.len()).map_err(|_| FrameError::TooLong)?;
        if payload.len() > MAX_PAYLOAD {
            return Err(FrameError::TooLong);
        }
        let seal = self.mac(self.end, self.sent, &payload).finalize().into_bytes();
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&payload);
        out.extend_from_slice(&seal[..SEAL]);
        self.sent += 1;
        Ok(())
    }

    /// Takes bytes as they arrive, in pieces of any size.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.input.drain(..self.read);
            self.read = 0;
            self.input.extend_from_slice(bytes);
        }
    }

    /// The next whole message, `None` until there is one. After an error every call gives that error: close.
    ///
    /// # Errors
    /// [`FrameError`]: what is wrong with the peer's bytes.
    pub fn pop<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let popped = self.try_pop();
        if let Err(error) = popped {
            self.failed = Some(error);
            self.input = Vec::new();
            self.read = 0;
        }
        popped
    }

    fn try_pop<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        if self.peer.is_none() && !self.take_hello()? {
            return Ok(None);
        }
        let rest = self.input.get(self.read..).unwrap_or(&[]);
        let Some((head, rest)) = rest.split_first_chunk::<LENGTH>() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes(*head)).map_err(|_| FrameError::TooLong)?;
        if length > MAX_PAYLOAD {
            return Err(FrameError::TooLong);
        }
        let (Some(payload), Some(seal)) = (rest.get(..length), rest.get(length..length + SEAL)) else {
            return Ok(None);
        };
        let from = if self.end == End::Initiator { End::Acceptor } else { End::Initiator };
        self.mac(from, self.received, payload).verify_truncated_left(seal).map_err(|_| FrameError::Forged)?;
        let message = postcard::from_bytes(payload).map_err(|_| FrameError::Malformed)?;
        self.received += 1;
        self.read += LENGTH + length + SEAL;
        Ok(Some(message))
    }

    /// Reads the peer's hello; false until it is whole.
    fn take_hello(&mut self) -> Result<bool, FrameError> {
        let known = self.input.len().min(MAGIC.len());
        if self.input[..known] != MAGIC[..known] {
            return Err(FrameError::NotPrimacy);
        }
        let Some(nonce) = self.input.get(MAGIC.len()..HELLO) else { return Ok(false) };
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| FrameError::NotPrimacy)?;
        if nonce == self.nonce {
            return Err(FrameError::Reflected);
        }
        self.peer = Some(nonce);
        self.read = HELLO;
        Ok(true)
    }

    fn mac(&self, from: End, number: u64, payload: &[u8]) -> Hmac<Sha256> {
        let peer = self.peer.unwrap_or_default();
        let (initiator, acceptor) = match self.end {
            End::Initiator => (&self.nonce, &peer),
            End::Acceptor => (&peer, &self.nonce),
        };
        let mut mac = self.key.clone();
        mac.update(&[u8::from(from == End::Acceptor)]);
        mac.update(initiator);
        mac.update(acceptor);
        mac.update(&number.to_le_bytes());
        mac.update(payload);
        mac
    }
}

/// HMAC-SHA256 keyed with `secret`, of any length.
pub(crate) fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length, so the error cannot happen; an unkeyed MAC would only refuse every frame.
    Hmac::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const SECRET: &[u8] = b"the group's secret";

    fn pair() -> (Channel, Channel) {
        let mut a = Channel::new(SECRET, End::Initiator, [1; 16]);
        let mut b = Channel::new(SECRET, End::Acceptor, [2; 16]);
        a.push(&b.hello());
        b.push(&a.hello());
        assert_eq!(a.pop::<u64>(), Ok(None));
        assert_eq!(b.pop::<u64>(), Ok(None));
        (a, b)
    }

    fn sealed(channel: &mut Channel, message: &u64) -> Vec<u8> {
        let mut out = vec![];
        channel.seal(message, &mut out).expect("ready");
        out
    }

    #[test]
    fn frames_arrive_in_order_whatever_the_pieces() {
        let (mut a, mut b) = pair();
        let mut wire = vec![];
        for n in 0..20u64 {
            wire.extend(sealed(&mut a, &(n * 1_000_003)));
        }
        let mut got = vec![];
        for byte in wire {
            b.push(&[byte]);
            while let Some(n) = b.pop::<u64>().expect("genuine") {
                got.push(n);
            }
        }
        assert_eq!(got, (0..20u64).map(|n| n * 1_000_003).collect::<Vec<_>>());
    }

    #[test]
    fn every_changed_bit_is_refused() {
        let (mut a, _) = pair();
        let frame = sealed(&mut a, &7);
        for bit in 0..frame.len() * 8 {
            let (_, mut b) = pair();
            let mut bad = frame.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            b.push(&bad);
            // A longer declared length only waits for more; the seal fails as soon as that has come.
            b.push(&vec![0; 2 * MAX_PAYLOAD]);
            assert!(matches!(b.pop::<u64>(), Err(FrameError::Forged | FrameError::TooLong)), "bit {bit}");
        }
    }

    #[test]
    fn replayed_reordered_and_missing_frames_are_refused() {
        for order in [[0, 0], [1, 0], [1, 2], [0, 2]] {
            let (mut a, mut b) = pair();
            let frames: Vec<_> = (0..3).map(|n| sealed(&mut a, &n)).collect();
            order.iter().for_each(|&i: &usize| b.push(&frames[i]));
            let first = b.pop::<u64>();
            let second = b.pop::<u64>();
            assert!([first, second].contains(&Err(FrameError::Forged)), "{order:?}");
        }
    }

    #[test]
    fn frames_of_another_connection_direction_or_secret_are_refused() {
        let (mut a, mut b) = pair();
        let own = sealed(&mut a, &1);
        a.push(&own);
        assert_eq!(a.pop::<u64>(), Err(FrameError::Forged), "reflected to its sender");

        let mut other = Channel::new(SECRET, End::Acceptor, [3; 16]);
        other.push(&Channel::new(SECRET, End::Initiator, [1; 16]).hello());
        other.push(&own);
        assert_eq!(other.pop::<u64>(), Err(FrameError::Forged), "replayed on another connection");

        let mut stranger = Channel::new(b"guess", End::Initiator, [1; 16]);
        stranger.push(&b.hello());
        assert_eq!(stranger.pop::<u64>(), Ok(None));
        b.push(&sealed(&mut stranger, &1));
        assert_eq!(b.pop::<u64>(), Err(FrameError::Forged));
        b.push(&own);
        assert_eq!(b.pop::<u64>(), Err(FrameError::Forged), "a failed channel stays failed");
    }

    #[test]
    fn edges_of_hello_and_length() {
        let mut c = Channel::new(SECRET, End::Acceptor, [2; 16]);
        c.push(b"GET / HTTP/1.1");
        assert_eq!(c.pop::<u64>(), Err(FrameError::NotPrimacy));
        let mut c = Channel::new(SECRET, End::Acceptor, [2; 16]);
        c.push(&Channel::new(SECRET, End::Initiator, [2; 16]).hello());
        assert_eq!(c.pop::<u64>(), Err(FrameError::Reflected));
        let mut c = Channel::new(SECRET, End::Acceptor, [2; 16]);
        assert_eq!(c.seal(&1u64, &mut vec![]), Err(FrameError::NotReady));

        let (mut a, mut b) = pair();
        assert_eq!(a.seal(&vec![0u8; MAX_PAYLOAD], &mut vec![]), Err(FrameError::TooLong));
        // A vector's own length takes three bytes of the payload.
        let largest = vec![9u8; MAX_PAYLOAD - 3];
        let mut out = vec![];
        a.seal(&largest, &mut out).expect("fits");
        b.push(&out[..out.len() - 1]);
        assert_eq!(b.pop::<Vec<u8>>(), Ok(None), "truncated: waits");
        b.push(&out[out.len() - 1..]);
        assert_eq!(b.pop::<Vec<u8>>(), Ok(Some(largest)));
        b.push(&u32::try_from(MAX_PAYLOAD + 1).unwrap().to_le_bytes());
        assert_eq!(b.pop::<Vec<u8>>(), Err(FrameError::TooLong), "refused from the length alone");
    }
}
