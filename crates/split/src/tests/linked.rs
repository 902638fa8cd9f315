//! Constants go with the functions that use them.

use wasm_encoder::{CustomSection, DataSymbolDefinition, LinkingSection, Section, SymbolTable};
use wasmparser::{Parser, Payload};

use super::{counts, valid};
use crate::cut;

/// Where the constants are: they stand one behind the other, sixteen bytes each.
const BEGIN: u32 = 1024;

/// `a`, which stays, mentions A, a place eight bytes before E, and H with its length in one number; `late::b` mentions B and G. A points to D, B to C and to the table's
/// first place, and what may change points to F.
const MODULE: &str = r#"(module $m
    (table 2 2 funcref)
    (memory 1)
    (global $stack (mut i32) (i32.const 512))
    (elem (i32.const 0) func $late::d $late::e)
    (data $.rodata (i32.const 1024) "\34\04\00\00AAAAAAAAAAAA\14\04\00\00\00\00\00\00BBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFGGGGGGGGGGGGGGGGHHHHHHHHHHHHHHHH")
    (data $.data (i32.const 2048) "\50\04\00\00\01\00\00\00")
    (func $load (export "load_rest"))
    (func $a (export "a") (result i32)
        (i32.add (i32.load (i32.const 1024)) (i32.load offset=1080 (i32.const 8)))
        (call $late::b)
        (i32.add)
        (i64.store (i32.const 0) (i64.const 0x1000000470)))
    (func $late::b (result i32) (i32.add (i32.load (i32.const 1040)) (i32.load offset=1120 (i32.const 0))))
    (func $late::d)
    (func $late::e))"#;

/// The kinds of mentions (tool-conventions, Linking.md): by code that reads at an address, by its numbers, and by data; places of the
/// table by data.
const READ: u8 = 3;
const NUMBER: u8 = 4;
const POINTER: u8 = 5;
const SLOT: u8 = 2;

/// The module as a linker writes it that was told to keep what it knows.
fn linked(module: &[u8]) -> Vec<u8> {
    let (mut data, mut segments, mut code, mut sections) = ((0, 0), Vec::new(), 0, 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload.expect("a section") {
            Payload::DataSection(section) => {
                data = (sections, section.range().start);
                for segment in section {
                    let segment = segment.expect("data");
                    segments.push(segment.range.end - segment.data.len() - data.1);
                }
            }
            Payload::CodeSectionStart { .. } => code = sections,
            Payload::Version { .. } | Payload::CodeSectionEntry(_) => continue,
            _ => {}
        }
        sections += 1;
    }
    let mut symbols = SymbolTable::new();
    for (at, name) in ["A", "B", "C", "D", "E", "F", "G", "H"].iter().enumerate() {
        let place = DataSymbolDefinition { index: 0, offset: 16 * at as u32, size: 16 };
        symbols.data(SymbolTable::WASM_SYM_BINDING_LOCAL, name, Some(place));
    }
    symbols.function(SymbolTable::WASM_SYM_BINDING_LOCAL, 3, Some("late::d"));
    symbols.function(SymbolTable::WASM_SYM_BINDING_LOCAL, 4, Some("late::e"));
    let mut out = module.to_vec();
    LinkingSection::new().symbol_table(&symbols).append_to(&mut out);
    let in_code =
        [(NUMBER, 0, 0, 0), (READ, 0, 4, -8), (NUMBER, 0, 7, 0), (NUMBER, 0, 1, 0), (READ, 0, 6, 0)];
    relocations("reloc.CODE", code, &in_code, &mut out);
    let in_data = [
        (POINTER, segments[0], 3, 4),
        (POINTER, segments[0] + 16, 2, -12),
        (SLOT, segments[0] + 20, 8, 0),
        (POINTER, segments[1], 5, 0),
        (SLOT, segments[1] + 4, 9, 0),
    ];
    relocations("reloc.DATA", data.0, &in_data, &mut out);
    out
}

/// Writes mentions: of which kind, where, of which symbol, and how many bytes behind its beginning.
fn relocations(name: &str, section: u32, all: &[(u8, usize, u32, i8)], out: &mut Vec<u8>) {
    let mut bytes = vec![section as u8, all.len() as u8];
    for (kind, at, symbol, more) in all {
        // A number below 16,384 in the two bytes that any linker may take.
        bytes.extend([*kind, *at as u8 | 0x80, (*at >> 7) as u8, *symbol as u8]);
        if *kind != SLOT {
            bytes.push(more.cast_unsigned() & 0x7f);
        }
    }
    CustomSection { name: name.into(), data: bytes.into() }.append_to(out);
}

/// The data that a module begins with, by address.
fn data(module: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::DataSection(section) = payload.expect("a section") {
            for data in section {
                let segment = crate::facts::segment(&data.expect("data")).expect("a segment");
                all.push((segment.address, segment.bytes.to_vec()));
            }
        }
    }
    all
}

#[test]
fn constants_of_the_rest_go_with_it_and_nothing_else_does() {
    let module = wat::parse_str(MODULE).expect("a module");
    let cut = cut(&module, Some(&linked(&module)), "late::*\n", "").expect("a cut");
    valid(&cut.first);
    valid(&cut.rest);
    let text = |module: &[u8]| {
        let all =
            data(module).into_iter().map(|(at, bytes)| (at, String::from_utf8_lossy(&bytes).into_owned()));
        all.collect::<Vec<_>>()
    };
    let missing = |n: usize| "\u{fffd}".repeat(n);
    let (a, def) = ("\u{34}\u{4}\0\0AAAAAAAAAAAA", "DDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFF");
    let kept = format!("{a}{}{def}{}HHHHHHHHHHHHHHHH", missing(32), missing(16));
    let gap = "\0".repeat(2048 - 1024 - 128);
    let first = [(BEGIN, format!("{kept}{gap}\u{50}\u{4}\0\0\u{1}\0\0\0"))];
    assert!(text(&cut.first) == first, "{:?}", text(&cut.first));
    let later = [
        (BEGIN + 16, "\u{14}\u{4}\0\0\0\0\0\0BBBBBBBBCCCCCCCCCCCCCCCC".to_owned()),
        (BEGIN + 96, "GGGGGGGGGGGGGGGG".to_owned()),
    ];
    assert_eq!(text(&cut.rest), later);
}

#[test]
fn places_of_the_table_that_only_the_rest_mentions_need_no_stand_in() {
    let module = wat::parse_str(MODULE).expect("a module");
    let whole = cut(&module, None, "late::*\n", "").expect("a cut");
    let shared = cut(&module, Some(&linked(&module)), "late::*\n", "").expect("a cut");
    // load, a, the stand-ins of b, d and e, and what waits for the rest.
    assert_eq!(counts(&whole.first).1, 6);
    // What may change mentions e, so somebody of the first part may call it.
    assert_eq!(counts(&shared.first).1, 5);
}

#[test]
fn what_the_linker_does_not_tell_or_what_is_of_another_module_is_refused() {
    let module = wat::parse_str(MODULE).expect("a module");
    let told = |linked: &[u8]| cut(&module, Some(linked), "late::*\n", "").expect_err("an error").to_string();
    assert_eq!(told(&module), "the linker was not told --emit-relocs");
    let other = wat::parse_str(MODULE.replace("GGGGGGGGGGGGGGGG", "IIIIIIIIIIIIIIII")).expect("a module");
    assert_eq!(told(&linked(&other)), "constant 6 is not what the linker wrote");
    let moved = wat::parse_str(MODULE.replace("\\50\\04", "\\60\\04")).expect("a module");
    assert_eq!(told(&linked(&moved)), "data are not where the linker says");
}
