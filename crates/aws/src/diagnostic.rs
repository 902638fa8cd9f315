//! What is wrong with a template, where, and what would be right.

use std::fmt::Write as _;

/// Characters of a source line that [`render`] shows at most; a longer line is cut around the caret.
pub const SHOWN_WIDTH: usize = 140;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The template is used nevertheless.
    Warning,
    /// The template is refused.
    Error,
}

/// One finding in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters to underline, at least 1; never past the end of the line.
    pub length: u32,
    /// A stable word for this kind of finding, such as `unknown-property`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What would be right; may be empty.
    pub help: String,
}

/// The finding as a terminal shows it, in the style of rustc: head, place, source line, caret, help.
///
/// Ends with a line feed. Control characters of the source and of the file's name never reach the output.
pub fn render(diagnostic: &Diagnostic, file_name: &str, source: &str) -> String {
    let word = match diagnostic.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let number = diagnostic.line.to_string();
    let pad = " ".repeat(number.len());
    let (shown, offset, width) = excerpt(diagnostic, source);
    let mut out = String::new();
    let head = clean(&diagnostic.message);
    // Writing to a String cannot fail.
    _ = writeln!(out, "{word}[{}]: {head}", diagnostic.code);
    _ = writeln!(out, "{pad}--> {}:{}:{}", clean(file_name), diagnostic.line, diagnostic.column);
    _ = writeln!(out, "{pad} |");
    _ = writeln!(out, "{number} | {shown}");
    _ = writeln!(out, "{pad} | {}{}", " ".repeat(offset), "^".repeat(width));
    for (index, line) in diagnostic.help.lines().enumerate() {
        let head = if index == 0 { "= help: " } else { "        " };
        _ = writeln!(out, "{pad} {head}{}", clean(line));
    }
    out
}

/// The part of the source line to show, how far in the caret stands, and how wide it is.
fn excerpt(diagnostic: &Diagnostic, source: &str) -> (String, usize, usize) {
    let index = usize::try_from(diagnostic.line.saturating_sub(1)).unwrap_or(usize::MAX);
    let line = source.lines().nth(index).unwrap_or_default().trim_start_matches('\u{feff}');
    let column = usize::try_from(diagnostic.column.saturating_sub(1)).unwrap_or(0);
    let first = column.saturating_sub(SHOWN_WIDTH / 2);
    let shown: String = line.chars().skip(first).take(SHOWN_WIDTH).collect();
    let shown = clean(shown.trim_end());
    let offset = (column - first).min(shown.chars().count());
    let room = shown.chars().count().saturating_sub(offset).max(1);
    let width = usize::try_from(diagnostic.length).unwrap_or(1).clamp(1, room);
    (shown, offset, width)
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: u32, column: u32, length: u32) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            line,
            column,
            length,
            code: "unknown-property",
            message: "`Prot` is not a property".into(),
            help: "did you mean `Port`?".into(),
        }
    }

    #[test]
    fn looks_like_rustc() {
        let text = render(&finding(2, 3, 4), "group.yaml", "a:\n  Prot: 1\n");
        assert_eq!(
            text,
            "error[unknown-property]: `Prot` is not a property\n \
             --> group.yaml:2:3\n  |\n2 |   Prot: 1\n  |   ^^^^\n  = help: did you mean `Port`?\n"
        );
    }

    #[test]
    fn stays_inside_the_line_and_prints_no_control_characters() {
        let text = render(&finding(1, 500, 9), "a\u{1b}[31m", &format!("{}\u{1b}[0m", "x".repeat(600)));
        assert!(text.lines().all(|l| l.chars().count() < SHOWN_WIDTH + 20), "{text}");
        assert!(!text.contains('\u{1b}'));
        render(&finding(9, 9, 0), "f", "");
        render(&finding(0, 0, 0), "f", "x");
    }
}
