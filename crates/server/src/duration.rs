//! Durations as people write them: `200ms`, `1.5s`, `2m`.

use std::time::Duration;

/// Reads a number with a unit (`us`, `ms`, `s`, `m`, `h`). A bare number is refused: its unit would be a guess.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let nanos_per_unit: u64 = match unit {
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => {
            return Err(format!(
                "`{text}` is no duration; write a number and a unit, such as 200ms, 1.5s or 2m"
            ));
        }
    };
    nanos(number, nanos_per_unit)
        .map(Duration::from_nanos)
        .ok_or_else(|| format!("`{number}` is no number, or too large a one for a duration"))
}

fn nanos(number: &str, per_unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut total = if whole.is_empty() && !fraction.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    total = total.checked_mul(per_unit)?;
    let mut place = per_unit;
    for digit in fraction.bytes() {
        place /= 10;
        total = total.checked_add(place * u64::from(char::from(digit).to_digit(10)?))?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_are_read() {
        assert_eq!(parse("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse(".5m"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        assert_eq!(parse("2h"), Ok(Duration::from_secs(7200)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "5", "s", "1.s.", "-1s", "1 s", "1d", "99999999999999999999s", "9999999999999h", "1e3s"]
        {
            assert!(parse(text).is_err(), "{text} was taken");
        }
    }
}
