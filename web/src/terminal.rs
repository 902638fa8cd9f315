//! The terminal's text: a line into words, a reply into what redis-cli prints.

use primacy_sim::reply::Reply;

/// Splits a line as redis-cli does: blanks separate, quotes keep together.
///
/// # Errors
/// A quote that is not closed.
pub(crate) fn words(line: &str) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let Some(&first) = chars.peek() else { return Ok(words) };
        let mut word = String::new();
        if first == '"' || first == '\'' {
            chars.next();
            loop {
                match chars.next() {
                    None => return Err("Invalid argument(s): a quote is not closed"),
                    Some(c) if c == first => break,
                    Some('\\') if first == '"' => word.extend(chars.next().map(escaped)),
                    Some(c) => word.push(c),
                }
            }
        } else {
            while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
                word.push(c);
            }
        }
        words.push(word.into_bytes());
    }
}

fn escaped(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}

/// One reply as redis-cli shows it.
pub(crate) fn show(reply: &Reply) -> String {
    show_at(reply, "")
}

fn show_at(reply: &Reply, indent: &str) -> String {
    match reply {
        Reply::Simple(text) => text.clone(),
        Reply::Error(text) => format!("(error) {text}"),
        Reply::Integer(n) => format!("(integer) {n}"),
        Reply::Nil => "(nil)".into(),
        Reply::Bulk(bytes) => {
            let body = String::from_utf8_lossy(bytes);
            if body.contains('\n') { body.trim_end().replace("\r\n", "\n") } else { format!("{body:?}") }
        }
        Reply::Array(items) if items.is_empty() => "(empty array)".into(),
        Reply::Array(items) => {
            let deeper = format!("{indent}   ");
            let line = |(i, item)| format!("{}) {}", i + 1, show_at(item, &deeper));
            let lines: Vec<String> = items.iter().enumerate().map(line).collect();
            lines.join(&format!("\n{indent}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn words_keep_quoted_blanks() {
        assert_eq!(words(r#"SET k "a b" 'c'"#), Ok(["SET", "k", "a b", "c"].map(Into::into).to_vec()));
        assert!(words("SET \"k").is_err());
    }

    #[wasm_bindgen_test]
    fn replies_read_like_redis_cli() {
        assert_eq!(show(&Reply::Error("READONLY no".into())), "(error) READONLY no");
        assert_eq!(show(&Reply::Array(vec![Reply::Integer(1), Reply::Nil])), "1) (integer) 1\n2) (nil)");
        assert_eq!(show(&Reply::Bulk(b"a".to_vec())), "\"a\"");
    }
}
