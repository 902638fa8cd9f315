//! A command line's words, quoted as redis-cli does it.

/// Cuts a line into words. `"…"` takes `\n`, `\r`, `\t`, `\a`, `\b`, `\"`, `\\` and `\xHH`; `'…'` only `\'`.
///
/// # Errors
/// A quote that does not end, or one that ends inside a word.
pub fn split(line: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut words = Vec::new();
    let mut rest = line.as_bytes().trim_ascii_start();
    while let Some(first) = rest.first() {
        let (word, after) = match first {
            b'"' => quoted(&rest[1..])?,
            b'\'' => single(&rest[1..])?,
            _ => {
                let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                (rest[..end].to_vec(), &rest[end..])
            }
        };
        if after.first().is_some_and(|c| !c.is_ascii_whitespace()) {
            return Err("a space must follow the closing quote".to_owned());
        }
        words.push(word);
        rest = after.trim_ascii_start();
    }
    Ok(words)
}

/// The word as [`split`] reads it back.
pub fn quote(word: &[u8]) -> String {
    let plain = |c: &u8| c.is_ascii_graphic() && !matches!(c, b'"' | b'\'' | b'\\');
    if !word.is_empty() && word.iter().all(plain) {
        return String::from_utf8_lossy(word).into_owned();
    }
    format!("\"{}\"", word.escape_ascii())
}

type Word<'a> = Result<(Vec<u8>, &'a [u8]), String>;

fn quoted(mut rest: &[u8]) -> Word<'_> {
    let mut word = Vec::new();
    loop {
        rest = match rest {
            [b'"', after @ ..] => return Ok((word, after)),
            [b'\\', b'x', a, b, after @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                let digit = |c: u8| char::from(c).to_digit(16).unwrap_or(0);
                word.push(u8::try_from(digit(*a) << 4 | digit(*b)).unwrap_or(0));
                after
            }
            [b'\\', c, after @ ..] => {
                word.push(match c {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'a' => 7,
                    b'b' => 8,
                    other => *other,
                });
                after
            }
            [c, after @ ..] => {
                word.push(*c);
                after
            }
            [] => return Err("the quote has no end".to_owned()),
        };
    }
}

fn single(mut rest: &[u8]) -> Word<'_> {
    let mut word = Vec::new();
    loop {
        rest = match rest {
            [b'\'', after @ ..] => return Ok((word, after)),
            [b'\\', b'\'', after @ ..] => {
                word.push(b'\'');
                after
            }
            [c, after @ ..] => {
                word.push(*c);
                after
            }
            [] => return Err("the quote has no end".to_owned()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_quoting() {
        let mut rng = primacy_core::rng::Rng::from_u64(7);
        for _ in 0..2000 {
            let words: Vec<Vec<u8>> = (0..rng.below(5))
                .map(|_| (0..rng.below(6)).map(|_| u8::try_from(rng.below(256)).unwrap_or(0)).collect())
                .collect();
            let line = words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" ");
            assert_eq!(split(&line).as_ref(), Ok(&words), "{line}");
        }
    }

    #[test]
    fn an_unfinished_quote_is_an_error() {
        assert!(split("SET k \"v").is_err());
        assert!(split("SET k 'v").is_err());
        assert!(split("SET \"k\"v").is_err());
        assert_eq!(split("SET k 'a \"b'").map(|w| w.len()), Ok(3));
    }
}
