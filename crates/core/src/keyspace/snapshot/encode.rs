//! Writing the file: the plain encodings, which every version of Redis reads.

use alloc::format;
use alloc::vec::Vec;

use super::Meta;
use crate::keyspace::entry::{Entry, NEVER, View};
use crate::resp::parse_i64;

/// The version written: that of Redis 7.0.
const VERSION: &[u8] = b"REDIS0010";
/// The Redis whose format and commands these are.
const REDIS_VERSION: &str = "7.0.15";

pub(super) const AUX: u8 = 0xfa;
pub(super) const RESIZE_DB: u8 = 0xfb;
pub(super) const EXPIRE_MS: u8 = 0xfc;
pub(super) const EXPIRE_S: u8 = 0xfd;
pub(super) const SELECT_DB: u8 = 0xfe;
pub(super) const EOF: u8 = 0xff;

pub(super) const TEXT: u8 = 0;
pub(super) const LIST: u8 = 1;
pub(super) const SET: u8 = 2;
pub(super) const HASH: u8 = 4;

/// Longest string that is tried as an integer: `-2147483648`.
const INT_DIGITS: usize = 11;

pub(super) fn header(out: &mut Vec<u8>, meta: &Meta, memory: u64) {
    out.extend_from_slice(VERSION);
    aux(out, "redis-ver", REDIS_VERSION);
    aux(out, "redis-bits", "64");
    aux(out, "ctime", &format!("{}", meta.now_ms / 1000));
    aux(out, "used-mem", &format!("{memory}"));
    if let Some(db) = meta.stream_db {
        aux(out, "repl-stream-db", &format!("{db}"));
    }
    aux(out, "repl-id", &format!("{}", meta.repl_id));
    aux(out, "repl-offset", &format!("{}", meta.position.offset));
    aux(out, "primacy-epoch", &format!("{}", meta.position.epoch.0));
    aux(out, "primacy-opseq", &format!("{}", meta.position.opseq));
    aux(out, "primacy-lineage", &meta.lineage);
    aux(out, "aof-base", "0");
}

fn aux(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(AUX);
    text(out, name.as_bytes());
    text(out, value.as_bytes());
}

pub(super) fn select(out: &mut Vec<u8>, db: usize) {
    out.push(SELECT_DB);
    length(out, db as u64);
}

pub(super) fn entry(out: &mut Vec<u8>, entry: &Entry) {
    if entry.expire != NEVER {
        out.push(EXPIRE_MS);
        out.extend_from_slice(&entry.expire.to_le_bytes());
    }
    let kind = match entry.view() {
        View::Text(_) => TEXT,
        View::List(_) => LIST,
        View::Set(_) => SET,
        View::Hash(_) => HASH,
    };
    out.push(kind);
    text(out, entry.key());
    match entry.view() {
        View::Text(value) => text(out, value),
        View::List(list) => {
            length(out, list.len() as u64);
            list.iter_from(0).for_each(|element| text(out, element));
        }
        View::Set(set) => {
            length(out, set.len() as u64);
            set.iter().for_each(|member| member.with(|member| text(out, member)));
        }
        View::Hash(hash) => {
            length(out, hash.len() as u64);
            for (field, value) in hash.iter() {
                text(out, field);
                text(out, value);
            }
        }
    }
}

/// A string; a small integer takes its binary form.
fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    let small = Some(bytes).filter(|bytes| bytes.len() <= INT_DIGITS).and_then(parse_i64);
    if let Some(n) = small {
        if let Ok(n) = i8::try_from(n) {
            out.push(0xc0);
            return out.extend_from_slice(&n.to_le_bytes());
        }
        if let Ok(n) = i16::try_from(n) {
            out.push(0xc1);
            return out.extend_from_slice(&n.to_le_bytes());
        }
        if let Ok(n) = i32::try_from(n) {
            out.push(0xc2);
            return out.extend_from_slice(&n.to_le_bytes());
        }
    }
    length(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn length(out: &mut Vec<u8>, n: u64) {
    if let Ok(n @ 0..0x40) = u8::try_from(n) {
        out.push(n);
    } else if let Ok(n @ 0..0x4000) = u16::try_from(n) {
        out.extend_from_slice(&(n | 0x4000).to_be_bytes());
    } else if let Ok(n) = u32::try_from(n) {
        out.push(0x80);
        out.extend_from_slice(&n.to_be_bytes());
    } else {
        out.push(0x81);
        out.extend_from_slice(&n.to_be_bytes());
    }
}
