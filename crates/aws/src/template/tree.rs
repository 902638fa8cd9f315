//! YAML or JSON text as a tree in which every node knows its place.
//!
//! JSON is read as YAML, of which it is a subset. CloudFormation's own limits of YAML hold: no aliases, no
//! merges, one document.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::report::{Place, Report};

/// Bytes of a template, as CloudFormation has it for a template in S3.
pub const MAX_BYTES: usize = 1_048_576;
/// How deep lists and mappings may be nested.
pub const MAX_DEPTH: usize = 64;

/// One value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: Place,
    /// The function of a short form: `Ref` for `!Ref`.
    pub(super) tag: Option<String>,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// `plain`: without quotes, so `true` is a truth value and `~` is null.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Known to AWS alone, such as the id of a sibling resource; the text names it.
    Opaque(String),
    /// `AWS::NoValue`.
    NoValue,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Place,
    pub(super) value: Node,
}

impl Node {
    pub(super) const fn new(at: Place, kind: Kind) -> Self {
        Self { at, tag: None, kind }
    }

    pub(super) const fn text(at: Place, text: String) -> Self {
        Self::new(at, Kind::Scalar { text, plain: false })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// The entries of a mapping, none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        let null = |text: &str| matches!(text, "" | "~" | "null" | "Null" | "NULL");
        self.tag.is_none() && matches!(&self.kind, Kind::Scalar { text, plain: true } if null(text))
    }

    /// What it is, for "found …".
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            _ if self.is_null() => "nothing".to_owned(),
            Kind::Scalar { text, .. } => format!("`{}`", shorten(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
            Kind::Opaque(name) => format!("a reference to `{}`", shorten(name)),
            Kind::NoValue => "nothing".to_owned(),
        }
    }
}

/// A value as it may stand in a message.
pub(super) fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}

/// The tree of a text, or `None` when there is none; then the report has an error.
pub(super) fn read(text: &str, report: &mut Report) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let message =
            format!("the template has {} bytes, more than the {MAX_BYTES} of CloudFormation", text.len());
        report.error(Place::START, "too-large", message, "split it, or remove what the group does not need");
        return None;
    }
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let outcome = match event {
            Ok((event, span)) => builder.take(event, span, report),
            Err(error) => Err(syntax(text, &error)),
        };
        if let Err((place, code, message, help)) = outcome {
            report.error(place, code, message, &help);
            return None;
        }
    }
    if builder.root.is_none() {
        report.error(Place::START, "empty", "the template is empty", super::SMALLEST);
    }
    builder.root
}

type Refusal = (Place, &'static str, String, String);

/// A list or mapping that is not closed yet.
enum Open {
    List(Node),
    /// `seen`: the line of each key so far.
    Map {
        node: Node,
        key: Option<(String, Place)>,
        seen: BTreeMap<String, u32>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span, report: &mut Report) -> Result<(), Refusal> {
        let at = Place::of(span);
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(refuse(
                at,
                "several-documents",
                "a second YAML document begins here",
                "keep one template per file",
            )),
            Event::Alias(_) => {
                let help = "write the value out; CloudFormation has no YAML aliases";
                Err(refuse(at, "alias", "YAML aliases (`*name`) are not part of CloudFormation", help))
            }
            Event::Scalar(text, style, _, tag) => {
                let core = tag.as_deref().is_some_and(Tag::is_yaml_core_schema);
                let plain = style == ScalarStyle::Plain && !core;
                let kind = Kind::Scalar { text: text.into_owned(), plain };
                self.place(Node { at, tag: function(tag.as_deref()), kind }, report)
            }
            Event::SequenceStart(_, tag) => {
                let node = Node { at, tag: function(tag.as_deref()), kind: Kind::List(Vec::new()) };
                self.enter(Open::List(node), at)
            }
            Event::MappingStart(_, tag) => {
                let node = Node { at, tag: function(tag.as_deref()), kind: Kind::Map(Vec::new()) };
                self.enter(Open::Map { node, key: None, seen: BTreeMap::new() }, at)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(node) | Open::Map { node, .. }) => self.place(node, report),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn enter(&mut self, open: Open, at: Place) -> Result<(), Refusal> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep here");
            return Err(refuse(at, "too-deep", &message, "a replication group needs about ten levels"));
        }
        self.open.push(open);
        Ok(())
    }

    fn place(&mut self, node: Node, report: &mut Report) -> Result<(), Refusal> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(list)) => {
                if let Kind::List(items) = &mut list.kind {
                    items.push(node);
                }
            }
            Some(Open::Map { node: map, key, seen }) => match key.take() {
                None => *key = Some(as_key(node)?),
                Some((name, at)) => match seen.get(&name) {
                    Some(first) => {
                        let message = format!("`{}` is given twice in one mapping", shorten(&name));
                        let help = format!("keep one of them; the first is on line {first}");
                        report.error(at, "duplicate-key", message, &help);
                    }
                    None => {
                        seen.insert(name.clone(), at.line);
                        if let Kind::Map(entries) = &mut map.kind {
                            entries.push(Entry { key: name, at, value: node });
                        }
                    }
                },
            },
        }
        Ok(())
    }
}

