//! CloudFormation's functions, evaluated as far as they can be without AWS.

use super::report::{Place, Report};
use super::scope::{Decision, Scope, ZONES};
use super::tree::{Entry, Kind, Node, shorten};

/// Nodes and bytes that the functions of one template may make; `Fn::Join` over parameters would otherwise turn a
/// small template into gigabytes.
pub const MAX_EVALUATED: usize = 4 * 1_048_576;

/// Functions and conditions within each other.
pub const MAX_NESTING: usize = 2 * super::MAX_DEPTH;

/// Names of functions, without `Fn::` where that is written before them.
pub(super) const FUNCTIONS: &[&str] = &[
    "Ref",
    "Condition",
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

/// The function that a node calls: its name and its argument.
pub(super) fn call(node: &Node) -> Option<(&str, Node)> {
    if let Some(tag) = &node.tag {
        return Some((tag, Node::new(node.at, node.kind.clone())));
    }
    let [entry] = node.entries() else {
        return None;
    };
    if entry.key == "Ref" || entry.key == "Condition" {
        return Some((&entry.key, entry.value.clone()));
    }
    let name = entry.key.strip_prefix("Fn::")?;
    // `Fn::Ref` and `Fn::Condition` are not CloudFormation's; the name as written says so in the message.
    let name = if matches!(name, "Ref" | "Condition") { &entry.key } else { name };
    Some((name, entry.value.clone()))
}

/// The pieces of a `Fn::Sub`: plain text, or the name in `${name}`.
pub(super) enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Splits the text of a `Fn::Sub`; `${!name}` is plain `${name}`.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        found.push(Piece::Text(&rest[..start]));
        let name = &rest[start + 2..start + length];
        match name.strip_prefix('!') {
            Some(_) => found.extend([Piece::Text("${"), Piece::Text(&rest[start + 3..=start + length])]),
            None => found.push(Piece::Name(name.trim())),
        }
        rest = &rest[start + length + 1..];
    }
    found.push(Piece::Text(rest));
    found
}

