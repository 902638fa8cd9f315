//! The client's side: commands written, replies read and printed as redis-cli does.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::reply;

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// `+`.
    Simple(String),
    /// `-`.
    Error(String),
    /// `:`.
    Integer(i64),
    /// `$`.
    Bulk(Vec<u8>),
    /// `$-1` or `*-1`.
    Nil,
    /// `*`.
    Array(Vec<Self>),
}

/// Bytes around a word of a command, at most.
const WORD: usize = 32;
/// Nesting that is followed.
const DEPTH: u8 = 8;

/// Reads one reply from the front of `input`: it and its length. `Ok(None)`: not whole yet.
///
/// # Errors
/// The bytes are no reply.
pub fn parse(input: &[u8]) -> Result<Option<(Reply, usize)>, &'static str> {
    parse_at(input, 0, DEPTH)
}

fn parse_at(input: &[u8], at: usize, depth: u8) -> Result<Option<(Reply, usize)>, &'static str> {
    let rest = input.get(at..).unwrap_or_default();
    let Some(eol) = rest.windows(2).position(|w| w == b"\r\n") else { return Ok(None) };
    let (head, line) = rest[..eol].split_first().ok_or("empty line")?;
    let text = || String::from_utf8_lossy(line).into_owned();
    let number = || core::str::from_utf8(line).ok().and_then(|t| t.parse::<i64>().ok()).ok_or("no number");
    let next = at + eol + 2;
    match head {
        b'+' => Ok(Some((Reply::Simple(text()), next))),
        b'-' => Ok(Some((Reply::Error(text()), next))),
        b':' => Ok(Some((Reply::Integer(number()?), next))),
        b'$' => match usize::try_from(number()?) {
            Err(_) => Ok(Some((Reply::Nil, next))),
            Ok(len) => {
                let end = next.checked_add(len).ok_or("too long")?;
                if input.len() < end + 2 {
                    return Ok(None);
                }
                Ok(Some((Reply::Bulk(input[next..end].to_vec()), end + 2)))
            }
        },
        b'*' => {
            let Ok(count) = usize::try_from(number()?) else { return Ok(Some((Reply::Nil, next))) };
            let Some(depth) = depth.checked_sub(1) else { return Err("too deep") };
            let (mut items, mut at) = (Vec::new(), next);
            for _ in 0..count {
                let Some((item, after)) = parse_at(input, at, depth)? else { return Ok(None) };
                items.push(item);
                at = after;
            }
            Ok(Some((Reply::Array(items), at)))
        }
        _ => Err("not a reply"),
    }
}

/// Appends a command as a multibulk.
pub fn command(out: &mut Vec<u8>, words: &[&[u8]]) {
    out.reserve(words.iter().map(|word| word.len() + WORD).sum::<usize>() + WORD);
    reply::array(out, words.len());
    words.iter().for_each(|word| reply::bulk(out, word));
}

impl Reply {
    /// Writes the bytes that [`parse`] reads.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut line = |kind: char, text: &str| out.extend(format!("{kind}{text}\r\n").into_bytes());
        match self {
            Self::Simple(text) => line('+', text),
            Self::Error(text) => line('-', text),
            Self::Integer(number) => line(':', &number.to_string()),
            Self::Nil => line('$', "-1"),
            Self::Bulk(bytes) => {
                line('$', &bytes.len().to_string());
                out.extend_from_slice(bytes);
                out.extend_from_slice(b"\r\n");
            }
            Self::Array(items) => {
                line('*', &items.len().to_string());
                items.iter().for_each(|item| item.write(out));
            }
        }
    }
}

impl fmt::Display for Reply {
    /// As redis-cli prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simple(text) => f.write_str(text),
            Self::Error(text) => write!(f, "(error) {text}"),
            Self::Integer(n) => write!(f, "(integer) {n}"),
            Self::Bulk(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Self::Nil => f.write_str("(nil)"),
            Self::Array(items) if items.is_empty() => f.write_str("(empty array)"),
            Self::Array(items) => {
                let width = items.len().to_string().len();
                let indent = format!("\n{:1$}", "", width + 2);
                for (item, n) in items.iter().zip(1..) {
                    let end = if n < items.len() { "\n" } else { "" };
                    let text = item.to_string().replace('\n', &indent);
                    write!(f, "{n:>width$}) {text}{end}")?;
                }
                Ok(())
            }
        }
    }
}

/// A reply as redis-cli prints it after this command: reports of several lines come as they are, not quoted.
pub fn show(words: &[Vec<u8>], reply: &Reply) -> String {
    let is = |at: usize, name: &[u8]| words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(name));
    let report =
        is(0, b"INFO") || is(0, b"LOLWUT") || (is(0, b"CLIENT") && (is(1, b"LIST") || is(1, b"INFO")));
    match reply {
        Reply::Bulk(bytes) if report => {
            String::from_utf8_lossy(bytes).replace("\r\n", "\n").trim_end().to_string()
        }
        reply => reply.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_whole_or_not_at_all() {
        let bytes = b"*3\r\n:1\r\n$2\r\nab\r\n*1\r\n+OK\r\n-ERR x\r\n";
        let (reply, len) = parse(bytes).unwrap().unwrap();
        assert_eq!(reply.to_string(), "1) (integer) 1\n2) \"ab\"\n3) 1) OK");
        assert_eq!(parse(&bytes[len..]).unwrap(), Some((Reply::Error("ERR x".into()), 8)));
        let mut written = Vec::new();
        reply.write(&mut written);
        assert_eq!(written, &bytes[..len]);
        for cut in 0..len {
            assert_eq!(parse(&bytes[..cut]), Ok(None), "{cut}");
        }
        assert!(parse(b"hello\r\n").is_err());
    }

    #[test]
    fn nested_arrays_are_indented_and_reports_are_not_quoted() {
        let inner = Reply::Array(alloc::vec![Reply::Nil, Reply::Integer(2)]);
        assert_eq!(Reply::Array(alloc::vec![inner]).to_string(), "1) 1) (nil)\n   2) (integer) 2");
        let report = Reply::Bulk(b"# Server\r\na:1\r\n".to_vec());
        assert_eq!(show(&[b"info".to_vec()], &report), "# Server\na:1");
        assert_eq!(show(&[b"GET".to_vec()], &Reply::Bulk(b"a".to_vec())), "\"a\"");
    }
}
