//! Shorter names for what the module imports.

use std::error::Error;

use wasm_encoder::reencode::{Error as Trouble, Reencode};
use wasm_encoder::{ImportSection, Module};
use wasmparser::Parser;

/// A module whose imports have short names.
#[derive(Debug)]
pub struct Shortened {
    /// The module.
    pub module: Vec<u8>,
    /// The old names and the new ones, which its glue has to use too.
    pub names: Vec<(String, String)>,
}

/// Gives new names to imports whose names end with a hash, as wasm-bindgen's do: nothing compresses it, and it is sent twice, in the
/// module and in its glue.
///
/// # Errors
/// The module is not valid.
pub fn shorten(bytes: &[u8]) -> Result<Shortened, Box<dyn Error>> {
    let mut module = Module::new();
    let mut shortener = Shortener { names: Vec::new() };
    shortener.parse_core_module(&mut module, Parser::new(0), bytes).map_err(|why| why.to_string())?;
    Ok(Shortened { module: module.finish(), names: shortener.names })
}

struct Shortener {
    names: Vec<(String, String)>,
}

impl Reencode for Shortener {
    type Error = Box<dyn Error>;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Trouble<Self::Error>> {
        for import in section.into_imports() {
            let import = import?;
            let kind = self.entity_type(import.ty)?;
            if ends_with_hash(import.name) {
                let short = format!("_{:x}", self.names.len());
                imports.import(import.module, &short, kind);
                self.names.push((import.name.to_owned(), short));
            } else {
                imports.import(import.module, import.name, kind);
            }
        }
        Ok(())
    }
}

fn ends_with_hash(name: &str) -> bool {
    let hash = name.rsplit_once('_').map_or("", |(_, hash)| hash);
    hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
}
