//! Numbers as a person reads them.

use primacy_port::Figure;

const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

/// `0.31 ms`, `20.6 ms`, `203 ms`, `33.4 s` or `2 min 32 s`.
pub(super) fn time(ns: u64) -> String {
    let tenths = |unit: u64| {
        let n = (ns + unit / 20) / (unit / 10);
        format!("{}.{}", n / 10, n % 10)
    };
    match ns {
        0 => "0 ms".to_owned(),
        _ if ns < MS => {
            let hundredths = ((ns + 5_000) / 10_000).max(1);
            format!("{}.{:02} ms", hundredths / 100, hundredths % 100)
        }
        _ if ns < 100 * MS => format!("{} ms", tenths(MS)),
        _ if ns < S => format!("{} ms", (ns + MS / 2) / MS),
        _ if ns < 120 * S => format!("{} s", tenths(S)),
        _ => {
            let seconds = (ns + S / 2) / S;
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

/// What a formula subtracts, to the millisecond or, below a second, the microsecond: the terms add up to the result beneath.
/// The result, and `5 min 37.123 s − 5 min 21.487 s = 15.636 s`.
pub(super) fn difference(to: u64, from: u64) -> (u64, String) {
    let grid = grid(to.max(from));
    let result = on(to, grid).saturating_sub(on(from, grid));
    (result, format!("{} − {} = {}", exact(to, grid), exact(from, grid), exact(result, grid)))
}

/// What a formula adds, as exactly as [`difference`]: the sum, and each term in the same words.
pub(super) fn total(terms: &[u64]) -> (u64, Vec<String>) {
    let grid = grid(terms.iter().copied().max().unwrap_or(0));
    (terms.iter().map(|term| on(*term, grid)).sum(), terms.iter().map(|term| exact(*term, grid)).collect())
}

/// What a formula divides, as exactly as [`difference`]: both, and in words.
pub(super) fn quotient(part: u64, whole: u64) -> (u64, u64, String) {
    let (fine, coarse) = (grid(part), grid(whole));
    let words = format!("{} ÷ {}", exact(part, fine), exact(whole, coarse));
    (on(part, fine), on(whole, coarse), words)
}

/// As exactly as the terms of a formula.
pub(super) fn precise(ns: u64) -> String {
    exact(ns, grid(ns))
}

/// Rounded to the millisecond, so that lengths between such moments add up however long they are.
pub(super) const fn whole_ms(ns: u64) -> u64 {
    on(ns, MS)
}

const fn grid(ns: u64) -> u64 {
    if ns < S { MS / 1_000 } else { MS }
}

const fn on(ns: u64, grid: u64) -> u64 {
    (ns + grid / 2) / grid * grid
}

/// With three digits after the point, of which the last counts `grid`.
fn exact(ns: u64, grid: u64) -> String {
    let n = on(ns, grid) / grid;
    match (n / 1_000, n % 1_000) {
        (whole, rest) if grid < MS => format!("{whole}.{rest:03} ms"),
        (whole, rest) if whole < 120 => format!("{whole}.{rest:03} s"),
        (whole, rest) => format!("{} min {}.{rest:03} s", whole / 60, whole % 60),
    }
}

/// The rule that a refused template breaks and what to write instead, without the frame that a terminal draws around them.
pub fn rule(refusal: &str) -> String {
    let mut lines = refusal.lines();
    let first = lines.next().unwrap_or_default();
    let said = first
        .split_once("]: ")
        .filter(|(head, _)| head.starts_with("error["))
        .map_or(first, |(_, said)| said);
    // Other findings begin at the margin, the frame of this one does not.
    let mut own = lines.take_while(|line| !line.starts_with(['e', 'w']));
    match own.find_map(|line| line.split_once("= help: ")) {
        Some((_, help)) => format!("{}; {help}", said.trim_end_matches('.')),
        None => said.to_owned(),
    }
}

/// `1 write`, `12 writes`.
pub(super) fn many(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// How many of a hundred, rounded down but for everything: `99 %` is never all.
pub(super) fn percent(part: u64, whole: u64) -> String {
    match whole {
        0 => NONE.to_owned(),
        _ => format!("{} %", part * 100 / whole),
    }
}

/// `3.4`, one digit after the point.
pub(super) fn ratio(a: u64, b: u64) -> String {
    let tenths = (a * 10 + b / 2) / b.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// There is no number yet.
pub(super) const NONE: &str = "–";

/// A number that is there.
pub(super) fn figure(label: &str, value: impl Into<String>, formula: impl Into<String>) -> Figure {
    Figure { label: label.to_owned(), value: value.into(), formula: formula.into() }
}

/// A number that is not there yet, with its formula in words.
pub(super) fn awaited(label: &str, formula: &str) -> Figure {
    figure(label, NONE, formula)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_never_zero_when_something_passed() {
        let shown = [0, 1, 310_000, 1_000_000, 20_640_000, 203_400_000, 33_440_000_000, 152_300_000_000];
        let told = ["0 ms", "0.01 ms", "0.31 ms", "1.0 ms", "20.6 ms", "203 ms", "33.4 s", "2 min 32 s"];
        assert_eq!(shown.map(time), told);
        assert_eq!(time(999_960_000), "1000 ms");
    }

    #[test]
    fn the_terms_of_a_formula_add_up_to_its_result() {
        let shown = difference(337_123_400_000, 321_487_400_000);
        assert_eq!(shown, (15_636_000_000, "5 min 37.123 s − 5 min 21.487 s = 15.636 s".to_owned()));
        // Rounded apart these are 0.002 and 0.001, and their difference nothing.
        assert_eq!(difference(1_449_000, 1_000_400).1, "1.449 ms − 1.000 ms = 0.449 ms");
        assert_eq!(difference(1_000_001_500, 1_000_000_400).0, 0);
        let (all, terms) = total(&[1_000_400_000, 400_000, 400_000]);
        assert_eq!((all, terms.join(" + ").as_str()), (1_000_000_000, "1.000 s + 0.000 s + 0.000 s"));
        assert_eq!(quotient(80_412_345, 612_345).2, "80.412 ms ÷ 0.612 ms");
        assert_eq!(precise(200_870_400), "200.870 ms");
    }

    #[test]
    fn a_share_is_rounded_down() {
        assert_eq!(percent(999, 1000), "99 %");
        assert_eq!(percent(0, 0), NONE);
        assert_eq!(ratio(10, 4), "2.5");
    }
}
