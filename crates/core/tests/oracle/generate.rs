//! Random commands over few keys, so that they meet.

use primacy_core::rng::Rng;

/// One letter a kind of argument: see [`argument`].
const SHAPES: &[&str] = &[
    "get k",
    "set k v",
    "set k v NX",
    "set k v XX",
    "set k v GET",
    "set k v XX GET",
    "set k v EX e",
    "set k v PX E",
    "set k v KEEPTTL",
    "set k v PXAT T",
    "set k v EXAT t GET",
    "set k v NX XX",
    "set k v EX 0",
    "set k v EX n KEEPTTL",
    "setnx k v",
    "setex k e v",
    "psetex k E v",
    "getset k v",
    "getdel k",
    "getex k",
    "getex k PERSIST",
    "getex k EX e",
    "getex k PXAT T",
    "getex k EXAT 1",
    "mget k k k",
    "mset k v k v",
    "mset k v k",
    "msetnx k v k v",
    "append k v",
    "strlen k",
    "incr k",
    "decr k",
    "incrby k n",
    "decrby k n",
    "incrbyfloat k f",
    "getrange k n n",
    "setrange k i v",
    "substr k n n",
    "del k",
    "del k k k",
    "unlink k k",
    "exists k k k",
    "type k",
    "ttl k",
    "pttl k",
    "expiretime k",
    "pexpiretime k",
    "expire k e",
    "expire k e NX",
    "expire k e XX",
    "expire k e GT",
    "expire k e LT",
    "expire k -1",
    "expire k e GT LT",
    "expire k e NX XX",
    "expire k e FOO",
    "pexpire k E",
    "expireat k t",
    "pexpireat k T",
    "pexpireat k T GT",
    "expireat k z",
    "expire k z",
    "persist k",
    "keys *",
    "keys p",
    "rename k k",
    "renamenx k k",
    "copy k k",
    "copy k k REPLACE",
    "copy k k DB d REPLACE",
    "copy k k DB n",
    "move k d",
    "touch k k",
    "object ENCODING k",
    "object REFCOUNT x",
    "dbsize",
    "hset k m v",
    "hset k m v m v",
    "hset k m v m",
    "hset k m V",
    "hsetnx k m v",
    "hget k m",
    "hmget k m m m",
    "hgetall k",
    "hdel k m",
    "hdel k m m m",
    "hexists k m",
    "hincrby k m n",
    "hincrbyfloat k m f",
    "hkeys k",
    "hvals k",
    "hlen k",
    "hstrlen k m",
    "hmset k m v m v",
    "hscan k 0 COUNT 100000",
    "hscan k 0 MATCH p COUNT 100000",
    "hscan k x",
    "lpush k v",
    "lpush k v v v",
    "rpush k v v",
    "rpush k V V",
    "lpushx k v",
    "rpushx k v v",
    "lpop k",
    "rpop k",
    "lpop k i",
    "rpop k i",
    "lpop k n",
    "llen k",
    "lrange k n n",
    "lrange k 0 -1",
    "lindex k n",
    "lset k n v",
    "linsert k BEFORE v v",
    "linsert k AFTER v v",
    "linsert k FOO v v",
    "lrem k n v",
    "lrem k 0 v",
    "ltrim k n n",
    "lpos k v",
    "lpos k v RANK n",
    "lpos k v COUNT i",
    "lpos k v RANK n COUNT i MAXLEN i",
    "lmove k k LEFT RIGHT",
    "lmove k k RIGHT RIGHT",
    "lmove k k LEFT FOO",
    "rpoplpush k k",
    "lmpop 2 k k LEFT",
    "lmpop 1 k RIGHT COUNT i",
    "lmpop n k LEFT",
    "sadd k m",
    "sadd k m m m",
    "sadd k n n n",
    "srem k m",
    "srem k m m n",
    "smembers k",
    "scard k",
    "sismember k m",
    "smismember k m m n",
    "smove k k m",
    "sinter k k",
    "sunion k k k",
    "sdiff k k",
    "sinterstore k k k",
    "sunionstore k k k",
    "sdiffstore k k k",
    "sintercard 2 k k",
    "sintercard 2 k k LIMIT i",
    "sintercard n k",
    "sscan k 0 COUNT 100000",
    "sscan k 0 COUNT 100000 MATCH p",
    "spop k",
    "spop k i",
    "spop k n",
    "select d",
    "flushdb",
    "swapdb d d",
    "swapdb d x",
    "sadd k [M]",
    "srem k [M]",
    "hset k [M,v]",
    "hdel k [M]",
    "rpush k [v]",
    "lpush k [V]",
    "rpush k [M]",
    "linsert k BEFORE M V",
    "linsert k AFTER M v",
    "lrem k n M",
    "lset k M V",
    "lindex k M",
    "lpos k M",
    "lpop k M",
    "rpop k M",
    "ltrim k i M",
    "lrange k M M",
    "sinter k k",
    "object ENCODING k",
    "scan 0 COUNT 100000",
    "scan 0 COUNT 100000 TYPE hash MATCH p",
    "scan x",
    "nosuch k v",
    "get",
    "get k k",
    "lpop",
];

