//! Speeds: how much simulated time passes in a real second.

/// One notch of the speed slider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Speed(u8);

/// Label and simulated nanoseconds in a real millisecond.
const NOTCHES: [(&str, f64); 20] = [
    ("1/10\u{202f}000×", 1e2),
    ("1/5\u{202f}000×", 2e2),
    ("1/2\u{202f}000×", 5e2),
    ("1/1\u{202f}000×", 1e3),
    ("1/500×", 2e3),
    ("1/200×", 5e3),
    ("1/100×", 1e4),
    ("1/50×", 2e4),
    ("1/20×", 5e4),
    ("1/10×", 1e5),
    ("1/5×", 2e5),
    ("1/2×", 5e5),
    ("1×", 1e6),
    ("2×", 2e6),
    ("5×", 5e6),
    ("10×", 1e7),
    ("20×", 2e7),
    ("60×", 6e7),
    ("100×", 1e8),
    ("max", 1e12),
];

impl Speed {
    /// Packets can be followed one by one.
    pub(crate) const PACKETS: Self = Self(3);
    /// What a visitor finds: packets travel visibly.
    pub(crate) const SLOW: Self = Self(6);
    /// A stream can be seen to flow.
    pub(crate) const STREAM: Self = Self(9);
    /// Real time.
    pub(crate) const REAL: Self = Self(12);
    /// Two minutes pass in two seconds.
    pub(crate) const FAST: Self = Self(17);
    /// As fast as the machine can.
    pub(crate) const MAX: Self = Self(NOTCHES.len() as u8 - 1);

    /// The n-th notch, or the nearest that there is.
    pub(crate) fn at(notch: i32) -> Self {
        Self(notch.clamp(0, i32::from(Self::MAX.0)) as u8)
    }

    /// Its notch.
    pub(crate) fn notch(self) -> i32 {
        i32::from(self.0)
    }

    /// So many notches faster, or slower when negative.
    pub(crate) fn faster(self, by: i32) -> Self {
        Self::at(self.notch() + by)
    }

    /// As people read it.
    pub(crate) fn label(self) -> &'static str {
        NOTCHES[usize::from(self.0)].0
    }

    /// Simulated nanoseconds in a real millisecond.
    pub(crate) fn ns_per_ms(self) -> f64 {
        NOTCHES[usize::from(self.0)].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn notches_ascend_and_the_ends_hold() {
        assert!(NOTCHES.windows(2).all(|pair| pair[0].1 < pair[1].1));
        assert_eq!(Speed::at(-3), Speed::at(0));
        assert_eq!(Speed::MAX.faster(1), Speed::MAX);
        assert_eq!((Speed::REAL.label(), Speed::FAST.label()), ("1×", "60×"));
        assert_eq!((Speed::PACKETS.label(), Speed::STREAM.label()), ("1/1\u{202f}000×", "1/10×"));
    }
}
