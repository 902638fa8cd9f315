//! Numbers as people read them.

/// `m:ss.mmm` of simulated time.
pub(crate) fn clock(t_us: u64) -> String {
    let ms = t_us / 1000;
    format!("{}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

/// Thousands separated by narrow spaces.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(d);
    }
    out
}

/// Bytes in a unit that keeps the number short.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{} B", count(n)),
        10_000..10_000_000 => format!("{} KiB", count(n / 1024)),
        _ => format!("{} MiB", count(n / (1024 * 1024))),
    }
}

/// A speed as a fraction or a multiple of real time.
pub(crate) fn speed(power: i32) -> String {
    match power {
        ..0 => format!("1/{}×", count(10_u64.pow(power.unsigned_abs().min(9)))),
        _ => format!("{}×", count(10_u64.pow(power.unsigned_abs().min(9)))),
    }
}

/// Seconds with three digits after the point, of microseconds.
pub(crate) fn seconds(us: u64) -> String {
    format!("+{}.{:03}\u{a0}s", us / 1_000_000, us / 1000 % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn people_can_read_them() {
        assert_eq!(clock(63_004_000), "1:03.004");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(bytes(9_999), "9\u{202f}999 B");
        assert_eq!(speed(-3), "1/1\u{202f}000×");
        assert_eq!(speed(0), "1×");
        assert_eq!(seconds(1_234_567), "+1.234\u{a0}s");
    }
}
