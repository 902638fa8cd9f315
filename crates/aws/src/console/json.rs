//! The API's XML as the JSON that `aws` prints.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Elements whose children are a list's items, whatever these are called.
pub(super) const LISTS: &[&str] = &[
    "CacheClusters",
    "CacheNodeIdsToReboot",
    "CacheNodes",
    "CacheSecurityGroups",
    "Events",
    "LogDeliveryConfigurations",
    "MemberClusters",
    "NodeGroupMembers",
    "NodeGroups",
    "ReplicationGroups",
    "SecurityGroups",
    "TagList",
];
/// Elements that hold a number.
const NUMBERS: &[&str] = &["NumCacheNodes", "Port", "SnapshotRetentionLimit"];

/// One element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Element {
    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// The root element; `None` for what is no XML of ours.
pub(super) fn tree(xml: &str) -> Option<Element> {
    let mut reader = Reader::from_str(xml);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text),
            Event::GeneralRef(name) => open.last_mut()?.text.push(meant(&name)?),
            Event::End(_) => {
                let done = open.pop()?;
                open.last_mut()?.children.push(done);
            }
            Event::Eof => return open.pop()?.children.pop(),
            _ => {}
        }
    }
}

fn meant(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// An operation's result, four spaces a level; nothing for an empty one.
pub(super) fn print(result: Option<&Element>) -> String {
    let mut out = String::new();
    if let Some(result) = result.filter(|result| !result.children.is_empty()) {
        object(&mut out, result, 0);
    }
    out
}

fn object(out: &mut String, element: &Element, depth: usize) {
    block(out, ['{', '}'], &element.children, depth, |out, child| {
        string(out, &child.name);
        out.push_str(": ");
        value(out, child, depth + 1);
    });
}

fn value(out: &mut String, element: &Element, depth: usize) {
    if LISTS.contains(&element.name.as_str()) {
        return block(out, ['[', ']'], &element.children, depth, |out, item| value(out, item, depth + 1));
    }
    let text = element.text.as_str();
    match text {
        _ if !element.children.is_empty() => object(out, element, depth),
        "true" | "false" => out.push_str(text),
        _ if NUMBERS.contains(&element.name.as_str()) && text.parse::<u64>().is_ok() => out.push_str(text),
        "" if element.name == "PendingModifiedValues" => out.push_str("{}"),
        _ => string(out, text),
    }
}

fn block(
    out: &mut String,
    ends: [char; 2],
    items: &[Element],
    depth: usize,
    mut each: impl FnMut(&mut String, &Element),
) {
    let indent = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    out.push(ends[0]);
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        indent(out, depth + 1);
        each(out, item);
    }
    if !items.is_empty() {
        indent(out, depth);
    }
    out.push(ends[1]);
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_numbers_flags_and_texts_keep_their_kind() {
        let xml = "<R><A>say &quot;hi&quot; &lt;\\&gt;</A><Port>6379</Port><On>true</On><Events></Events>\
                   <NodeGroups><NodeGroup><B>1</B></NodeGroup></NodeGroups></R>";
        let expected = "{\n    \"A\": \"say \\\"hi\\\" <\\\\>\",\n    \"Port\": 6379,\n    \"On\": true,\n    \"Events\": [],\n    \
                        \"NodeGroups\": [\n        {\n            \"B\": \"1\"\n        }\n    ]\n}";
        assert_eq!(print(tree(xml).as_ref()), expected);
        assert_eq!(print(tree("<R></R>").as_ref()), "");
        assert!(tree("<R>").is_none());
    }
}
