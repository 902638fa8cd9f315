//! The text of what is fixed in a view: a control character says what comes, the text up to the next one what it is about. The
//! macro (`crates/view/src/shape.rs`) writes it.

/// One thing that a shape says; those that are a hole are filled from the view's list.
pub(super) enum Step {
    Element(&'static str),
    SvgElement(&'static str),
    End,
    Attribute(&'static str, &'static str),
    Text(&'static str),
    Child,
    /// A hole in the element that was begun last.
    Hole(Kind, &'static str),
}

/// What a value is to its element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Attribute,
    Class,
    Style,
    Property,
    Html,
    /// Neither has a value: a listener, and who wants to know the element.
    Touch,
}

/// The steps of a shape.
pub(super) fn steps(shape: &'static str) -> impl Iterator<Item = Step> {
    let mut rest = shape;
    std::iter::from_fn(move || {
        let op = rest.bytes().next()?;
        let about = &rest[1..];
        let end = about.bytes().position(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
        let (about, next) = about.split_at(end.unwrap_or(about.len()));
        rest = next;
        Some(match op {
            1 => Step::Element(about),
            2 => Step::SvgElement(about),
            3 => Step::End,
            4 => {
                let (key, value) = about.split_once('=').unwrap_or((about, ""));
                Step::Attribute(key, value)
            }
            5 => Step::Text(about),
            6 => Step::Child,
            7 => Step::Hole(Kind::Attribute, about),
            14 => Step::Hole(Kind::Class, about),
            15 => Step::Hole(Kind::Style, about),
            16 => Step::Hole(Kind::Property, about),
            17 => Step::Hole(Kind::Html, about),
            _ => Step::Hole(Kind::Touch, about),
        })
    })
}
