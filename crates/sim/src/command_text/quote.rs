//! A command line's words, quoted as redis-cli does it.

/// Cuts a line into words.
///
/// # Errors
/// A quote that does not end, or one that ends inside a word.
pub(super) fn split(line: &str) -> Result<Vec<Vec<u8>>, String> {
    primacy_core::resp::words(line.as_bytes())
        .ok_or_else(|| "a quote has no end, or something follows it".to_owned())
}

/// The word as redis-cli reads it back.
pub fn quote(word: &[u8]) -> String {
    let plain = |c: &u8| c.is_ascii_graphic() && !matches!(c, b'"' | b'\'' | b'\\');
    if !word.is_empty() && word.iter().all(plain) {
        return String::from_utf8_lossy(word).into_owned();
    }
    format!("\"{}\"", word.escape_ascii())
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
}
