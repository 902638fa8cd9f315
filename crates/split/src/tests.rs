//! What is cut is valid, complete and where the list says.

mod arms;
mod chance;
mod linked;

use wasmparser::{Parser, Payload, Validator};

use crate::{cut, list, mark, shorten};

/// `a` is for the browser and calls `b`; `b` and `c` call each other; `d` stands in the table.
const MODULE: &str = r#"(module $m
    (import "js" "tell" (func $tell (param i32)))
    (table $t 1 1 funcref)
    (memory 1)
    (global $stack (mut i32) (i32.const 1024))
    (elem (i32.const 0) func $shop::late::d)
    (data (i32.const 8) "data")
    (func $shop::load (export "load_rest") (call $tell (i32.const 1)))
    (func $shop::a (export "a") (param i32 f64) (result f64) (call $shop::late::b (local.get 0) (local.get 1)))
    (func $shop::late::b (param i32 f64) (result f64)
        (global.set $stack (i32.const 2000))
        (call $shop::c (i32.load (i32.const 8)))
        (local.get 1))
    (func $shop::c (param i32)
        (if (local.get 0) (then (drop (call $shop::late::b (local.get 0) (f64.const 1))))))
    (func $shop::late::d (call $tell (i32.const 2))))"#;

fn module() -> Vec<u8> {
    wat::parse_str(MODULE).expect("a module")
}

/// Numbers of imported functions, own functions, exports and bytes of data.
fn counts(module: &[u8]) -> (u32, usize, Vec<String>, usize) {
    let (mut imported, mut own, mut exports, mut data) = (0, 0, Vec::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload.expect("a section") {
            Payload::ImportSection(section) => {
                let all = section.into_imports().map(|import| import.expect("an import"));
                imported =
                    all.filter(|import| matches!(import.ty, wasmparser::TypeRef::Func(_))).count() as u32;
            }
            Payload::FunctionSection(section) => own = section.count() as usize,
            Payload::ExportSection(section) => {
                exports =
                    section.into_iter().map(|export| export.expect("an export").name.to_owned()).collect();
            }
            Payload::DataSection(section) => {
                data = section.into_iter().map(|d| d.expect("data").data.len()).sum();
            }
            _ => {}
        }
    }
    (imported, own, exports, data)
}

fn valid(module: &[u8]) {
    Validator::new().validate_all(module).expect("a valid module");
}

#[test]
fn both_parts_are_valid_and_nothing_is_lost() {
    let cut = cut(&module(), None, "shop::late::*\n", "").expect("a cut");
    valid(&cut.first);
    valid(&cut.rest);
    let (imported, own, exports, data) = counts(&cut.first);
    // load, a and c, the stand-ins of b, which a calls, and of d, which is in the table, and what waits for the rest.
    assert_eq!((imported, own, data), (1, 6, 4));
    assert!(
        ["load_rest", "a", "rest", "rest_loaded", "m0"].iter().all(|name| exports.iter().any(|e| e == name))
    );
    let (imported, own, exports, data) = counts(&cut.rest);
    // It calls c and tell; of its own it has b, d and what marks it as loaded.
    assert_eq!((imported, own, exports.len(), data), (2, 3, 0, 0));
}

#[test]
fn what_is_not_listed_stays_and_what_loads_the_rest_stays_although_listed() {
    let cut = cut(&module(), None, "# a comment\nshop::load\nshop::*\n", "").expect("a cut");
    valid(&cut.first);
    valid(&cut.rest);
    assert!(cut.told.starts_with("1 functions"), "{}", cut.told);
    let whole = super::cut(&module(), None, "another::*\nshop\nshop::late\n", "").expect("a cut");
    assert!(whole.told.starts_with("5 functions"), "{}", whole.told);
}

#[test]
fn what_the_glue_calls_while_the_rest_is_loaded_stays_and_is_not_listed() {
    let text = MODULE.replace(
        r#"(func $shop::late::d (call"#,
        r#"(func $shop::late::d (export "__wbindgen_exn_store") (call"#,
    );
    let module = wat::parse_str(text).expect("a module");
    let cut = cut(&module, None, "shop::*\n", "").expect("a cut");
    valid(&cut.rest);
    assert!(cut.told.starts_with("2 functions"), "{}", cut.told);
    let listed = list(&module, &[vec![true, true, false, true, false]]).expect("a list").functions;
    assert_eq!(listed, "shop::late::b\n");
}

#[test]
fn a_marked_module_is_valid_and_has_its_notes_behind_its_memory() {
    let marked = mark(&module()).expect("a marked module");
    valid(&marked.module);
    assert_eq!((marked.base, marked.count), (65_536, 5));
    let (imported, own, exports, data) = counts(&marked.module);
    assert_eq!((imported, own, data), (1, 5, 4));
    assert!(exports.iter().any(|name| name == "rest"));
}

#[test]
fn the_list_names_what_no_visit_ran_and_nothing_else() {
    let runs = [vec![true, true, false, false, false], vec![true, false, false, true, false]];
    let listed = list(&module(), &runs).expect("a list").functions;
    assert_eq!(listed, "shop::late::*\n");
    let cut = cut(&module(), None, &listed, "").expect("a cut");
    assert!(cut.told.starts_with("3 functions"), "{}", cut.told);
    let some = list(&module(), &[vec![true, false, true, true, false]]).expect("a list").functions;
    assert_eq!(some, "shop::late::d\n");
}

#[test]
fn what_cannot_be_cut_is_told() {
    let told = |text: &str| {
        cut(&wat::parse_str(text).expect("a module"), None, "", "").expect_err("an error").to_string()
    };
    assert_eq!(told("(module)"), "the module has no names to go by");
    assert_eq!(told("(module (func $f))"), "the module does not export load_rest");
    assert_eq!(told(r#"(module (import "js" "m" (memory 1)) (func $f))"#), "only functions may be imported");
    assert!(cut(b"no module", None, "", "").is_err());
    let strange = list(&module(), &[vec![true]]).expect_err("an error").to_string();
    assert_eq!(strange, "a run is of another module");
}

#[test]
fn crates_marks_are_no_part_of_names() {
    let plain = crate::facts::plain;
    assert_eq!(plain("<a[0123456789abcdef]::B as c[fedcba9876543210]::D>::e"), "<a::B as c::D>::e");
    assert_eq!(plain("<[u8; 4] as a[0123456789abcdef]::B>::c::<[&str]>"), "<[u8; 4] as a::B>::c::<[&str]>");
    assert_eq!(plain("a[0123456789abcdeg]::[b"), "a[0123456789abcdeg]::[b");
}

#[test]
fn imports_lose_the_hashes_of_their_names_and_nothing_else() {
    let text = r#"(module (import "js" "tell_0123456789abcdef" (func $a)) (import "js" "plain" (func $b)) (func $f (call $a) (call $b)))"#;
    let shortened = shorten(&wat::parse_str(text).expect("a module")).expect("shortened");
    valid(&shortened.module);
    assert_eq!(shortened.names, [("tell_0123456789abcdef".to_owned(), "_0".to_owned())]);
    assert_eq!(shorten(&shortened.module).expect("the same").module, shortened.module);
}
