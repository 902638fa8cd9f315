//! What may come next in a line: the engine's own words, and the few of the terminal's.

use primacy_core::{command, order};
use primacy_sim::console;

use super::local;

/// Offers at most.
const MOST: usize = 8;

/// One way in which a line may go on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Offer {
    /// The whole line then.
    pub(super) line: String,
    /// The word that is new in it, and what it is.
    pub(super) word: String,
    pub(super) about: String,
}

/// How the line may go on, best first. `targets` is whom one can connect to, `nodes` the nodes' names.
pub(super) fn complete(line: &str, targets: &[String], nodes: &[String], history: &[String]) -> Vec<Offer> {
    if line.trim().is_empty() {
        return Vec::new();
    }
    let (head, word) = line.rsplit_once(' ').map_or(("", line), |(head, word)| (head, word));
    let own = |words: &[String], about: &str| -> Vec<Offer> {
        let fits = words.iter().filter(|w| w.starts_with(word) && w.len() > word.len());
        let offer = |text: &String| Offer {
            line: if head.is_empty() { text.clone() } else { format!("{head} {text}") },
            word: text.clone(),
            about: about.to_owned(),
        };
        fits.map(offer).collect()
    };
    if head == "connect" {
        return own(targets, "");
    }
    let mut found =
        if head.is_empty() { own(&local::WORDS.map(str::to_owned), "terminal") } else { Vec::new() };
    let known = console::complete(line, line.len(), &keys(history), nodes);
    found.extend(known.into_iter().map(|c| {
        let before = line.get(..c.from).unwrap_or_default();
        Offer { line: format!("{before}{}", c.text), word: c.text, about: c.about }
    }));
    if head.is_empty() {
        order::sort_by_key(&mut found, |offer| offer.word.len());
    }
    found.truncate(MOST);
    found
}

/// Second words of earlier commands: they are keys most of the time.
fn keys(history: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in history.iter().rev() {
        let mut words = line.split_whitespace();
        let is_command = words.next().is_some_and(|name| command::lookup(name.as_bytes()).is_some());
        if let Some(key) = words.next().filter(|_| is_command)
            && !found.iter().any(|known| known == key)
        {
            found.push(key.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn lines(line: &str, history: &[String]) -> Vec<String> {
        let targets = ["002".to_owned(), "reader".to_owned()];
        complete(line, &targets, &[], history).into_iter().map(|offer| offer.line).collect()
    }

    #[wasm_bindgen_test]
    fn completes_commands_targets_and_keys() {
        assert_eq!(lines("ge", &[])[0], "get");
        assert_eq!(lines("GE", &[])[0], "GET");
        assert_eq!(lines("con", &[]), ["config", "connect"]);
        assert_eq!(lines("connect r", &[]), ["connect reader"]);
        let history = ["SET cart:7 3".to_owned(), "connect 002".to_owned()];
        assert_eq!(lines("GET ca", &history), ["GET cart:7"]);
    }
}
