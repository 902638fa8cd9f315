//! What the two modules have in common.

use std::collections::BTreeMap;
use std::error::Error;

use wasm_encoder::reencode::Error as Trouble;
use wasm_encoder::{
    ConstExpr, DataSection, ElementSection, Elements, GlobalType, RefType, TableType, ValType,
};

/// The name under which the rest imports what the first module exports.
pub const FROM: &str = "first";

/// The first module's table of what is loaded later, and its global that tells whether it is there.
pub(crate) const PLACES: &str = "rest";
pub(crate) const LOADED: &str = "rest_loaded";

pub(crate) const FLAG: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };

pub(crate) type Written = Result<Vec<u8>, Box<dyn Error>>;

/// A short name for the first module's function of this place among those that the rest wants.
pub(crate) fn short(at: usize) -> String {
    format!("{at:x}")
}

/// What a function's number has become.
pub(crate) fn number(numbers: &BTreeMap<u32, u32>, function: u32) -> Result<u32, Trouble<Box<dyn Error>>> {
    numbers.get(&function).copied().ok_or_else(|| Trouble::UserError("a function is missing".into()))
}

/// Writes segments into the one memory.
pub(crate) fn segments<'b>(data: &mut DataSection, segments: impl Iterator<Item = (u32, &'b [u8])>) {
    for (address, bytes) in segments {
        data.active(0, &ConstExpr::i32_const(address.cast_signed()), bytes.iter().copied());
    }
}

/// Writes functions into a table from a place on.
pub(crate) fn write(elements: &mut ElementSection, table: u32, place: u32, functions: Vec<u32>) {
    let table = Some(table).filter(|table| *table > 0);
    elements.active(table, &ConstExpr::i32_const(place.cast_signed()), Elements::Functions(functions.into()));
}

/// The type of the table.
pub(crate) fn places(minimum: u64) -> TableType {
    TableType { element_type: RefType::FUNCREF, table64: false, minimum, maximum: None, shared: false }
}