impl Scope<'_> {
    /// The value of a node with all its functions evaluated.
    pub(super) fn eval(&mut self, node: &Node, report: &mut Report) -> Node {
        if !self.spend(1, node.at, report) || !self.descend(node.at, report) {
            return opaque(node.at, "…");
        }
        let value = self.eval_here(node, report);
        self.depth -= 1;
        value
    }

    fn eval_here(&mut self, node: &Node, report: &mut Report) -> Node {
        if let Some((name, argument)) = call(node) {
            // `Condition` is a plain key wherever no condition is asked for.
            if name != "Condition" || node.tag.is_some() {
                return self.apply(name, &argument, node.at, report);
            }
        }
        let kind = match &node.kind {
            Kind::List(items) => {
                let values = items.iter().map(|item| self.eval(item, report));
                Kind::List(values.filter(|v| !matches!(v.kind, Kind::NoValue)).collect())
            }
            Kind::Map(entries) => {
                let values = entries.iter().map(|e| {
                    let value = self.eval(&e.value, report);
                    Entry { key: e.key.clone(), at: e.at, value }
                });
                Kind::Map(values.filter(|e| !matches!(e.value.kind, Kind::NoValue)).collect())
            }
            other => other.clone(),
        };
        Node::new(node.at, kind)
    }

    fn apply(&mut self, name: &str, argument: &Node, at: Place, report: &mut Report) -> Node {
        match name {
            "Ref" => match argument.as_text() {
                Some(target) => self.copy(&self.reference(target, at), at, report),
                None => misused(at, "Ref", "takes one name", "!Ref MyParameter", report),
            },
            "Sub" => self.sub(argument, at, report),
            "Join" => self.join(argument, at, report),
            "Select" => self.select(argument, at, report),
            "Split" => self.split(argument, at, report),
            "FindInMap" => self.find_in_map(argument, at, report),
            "If" => self.pick(argument, at, report),
            "GetAZs" => Node::new(
                at,
                Kind::List(ZONES.iter().map(|zone| Node::text(at, (*zone).to_owned())).collect()),
            ),
            "GetAtt" => match &argument.kind {
                Kind::Scalar { text, .. } => opaque(at, text),
                Kind::List(parts) => {
                    opaque(at, &parts.iter().filter_map(Node::as_text).collect::<Vec<_>>().join("."))
                }
                _ => misused(
                    at,
                    "GetAtt",
                    "takes a resource and an attribute",
                    "!GetAtt MyResource.Attribute",
                    report,
                ),
            },
            "Equals" | "And" | "Or" | "Not" | "Condition" => {
                let message = format!("`{name}` decides a condition and can't be a value");
                report.error(at, "function", message, "use it in the Conditions section, and `!If` here");
                opaque(at, name)
            }
            known if FUNCTIONS.contains(&known) => opaque(at, known),
            "Fn::Ref" | "Fn::Condition" => {
                let right = &name[4..];
                let help = format!("write `{right}: …`, or in YAML `!{right} …`");
                report.error(at, "function", format!("`{name}` is not a CloudFormation function"), &help);
                opaque(at, name)
            }
            unknown => {
                let message = format!("`{}` is not a CloudFormation function", shorten(unknown));
                report.error(at, "function", message, &super::meant(unknown, FUNCTIONS));
                opaque(at, unknown)
            }
        }
    }

    fn sub(&mut self, argument: &Node, at: Place, report: &mut Report) -> Node {
        let (text, local) = match &argument.kind {
            Kind::Scalar { text, .. } => (text.as_str(), None),
            Kind::List(items) if items.len() == 2 && items[0].as_text().is_some() => {
                (items[0].as_text().unwrap_or_default(), Some(&items[1]))
            }
            _ => {
                return misused(
                    at,
                    "Sub",
                    "takes a text, or a text and a mapping",
                    "!Sub 'cache-${AWS::StackName}'",
                    report,
                );
            }
        };
        let mut out = String::new();
        for piece in pieces(text) {
            let name = match piece {
                Piece::Text(part) => {
                    out.push_str(part);
                    continue;
                }
                Piece::Name(name) => name,
            };
            let value = match local.and_then(|map| map.get(name)) {
                Some(node) => self.eval(node, report),
                None => self.reference(name, at),
            };
            let Some(part) = value.as_text() else {
                return opaque(at, text);
            };
            out.push_str(part);
            if !self.spend(part.len(), at, report) {
                return opaque(at, "…");
            }
        }
        Node::text(at, out)
    }

    fn join(&mut self, argument: &Node, at: Place, report: &mut Report) -> Node {
        let argument = self.eval(argument, report);
        let [delimiter, list] = items(&argument) else {
            return misused(at, "Join", "takes a delimiter and a list", "!Join ['-', [a, b]]", report);
        };
        if matches!(list.kind, Kind::Opaque(_)) {
            return opaque(at, "Join");
        }
        let (Some(delimiter), Kind::List(parts)) = (delimiter.as_text(), &list.kind) else {
            return misused(at, "Join", "takes a delimiter and a list", "!Join ['-', [a, b]]", report);
        };
        let texts: Option<Vec<&str>> = parts.iter().map(Node::as_text).collect();
        let size = parts.iter().filter_map(Node::as_text).map(str::len).sum::<usize>()
            + delimiter.len() * parts.len();
        match texts {
            Some(texts) if self.spend(size, at, report) => Node::text(at, texts.join(delimiter)),
            _ => opaque(at, "Join"),
        }
    }

    fn select(&mut self, argument: &Node, at: Place, report: &mut Report) -> Node {
        let argument = self.eval(argument, report);
        let [index, list] = items(&argument) else {
            return misused(at, "Select", "takes an index and a list", "!Select [0, !GetAZs '']", report);
        };
        let (Some(index), Kind::List(values)) = (index.as_text(), &list.kind) else {
            return opaque(at, "Select");
        };
        match index.parse::<usize>().ok().and_then(|i| values.get(i)) {
            Some(value) => Node { at, ..value.clone() },
            None => {
                let message =
                    format!("`Select` finds no item {} in a list of {}", shorten(index), values.len());
                report.error(at, "function", message, "the first item is 0");
                opaque(at, "Select")
            }
        }
    }

    fn split(&mut self, argument: &Node, at: Place, report: &mut Report) -> Node {
        let argument = self.eval(argument, report);
        let [delimiter, text] = items(&argument) else {
            return misused(at, "Split", "takes a delimiter and a text", "!Split [',', 'a,b']", report);
        };
        match (delimiter.as_text(), text.as_text()) {
            (Some(delimiter), Some(text)) if !delimiter.is_empty() && self.spend(text.len(), at, report) => {
                Node::new(
                    at,
                    Kind::List(text.split(delimiter).map(|part| Node::text(at, part.to_owned())).collect()),
                )
            }
            _ => opaque(at, "Split"),
        }
    }

    fn find_in_map(&mut self, argument: &Node, at: Place, report: &mut Report) -> Node {
        let argument = self.eval(argument, report);
        let usage = "!FindInMap [MyMap, TopKey, SecondKey]";
        let (keys, fallback) = match items(&argument) {
            keys @ [_, _, _] => (keys, None),
            [keys @ .., last] if keys.len() == 3 => (keys, last.get("DefaultValue")),
            _ => return misused(at, "FindInMap", "takes a mapping's name and two keys", usage, report),
        };
        let texts: Option<Vec<&str>> = keys.iter().map(Node::as_text).collect();
        let Some([map, top, second]) = texts.as_deref() else {
            return opaque(at, "FindInMap");
        };
        let found =
            self.mappings.get(map).copied().and_then(|m| m.get(top)).and_then(|m| m.get(second)).or(fallback);
        match found {
            Some(value) => {
                let value = value.clone();
                self.copy(&value, at, report)
            }
            None => {
                let path = format!("{} → {} → {}", shorten(map), shorten(top), shorten(second));
                report.error(at, "function", format!("the Mappings have no {path}"), usage);
                opaque(at, "FindInMap")
            }
        }
    }

    /// `Fn::If`.
    fn pick(&mut self, argument: &Node, at: Place, report: &mut Report) -> Node {
        let [condition, yes, no] = items(argument) else {
            return misused(
                at,
                "If",
                "takes a condition's name and two values",
                "!If [IsProd, 2, 1]",
                report,
            );
        };
        let Some(name) = condition.as_text() else {
            return misused(at, "If", "takes a condition's name first", "!If [IsProd, 2, 1]", report);
        };
        match self.decide(name, condition.at, report) {
            Some(true) => self.eval(yes, report),
            Some(false) => self.eval(no, report),
            None => opaque(at, name),
        }
    }

    /// Whether a condition of the Conditions section holds; `None` when only AWS knows, or when it is wrong.
    pub(super) fn decide(&mut self, name: &str, at: Place, report: &mut Report) -> Option<bool> {
        match self.decisions.get(name) {
            Some(Decision::Done(outcome)) => return *outcome,
            Some(Decision::Running) => {
                let message = format!("the condition `{}` depends on itself", shorten(name));
                report.error(at, "condition", message, "break the circle");
                return None;
            }
            None => {}
        }
        let Some(node) = self.conditions.get(name).copied() else {
            let message = format!("there is no condition `{}`", shorten(name));
            let names: Vec<&str> = self.conditions.keys().copied().collect();
            report.error(at, "condition", message, &super::meant(name, &names));
            return None;
        };
        self.decisions.insert(name.to_owned(), Decision::Running);
        let outcome = self.condition(node, report);
        self.decisions.insert(name.to_owned(), Decision::Done(outcome));
        outcome
    }

    fn condition(&mut self, node: &Node, report: &mut Report) -> Option<bool> {
        if !self.spend(1, node.at, report) || !self.descend(node.at, report) {
            return None;
        }
        let outcome = self.condition_here(node, report);
        self.depth -= 1;
        outcome
    }

    fn condition_here(&mut self, node: &Node, report: &mut Report) -> Option<bool> {
        let Some((name, argument)) = call(node) else {
            let help = "for example `!Equals [!Ref Stage, prod]`";
            report.error(node.at, "condition", format!("a condition can't be {}", node.describe()), help);
            return None;
        };
        match name {
            "Condition" => self.decide(argument.as_text()?, argument.at, report),
            "Equals" => {
                let argument = self.eval(&argument, report);
                let [a, b] = items(&argument) else {
                    misused(node.at, "Equals", "takes two values", "!Equals [!Ref Stage, prod]", report);
                    return None;
                };
                Some(a.as_text()? == b.as_text()?)
            }
            "Not" => {
                let [inner] = items(&argument) else {
                    misused(
                        node.at,
                        "Not",
                        "takes one condition in a list",
                        "!Not [!Condition IsProd]",
                        report,
                    );
                    return None;
                };
                self.condition(inner, report).map(|holds| !holds)
            }
            "And" | "Or" => {
                let parts: Vec<_> =
                    items(&argument).iter().map(|part| self.condition(part, report)).collect();
                let decisive = Some(name == "Or");
                if parts.contains(&decisive) {
                    return decisive;
                }
                if parts.contains(&None) { None } else { Some(name == "And") }
            }
            _ => {
                let message = format!("`{}` does not decide a condition", shorten(name));
                report.error(node.at, "condition", message, "use Equals, And, Or, Not or Condition");
                None
            }
        }
    }

    fn copy(&mut self, node: &Node, at: Place, report: &mut Report) -> Node {
        if self.spend(size(node), at, report) { Node { at, ..node.clone() } } else { opaque(at, "…") }
    }

    fn spend(&mut self, amount: usize, at: Place, report: &mut Report) -> bool {
        match self.budget.checked_sub(amount) {
            Some(left) => {
                self.budget = left;
                true
            }
            None => {
                self.budget = 0;
                let message = format!("the functions of this template make more than {MAX_EVALUATED} bytes");
                if !self.exhausted {
                    report.error(at, "too-large", message, "a replication group needs a few hundred");
                }
                self.exhausted = true;
                false
            }
        }
    }

    /// Takes one step deeper, which the caller takes back; the stack of a browser is small.
    fn descend(&mut self, at: Place, report: &mut Report) -> bool {
        if self.depth >= MAX_NESTING {
            let message =
                format!("functions and conditions refer to each other more than {MAX_NESTING} deep");
            report.error(at, "too-deep", message, "simplify the conditions");
            return false;
        }
        self.depth += 1;
        true
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::List(items) => items,
        _ => &[],
    }
}

fn opaque(at: Place, name: &str) -> Node {
    Node::new(at, Kind::Opaque(name.to_owned()))
}

fn misused(at: Place, name: &str, takes: &str, example: &str, report: &mut Report) -> Node {
    report.error(at, "function", format!("`{name}` {takes}"), &format!("for example `{example}`"));
    opaque(at, name)
}

fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { text, .. } | Kind::Opaque(text) => 1 + text.len(),
        Kind::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Map(entries) => 1 + entries.iter().map(|e| e.key.len() + size(&e.value)).sum::<usize>(),
        Kind::NoValue => 1,
    }
}
