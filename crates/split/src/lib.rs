//! Cuts a WebAssembly module in two, by functions: what a first look needs, and what is loaded behind it.
//!
//! [`cut`] sends a function to the rest when a list names it, by its whole name or by the beginning of it; whatever the list does
//! not know stays, so that a list that is behind the code costs bytes and never a wait. Where the first module calls a function of
//! the rest it has a stand-in, which first calls the export [`LOAD`] when the rest is not there yet. An instance of the rest imports
//! everything from the exports of the first, under the module name [`FROM`], and puts its functions into their places by itself.
//! All data stays in the first.
//!
//! [`mark`] and [`list`] make the list: a marked module notes which of its functions have run, and what has not run is listed.
//!
//! The module must still have its names; neither part has any.

mod choose;
mod emit;
mod facts;
mod list;
mod mark;
mod names;
#[cfg(test)]
mod tests;

use std::error::Error;

use facts::Facts;

pub use emit::FROM;
pub use list::list;
pub use mark::{Marked, mark};
pub use names::{Shortened, shorten};

/// The exported function that loads the rest at once.
pub const LOAD: &str = "load_rest";

/// A module in two parts.
#[derive(Debug)]
pub struct Cut {
    /// What is loaded first: all data, and the functions that are not listed.
    pub first: Vec<u8>,
    /// The listed functions.
    pub rest: Vec<u8>,
    /// How much went where, for a person.
    pub told: String,
}

/// Cuts a module by a list: a name a line, or the beginning of names and `*`; `#` begins a comment line.
///
/// # Errors
/// The module is not valid, has no names, does not export [`LOAD`], or has what the page's module has not: imported tables or
/// memories, or tables filled with expressions.
pub fn cut(module: &[u8], later: &str) -> Result<Cut, Box<dyn Error>> {
    let facts = Facts::read(module)?;
    let chosen = choose::choose(&facts, &choose::Listed::read(later))?;
    let share = |later: bool| -> usize {
        let of = |at: &usize| chosen.is_later(facts.imported + *at as u32) == later;
        (0..facts.bodies.len()).filter(of).map(|at| facts.bodies[at].range().len()).sum()
    };
    let told = format!(
        "{} functions with {} bytes stay, {} with {} are loaded later, {} of them through a stand-in",
        facts.bodies.len() - chosen.later.len(),
        share(false),
        chosen.later.len(),
        share(true),
        chosen.stand_ins.len(),
    );
    Ok(Cut { first: emit::first(&facts, &chosen, module)?, rest: emit::rest(&facts, &chosen)?, told })
}
