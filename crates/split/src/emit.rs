//! Writes the two modules.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;

use wasm_encoder::reencode::{Error as Trouble, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, Module, RefType,
    StartSection, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::Parser;

use crate::LOAD;
use crate::choose::Chosen;
use crate::facts::Facts;

/// The name under which the rest imports what the first module exports.
pub const FROM: &str = "first";

/// The first module's table of what is loaded later, and its global that tells whether it is there.
pub(crate) const PLACES: &str = "rest";
const LOADED: &str = "rest_loaded";

const FLAG: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };

type Written = Result<Vec<u8>, Box<dyn Error>>;

/// The module without the later functions.
pub(crate) fn first(facts: &Facts<'_>, chosen: &Chosen, bytes: &[u8]) -> Written {
    let kept = (0..facts.signatures.len() as u32).filter(|function| !chosen.is_later(*function));
    let numbers = kept.chain(chosen.stand_ins.iter().copied()).zip(0..).collect();
    let mut module = Module::new();
    let mut first = First { facts, chosen, numbers };
    first.parse_core_module(&mut module, Parser::new(0), bytes).map_err(|why| why.to_string())?;
    Ok(module.finish())
}

/// The module of the later functions.
pub(crate) fn rest(facts: &Facts<'_>, chosen: &Chosen) -> Written {
    let mut module = Module::new();
    // What starts it comes before its functions, so that their numbers are known without it.
    let begins = chosen.wanted.len() as u32;
    let numbers = chosen.wanted.iter().chain([&u32::MAX]).chain(&chosen.later).copied().zip(0..).collect();
    let mut rest = Rest { numbers };
    let mut types = TypeSection::new();
    let known = facts.types.clone().ok_or("no types")?;
    let starter = known.clone().into_iter_err_on_gc_types().count() as u32;
    rest.parse_type_section(&mut types, known).map_err(|why| why.to_string())?;
    types.ty().function([], []);
    module.section(&types).section(&rest.imports(facts, chosen)?);

    let mut functions = FunctionSection::new();
    functions.function(starter);
    for function in &chosen.later {
        functions.function(facts.signatures[*function as usize]);
    }
    module.section(&functions).section(&StartSection { function_index: begins });

    let mut elements = ElementSection::new();
    let places: Vec<u32> = chosen.stand_ins.iter().map(|function| rest.numbers[function]).collect();
    let table = facts.tables.len() as u32;
    elements.active(Some(table), &ConstExpr::i32_const(0), Elements::Functions(Cow::Owned(places)));
    module.section(&elements);

    let mut code = CodeSection::new();
    let mut begin = Function::new([]);
    begin.instruction(&Instruction::I32Const(1));
    begin.instruction(&Instruction::GlobalSet(facts.globals.len() as u32));
    begin.instruction(&Instruction::End);
    code.function(&begin);
    for function in &chosen.later {
        let body = facts.bodies[(function - facts.imported) as usize].clone();
        rest.parse_function_body(&mut code, body).map_err(|why| why.to_string())?;
    }
    module.section(&code);
    Ok(module.finish())
}

/// A short name for the first module's function of this place among those that the rest wants.
fn short(at: usize) -> String {
    format!("{at:x}")
}

struct First<'a> {
    facts: &'a Facts<'a>,
    chosen: &'a Chosen,
    /// The functions' numbers in this module; a later one has its stand-in's.
    numbers: BTreeMap<u32, u32>,
}

impl First<'_> {
    /// Calls the function at its place in the table, once that is filled.
    fn stand_in(&self, function: u32, place: usize) -> Result<Function, Box<dyn Error>> {
        let load = self.facts.exported(LOAD).ok_or_else(|| format!("the module does not export {LOAD}"))?;
        let signature = self.facts.signatures[function as usize];
        let mut body = Function::new([]);
        body.instruction(&Instruction::GlobalGet(self.facts.globals.len() as u32))
            .instruction(&Instruction::I32Eqz)
            .instruction(&Instruction::If(BlockType::Empty))
            .instruction(&Instruction::Call(self.numbers[&load]))
            .instruction(&Instruction::End);
        for local in 0..self.facts.parameters(signature)? {
            body.instruction(&Instruction::LocalGet(local));
        }
        body.instruction(&Instruction::I32Const(place as i32))
            .instruction(&Instruction::CallIndirect {
                type_index: signature,
                table_index: self.facts.tables.len() as u32,
            })
            .instruction(&Instruction::End);
        Ok(body)
    }
}

impl Reencode for First<'_> {
    type Error = Box<dyn Error>;

    fn function_index(&mut self, function: u32) -> Result<u32, Trouble<Self::Error>> {
        self.numbers.get(&function).copied().ok_or_else(|| Trouble::UserError("a function is missing".into()))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        let own = |function: &u32| *function >= self.facts.imported && !self.chosen.is_later(*function);
        let all =
            (0..self.facts.signatures.len() as u32).filter(own).chain(self.chosen.stand_ins.iter().copied());
        for function in all {
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
        tables.table(places(self.chosen.stand_ins.len() as u64));
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
        for (place, function) in self.chosen.stand_ins.iter().enumerate() {
            code.function(&self.stand_in(*function, place).map_err(Trouble::UserError)?);
        }
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

fn places(minimum: u64) -> TableType {
    TableType { element_type: RefType::FUNCREF, table64: false, minimum, maximum: None, shared: false }
}

struct Rest {
    /// The functions' numbers in this module.
    numbers: BTreeMap<u32, u32>,
}

impl Rest {
    fn imports(&mut self, facts: &Facts<'_>, chosen: &Chosen) -> Result<ImportSection, Box<dyn Error>> {
        let mut imports = ImportSection::new();
        for (at, function) in chosen.wanted.iter().enumerate() {
            imports.import(FROM, &short(at), EntityType::Function(facts.signatures[*function as usize]));
        }
        for (at, table) in facts.tables.iter().enumerate() {
            let table =
                TableType { maximum: None, ..self.table_type(*table).map_err(|why| why.to_string())? };
            imports.import(FROM, &format!("t{at}"), EntityType::Table(table));
        }
        imports.import(FROM, PLACES, EntityType::Table(places(chosen.stand_ins.len() as u64)));
        for memory in &facts.memories {
            let memory = self.memory_type(*memory).map_err(|why| why.to_string())?;
            imports.import(FROM, "m0", EntityType::Memory(memory));
        }
        for (at, global) in facts.globals.iter().enumerate() {
            let global = self.global_type(*global).map_err(|why| why.to_string())?;
            imports.import(FROM, &format!("g{at}"), EntityType::Global(global));
        }
        imports.import(FROM, LOADED, EntityType::Global(FLAG));
        Ok(imports)
    }
}

impl Reencode for Rest {
    type Error = Box<dyn Error>;

    fn function_index(&mut self, function: u32) -> Result<u32, Trouble<Self::Error>> {
        self.numbers.get(&function).copied().ok_or_else(|| Trouble::UserError("a function is missing".into()))
    }
}
