//! What has to be known of a module before it is cut.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use wasmparser::{
    ConstExpr, DataKind, Element, ElementItems, ElementKind, Export, ExternalKind, FunctionBody, GlobalType,
    KnownCustom, MemoryType, Name, Operator, Parser, Payload, TableType, TypeRef, TypeSectionReader,
};

use crate::LOAD;

/// The exports that wasm-bindgen's glue calls by itself: to hand over text, and to keep what a browser's function has thrown. If one
/// of them had to be loaded, a rest that cannot be had would be asked for without an end.
const OF_GLUE: [&str; 6] = [
    "__externref_table_alloc",
    "__externref_table_dealloc",
    "__wbindgen_exn_store",
    "__wbindgen_free",
    "__wbindgen_malloc",
    "__wbindgen_realloc",
];

/// The parts of a module. Functions have numbers that begin with the imported ones.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    pub(crate) types: Option<TypeSectionReader<'a>>,
    /// How many functions are imported.
    pub(crate) imported: u32,
    /// The type of every function.
    pub(crate) signatures: Vec<u32>,
    pub(crate) tables: Vec<TableType>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<GlobalType>,
    /// What globals begin with.
    pub(crate) constants: Vec<u32>,
    pub(crate) data: Vec<Segment<'a>>,
    pub(crate) exports: Vec<Export<'a>>,
    pub(crate) bodies: Vec<FunctionBody<'a>>,
    /// Functions that are called by the browser.
    pub(crate) exposed: BTreeSet<u32>,
    pub(crate) elements: Vec<Elements>,
    pub(crate) names: BTreeMap<u32, String>,
}

/// Bytes that a module writes into its memory when it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) address: u32,
    pub(crate) bytes: &'a [u8],
}

impl Segment<'_> {
    /// The address behind its last byte.
    pub(crate) fn end(&self) -> u32 {
        self.address + self.bytes.len() as u32
    }
}

/// The one segment, which has to have an address that is a number.
pub(crate) fn segment<'a>(data: &wasmparser::Data<'a>) -> Result<Segment<'a>, Box<dyn Error>> {
    if let DataKind::Active { memory_index: 0, offset_expr } = &data.kind
        && let Some(address) = number(offset_expr)?
    {
        return Ok(Segment { address, bytes: data.data });
    }
    Err("data are not written to the one memory at a fixed address".into())
}

/// Functions that a module writes into its table when it begins.
pub(crate) struct Elements {
    pub(crate) place: u32,
    pub(crate) functions: Vec<u32>,
}

fn elements(element: Element<'_>) -> Result<Elements, Box<dyn Error>> {
    let (
        ElementItems::Functions(functions),
        ElementKind::Active { table_index: None | Some(0), offset_expr },
    ) = (element.items, element.kind)
    else {
        return Err("a table is filled with expressions, or later".into());
    };
    let place = number(&offset_expr)?.ok_or("a table is filled at no fixed place")?;
    Ok(Elements { place, functions: functions.into_iter().collect::<Result<_, _>>()? })
}

/// What an expression says that is only a number.
fn number(expression: &ConstExpr<'_>) -> Result<Option<u32>, Box<dyn Error>> {
    Ok(match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Some(value.cast_unsigned()),
        _ => None,
    })
}

impl<'a> Facts<'a> {
    /// The places of the table, and the functions in them.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (u32, u32)> {
        self.elements.iter().flat_map(|elements| (elements.place..).zip(elements.functions.iter().copied()))
    }

    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let mut facts = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            facts.take(payload?)?;
        }
        if facts.names.is_empty() {
            return Err("the module has no names to go by".into());
        }
        Ok(facts)
    }

    /// The exported function of this name.
    pub(crate) fn exported(&self, name: &str) -> Option<u32> {
        self.exports.iter().find(|e| e.kind == ExternalKind::Func && e.name == name).map(|e| e.index)
    }

    /// How many parameters functions of this type have.
    pub(crate) fn parameters(&self, signature: u32) -> Result<u32, Box<dyn Error>> {
        let types = self.types.clone().ok_or("no types")?;
        let signature = types.into_iter_err_on_gc_types().nth(signature as usize).ok_or("no such type")??;
        Ok(signature.params().len() as u32)
    }

    /// The functions that loading the rest may run: the one that does it, what the glue calls on its way, and all that these lead to
    /// by name.
    pub(crate) fn loading(&self) -> Result<BTreeSet<u32>, Box<dyn Error>> {
        let load = self.exported(LOAD).ok_or_else(|| format!("the module does not export {LOAD}"))?;
        let (mut look, mut seen) = (vec![load], BTreeSet::new());
        look.extend(OF_GLUE.iter().filter_map(|name| self.exported(name)));
        while let Some(function) = look.pop() {
            if seen.insert(function) {
                look.extend(self.named_by(function)?);
            }
        }
        Ok(seen)
    }

    /// The functions that this one names.
    pub(crate) fn named_by(&self, function: u32) -> Result<BTreeSet<u32>, Box<dyn Error>> {
        let mut named = BTreeSet::new();
        let Some(body) = function.checked_sub(self.imported).and_then(|at| self.bodies.get(at as usize))
        else {
            return Ok(named);
        };
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index }
                | Operator::ReturnCall { function_index }
                | Operator::RefFunc { function_index } => {
                    named.insert(function_index);
                }
                _ => {}
            }
        }
        Ok(named)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), Box<dyn Error>> {
        match payload {
            Payload::TypeSection(section) => self.types = Some(section),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import?.ty {
                        TypeRef::Func(signature) => {
                            self.imported += 1;
                            self.signatures.push(signature);
                        }
                        _ => return Err("only functions may be imported".into()),
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for signature in section {
                    self.signatures.push(signature?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global?;
                    self.constants.extend(number(&global.init_expr)?);
                    self.globals.push(global.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exposed.insert(export.index);
                    }
                    self.exports.push(export);
                }
            }
            Payload::StartSection { func, .. } => {
                self.exposed.insert(func);
            }
            Payload::ElementSection(section) => {
                for element in section {
                    self.elements.push(elements(element?)?);
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(section) => {
                for data in section {
                    self.data.push(segment(&data?)?);
                }
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    self.take_names(names)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_names(&mut self, names: wasmparser::NameSectionReader<'a>) -> Result<(), Box<dyn Error>> {
        for part in names {
            if let Name::Function(functions) = part? {
                for name in functions {
                    let name = name?;
                    self.names
                        .insert(name.index, plain(&format!("{:#}", rustc_demangle::demangle(name.name))));
                }
            }
        }
        Ok(())
    }
}

/// A name without the crates' marks, `[16 hexadecimal digits]`: they differ from one compiler and one set of flags to another.
pub(crate) fn plain(name: &str) -> String {
    let mut parts = name.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((mark, after))
                if mark.len() == 16 && mark.bytes().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                plain.push_str(after);
            }
            _ => plain.extend(["[", part]),
        }
    }
    plain
}
