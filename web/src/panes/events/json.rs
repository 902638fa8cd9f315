//! Events as `aws elasticache describe-events` prints them.

use std::fmt::Write as _;

use primacy_port::EventRow;

/// The events that AWS has words for, newest first, as JSON. `began_ms` is when the run began, in milliseconds since 1970.
pub(super) fn describe_events(rows: &[EventRow], began_ms: u64) -> String {
    let mut out = String::from("{\n    \"Events\": [");
    let known = rows.iter().filter(|row| !row.source.is_empty());
    for (index, row) in known.enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let words = if row.aws.is_empty() { &row.text } else { &row.aws };
        // Writing to a String cannot fail.
        _ = write!(
            out,
            "{comma}\n        {{\n            \"SourceIdentifier\": {},\n            \"SourceType\": {},\n            \
             \"Message\": {},\n            \"Date\": {}\n        }}",
            quoted(&row.source_id),
            quoted(&row.source),
            quoted(words),
            quoted(&primacy_aws::time::iso(began_ms + row.at_ns / 1_000_000)),
        );
    }
    out.push_str("\n    ]\n}\n");
    out
}

fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use primacy_sim::clock::BEGINNING_MS;

    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn only_what_aws_would_tell_is_copied() {
        let row = |source: &str, aws: &str| EventRow {
            source: source.into(),
            source_id: "my-group".into(),
            aws: aws.into(),
            text: "in our words".into(),
            ..EventRow::default()
        };
        let text = describe_events(&[row("replication-group", "Test \"x\""), row("", "")], BEGINNING_MS);
        assert!(text.contains(r#""Message": "Test \"x\"""#), "{text}");
        assert_eq!(text.matches("SourceType").count(), 1);
        assert!(text.contains("2026-01-01T00:00:00"), "{text}");
    }
}
