//! Makes functions of arms: a module in which the listed arms are calls.

use std::collections::BTreeSet;
use std::error::Error;

use wasm_encoder::reencode::{Error as Trouble, Reencode, RoundtripReencoder, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Module, TypeSection, ValType as Kind};
use wasmparser::{FuncType, Parser, ValType};

use crate::apart::Apart;
use crate::arms::{Mark, Marks};
use crate::caller::Caller;
use crate::facts::Facts;
use crate::live::Live;
use crate::plan::Plan;
use crate::text::{self, Text};

/// How much longer than its call an arm has to be, in bytes.
pub(crate) const WORTH: i64 = 4;

/// The module with the listed arms as functions behind its own, and how many they are; functions that have to stay whole do.
pub(crate) fn outline(
    facts: &Facts<'_>,
    bytes: &[u8],
    listed: &BTreeSet<Mark>,
    whole: &BTreeSet<u32>,
    worth: i64,
) -> Result<(Vec<u8>, usize), Box<dyn Error>> {
    let known = facts.types.clone().ok_or("no types")?;
    let types = known.into_iter_err_on_gc_types().collect::<Result<Vec<_>, _>>()?;
    let known = types.len();
    let first = facts.signatures.len() as u32;
    let mut outliner = Outliner { types, known, first, worth, bodies: Vec::new(), arms: Vec::new() };
    text::read(bytes, |text| {
        let body = match whole.contains(&text.function) {
            true => None,
            false => outliner.function(text, &Marks::new(facts, bytes, text), listed)?,
        };
        outliner.bodies.push(body);
        Ok(())
    })?;
    let arms = outliner.arms.len();
    let mut module = Module::new();
    outliner.parse_core_module(&mut module, Parser::new(0), bytes).map_err(|why| why.to_string())?;
    Ok((module.finish(), arms))
}

struct Outliner {
    types: Vec<FuncType>,
    /// How many types there were.
    known: usize,
    /// The number of the first arm's function.
    first: u32,
    worth: i64,
    /// What the module's functions have become; none when they are as they were.
    bodies: Vec<Option<Function>>,
    /// The arms' types and functions.
    arms: Vec<(u32, Function)>,
}

impl Outliner {
    /// The function with calls for its arms, if it has any that are listed.
    fn function(
        &mut self,
        text: &Text<'_>,
        marks: &Marks<'_>,
        listed: &BTreeSet<Mark>,
    ) -> Result<Option<Function>, Box<dyn Error>> {
        let mut chosen =
            text.tails.iter().copied().filter(|tail| listed.contains(&marks.of(*tail))).peekable();
        if chosen.peek().is_none() {
            return Ok(None);
        }
        let live = Live::of(text);
        let (mut written, mut at) = (Caller::new(text), 0);
        for tail in chosen {
            // An arm in an arm goes with it.
            if tail.begin < at {
                continue;
            }
            let Some(plan) = Plan::of(text, &live, tail)
                .filter(|plan| text.size(tail) as i64 - plan.cost() as i64 >= self.worth)
            else {
                continue;
            };
            written.copy(at..tail.begin)?;
            let called = self.arm(text, &plan)?;
            written.call(&plan, called);
            at = text.end(tail);
        }
        if at == 0 {
            return Ok(None);
        }
        written.copy(at..text.operators.len())?;
        written.finish().map(Some)
    }

    /// Adds an arm's function and gives its number.
    fn arm(&mut self, text: &Text<'_>, plan: &Plan) -> Result<u32, Box<dyn Error>> {
        let apart = Apart::of(text, plan)?;
        let kind = FuncType::new(apart.takes, apart.gives);
        let place = self.types.iter().position(|known| *known == kind).unwrap_or_else(|| {
            self.types.push(kind);
            self.types.len() - 1
        });
        self.arms.push((place as u32, apart.body));
        Ok(self.first + self.arms.len() as u32 - 1)
    }
}

impl Reencode for Outliner {
    type Error = Box<dyn Error>;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        utils::parse_type_section(self, types, section)?;
        for kind in &self.types[self.known..] {
            let takes = kinds(kind.params())?;
            types.ty().function(takes, kinds(kind.results())?);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        utils::parse_function_section(self, functions, section)?;
        for (kind, _) in &self.arms {
            functions.function(*kind);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        for (at, body) in section.into_iter().enumerate() {
            match self.bodies[at].take() {
                Some(changed) => {
                    code.function(&changed);
                }
                None => self.parse_function_body(code, body?)?,
            }
        }
        for (_, arm) in &self.arms {
            code.function(arm);
        }
        Ok(())
    }
}

fn kinds(types: &[ValType]) -> Result<Vec<Kind>, Trouble<Box<dyn Error>>> {
    let all: Result<Vec<Kind>, _> = types.iter().map(|kind| RoundtripReencoder.val_type(*kind)).collect();
    all.map_err(|why| Trouble::UserError(why.to_string().into()))
}
