//! A function whose arms have become calls.

use std::error::Error;
use std::ops::Range;

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, Instruction};
use wasmparser::ValType;

use crate::apart::function;
use crate::plan::{Exit, Plan, Way};
use crate::text::Text;

/// What has been written of such a function.
pub(crate) struct Caller<'t, 'a> {
    text: &'t Text<'a>,
    code: Vec<Instruction<'a>>,
    /// The types of locals that the calls need, for the ways and what they carry.
    more: Vec<ValType>,
}

impl<'t, 'a> Caller<'t, 'a> {
    pub(crate) fn new(text: &'t Text<'a>) -> Self {
        Self { text, code: Vec::new(), more: Vec::new() }
    }

    /// Goes on with instructions as they are.
    pub(crate) fn copy(&mut self, range: Range<usize>) -> Result<(), Box<dyn Error>> {
        for operator in &self.text.operators[range] {
            let instruction = RoundtripReencoder.instruction(operator.clone());
            self.code.push(instruction.map_err(|why| why.to_string())?);
        }
        Ok(())
    }

    /// Goes on with a call for an arm, and with where it leaves to.
    pub(crate) fn call(&mut self, plan: &Plan, called: u32) {
        self.code.extend(plan.takes.iter().map(|local| Instruction::LocalGet(*local)));
        self.code.push(Instruction::Call(called));
        self.code.extend(plan.gives.iter().rev().map(|local| Instruction::LocalSet(*local)));
        match plan.exits.as_slice() {
            [] => self.code.push(Instruction::Unreachable),
            [only] => self.leave(plan, only, 0),
            exits => self.part(plan, exits),
        }
    }

    pub(crate) fn finish(self) -> Result<Function, Box<dyn Error>> {
        let mut locals = self.text.locals[self.text.parameters..].to_vec();
        locals.extend(self.more);
        let mut function = function(&locals)?;
        for instruction in &self.code {
            function.instruction(instruction);
        }
        Ok(function)
    }

    /// By which of several ways: its number is on the stack, below what the ways carry.
    fn part(&mut self, plan: &Plan, exits: &[Exit]) {
        let mut used = vec![false; self.more.len()];
        let carried: Vec<Vec<u32>> = exits
            .iter()
            .map(|exit| exit.carries.iter().map(|kind| self.local(*kind, &mut used)).collect())
            .collect();
        let set = carried.iter().flatten().rev().map(|local| Instruction::LocalSet(*local));
        self.code.extend(set);
        let label = |exit: &Exit| match exit.way {
            Way::End if self.text.bodies[plan.tail.body].is_loop => None,
            Way::End => Some(0),
            Way::Label(label) => Some(label),
        };
        let labels: Option<Vec<u32>> = exits.iter().map(label).collect();
        if let Some(labels) = labels.filter(|labels| labels.len() > 2 && carried.iter().all(Vec::is_empty)) {
            let (last, others) = labels.split_last().expect("several");
            self.code.push(Instruction::BrTable(others.to_vec().into(), *last));
            return;
        }
        let number = (exits.len() > 2).then(|| self.local(ValType::I32, &mut used));
        self.code.extend(number.map(Instruction::LocalSet));
        for (at, (exit, carried)) in exits.iter().zip(&carried).enumerate().skip(1) {
            if let Some(number) = number {
                let is =
                    [Instruction::LocalGet(number), Instruction::I32Const(at as i32), Instruction::I32Eq];
                self.code.extend(is);
            }
            match (label(exit), carried.as_slice()) {
                (Some(label), []) => self.code.push(Instruction::BrIf(label)),
                (_, carried) => {
                    self.code.push(Instruction::If(BlockType::Empty));
                    self.code.extend(carried.iter().map(|local| Instruction::LocalGet(*local)));
                    self.leave(plan, exit, 1);
                    self.code.push(Instruction::End);
                }
            }
        }
        self.code.extend(carried[0].iter().map(|local| Instruction::LocalGet(*local)));
        self.leave(plan, &exits[0], 0);
    }

    /// By this way, from so many blocks inside.
    fn leave(&mut self, plan: &Plan, exit: &Exit, depth: u32) {
        match exit.way {
            Way::End => {}
            Way::Label(label) if label as usize + 1 == self.text.around(plan.tail.body).count() => {
                self.code.push(Instruction::Return);
            }
            Way::Label(label) => self.code.push(Instruction::Br(label + depth)),
        }
    }

    /// A further local that is not yet used at this call.
    fn local(&mut self, kind: ValType, used: &mut Vec<bool>) -> u32 {
        let free = (0..self.more.len()).find(|at| self.more[*at] == kind && !used[*at]);
        let at = free.unwrap_or_else(|| {
            self.more.push(kind);
            used.push(false);
            self.more.len() - 1
        });
        used[at] = true;
        (self.text.locals.len() + at) as u32
    }
}
