//! Bytes that mean nothing: no panic, and nothing allocated from a length that was only declared.

use primacy_core::keyspace::snapshot::{LoadError, Loader};
use primacy_core::resp::{ArgSpans, Limits, Scan, rescan, scan};
use primacy_core::rng::Rng;

use crate::rdb::{dump, filled, load};

#[test]
fn random_bytes_never_upset_the_scan() {
    let mut rng = Rng::from_u64(1);
    let alphabet = b"*$0123456789-\r\n \"'\\xGETSPOST:host\0\xff";
    let mut spans = ArgSpans::new();
    for _ in 0..200_000 {
        let len = rng.below(40);
        let input: Vec<u8> =
            (0..len).map(|_| alphabet[usize::try_from(rng.below(alphabet.len() as u64)).unwrap()]).collect();
        match scan(&input, &mut spans, &Limits::DEFAULT) {
            Scan::Whole { len } => {
                assert!(len <= input.len() && len > 0);
                let args = spans.view(&input);
                (0..args.len()).for_each(|i| assert!(args.get(i).len() <= input.len()));
            }
            Scan::Partial { need } => assert!(need > input.len()),
            Scan::Error(_) | Scan::Http => {}
        }
    }
}

#[test]
fn a_command_in_pieces_is_the_same_command() {
    let mut rng = Rng::from_u64(2);
    for _ in 0..500 {
        let args: Vec<Vec<u8>> =
            (0..1 + rng.below(30)).map(|_| vec![b'a'; usize::try_from(rng.below(200)).unwrap()]).collect();
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        let whole = crate::redis::frame(&args);
        let mut spans = ArgSpans::new();
        let mut have = 0;
        let mut result = scan(&[], &mut spans, &Limits::DEFAULT);
        while let Scan::Partial { need } = result {
            assert!(need > have && need <= whole.len(), "asked for more than the command");
            have = (have + 1 + usize::try_from(rng.below(100)).unwrap()).min(whole.len());
            result = rescan(&whole[..have], &mut spans, &Limits::DEFAULT);
        }
        assert_eq!(result, Scan::Whole { len: whole.len() });
        let view = spans.view(&whole);
        assert!(view.from(0).eq(args.iter().copied()));
        assert_eq!(view.raw(), whole);
    }
}

#[test]
fn limits_hold_to_the_byte() {
    let limits = Limits { inline: 10, multibulk: 3, bulk: 5, authenticated: true };
    let ok = |input: &[u8]| matches!(scan(input, &mut ArgSpans::new(), &limits), Scan::Whole { .. });
    let error = |input: &[u8]| matches!(scan(input, &mut ArgSpans::new(), &limits), Scan::Error(_));
    assert!(ok(b"*3\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n") && error(b"*4\r\n"));
    assert!(ok(b"*1\r\n$5\r\naaaaa\r\n") && error(b"*1\r\n$6\r\n"));
    assert!(!error(b"aaaaaaaaaa") && error(b"aaaaaaaaaaa"));
    let tight = Limits::UNAUTHENTICATED;
    let refused = |input: &[u8]| matches!(scan(input, &mut ArgSpans::new(), &tight), Scan::Error(_));
    assert!(!refused(b"*10\r\n") && refused(b"*11\r\n"));
    assert!(!refused(b"*1\r\n$16384\r\n") && refused(b"*1\r\n$16385\r\n"));
}

#[test]
fn a_file_cut_short_or_changed_is_refused() {
    let mut engine = filled(4, 300);
    let file = dump(&mut engine.keyspace);
    let mut rng = Rng::from_u64(4);
    for _ in 0..60 {
        let cut = usize::try_from(rng.below(file.len() as u64)).unwrap();
        assert_eq!(load(&file[..cut], 10_000).err(), Some(LoadError::Truncated), "cut at {cut}");
        let mut changed = file.clone();
        changed[cut] ^= 1 << rng.below(8);
        assert!(load(&changed, 10_000).is_err(), "changed at {cut}");
    }
    let mut longer = file;
    longer.push(0);
    assert!(load(&longer, 10_000).is_err());
}

#[test]
fn random_bytes_never_upset_the_loader() {
    let mut rng = Rng::from_u64(5);
    for _ in 0..100_000 {
        let mut input = b"REDIS0010".to_vec();
        for _ in 0..rng.below(60) {
            let bytes: [u8; 2] = rng.bytes();
            // Types, opcodes and lengths are small numbers or large ones.
            let small = [0, 1, 2, 4, 10, 11, 13, 14, 16, 18, 20, 0xc3, 0x81, 0x80, 0xfc, 0xfe, 0xfa];
            let pick = usize::from(bytes[0]) % (small.len() * 2);
            input.push(small.get(pick).copied().unwrap_or(bytes[1]));
        }
        let _refused = load(&input, 16);
    }
}

#[test]
fn a_file_larger_than_allowed_is_refused() {
    let mut engine = filled(6, 100);
    let file = dump(&mut engine.keyspace);
    let mut loader = Loader::new([1; 32], 100_000);
    let result = file.chunks(1000).try_for_each(|chunk| loader.push(chunk));
    assert_eq!(result, Err(LoadError::Memory));
    // A compressed string that claims to be large.
    let mut bomb = b"REDIS0010\x00\x01k\xc3\x05\x81".to_vec();
    bomb.extend_from_slice(&(1u64 << 40).to_be_bytes());
    bomb.extend_from_slice(&[0; 5]);
    let mut loader = Loader::new([1; 32], 100_000);
    assert_eq!(loader.push(&bomb), Err(LoadError::Memory));
}
