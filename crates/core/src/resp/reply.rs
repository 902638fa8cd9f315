//! Replies, appended to an output buffer.

use alloc::vec::Vec;

use super::number::{DIGITS, format_i64};

/// `+OK`
pub const OK: &[u8] = b"+OK\r\n";
/// A null bulk string.
pub const NIL: &[u8] = b"$-1\r\n";
/// A null array.
pub const NIL_ARRAY: &[u8] = b"*-1\r\n";

/// `+OK`.
#[inline]
pub fn ok(out: &mut Vec<u8>) {
    out.extend_from_slice(OK);
}

/// A simple string; `text` must have no line break.
pub fn simple(out: &mut Vec<u8>, text: &str) {
    out.push(b'+');
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// An error; `text` starts with its code, such as `ERR`. Line breaks become spaces.
pub fn error(out: &mut Vec<u8>, text: impl AsRef<[u8]>) {
    out.push(b'-');
    out.extend(text.as_ref().iter().map(|&b| if b == b'\r' || b == b'\n' { b' ' } else { b }));
    out.extend_from_slice(b"\r\n");
}

/// An integer.
#[inline]
pub fn integer(out: &mut Vec<u8>, n: i64) {
    head(out, b':', n);
}

/// A count; larger than `i64::MAX` never happens.
#[inline]
pub fn count(out: &mut Vec<u8>, n: usize) {
    integer(out, i64::try_from(n).unwrap_or(i64::MAX));
}

/// A bulk string.
#[inline]
pub fn bulk(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 16);
    head(out, b'$', i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}

/// A bulk string with the decimal digits of `n`.
pub fn bulk_integer(out: &mut Vec<u8>, n: i64) {
    bulk(out, format_i64(n, &mut [0; DIGITS]));
}

/// A bulk string, or a null one.
pub fn bulk_or_nil(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => bulk(out, bytes),
        None => nil(out),
    }
}

/// A null bulk string.
#[inline]
pub fn nil(out: &mut Vec<u8>) {
    out.extend_from_slice(NIL);
}

/// A null array.
pub fn nil_array(out: &mut Vec<u8>) {
    out.extend_from_slice(NIL_ARRAY);
}

/// The head of an array of `len` elements; they follow.
#[inline]
pub fn array(out: &mut Vec<u8>, len: usize) {
    head(out, b'*', i64::try_from(len).unwrap_or(i64::MAX));
}

#[inline]
fn head(out: &mut Vec<u8>, kind: u8, n: i64) {
    if let Ok(digit @ 0..=9) = u8::try_from(n) {
        out.extend_from_slice(&[kind, b'0' + digit, b'\r', b'\n']);
        return;
    }
    out.push(kind);
    out.extend_from_slice(format_i64(n, &mut [0; DIGITS]));
    out.extend_from_slice(b"\r\n");
}
