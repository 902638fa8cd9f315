//! Programs made by chance, with every kind of arm, that come to an end.

use std::fmt::Write;

/// A module with a function `f` of two numbers, and a global `sum` of what happened on the way.
pub(super) fn program(seed: u64) -> String {
    let mut maker = Maker { state: seed, text: String::new(), labels: Vec::new(), made: 0 };
    maker.body(4);
    let body = maker.text;
    format!(
        r#"(module
        (import "js" "load" (func $js))
        (table 1 funcref)
        (memory 1)
        (global $sum (export "sum") (mut i64) (i64.const 1))
        (global $fuel (mut i32) (i32.const 200))
        (func $load (export "load_rest") (call $js))
        (func $note (param i32)
            (global.set $sum (i64.add (i64.mul (global.get $sum) (i64.const 31)) (i64.extend_i32_s (local.get 0)))))
        (func $burn (result i32)
            (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
            (i32.lt_s (global.get $fuel) (i32.const 0)))
        (func $f (export "f") (param $x0 i32) (param $x1 i32) (result i32) (local $x2 i32) (local $x3 i32) (local $y i64)
            {body}
            (i32.xor (local.get $x2) (i32.wrap_i64 (local.get $y)))))"#
    )
}

struct Maker {
    state: u64,
    text: String,
    /// The labels around, by number; whether a branch to them carries a number.
    labels: Vec<(u32, bool)>,
    made: u32,
}

impl Maker {
    fn chance(&mut self, below: u64) -> u64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    fn say(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    fn number(&mut self) -> String {
        let (a, b) = (self.chance(4), self.chance(4));
        match self.chance(5) {
            0 => format!("(i32.const {a})"),
            1 => format!("(local.get $x{a})"),
            2 => format!("(i32.add (local.get $x{a}) (i32.const {b}))"),
            3 => format!("(i32.and (local.get $x{a}) (i32.sub (local.get $x{b}) (i32.const 1)))"),
            _ => "(i32.wrap_i64 (local.get $y))".to_owned(),
        }
    }

    /// Instructions; tells whether control comes to their end.
    fn body(&mut self, depth: u32) -> bool {
        for _ in 0..=self.chance(3) {
            if !self.one(depth) {
                return false;
            }
        }
        true
    }

    fn one(&mut self, depth: u32) -> bool {
        let (number, place) = (self.number(), self.chance(4));
        match self.chance(if depth == 0 { 9 } else { 16 }) {
            0 | 1 => self.say(&format!("(local.set $x{place} {number})")),
            2 => self.say(&format!("(call $note {number})")),
            3 => self.say(&format!("(local.set $y (i64.add (local.get $y) (i64.extend_i32_u {number})))")),
            4 => self.say(&format!("(call $note (local.tee $x{place} {number}))")),
            5 => return self.branch(&number),
            6 => self.branch_if(&number),
            7 => return self.table(&number),
            8 if place == 0 => return self.end(&number),
            8 => self.say(&format!("(local.set $x{place} (i32.mul {number} (i32.const 3)))")),
            9..12 => self.choice(&number, depth),
            12 | 13 => self.block(place, depth),
            14 => self.value(place, depth),
            _ => self.again(&number, depth),
        }
        true
    }

    fn end(&mut self, number: &str) -> bool {
        let way = if self.chance(8) == 0 { "(unreachable)".to_owned() } else { format!("(return {number})") };
        self.say(&way);
        false
    }

    fn some_label(&mut self) -> Option<(u32, bool)> {
        let at = self.chance(self.labels.len().max(1) as u64) as usize;
        self.labels.get(at).copied()
    }

    fn branch(&mut self, number: &str) -> bool {
        match self.some_label() {
            Some((label, true)) => self.say(&format!("(br $l{label} {number})")),
            Some((label, false)) => self.say(&format!("(br $l{label})")),
            None => return true,
        }
        false
    }

    fn branch_if(&mut self, number: &str) {
        let condition = self.number();
        match self.some_label() {
            Some((label, true)) => self.say(&format!("(drop (br_if $l{label} {number} {condition}))")),
            Some((label, false)) => self.say(&format!("(br_if $l{label} {condition})")),
            None => {}
        }
    }

    fn table(&mut self, number: &str) -> bool {
        let carries = self.chance(4) == 0;
        let labels: Vec<u32> = self.labels.iter().filter(|one| one.1 == carries).map(|one| one.0).collect();
        if labels.is_empty() {
            return true;
        }
        let mut text = String::from("(br_table");
        for _ in 0..=self.chance(4) {
            let _ = write!(text, " $l{}", labels[self.chance(labels.len() as u64) as usize]);
        }
        let value = if carries { self.number() } else { String::new() };
        self.say(&format!("{text} {value} (i32.and {number} (i32.const 7)))"));
        false
    }

    fn inside(&mut self, carries: bool, depth: u32) -> bool {
        self.labels.push((self.made, carries));
        let falls = self.body(depth - 1);
        self.labels.pop();
        falls
    }

    fn open(&mut self, text: &str) {
        self.made += 1;
        let label = self.made;
        self.say(&text.replace("$l", &format!("$l{label}")));
    }

    fn choice(&mut self, number: &str, depth: u32) {
        self.open(&format!("{number} (if $l (then"));
        self.inside(false, depth);
        if self.chance(2) == 0 {
            self.say(") (else");
            self.body(depth - 1);
        }
        self.say("))");
    }

    fn block(&mut self, place: u64, depth: u32) {
        self.open("(block $l");
        self.inside(false, depth);
        self.say(")");
        self.say(&format!("(call $note (local.get $x{place}))"));
    }

    fn value(&mut self, place: u64, depth: u32) {
        self.open("(block $l (result i32)");
        if self.inside(true, depth) {
            let number = self.number();
            self.say(&number);
        }
        self.say(&format!(") (local.set $x{place})"));
    }

    /// A loop goes round while there is fuel.
    fn again(&mut self, number: &str, depth: u32) {
        self.open("(loop $l (if (call $burn) (then (return (local.get $x3))))");
        let label = self.made;
        if self.inside(false, depth) {
            self.say(&format!("(br_if $l{label} {number})"));
        }
        self.say(")");
    }
}