fn as_key(node: Node) -> Result<(String, Place), Refusal> {
    match node.kind {
        Kind::Scalar { text, .. } if text == "<<" => {
            let help = "write the entries out; CloudFormation has no YAML merges";
            Err(refuse(node.at, "merge", "YAML merges (`<<`) are not part of CloudFormation", help))
        }
        Kind::Scalar { text, .. } if node.tag.is_none() => Ok((text, node.at)),
        _ => Err(refuse(node.at, "key", "a key must be plain text", "write `Name: value`")),
    }
}

/// `Ref` for `!Ref`. YAML's own tags (`!!str`) name no function.
fn function(tag: Option<&Tag>) -> Option<String> {
    let tag = tag?;
    if tag.is_yaml_core_schema() {
        return None;
    }
    Some(if tag.handle == "!" { tag.suffix.clone() } else { format!("{}{}", tag.handle, tag.suffix) })
}

fn refuse(at: Place, code: &'static str, message: &str, help: &str) -> Refusal {
    (at, code, message.to_owned(), help.to_owned())
}

/// The scanner's finding in the words of somebody who writes templates.
fn syntax(text: &str, error: &ScanError) -> Refusal {
    let marker = error.marker();
    let at = Place::from_marker(marker);
    let json = text.trim_start().starts_with(['{', '[']);
    if !json && let Some(tab) = tab_indent(text, at.line) {
        let help = "YAML is indented with spaces alone: use two for each level";
        return refuse(tab, "tab", "this line is indented with a tab", help);
    }
    let info = error.info();
    let help = match info {
        _ if info.contains("mapping values are not allowed") => {
            "a line holds one `Name: value`; check the indentation, or quote the value if it has a `: ` in it"
        }
        _ if info.contains("did not find expected key") => {
            "names of one level begin in the same column; of two functions in a row, write the first as `Fn::Name:`"
        }
        _ if info.contains("unknown anchor") => "quote a value that begins with `*`",
        _ if info.contains("quoted scalar") => "close the quote, or indent the lines of the text",
        _ if info.contains("Unicode character escape") => {
            "write the character itself instead of its `\\u` pair"
        }
        _ if info.contains("flow mapping") => "close every `{` with `}` and put a `,` between entries",
        _ if info.contains("flow sequence") => "close every `[` with `]` and put a `,` between items",
        _ if info.contains("unexpected character") => "quote a value that begins with `@`, `` ` `` or `%`",
        _ if info.contains("recursion limit") => "lists and mappings are nested too deep",
        _ => "check the indentation and the quotes of this line and the one before it",
    };
    let kind = if json { "JSON" } else { "YAML" };
    refuse(at, "syntax", &format!("this is not valid {kind}: {info}"), help)
}

/// The first tab in an indentation up to the line after `line`; the scanner often stops one line early.
fn tab_indent(text: &str, line: u32) -> Option<Place> {
    let lines = usize::try_from(line).unwrap_or(usize::MAX).saturating_add(1);
    text.lines().take(lines).enumerate().find_map(|(index, line)| {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let column = line[..indent].find('\t')?;
        let number = u32::try_from(index + 1).ok()?;
        (indent < line.len()).then_some(Place {
            line: number,
            column: u32::try_from(column + 1).ok()?,
            length: 1,
        })
    })
}
