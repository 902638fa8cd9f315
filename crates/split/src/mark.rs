//! A module that notes which of its functions have run, and which of their arms.

use std::error::Error;

use wasm_encoder::reencode::{Error as Trouble, Reencode, utils};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, Instruction, MemArg, MemorySection, MemoryType, Module,
};
use wasmparser::Parser;

use crate::arms::candidates;
use crate::emit::PLACES;
use crate::facts::Facts;
use crate::text;

const PAGE: u64 = 65_536;

/// What [`mark`] makes.
#[derive(Debug)]
pub struct Marked {
    /// The module with a note at the beginning of each function, and of each tail of a body.
    pub module: Vec<u8>,
    /// Where in its memory the notes are, in bytes.
    pub base: u32,
    /// How many there are, one byte for each function that the module defines, then for each tail; not 0 means that it has run.
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
    let functions = u32::try_from(facts.bodies.len())?;
    let (mut tails, mut count) = (Vec::new(), functions);
    text::read(bytes, |text| {
        let begins: Vec<usize> = candidates(text).map(|tail| tail.begin).collect();
        count += begins.len() as u32;
        tails.push(begins);
        Ok(())
    })?;
    let mut module = Module::new();
    let pages = u64::from(count).div_ceil(PAGE);
    let mut marker = Marker { base, pages, next: 0, next_tail: functions, tails };
    marker.parse_core_module(&mut module, Parser::new(0), bytes).map_err(|why| why.to_string())?;
    Ok(Marked { module: module.finish(), base, count })
}

struct Marker {
    base: u32,
    pages: u64,
    /// The next function, and the note of the next tail.
    next: u32,
    next_tail: u32,
    /// Before which instructions of each function the tails' notes stand.
    tails: Vec<Vec<usize>>,
}

impl Marker {
    fn note(&self, function: &mut Function, note: u32) {
        function
            .instruction(&Instruction::I32Const((self.base + note).cast_signed()))
            .instruction(&Instruction::I32Const(1))
            .instruction(&Instruction::I32Store8(MemArg { offset: 0, align: 0, memory_index: 0 }));
    }
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
        self.note(&mut function, self.next);
        let mut tails = std::mem::take(&mut self.tails[self.next as usize]).into_iter().peekable();
        self.next += 1;
        for (at, operator) in body.get_operators_reader()?.into_iter().enumerate() {
            if tails.next_if_eq(&at).is_some() {
                self.note(&mut function, self.next_tail);
                self.next_tail += 1;
            }
            function.instruction(&self.instruction(operator?)?);
        }
        code.function(&function);
        Ok(())
    }
}
