//! When to try again: exponential back-off with full jitter, what lesson 11 teaches. Without the jitter all pages of a
//! server that comes back would knock at the same moment.

/// The longest wait after the first failure, in milliseconds.
const BASE_MS: f64 = 500.0;
/// The longest wait at all, in milliseconds.
const CAP_MS: f64 = 30_000.0;

/// How often it was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff {
    failed: u32,
}

impl Backoff {
    /// Number of the attempt that is made or comes next, from 1.
    pub(super) const fn attempt(self) -> u32 {
        self.failed.saturating_add(1)
    }

    /// An attempt has failed, or a line was lost: how long to wait. `chance` is between 0 and 1.
    pub(super) fn wait_ms(&mut self, chance: f64) -> u32 {
        let longest = (BASE_MS * 2_f64.powi(self.failed.min(16).cast_signed())).min(CAP_MS);
        self.failed = self.failed.saturating_add(1);
        (longest * chance).round() as u32
    }

    /// The line stands.
    pub(super) const fn succeeded(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn waits_double_up_to_a_limit_and_begin_again_after_a_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u32> = (0..8).map(|_| backoff.wait_ms(1.0)).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!((backoff.attempt(), backoff.wait_ms(0.0)), (9, 0));
        backoff.succeeded();
        assert_eq!((backoff.attempt(), backoff.wait_ms(0.5)), (1, 250));
    }
}
