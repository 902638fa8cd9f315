//! Writes the first module.

use std::collections::BTreeMap;
use std::error::Error;

use wasm_encoder::reencode::{Error as Trouble, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, Instruction, Module, TableSection,
};
use wasmparser::{Operator, Parser};

use crate::LOAD;
use crate::choose::Chosen;
use crate::data::Data;
use crate::emit::{FLAG, LOADED, PLACES, Written, number, places, segments, short, write};
use crate::facts::{Elements, Facts};

/// The module without the later functions.
pub(crate) fn first(facts: &Facts<'_>, chosen: &Chosen, data: &Data<'_>, bytes: &[u8]) -> Written {
    let kept = (0..facts.signatures.len() as u32).filter(|function| !chosen.is_later(*function));
    let numbers = kept.chain(chosen.stand_ins.iter().copied()).zip(0..).collect();
    let mut module = Module::new();
    let places = chosen.places().zip(0..).collect();
    let mut first = First { facts, chosen, data, numbers, places };
    first.parse_core_module(&mut module, Parser::new(0), bytes).map_err(|why| why.to_string())?;
    Ok(module.finish())
}

struct First<'a> {
    facts: &'a Facts<'a>,
    chosen: &'a Chosen,
    data: &'a Data<'a>,
    /// The functions' numbers in this module; a later one has its stand-in's.
    numbers: BTreeMap<u32, u32>,
    /// Where the later functions that it calls stand in the table.
    places: BTreeMap<u32, i32>,
}

impl First<'_> {
    fn load(&self) -> Result<u32, Box<dyn Error>> {
        self.facts.exported(LOAD).ok_or_else(|| format!("the module does not export {LOAD}").into())
    }

    /// The number of the function that waits for the rest.
    fn wait(&self) -> u32 {
        self.numbers.len() as u32
    }

    /// Waits until the table is filled.
    fn waiting(&self) -> Result<Function, Box<dyn Error>> {
        let mut body = Function::new([]);
        body.instruction(&Instruction::GlobalGet(self.facts.globals.len() as u32))
            .instruction(&Instruction::I32Eqz)
            .instruction(&Instruction::If(BlockType::Empty))
            .instruction(&Instruction::Call(self.numbers[&self.load()?]))
            .instruction(&Instruction::End)
            .instruction(&Instruction::End);
        Ok(body)
    }

    /// Calls a later function with what is on the stack.
    fn call(&self, body: &mut Function, function: u32) {
        body.instruction(&Instruction::Call(self.wait()))
            .instruction(&Instruction::I32Const(self.places[&function]))
            .instruction(&Instruction::CallIndirect {
                type_index: self.facts.signatures[function as usize],
                table_index: self.facts.tables.len() as u32,
            });
    }

    fn stand_in(&self, function: u32) -> Result<Function, Box<dyn Error>> {
        let mut body = Function::new([]);
        for local in 0..self.facts.parameters(self.facts.signatures[function as usize])? {
            body.instruction(&Instruction::LocalGet(local));
        }
        self.call(&mut body, function);
        body.instruction(&Instruction::End);
        Ok(body)
    }
}

impl Reencode for First<'_> {
    type Error = Box<dyn Error>;

    fn function_index(&mut self, function: u32) -> Result<u32, Trouble<Self::Error>> {
        number(&self.numbers, function)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        let own = |function: &u32| *function >= self.facts.imported && !self.chosen.is_later(*function);
        let all =
            (0..self.facts.signatures.len() as u32).filter(own).chain(self.chosen.stand_ins.iter().copied());
        let load = self.load().map_err(Trouble::UserError)?;
        for function in all.chain([load]) {
            functions.function(self.facts.signatures[function as usize]);
        }
        Ok(())
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: wasmparser::TableSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        utils::parse_table_section(self, tables, section)?;
        tables.table(places(self.places.len() as u64));
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        utils::parse_global_section(self, globals, section)?;
        globals.global(FLAG, &ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        utils::parse_export_section(self, exports, section)?;
        for (at, function) in self.chosen.wanted.iter().enumerate() {
            exports.export(&short(at), ExportKind::Func, self.numbers[function]);
        }
        for at in 0..self.facts.tables.len() {
            exports.export(&format!("t{at}"), ExportKind::Table, at as u32);
        }
        for at in 0..self.facts.globals.len() {
            exports.export(&format!("g{at}"), ExportKind::Global, at as u32);
        }
        exports.export("m0", ExportKind::Memory, 0);
        exports.export(PLACES, ExportKind::Table, self.facts.tables.len() as u32);
        exports.export(LOADED, ExportKind::Global, self.facts.globals.len() as u32);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        _: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        for (body, function) in self.facts.bodies.iter().zip(self.facts.imported..) {
            if !self.chosen.is_later(function) {
                self.parse_function_body(code, body.clone())?;
            }
        }
        for function in &self.chosen.stand_ins {
            code.function(&self.stand_in(*function).map_err(Trouble::UserError)?);
        }
        code.function(&self.waiting().map_err(Trouble::UserError)?);
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } if self.chosen.arms.contains(&function_index) => {
                    self.call(&mut function, function_index);
                }
                other => {
                    function.instruction(&self.instruction(other)?);
                }
            }
        }
        code.function(&function);
        Ok(())
    }

    fn parse_element_section(
        &mut self,
        elements: &mut ElementSection,
        _: wasmparser::ElementSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        for Elements { place, functions } in &self.facts.elements {
            let mut numbers = Vec::new();
            for (slot, function) in (*place..).zip(functions) {
                // Nobody has it in his hands before the rest has put it there; the same everywhere takes no room.
                let late = self.chosen.late.contains(&slot);
                numbers.push(if late { self.wait() } else { number(&self.numbers, *function)? });
            }
            write(elements, 0, *place, numbers);
        }
        Ok(())
    }

    fn data_count(&mut self, _: u32) -> Result<u32, Trouble<Self::Error>> {
        Ok(self.data.first.len() as u32)
    }

    fn parse_data_section(
        &mut self,
        data: &mut DataSection,
        _: wasmparser::DataSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        segments(data, self.data.first.iter().map(|(address, bytes)| (*address, bytes.as_slice())));
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        Ok(())
    }
}
