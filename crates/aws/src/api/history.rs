//! DescribeEvents.

use primacy_core::group::view::GroupView;

use super::error::ApiError;
use super::request::EventsQuery;
use super::xml::Xml;
use crate::events::{AwsEvent, aws_events};
use crate::time::iso;

/// How far back events are told: 14 days, in milliseconds.
pub const RETENTION_MS: u64 = 14 * 24 * 3_600_000;
/// Minutes told when the request says neither a span nor a beginning.
const DEFAULT_MINUTES: u64 = 60;
const MINUTE_MS: u64 = 60_000;

/// Newest first, the last hour unless the request says otherwise.
pub(super) fn list(
    groups: &[GroupView],
    query: &EventsQuery,
    now_ms: u64,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let (start, end) = span(query, now_ms);
    let wanted = |event: &AwsEvent| {
        (start..=end).contains(&event.unix_ms)
            && query.source.as_ref().is_none_or(|source| event.source.eq_ignore_ascii_case(source))
            && query.source_type.as_ref().is_none_or(|word| event.source_type.word() == word)
    };
    let all = groups.iter().flat_map(|group| aws_events(group).into_iter().map(move |event| (group, event)));
    let items =
        all.filter(|(_, event)| wanted(event)).map(|(group, event)| (key(group, &event), event)).collect();
    let items = query.page.cut(items, xml);
    xml.nest("Events", |xml| {
        for event in items {
            xml.nest("Event", |xml| {
                xml.leaf("SourceIdentifier", &event.source);
                xml.leaf("SourceType", event.source_type.word());
                xml.leaf("Message", &event.message);
                xml.leaf("Date", &iso(event.unix_ms));
            });
        }
    });
    Ok(())
}

/// First and last millisecond asked for. A duration counts back from the end, or on from the beginning when the request
/// gives that alone.
fn span(query: &EventsQuery, now_ms: u64) -> (u64, u64) {
    let length = query.minutes.map(|minutes| minutes.saturating_mul(MINUTE_MS));
    let end = match (query.end_ms, query.start_ms, length) {
        (Some(end), _, _) => end,
        (None, Some(start), Some(length)) => start.saturating_add(length),
        _ => now_ms,
    };
    let back = length.unwrap_or(DEFAULT_MINUTES * MINUTE_MS);
    let start = query.start_ms.unwrap_or_else(|| end.saturating_sub(back));
    (start.max(now_ms.saturating_sub(RETENTION_MS)), end)
}

/// Ascending keys are descending times; events of one millisecond keep their order.
fn key(group: &GroupView, event: &AwsEvent) -> String {
    let (time, number, part) = (u64::MAX - event.unix_ms, u64::MAX - event.event.0, u8::MAX - event.part);
    format!("{time:016x}{number:016x}{part:02x}{}", group.spec.id)
}
