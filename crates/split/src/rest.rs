//! Writes the rest.

use std::collections::BTreeMap;
use std::error::Error;

use wasm_encoder::reencode::{Error as Trouble, Reencode};
use wasm_encoder::{
    CodeSection, DataSection, ElementSection, EntityType, Function, FunctionSection, ImportSection,
    Instruction, Module, StartSection, TableType, TypeSection,
};

use crate::choose::Chosen;
use crate::data::Data;
use crate::emit::{FLAG, FROM, LOADED, PLACES, Written, number, places, segments, short, write};
use crate::facts::Facts;

/// The module of the later functions.
pub(crate) fn rest(facts: &Facts<'_>, chosen: &Chosen, data: &Data<'_>) -> Written {
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
    let places: Vec<u32> = chosen.places().map(|function| rest.numbers[&function]).collect();
    let table = facts.tables.len() as u32;
    write(&mut elements, table, 0, places);
    let late: Vec<(u32, u32)> = facts.slots().filter(|(slot, _)| chosen.late.contains(slot)).collect();
    for run in late.chunk_by(|(one, _), (next, _)| one + 1 == *next) {
        let functions = run.iter().map(|(_, function)| rest.numbers[function]).collect();
        write(&mut elements, 0, run[0].0, functions);
    }
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
    let mut written = DataSection::new();
    segments(&mut written, data.rest.iter().map(|segment| (segment.address, segment.bytes)));
    module.section(&written);
    Ok(module.finish())
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
        imports.import(FROM, PLACES, EntityType::Table(places(chosen.places().count() as u64)));
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
        number(&self.numbers, function)
    }
}
