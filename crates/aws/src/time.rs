//! Timestamps of the API: milliseconds since 1970, UTC, as ISO 8601 text.

const DAY_MS: u64 = 86_400_000;
/// Days from 0000-03-01 to 1970-01-01 in the proleptic Gregorian calendar.
const EPOCH_DAYS: i64 = 719_468;
/// Days in 400 years.
const CYCLE: i64 = 146_097;
/// The last year that [`parse_iso`] takes.
const LAST_YEAR: i64 = 9999;

/// `2026-01-02T03:04:05.678Z`, as ElastiCache writes dates.
pub fn iso(unix_ms: u64) -> String {
    let (year, month, day) = civil(i64::try_from(unix_ms / DAY_MS).unwrap_or(0));
    let ms = unix_ms % DAY_MS;
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
}

/// Reads `2026-01-02`, `2026-01-02T03:04:05Z`, with a fraction of any length, `+02:00` or no zone (UTC).
/// `None` for anything else, and for what lies before 1970 or after 9999.
pub fn parse_iso(text: &str) -> Option<u64> {
    if !text.is_ascii() {
        return None;
    }
    let (date, rest) = text.split_at_checked(10)?;
    let day = parse_date(date)?;
    let (time, zone) = match rest {
        "" => ("00:00:00", 0),
        _ => split_zone(rest.strip_prefix(['T', 't', ' '])?)?,
    };
    let total = day.checked_mul(86_400_000)?.checked_add(parse_time(time)?)?.checked_sub(zone)?;
    u64::try_from(total).ok()
}

fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) =
        (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let whole = parts.next().is_none() && (1..=12).contains(&month) && (1..=LAST_YEAR).contains(&year);
    let days = days(year, month, day);
    // The 31st of a short month would come back as another date.
    (whole && day >= 1 && civil(days) == (year, month, day)).then_some(days)
}

/// Milliseconds since midnight.
fn parse_time(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |s| number(s, 2))?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 || fraction.is_empty() {
        return None;
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms = format!("{fraction:0<3}");
    Some(((hour * 60 + minute) * 60 + second) * 1000 + number(&ms[..3], 3)?)
}

/// The time of day, and the zone's distance from UTC in milliseconds.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    let (hours, minutes) = match &text[at + 1..] {
        zone if zone.len() == 4 => zone.split_at(2),
        zone => zone.split_once(':')?,
    };
    Some((&text[..at], sign * (number(hours, 2)? * 60 + number(minutes, 2)?) * 60_000))
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Year, month and day of a day counted from 1970-01-01. Years begin in March here, so that the leap day is
/// the last one.
fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + EPOCH_DAYS;
    let cycle = shifted.div_euclid(CYCLE);
    let of_cycle = shifted.rem_euclid(CYCLE);
    let year = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (cycle * 400 + year + i64::from(month <= 2), month, of_year - (153 * march + 2) / 5 + 1)
}

/// The day counted from 1970-01-01 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_cycle = year.rem_euclid(400);
    let march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * march + 2) / 5 + day - 1;
    year.div_euclid(400) * CYCLE + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - EPOCH_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_dates() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(iso(1_763_886_725_678), "2025-11-23T08:32:05.678Z");
        assert_eq!(iso(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn reads_what_clients_send() {
        assert_eq!(parse_iso("2020-01-01T00:00:00Z"), Some(1_577_836_800_000));
        assert_eq!(parse_iso("2020-01-01"), Some(1_577_836_800_000));
        assert_eq!(parse_iso("2020-01-01T02:00:00.1+02:00"), Some(1_577_836_800_100));
        assert_eq!(parse_iso("2020-01-01T00:00:00.123456"), Some(1_577_836_800_123));
        assert_eq!(parse_iso("2019-12-31T23:00-0100"), Some(1_577_836_800_000));
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "2020",
            "2020-13-01",
            "2021-02-29",
            "1969-12-31",
            "2020-01-01T24:00:00Z",
            "2020-01-01Tx",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00+",
            "2020-1-1",
            "20é0-01-01",
            "2020-01-01T-",
            "9999-12-31T1",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }

    #[test]
    fn reads_back_every_day() {
        for day in 0..60_000_u64 {
            assert_eq!(parse_iso(&iso(day * DAY_MS + 1)), Some(day * DAY_MS + 1));
        }
        iso(u64::MAX);
    }
}
