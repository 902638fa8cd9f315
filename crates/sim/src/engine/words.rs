//! Actions in words.

use crate::command::Command;
use crate::command_text;
use crate::fault::FaultKind;
use crate::scenario::MAX_CLIENTS;
use crate::world::World;

use super::lane::Planned;

/// First words of the actions that are understood.
pub(super) fn firsts() -> Vec<String> {
    let mut all: Vec<String> = FIRSTS.iter().map(|word| (*word).to_owned()).collect();
    all.dedup();
    all
}

/// Apart from the table, which says much more than every visitor needs at once.
static FIRSTS: [&str; command_text::TABLE.len()] = {
    let mut firsts = [""; command_text::TABLE.len()];
    let mut row = 0;
    while row < firsts.len() {
        let usage = command_text::TABLE[row].0;
        let mut end = 0;
        while end < usage.len() && usage.as_bytes()[end] != b' ' {
            end += 1;
        }
        firsts[row] = usage.split_at(end).0;
        row += 1;
    }
    firsts
};

/// The command behind the words.
pub(super) fn parse(text: &str) -> Result<Command, String> {
    command_text::parse(text)
}

/// Why an action would come to nothing: it is about nobody, or about more applications than there can be. It would be noted,
/// and repeated by links.
pub(super) fn in_vain(world: &World, command: &Command) -> Option<String> {
    let here = world.clients.len();
    let more = match command {
        Command::Type { .. } => return None,
        Command::AddClient(_) => 1,
        Command::AddClients { count, .. } => usize::from(*count),
        _ => 0,
    };
    if here + more > MAX_CLIENTS {
        return Some(format!("{MAX_CLIENTS} applications at most, and {here} are here."));
    }
    let missing = |word: &&str| match word.strip_prefix('c') {
        Some(number) => number.parse::<usize>().is_ok_and(|number| number > here),
        None if word.len() == 3 => {
            word.parse::<u16>().is_ok_and(|id| world.lags().iter().all(|lag| lag.node.0 != id))
        }
        None => false,
    };
    of(command).split(' ').find(missing).map(|word| format!("There is no {word} here."))
}

/// A command's words.
pub(super) fn of(command: &Command) -> String {
    command.to_string()
}

/// The words that began a fault, as a person said them; else its name.
pub(super) fn fault(plan: &[Planned], kind: &FaultKind) -> String {
    let began = |p: &&Planned| matches!(&p.command, Command::Begin(begun) if begun == kind);
    plan.iter().find(began).map_or_else(|| of(&Command::Begin(kind.clone())), |p| p.text.clone())
}

/// Why the coordinator refused the request that was just made.
pub(super) fn refusal(world: &World, command: &Command) -> Option<String> {
    let asks = matches!(command, Command::Begin(FaultKind::Operator(_)));
    let why = world.last_request().filter(|_| asks)?.as_ref().err()?;
    Some(format!("The coordinator refused: {why}."))
}
