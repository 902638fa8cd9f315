//! Cuts a WebAssembly module in two, by functions: what a first look needs, and what is loaded behind it.
//!
//! [`cut`] sends a function to the rest when a list names it, by its whole name or by the beginning of it, and of the functions
//! that stay it makes functions of those arms that another list has (`arms`, `outline`), and sends these too. Whatever the lists do
//! not know stays, so that lists that are behind the code cost bytes; a wait only where something listed is now needed at once. Where the first module calls a function of
//! the rest it has a stand-in, which first calls the export [`LOAD`] when the rest is not there yet. An instance of the rest imports
//! everything from the exports of the first, under the module name [`FROM`], and puts its functions into their places by itself.
//! Constants go with the functions: what nothing of the first part can get at goes to the rest, if the linker says what is a
//! constant and who mentions it (`linked`, `data`). All other data stays in the first.
//!
//! [`mark`] and [`list`] make the lists: a marked module notes which of its functions and arms have run, and what has not run is
//! listed.
//!
//! The module must still have its names; neither part has any.

mod apart;
mod arms;
mod caller;
mod choose;
mod data;
mod emit;
mod facts;
mod first;
mod linked;
mod list;
mod live;
mod mark;
mod names;
mod outline;
mod plan;
mod rest;
#[cfg(test)]
mod tests;
mod text;

use std::error::Error;

use data::Data;
use facts::Facts;

pub use emit::FROM;
pub use list::{Lists, list};
pub use mark::{Marked, mark};
pub use names::{Shortened, shorten};

/// The exported function that loads the rest at once.
pub const LOAD: &str = "load_rest";

/// A module in two parts.
#[derive(Debug)]
pub struct Cut {
    /// What is loaded first: the functions that are not listed, and the data that they use.
    pub first: Vec<u8>,
    /// The listed functions and arms, and the constants that only they use.
    pub rest: Vec<u8>,
    /// How much went where, for a person.
    pub told: String,
}

/// Cuts a module by two lists, in which `#` begins a comment line. `later` has a name a line, or the beginning of names and `*`;
/// `arms` has marks of arms. `linked` is the module as the linker wrote it when it was told `--emit-relocs`; without it all data stay.
///
/// # Errors
/// The module is not valid, has no names, does not export [`LOAD`], or has what the page's module has not: imported tables or
/// memories, tables filled with expressions, or data without an address; or `linked` is of another module, or does not tell.
pub fn cut(module: &[u8], linked: Option<&[u8]>, later: &str, arms: &str) -> Result<Cut, Box<dyn Error>> {
    let facts = Facts::read(module)?;
    let whole = arms::whole(&facts)?;
    let (outlined, arms) = outline::outline(&facts, module, &arms::read(arms)?, &whole, outline::WORTH)?;
    let facts = Facts::read(&outlined)?;
    let mut chosen = choose::choose(&facts, &choose::Listed::read(later), arms)?;
    let data = match linked {
        Some(linked) => Data::share(&facts, &chosen, &linked::Linked::read(linked)?)?,
        None => Data::whole(&facts),
    };
    chosen.leave(&facts, &data.late);
    let share = |later: bool| -> usize {
        let of = |at: &usize| chosen.is_later(facts.imported + *at as u32) == later;
        (0..facts.bodies.len()).filter(of).map(|at| facts.bodies[at].range().len()).sum()
    };
    let told = format!(
        "{} functions with {} bytes stay, {} with {} are loaded later, {} of them through a stand-in and {} as arms; {} bytes of data are loaded later, in {} pieces",
        facts.bodies.len() - chosen.later.len(),
        share(false),
        chosen.later.len(),
        share(true),
        chosen.stand_ins.len(),
        chosen.arms.len(),
        data.rest.iter().map(|segment| segment.bytes.len()).sum::<usize>(),
        data.rest.len(),
    );
    let first = first::first(&facts, &chosen, &data, &outlined)?;
    Ok(Cut { first, rest: rest::rest(&facts, &chosen, &data)?, told })
}
