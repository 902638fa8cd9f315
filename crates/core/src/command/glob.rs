//! Patterns of KEYS, SCAN and their kin, as Redis's `stringmatchlen`.

/// Whether `text` matches `pattern`: `*`, `?`, `[a-z]`, `[^a-z]` and `\` before a character.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    if text.is_empty() {
        // Redis compares nothing with an empty string: only the empty pattern matches it.
        return pattern.is_empty();
    }
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    loop {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            if p == pattern.len() {
                return true;
            }
            star = Some((p, t));
            continue;
        }
        if let Some(next) = atom(pattern, p, text[t]) {
            (p, t) = (next, t + 1);
            if t < text.len() {
                continue;
            }
            if pattern[p..].iter().all(|&b| b == b'*') {
                return true;
            }
        }
        // Let the last star take one more character.
        match star {
            Some((after, at)) if at + 1 < text.len() => {
                (p, t) = (after, at + 1);
                star = Some((after, at + 1));
            }
            _ => return false,
        }
    }
}

/// Matches one character against the part of the pattern at `p`; where the next part starts.
fn atom(pattern: &[u8], p: usize, c: u8) -> Option<usize> {
    match *pattern.get(p)? {
        b'?' => Some(p + 1),
        b'[' => class(pattern, p + 1, c),
        b'\\' if p + 1 < pattern.len() => (pattern[p + 1] == c).then_some(p + 2),
        literal => (literal == c).then_some(p + 1),
    }
}

/// A class; one that is never closed ends with the pattern.
fn class(pattern: &[u8], mut p: usize, c: u8) -> Option<usize> {
    let not = pattern.get(p) == Some(&b'^');
    p += usize::from(not);
    let mut found = false;
    loop {
        match *pattern.get(p..).unwrap_or_default() {
            [] => break,
            [b'\\', escaped, ..] => {
                found |= escaped == c;
                p += 2;
            }
            [b']', ..] => {
                p += 1;
                break;
            }
            [from, b'-', to, ..] => {
                found |= in_range(from, to, c);
                p += 3;
            }
            [literal, ..] => {
                found |= literal == c;
                p += 1;
            }
        }
    }
    (found != not).then_some(p)
}

/// Redis compares as C's `char`, which is signed on the machines it is built for.
fn in_range(from: u8, to: u8, c: u8) -> bool {
    let (from, to, c) = (from.cast_signed(), to.cast_signed(), c.cast_signed());
    (from.min(to)..=from.max(to)).contains(&c)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_redis() {
        let yes: [(&str, &str); 14] = [
            ("*", "a"),
            ("a*", "a"),
            ("*a*", "bab"),
            ("h?llo", "hello"),
            ("h[ae]llo", "hallo"),
            ("h[^e]llo", "hallo"),
            ("h[a-b]llo", "hbllo"),
            ("h[b-a]llo", "hallo"),
            ("\\*", "*"),
            ("a\\", "a\\"),
            ("[abc", "c"),
            ("[\\]]", "]"),
            ("*a*b*c", "xxaxxbxxcxc"),
            ("", ""),
        ];
        let no: [(&str, &str); 8] = [
            ("a", "b"),
            ("a?", "a"),
            ("*a", "ab"),
            ("[^a]", "a"),
            ("**", ""),
            ("a*b", "a"),
            ("abc", "ab"),
            ("ab", "abc"),
        ];
        yes.iter().for_each(|(p, t)| assert!(matches(p.as_bytes(), t.as_bytes()), "{p} {t}"));
        no.iter().for_each(|(p, t)| assert!(!matches(p.as_bytes(), t.as_bytes()), "{p} {t}"));
    }
}
