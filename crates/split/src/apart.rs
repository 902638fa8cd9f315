//! An arm written as a function of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, Instruction};
use wasmparser::{BrTable, Operator, ValType};

use crate::plan::{Plan, Way, order};
use crate::text::Text;

/// The function of an arm. It gives the number of the way by which it was left, when there are several, then what the ways carry,
/// then the locals.
pub(crate) struct Apart {
    pub(crate) takes: Vec<ValType>,
    pub(crate) gives: Vec<ValType>,
    pub(crate) body: Function,
}

impl Apart {
    pub(crate) fn of(text: &Text<'_>, plan: &Plan) -> Result<Self, Box<dyn Error>> {
        let mut writer = Writer::new(text, plan);
        writer.write()?;
        let kind = |local: &u32| text.locals[*local as usize];
        let mut gives = Vec::new();
        if plan.exits.len() > 1 {
            gives.push(ValType::I32);
        }
        gives.extend(plan.exits.iter().flat_map(|exit| &exit.carries));
        gives.extend(plan.gives.iter().map(kind));
        let takes = plan.takes.iter().map(kind).collect();
        Ok(Self { takes, gives, body: writer.finish()? })
    }
}

struct Writer<'t, 'a> {
    text: &'t Text<'a>,
    plan: &'t Plan,
    /// The numbers that the arm's locals have in its own function.
    locals: BTreeMap<u32, u32>,
    /// The types of those that are no parameters.
    own: Vec<ValType>,
    /// Where what each way carries is kept.
    carried: Vec<Vec<u32>>,
    /// The number of the way by which the arm was left, when there are several.
    left: Option<u32>,
    /// A condition, or a table's index.
    kept: Option<u32>,
    code: Vec<Instruction<'a>>,
}

impl<'t, 'a> Writer<'t, 'a> {
    fn new(text: &'t Text<'a>, plan: &'t Plan) -> Self {
        let mut own: Vec<u32> =
            plan.named.iter().copied().filter(|local| !plan.takes.contains(local)).collect();
        own.sort_by_key(|local| order(text.locals[*local as usize]));
        let locals = plan.takes.iter().chain(&own).copied().zip(0..).collect();
        let own = own.iter().map(|local| text.locals[*local as usize]).collect();
        let mut writer =
            Self { text, plan, locals, own, carried: Vec::new(), left: None, kept: None, code: Vec::new() };
        for exit in &plan.exits {
            let carried = exit.carries.iter().map(|kind| writer.local(*kind)).collect();
            writer.carried.push(carried);
        }
        writer.left = (plan.exits.len() > 1).then(|| writer.local(ValType::I32));
        writer
    }

    fn local(&mut self, kind: ValType) -> u32 {
        self.own.push(kind);
        (self.plan.takes.len() + self.own.len()) as u32 - 1
    }

    fn finish(self) -> Result<Function, Box<dyn Error>> {
        let mut function = function(&self.own)?;
        self.code.iter().for_each(|instruction| {
            function.instruction(instruction);
        });
        Ok(function)
    }

    /// Everything stands in a block, behind whose end the locals are given back.
    fn write(&mut self) -> Result<(), Box<dyn Error>> {
        self.code.push(Instruction::Block(BlockType::Empty));
        let (mut depth, tail) = (0, self.plan.tail);
        for at in tail.begin..self.text.end(tail) {
            self.take(self.text.operators[at].clone(), depth)?;
            match self.text.operators[at] {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End => depth -= 1,
                _ => {}
            }
        }
        match self.text.bodies[tail.body].falls {
            true => self.note(Way::End)?,
            // What nothing comes to may have left something on the stack.
            false => self.code.push(Instruction::Unreachable),
        }
        self.code.push(Instruction::End);
        if self.plan.exits.is_empty() {
            self.code.push(Instruction::Unreachable);
        }
        self.code.extend(self.left.map(Instruction::LocalGet));
        let given = self.plan.gives.iter().map(|local| &self.locals[local]);
        let all = self.carried.iter().flatten().chain(given);
        self.code.extend(all.map(|local| Instruction::LocalGet(*local)));
        self.code.push(Instruction::End);
        Ok(())
    }

