//! What a half-typed line may become.

use primacy_core::command::{self, Keys, lookup};
use primacy_core::order;
use primacy_core::resp::words;

use super::hint::AWS;

/// Most candidates that are offered.
const MOST: usize = 50;

/// One way in which the word under the cursor may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the word begins, in bytes from the line's beginning.
    pub from: usize,
    /// What stands there instead, up to the cursor.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub about: String,
}

/// Candidates for the word that ends at `cursor` (bytes), best first. `keys` and `nodes` are what there is.
pub fn complete(line: &str, cursor: usize, keys: &[String], nodes: &[String]) -> Vec<Candidate> {
    let Some(before) = line.get(..cursor) else { return vec![] };
    let from = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let (head, word) = before.split_at(from);
    let head: Vec<String> = head.split_whitespace().map(str::to_owned).collect();
    let mut found = Vec::new();
    let mut offer = |text: &str, about: &str| {
        let fits = text.len() >= word.len()
            && text.as_bytes().iter().zip(word.as_bytes()).all(|(a, b)| a.eq_ignore_ascii_case(b));
        if fits && text != word && found.len() < MOST {
            found.push(Candidate { from, text: text.to_owned(), about: about.to_owned() });
        }
    };
    match head.first().map(String::as_str) {
        None => first_word(word, &mut offer),
        Some("aws") => aws(&head[1..], nodes, &mut offer),
        Some("dig") => {
            ["configuration", "primary", "reader"].iter().for_each(|name| offer(name, "endpoint"));
            nodes.iter().for_each(|node| offer(node, "node"));
            offer("+short", "only the answer");
        }
        Some(name) => {
            if lookup(name.as_bytes()).is_some_and(|row| is_key(row.keys, head.len())) {
                keys.iter().for_each(|key| offer(key, "key"));
            }
            options(name, &mut offer);
        }
    }
    found
}

fn first_word(word: &str, offer: &mut impl FnMut(&str, &str)) {
    let small = word.starts_with(|c: char| c.is_ascii_lowercase());
    let mut rows: Vec<_> = command::all().collect();
    order::sort_by_key(&mut rows, |row| row.name);
    for row in rows {
        let name = if small { row.name.to_owned() } else { row.name.to_ascii_uppercase() };
        offer(&name, row.doc().summary);
    }
    offer("aws elasticache", "the API's command line");
    offer("dig", "asks the name server");
}

/// Whether the argument at this place is a key.
fn is_key(keys: Keys, at: usize) -> bool {
    let (at, first) = (i64::try_from(at).unwrap_or(0), i64::from(keys.first));
    let (last, step) = (i64::from(keys.last), i64::from(keys.step.max(1)));
    first > 0 && at >= first && (last < 0 || at <= last) && (at - first) % step == 0
}

/// Words in capitals that a command's syntax names.
fn options(name: &str, offer: &mut impl FnMut(&str, &str)) {
    let Some(row) = lookup(name.as_bytes()) else { return };
    let word = |c: char| c.is_ascii_uppercase();
    let mut told = Vec::new();
    for part in row.doc().hint.split(|c: char| !(word(c) || c == '-')) {
        if part.len() > 1 && part.starts_with(word) && !told.contains(&part) {
            told.push(part);
            offer(part, "option");
        }
    }
}

fn aws(head: &[String], nodes: &[String], offer: &mut impl FnMut(&str, &str)) {
    let group = nodes.first().and_then(|node| node.rsplit_once('-')).map(|(group, _)| group);
    let words: Vec<&str> = head.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => offer("elasticache", "the service"),
        ["elasticache"] => AWS.iter().for_each(|(name, options)| offer(name, options)),
        [_, operation, rest @ ..] => match rest.last() {
            Some(&"--replication-group-id") => group.into_iter().for_each(|group| offer(group, "group")),
            Some(&"--cache-cluster-id") => nodes.iter().for_each(|node| offer(node, "node")),
            Some(&("--node-group-id" | "--cache-node-ids-to-reboot")) => offer("0001", "the only one"),
            Some(&"--source-type") => {
                offer("replication-group", "events of the group");
                offer("cache-cluster", "events of the nodes");
            }
            _ => {
                let row = AWS.iter().find(|(name, _)| name == operation);
                let options = row.map_or("", |(_, options)| *options).split([' ', '[', ']', '|']);
                let new = |option: &&str| option.starts_with("--") && !rest.contains(option);
                options.filter(new).for_each(|option| offer(option, ""));
            }
        },
        _ => {}
    }
}

/// Whether a line can be sent: its quotes are closed, and it does not go on in the next line.
pub fn is_whole(line: &str) -> bool {
    words(line.as_bytes()).is_some() && !line.trim_end().ends_with('\\')
}
