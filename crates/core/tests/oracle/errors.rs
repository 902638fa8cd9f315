//! Protocol errors and inline commands, as Redis answers them.

use primacy_core::resp::{ArgSpans, Limits, Scan, scan};

use crate::redis::Redis;

/// What the peer gets for bytes that are no command, before the connection is closed.
fn ours(input: &[u8]) -> Vec<u8> {
    match scan(input, &mut ArgSpans::new(), &Limits::DEFAULT) {
        Scan::Error(error) => {
            let mut out = Vec::new();
            error.reply(&mut out);
            out
        }
        Scan::Http => Vec::new(),
        other => panic!("{}: {other:?}", input.escape_ascii()),
    }
}

#[test]
fn protocol_errors_are_those_of_redis() {
    let redis = Redis::start();
    let cases: Vec<Vec<u8>> = vec![
        b"*abc\r\n".to_vec(),
        b"*3000000000\r\n".to_vec(),
        b"*2147483648\r\n".to_vec(),
        b"*1\r\n$abc\r\n".to_vec(),
        b"*1\r\n$-1\r\n".to_vec(),
        b"*1\r\n$536870913\r\n".to_vec(),
        b"*1\r\n$99999999999999999999\r\n".to_vec(),
        b"*1\r\nx\r\n".to_vec(),
        b"*1\r\n\r\n".to_vec(),
        b"*2\r\n$3\r\nGET\r\nfoo\r\n".to_vec(),
        b"GET \"unbalanced\r\n".to_vec(),
        b"GET 'x'y\r\n".to_vec(),
        b"POST / HTTP/1.1\r\n".to_vec(),
        b"Host: localhost\r\n".to_vec(),
        [b"GET ".to_vec(), vec![b'a'; 70_000]].concat(),
        [b"*".to_vec(), vec![b'1'; 70_000]].concat(),
        [b"*1\r\n$".to_vec(), vec![b'1'; 70_000]].concat(),
        [b"*1\r\nx".to_vec(), vec![b'1'; 70_000]].concat(),
    ];
    for case in cases {
        let mut link = redis.connect();
        link.send(&case);
        let theirs = link.receive_all();
        let shown = &case[..case.len().min(40)];
        assert_eq!(
            ours(&case).escape_ascii().to_string(),
            theirs.escape_ascii().to_string(),
            "{}",
            shown.escape_ascii()
        );
    }
}

#[test]
fn inline_commands_have_the_arguments_that_redis_sees() {
    let redis = Redis::start();
    let mut link = redis.connect();
    let lines: [&[u8]; 7] = [
        b"ECHO hello",
        b"  ECHO\t\"a b\\n\\x41\\\"\"  ",
        b"ECHO 'it\\'s \\n'",
        b"ECHO a\"b c\"",
        b"ECHO \"\"",
        b"ECHO \"\\q\\r\\t\\a\\b\"",
        b"ECHO \xff\xfe",
    ];
    for line in lines {
        for end in [&b"\r\n"[..], b"\n"] {
            let input = [line, end].concat();
            link.send(&input);
            let theirs = link.receive();
            let mut spans = ArgSpans::new();
            assert_eq!(scan(&input, &mut spans, &Limits::DEFAULT), Scan::Whole { len: input.len() });
            let args = spans.view(&input);
            let ours = [format!("${}\r\n", args.get(1).len()).as_bytes(), args.get(1), b"\r\n"].concat();
            assert_eq!(
                ours.escape_ascii().to_string(),
                theirs.escape_ascii().to_string(),
                "{}",
                line.escape_ascii()
            );
            assert_eq!(args.raw(), crate::redis::frame(&[b"ECHO", args.get(1)]));
        }
    }
}
