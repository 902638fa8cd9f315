//! A module that notes which of its functions have run.

use std::error::Error;

use wasm_encoder::reencode::{Error as Trouble, Reencode, utils};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, Instruction, MemArg, MemorySection, MemoryType, Module,
};
use wasmparser::Parser;

use crate::emit::PLACES;
use crate::facts::Facts;

const PAGE: u64 = 65_536;

/// What [`mark`] makes.
#[derive(Debug)]
pub struct Marked {
    /// The module with a note at the beginning of each function.
    pub module: Vec<u8>,
    /// Where in its memory the notes are, in bytes.
    pub base: u32,
    /// How many there are, one byte for each function that the module defines; not 0 means that it has run.
    pub count: u32,
}

/// Marks a module. The notes stand behind the memory that it begins with, where no allocator looks. It exports what only a cut
/// module does, so that it waits for a rest as that would.
///
/// # Errors
/// As [`cut`](crate::cut).
pub fn mark(bytes: &[u8]) -> Result<Marked, Box<dyn Error>> {
    let facts = Facts::read(bytes)?;
    let [memory] = facts.memories.as_slice() else {
        return Err("one memory is marked, no other number".into());
    };
    let base = u32::try_from(memory.initial * PAGE)?;
    let count = u32::try_from(facts.bodies.len())?;
    let mut module = Module::new();
    let mut marker = Marker { base, pages: u64::from(count).div_ceil(PAGE), next: 0 };
    marker.parse_core_module(&mut module, Parser::new(0), bytes).map_err(|why| why.to_string())?;
    Ok(Marked { module: module.finish(), base, count })
}

struct Marker {
    base: u32,
    pages: u64,
    next: u32,
}

impl Reencode for Marker {
    type Error = Box<dyn Error>;

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        for memory in section {
            let memory = self.memory_type(memory?)?;
            memories.memory(MemoryType { minimum: memory.minimum + self.pages, ..memory });
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        utils::parse_export_section(self, exports, section)?;
        exports.export(PLACES, ExportKind::Memory, 0);
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        let mut function: Function = self.new_function_with_parsed_locals(&body)?;
        function
            .instruction(&Instruction::I32Const((self.base + self.next).cast_signed()))
            .instruction(&Instruction::I32Const(1))
            .instruction(&Instruction::I32Store8(MemArg { offset: 0, align: 0, memory_index: 0 }));
        self.next += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&self.parse_instruction(&mut operators)?);
        }
        code.function(&function);
        Ok(())
    }
}
