//! XML as AWS's Query protocol has it: elements without attributes, lists with named items.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// The namespace of every answer.
pub(super) const NAMESPACE: &str = "http://elasticache.amazonaws.com/doc/2015-02-02/";

pub(super) struct Xml(Writer<Vec<u8>>);

impl Xml {
    pub(super) const fn new() -> Self {
        Self(Writer::new(Vec::new()))
    }

    /// The root element, which names the namespace.
    pub(super) fn document(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.event(Event::Start(BytesStart::new(name).with_attributes([("xmlns", NAMESPACE)])));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element around others; `<name/>` would do for an empty one too.
    pub(super) fn nest(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.event(Event::Start(BytesStart::new(name)));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element with a text.
    pub(super) fn leaf(&mut self, name: &str, text: &str) {
        let legal: String = text.chars().map(|c| if is_legal(c) { c } else { '\u{fffd}' }).collect();
        self.nest(name, |xml| xml.event(Event::Text(BytesText::new(&legal))));
    }

    pub(super) fn number(&mut self, name: &str, number: impl Into<u64>) {
        self.leaf(name, &number.into().to_string());
    }

    pub(super) fn flag(&mut self, name: &str, value: bool) {
        self.leaf(name, if value { "true" } else { "false" });
    }

    pub(super) fn finish(self) -> String {
        String::from_utf8(self.0.into_inner()).unwrap_or_default()
    }

    fn event(&mut self, event: Event<'_>) {
        // A Vec takes every byte.
        _ = self.0.write_event(event);
    }
}

/// XML 1.0 has no way to write the other characters, not even escaped, and a parser stops at them.
const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_drops_what_xml_can_not_say() {
        let mut xml = Xml::new();
        xml.document("A", |xml| xml.leaf("B", "<&>\"'\u{0}\u{1b}]]>é"));
        let text = xml.finish();
        let inside = "&lt;&amp;&gt;&quot;&apos;\u{fffd}\u{fffd}]]&gt;é";
        assert_eq!(text, format!("<A xmlns=\"{NAMESPACE}\"><B>{inside}</B></A>"));
    }
}
