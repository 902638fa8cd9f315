//! Whether two replies mean the same.

/// Replies that may come in any order.
const UNORDERED: &[&[u8]] = &[
    b"keys",
    b"smembers",
    b"sinter",
    b"sunion",
    b"sdiff",
    b"hkeys",
    b"hvals",
    b"hgetall",
    b"scan",
    b"sscan",
    b"hscan",
];
/// Replies that name a time; both clocks are read within this of each other, in milliseconds.
const TIMES: &[(&[u8], i64)] = &[(b"ttl", 2), (b"pttl", 2000), (b"expiretime", 2), (b"pexpiretime", 2000)];

/// Brings a reply into a form that can be compared; `name` is the command in lower case.
pub(crate) fn normal(name: &[u8], reply: &[u8]) -> Vec<u8> {
    if !UNORDERED.contains(&name) || reply.first() != Some(&b'*') {
        return reply.to_vec();
    }
    let mut elements = elements(reply);
    let scan = name.ends_with(b"scan");
    let cursor = if scan { vec![elements.remove(0)] } else { Vec::new() };
    if scan {
        elements = self::elements(&elements[0]);
    }
    let width = if name == b"hgetall" || name == b"hscan" { 2 } else { 1 };
    let mut groups: Vec<Vec<u8>> = elements.chunks(width).map(<[Vec<u8>]>::concat).collect();
    groups.sort();
    [cursor, groups].concat().concat()
}

/// Whether two replies to `name` are the same.
pub(crate) fn same(name: &[u8], ours: &[u8], theirs: &[u8]) -> bool {
    let tolerance = TIMES.iter().find(|(time, _)| *time == name).map(|(_, tolerance)| *tolerance);
    if let Some((tolerance, (a, b))) = tolerance.zip(number(ours).zip(number(theirs))) {
        return (a - b).abs() <= if a < 0 || b < 0 { 0 } else { tolerance };
    }
    // Ours depends on the value alone, Redis's on how it came to be.
    let string =
        |reply: &[u8]| [&b"$3\r\nint\r\n"[..], b"$6\r\nembstr\r\n", b"$3\r\nraw\r\n"].contains(&reply);
    normal(name, ours) == normal(name, theirs) || (name == b"object" && string(ours) && string(theirs))
}

fn number(reply: &[u8]) -> Option<i64> {
    std::str::from_utf8(reply.strip_prefix(b":")?).ok()?.trim_end().parse().ok()
}

/// The elements of an array reply.
pub(crate) fn elements(reply: &[u8]) -> Vec<Vec<u8>> {
    let Some(line) = reply.windows(2).position(|w| w == b"\r\n") else { return Vec::new() };
    let mut rest = &reply[line + 2..];
    let mut elements = Vec::new();
    while let Some(len) = crate::redis::reply_len(rest).filter(|_| !rest.is_empty()) {
        elements.push(rest[..len].to_vec());
        rest = &rest[len..];
    }
    elements
}