/// Commands that would empty everything too often; drawn, they count only once in so many.
const RARE: &[&str] = &["flushdb", "swapdb"];

/// No deadline is further away than this, in milliseconds.
pub(crate) const FURTHEST: u64 = 1_000_000_000_000_000;
/// Between deadlines, in milliseconds: longer than the test runs.
const STEP: u64 = 1_000_000;

/// A random command.
pub(crate) fn command(rng: &mut Rng) -> Vec<Vec<u8>> {
    loop {
        let shape = pick(rng, SHAPES);
        if !RARE.iter().any(|rare| shape.starts_with(rare)) || rng.chance(1, 20) {
            return shape.split(' ').enumerate().flat_map(|(i, kind)| arguments(rng, kind, i)).collect();
        }
    }
}

fn pick<'a, T: ?Sized>(rng: &mut Rng, from: &[&'a T]) -> &'a T {
    from[usize::try_from(rng.below(from.len() as u64)).unwrap()]
}

/// Mostly one argument; a kind in brackets stands for many.
fn arguments(rng: &mut Rng, kind: &str, at: usize) -> Vec<Vec<u8>> {
    let many = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']'));
    match many {
        None => vec![argument(rng, kind, at)],
        Some(kinds) => {
            let count = 1 + rng.below(300);
            (0..count)
                .flat_map(|_| kinds.split(',').map(|kind| argument(rng, kind, at)).collect::<Vec<_>>())
                .collect()
        }
    }
}

fn argument(rng: &mut Rng, kind: &str, at: usize) -> Vec<u8> {
    let now = crate::redis::now_ms();
    let text = match kind {
        "k" => format!("key{}", rng.below(12)),
        "m" if rng.chance(1, 2) => format!("{}", rng.below(10)),
        "m" => format!("{}", rng.below(700)),
        "M" => format!("{}", rng.below(1200)),
        "v" => return value(rng),
        "V" => "long".repeat(usize::try_from(rng.below(400)).unwrap()),
        "n" => pick(
            rng,
            &[
                "0",
                "1",
                "2",
                "5",
                "-1",
                "-2",
                "-7",
                "100",
                "abc",
                "9223372036854775807",
                "-9223372036854775808",
                "",
                "1.5",
            ],
        )
        .into(),
        // No time that comes while the test runs.
        "z" => pick(rng, &["0", "-1", "1000", "abc", "9223372036854775807", "-9223372036854775808"]).into(),
        "i" => format!("{}", rng.below(6)),
        "f" => pick(
            rng,
            &[
                "0.1",
                "-2.5",
                "1e10",
                "3",
                "abc",
                "1e-5",
                "123456.789",
                "inf",
                "nan",
                "5e400",
                "0.30000000000000004",
            ],
        )
        .into(),
        "e" => format!("{}", away(rng) / 1000),
        "E" => format!("{}", away(rng)),
        "t" => format!("{}", (now + away(rng)) / 1000),
        "T" => format!("{}", now + away(rng)),
        "d" => format!("{}", rng.below(3)),
        "p" => pick(rng, &["*", "key*", "k?y1", "[^k]*", "*1", "1*", "key[0-4]", "\\k*"]).into(),
        "x" => "nonsense".into(),
        word if at == 0 && rng.chance(1, 4) => word.to_ascii_uppercase(),
        word => word.into(),
    };
    text.into_bytes()
}

/// Milliseconds to a deadline. Two of them are never as near to each other as the clocks of both sides, nor the same, so
/// that `GT` and `LT` find the same order on both.
fn away(rng: &mut Rng) -> u64 {
    (1 + rng.below(FURTHEST / STEP)) * STEP
}

fn value(rng: &mut Rng) -> Vec<u8> {
    match rng.below(8) {
        0 | 1 => format!("{}", rng.below(20)).into_bytes(),
        2 => format!("{}", rng.next_u64().cast_signed()).into_bytes(),
        3 => format!("{}.{}", rng.below(100), rng.below(100)).into_bytes(),
        4 => rng.bytes::<40>().to_vec(),
        5 => vec![b'x'; usize::try_from(rng.below(100)).unwrap()],
        _ => pick(rng, &["a", "b", "hello", "", "foo bar", "\r\n", "10"]).as_bytes().to_vec(),
    }
}