    fn take(&mut self, operator: Operator<'a>, depth: u32) -> Result<(), Box<dyn Error>> {
        let outside =
            |label: u32| label.checked_sub(depth).map(|label| Way::to(self.text, self.plan.tail, label));
        let instruction = match &operator {
            Operator::LocalGet { local_index } => Instruction::LocalGet(self.locals[local_index]),
            Operator::LocalSet { local_index } => Instruction::LocalSet(self.locals[local_index]),
            Operator::LocalTee { local_index } => Instruction::LocalTee(self.locals[local_index]),
            Operator::Return => return self.leave(Way::back(self.text, self.plan.tail), depth),
            Operator::Br { relative_depth } if let Some(way) = outside(*relative_depth) => {
                return self.leave(way, depth);
            }
            Operator::BrIf { relative_depth } if let Some(way) = outside(*relative_depth) => {
                return self.leave_if(way, depth);
            }
            Operator::BrTable { targets } => return self.leave_by(targets, depth),
            _ => RoundtripReencoder.instruction(operator).map_err(|why| why.to_string())?,
        };
        self.code.push(instruction);
        Ok(())
    }

    /// Notes by which way the arm is left, and what it carries.
    fn note(&mut self, way: Way) -> Result<(), Box<dyn Error>> {
        let at = self.plan.exits.iter().position(|exit| exit.way == way).ok_or("a way is missing")?;
        self.code.extend(self.carried[at].iter().rev().map(|local| Instruction::LocalSet(*local)));
        if let Some(left) = self.left {
            self.code.extend([Instruction::I32Const(at as i32), Instruction::LocalSet(left)]);
        }
        Ok(())
    }

    fn leave(&mut self, way: Way, depth: u32) -> Result<(), Box<dyn Error>> {
        self.note(way)?;
        self.code.push(Instruction::Br(depth));
        Ok(())
    }

    fn leave_if(&mut self, way: Way, depth: u32) -> Result<(), Box<dyn Error>> {
        let at = self.plan.exits.iter().position(|exit| exit.way == way).ok_or("a way is missing")?;
        let carried = self.carried[at].clone();
        if self.left.is_none() && carried.is_empty() {
            self.code.push(Instruction::BrIf(depth));
            return Ok(());
        }
        // What is carried stays on the stack when the branch is not taken.
        if !carried.is_empty() {
            let kept = self.kept();
            self.code.push(Instruction::LocalSet(kept));
            self.code.extend(carried.iter().rev().map(|local| Instruction::LocalSet(*local)));
            self.code.extend(carried.iter().map(|local| Instruction::LocalGet(*local)));
            self.code.push(Instruction::LocalGet(kept));
        }
        self.code.push(Instruction::If(BlockType::Empty));
        self.code.extend(
            self.left
                .into_iter()
                .flat_map(|left| [Instruction::I32Const(at as i32), Instruction::LocalSet(left)]),
        );
        self.code.extend([Instruction::Br(depth + 1), Instruction::End]);
        Ok(())
    }

    /// A table that leads out of the arm leads to a block's end for each way, where it is noted.
    fn leave_by(&mut self, targets: &BrTable<'_>, depth: u32) -> Result<(), Box<dyn Error>> {
        let labels = targets.targets().collect::<Result<Vec<_>, _>>()?;
        let way =
            |label: &u32| label.checked_sub(depth).map(|label| Way::to(self.text, self.plan.tail, label));
        let all = labels.iter().chain([&targets.default()]).filter_map(way).collect::<BTreeSet<_>>();
        let ways: Vec<Way> = if self.left.is_some() { all.into_iter().collect() } else { Vec::new() };
        let blocks = ways.len() as u32;
        let to = |label: &u32| match way(label) {
            None => label + blocks,
            Some(way) => ways.iter().position(|one| *one == way).map_or(depth, |at| at as u32),
        };
        let labels: Vec<u32> = labels.iter().map(to).collect();
        let table = Instruction::BrTable(labels.into(), to(&targets.default()));
        if blocks > 0 {
            let kept = self.kept();
            self.code.push(Instruction::LocalSet(kept));
            self.code.extend(ways.iter().map(|_| Instruction::Block(BlockType::Empty)));
            self.code.push(Instruction::LocalGet(kept));
        }
        self.code.push(table);
        for (way, inner) in ways.into_iter().zip((0..blocks).rev()) {
            self.code.push(Instruction::End);
            self.leave(way, depth + inner)?;
        }
        Ok(())
    }

    fn kept(&mut self) -> u32 {
        let kept = self.kept.unwrap_or_else(|| self.local(ValType::I32));
        self.kept = Some(kept);
        kept
    }
}

/// A function that has these locals beside its parameters.
pub(crate) fn function(locals: &[ValType]) -> Result<Function, Box<dyn Error>> {
    let mut runs = Vec::new();
    for same in locals.chunk_by(|a, b| a == b) {
        runs.push((same.len() as u32, RoundtripReencoder.val_type(same[0]).map_err(|why| why.to_string())?));
    }
    Ok(Function::new(runs))
}
