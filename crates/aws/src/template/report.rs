//! Findings while they are collected.

use saphyr_parser::{Marker, Span};

use crate::diagnostic::{Diagnostic, Severity};

/// Findings kept at most; a template that has more is told so once.
pub const MAX_DIAGNOSTICS: usize = 100;

/// A stretch of the source, on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) length: u32,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1, length: 1 };

    pub(super) fn of(span: Span) -> Self {
        let mut place = Self::from_marker(&span.start);
        if span.start.line() == span.end.line() {
            let length = span.end.col().saturating_sub(span.start.col());
            place.length = u32::try_from(length).unwrap_or(1).max(1);
        }
        place
    }

    pub(super) fn from_marker(marker: &Marker) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { line: number(marker.line().max(1)), column: number(marker.col().saturating_add(1)), length: 1 }
    }
}

#[derive(Default)]
pub(super) struct Report {
    /// In the order of the source.
    pub(super) found: Vec<Diagnostic>,
    /// Errors so far, those left out as well.
    pub(super) errors: usize,
    full: bool,
}

impl Report {
    pub(super) fn error(&mut self, at: Place, code: &'static str, message: impl Into<String>, help: &str) {
        self.errors += 1;
        self.add(Severity::Error, at, code, message.into(), help);
    }

    pub(super) fn warning(&mut self, at: Place, code: &'static str, message: impl Into<String>, help: &str) {
        self.add(Severity::Warning, at, code, message.into(), help);
    }

    pub(super) const fn has_errors(&self) -> bool {
        self.errors > 0
    }

    fn add(&mut self, severity: Severity, at: Place, code: &'static str, message: String, help: &str) {
        let finding = Diagnostic {
            severity,
            line: at.line,
            column: at.column,
            length: at.length,
            code,
            message,
            help: help.to_owned(),
        };
        if self.found.len() < MAX_DIAGNOSTICS {
            // One mistake can be met on two ways through the tree.
            if !self.found.contains(&finding) {
                let place = (finding.line, finding.column);
                let index = self.found.partition_point(|d| (d.line, d.column) <= place);
                self.found.insert(index, finding);
            }
        } else if !self.full {
            self.full = true;
            let message = format!("more than {MAX_DIAGNOSTICS} findings: the rest is left out");
            self.found.push(Diagnostic {
                severity: Severity::Error,
                code: "too-many-findings",
                message,
                help: "mend these first".to_owned(),
                ..finding
            });
        }
    }
}
