//! Arms do as functions what they did.

use std::collections::BTreeSet;

use wasmi::{Caller, Engine, Linker, Module, Store, Val};

use super::chance::program;
use super::valid;
use crate::arms::{Mark, Marks};
use crate::data::Data;
use crate::facts::Facts;
use crate::{FROM, arms, first, outline, rest, text};

/// What a run gives: the function's result, none when it has trapped, and what happened on the way.
type Done = (Option<i32>, Option<i64>);

/// Runs `f`. The rest is joined when it is asked for, as in the page.
fn run(first: &[u8], rest: Option<&[u8]>, takes: [i32; 2]) -> Done {
    let engine = Engine::default();
    let rest = rest.map(|rest| Module::new(&engine, rest).expect("a module"));
    let mut store = Store::new(&engine, None::<wasmi::Instance>);
    let mut linker = Linker::new(&engine);
    let join = move |mut caller: Caller<'_, Option<wasmi::Instance>>| {
        let first = caller.data().expect("an instance");
        let mut linker = Linker::new(caller.engine());
        let exports: Vec<_> =
            first.exports(&caller).map(|e| (e.name().to_owned(), e.into_extern())).collect();
        for (name, item) in exports {
            linker.define(FROM, &name, item).expect("a name of its own");
        }
        linker.instantiate_and_start(&mut caller, rest.as_ref().expect("a rest")).expect("the rest fits");
    };
    linker.func_wrap("js", "load", join).expect("a name of its own");
    let first = Module::new(&engine, first).expect("a module");
    let instance = linker.instantiate_and_start(&mut store, &first).expect("an instance");
    *store.data_mut() = Some(instance);
    let f = instance.get_typed_func::<(i32, i32), i32>(&store, "f").expect("f");
    let result = f.call(&mut store, (takes[0], takes[1])).ok();
    let sum = instance.get_global(&store, "sum").map(|sum| match sum.get(&store) {
        Val::I64(sum) => sum,
        other => panic!("the sum is {other:?}"),
    });
    (result, sum)
}

const TAKES: [[i32; 2]; 6] = [[0, 0], [1, 0], [0, 1], [2, 3], [-1, 7], [6, 5]];

/// Every arm of which `goes` says so, by its place among all, is a function: first in one module, then in two.
fn stays_the_same(module: &[u8], what: &str, mut goes: impl FnMut(usize) -> bool) -> usize {
    let facts = Facts::read(module).expect("facts");
    let (mut marks, mut at) = (BTreeSet::<Mark>::new(), 0);
    text::read(module, |text| {
        let of = Marks::new(&facts, module, text);
        for tail in &text.tails {
            if goes(at) {
                marks.insert(of.of(*tail));
            }
            at += 1;
        }
        Ok(())
    })
    .expect("a text");
    let whole = arms::whole(&facts).expect("whole functions");
    let (outlined, arms) = outline::outline(&facts, module, &marks, &whole, i64::MIN).expect("arms");
    valid(&outlined);
    let facts = Facts::read(&outlined).expect("facts");
    let listed = crate::choose::Listed::read("note\n");
    let chosen = crate::choose::choose(&facts, &listed, arms).expect("a choice");
    let data = Data::whole(&facts);
    let (first, rest) = (first::first(&facts, &chosen, &data, &outlined), rest::rest(&facts, &chosen, &data));
    let (first, rest) = (first.expect("the first part"), rest.expect("the rest"));
    for takes in TAKES {
        let before = run(module, None, takes);
        assert_eq!(run(&outlined, None, takes), before, "{what} of {takes:?}, in one module");
        assert_eq!(run(&first, Some(&rest), takes), before, "{what} of {takes:?}, in two modules");
    }
    arms
}

/// A module around the body of `f`, which may use `$note` and the locals `$x` and `$y`.
fn module(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
        (import "js" "load" (func $js))
        (table 1 funcref)
        (memory 1)
        (global $sum (export "sum") (mut i64) (i64.const 1))
        (func $load (export "load_rest") (call $js))
        (func $note (param i32)
            (global.set $sum (i64.add (i64.mul (global.get $sum) (i64.const 31)) (i64.extend_i32_s (local.get 0)))))
        (func $f (export "f") (param $a i32) (param $b i32) (result i32) (local $x i32) (local $y i64) {body}))"#
    );
    wat::parse_str(text).expect("a module")
}

/// All arms together, and each alone.
fn all_and_each(body: &str) {
    let module = module(body);
    assert!(stays_the_same(&module, body, |_| true) > 0, "{body}");
    (0..8).for_each(|one| {
        stays_the_same(&module, body, |at| at == one);
    });
}

