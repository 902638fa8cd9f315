//! `--link-delay`: what arrives on the link to the primary is held back for a while, in order.

use std::collections::VecDeque;
use std::time::Duration;

use primacy_core::time::Instant;

/// Bytes on their way.
#[derive(Debug)]
pub(crate) struct Delay {
    by: Duration,
    held: VecDeque<(Instant, Vec<u8>)>,
}

impl Delay {
    /// An empty link that takes `by`; `None` when it takes no time.
    pub(crate) fn new(by: Duration) -> Option<Self> {
        (!by.is_zero()).then(|| Self { by, held: VecDeque::new() })
    }

    /// Bytes enter the link.
    pub(crate) fn push(&mut self, bytes: &[u8], now: Instant) {
        self.held.push_back((now + self.by, bytes.to_vec()));
    }

    /// Appends to `input` what has arrived.
    pub(crate) fn take_due(&mut self, input: &mut Vec<u8>, now: Instant) {
        while let Some((_, bytes)) = self.held.pop_front_if(|(at, _)| *at <= now) {
            input.extend_from_slice(&bytes);
        }
    }

    /// When the next bytes arrive.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.held.front().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_arrive_late_and_in_order() {
        let at = |ms| Instant::ZERO + Duration::from_millis(ms);
        let mut delay = Delay::new(Duration::from_millis(200)).expect("takes time");
        delay.push(b"a", at(0));
        delay.push(b"b", at(100));
        let mut input = Vec::new();
        delay.take_due(&mut input, at(199));
        assert_eq!((input.as_slice(), delay.next()), (&b""[..], Some(at(200))));
        delay.take_due(&mut input, at(200));
        assert_eq!(input, b"a");
        delay.take_due(&mut input, at(5000));
        assert_eq!((input.as_slice(), delay.next()), (&b"ab"[..], None));
        assert!(Delay::new(Duration::ZERO).is_none());
    }
}