/// The marks of all tails of a module whose function has this name and calls one of that.
fn marks(own: &str, called: &str) -> Vec<Mark> {
    let text = format!(
        r#"(module (table 1 funcref) (memory 1) (global $stack (mut i32) (i32.const 0)) (func $load (export "load_rest"))
        (func ${called} (param i32))
        (func ${own} (param i32) (if (local.get 0) (then (call ${called} (i32.const 7))))))"#
    );
    let module = wat::parse_str(text).expect("a module");
    let facts = Facts::read(&module).expect("facts");
    let mut marks = Vec::new();
    text::read(&module, |text| {
        let of = Marks::new(&facts, &module, text);
        marks.extend(text.tails.iter().map(|tail| of.of(*tail)));
        Ok(())
    })
    .expect("a text");
    marks
}

#[test]
fn numbers_that_tell_namesakes_apart_do_not_count() {
    let usual = marks("shop::buy", "shop::pay");
    assert!(!usual.is_empty());
    assert_eq!(marks("shop::buy.12", "shop::pay.1367"), usual);
    assert_ne!(marks("shop::buy.later", "shop::pay"), usual);
    assert_ne!(marks("shop::buy", "shop::pay2"), usual);
}

#[test]
fn both_arms_of_a_choice() {
    let body = "(if (local.get $a) (then (local.set $x (i32.const 5)) (call $note (local.get $b)))
        (else (local.set $y (i64.extend_i32_s (local.get $b)))))
        (i32.add (local.get $x) (i32.wrap_i64 (local.get $y)))";
    all_and_each(body);
}

#[test]
fn an_arm_that_leaves_two_labels() {
    let body = "(block $outer (block $inner (br_if $inner (local.get $a)) (call $note (i32.const 3))
        (br_if $outer (local.get $b)) (local.set $x (i32.const 9)))
        (call $note (local.get $x)) (local.set $x (i32.const 4))) (local.get $x)";
    all_and_each(body);
}

#[test]
fn an_arm_that_returns_or_falls_through() {
    let body = "(if (local.get $a) (then (call $note (local.get $a)) (local.set $x (i32.const 1))
        (if (local.get $b) (then (return (i32.const 77)))) (local.set $x (i32.const 2)))) (local.get $x)";
    all_and_each(body);
}

#[test]
fn the_arms_of_a_match() {
    let body = "(block $d (block $c (block $b2 (block $a2
        (br_table $a2 $b2 $c $d (local.get $a)))
        (call $note (i32.const 1)) (br $d))
        (call $note (i32.const 2)) (local.set $x (i32.const 8)) (br_if $d (local.get $b)))
        (call $note (i32.const 3)) (return (local.get $x))) (i32.add (local.get $x) (i32.const 1))";
    all_and_each(body);
}

#[test]
fn an_arm_of_a_loop_that_goes_round_and_one_that_ends_it() {
    let body = "(block $done (loop $again (local.set $x (i32.add (local.get $x) (i32.const 1)))
        (if (i32.lt_s (local.get $x) (i32.const 5)) (then (call $note (local.get $x))
        (local.set $y (i64.add (local.get $y) (i64.const 3))) (br $again)))
        (br_if $done (local.get $a)) (call $note (i32.const 4))
        (br_if $again (i32.lt_s (local.get $x) (i32.const 9))) (local.set $x (i32.const 1))))
        (i32.add (local.get $x) (i32.wrap_i64 (local.get $y)))";
    all_and_each(body);
}

#[test]
fn an_arm_with_a_value_and_an_arm_with_a_table_of_its_own() {
    let body = "(block $out (local.set $x (if (result i32) (local.get $a) (then (call $note (i32.const 6))
        (br_if $out (local.get $b)) (i32.const 11)) (else (i32.const 12))))
        (if (local.get $b) (then (call $note (local.get $x)) (block $in (br_table $in $out (local.get $a)))
        (local.set $x (i32.const 13))))) (local.get $x)";
    all_and_each(body);
}

#[test]
fn an_arm_that_never_leaves() {
    all_and_each("(if (local.get $a) (then (call $note (i32.const 1)) (unreachable))) (local.get $b)");
}

#[test]
fn programs_made_by_chance_stay_the_same_with_any_of_their_arms_as_functions() {
    let mut arms = 0;
    for seed in 0..400 {
        let text = program(seed);
        let module = wat::parse_str(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        arms += stays_the_same(&module, &text, |_| true);
        arms += stays_the_same(&module, &text, |at| seed >> (at % 8) & 1 == 1);
    }
    assert!(arms > 1_000, "{arms} arms are too few to tell");
}
