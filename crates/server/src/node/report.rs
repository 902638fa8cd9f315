//! What a node process says about itself: lines on standard error, which the parent reads and logs. The pipe does not
//! block: while the parent is stopped lines are lost, never the node's time.

use std::fmt::Arguments;
use std::io::Write;

use primacy_core::node::{Event, Notice};

/// Splits a line of a node into its level and its text.
pub(crate) fn parse(line: &str) -> (tracing::Level, &str) {
    match line.split_once(' ') {
        Some(("I", text)) => (tracing::Level::INFO, text),
        Some(("D", text)) => (tracing::Level::DEBUG, text),
        Some(("W", text)) => (tracing::Level::WARN, text),
        // A panic's text, for example: nothing else writes there.
        _ => (tracing::Level::ERROR, line),
    }
}

/// A line at level info.
pub(crate) fn info(text: Arguments<'_>) {
    line('I', text);
}

/// A line at level warn.
pub(crate) fn warn(text: Arguments<'_>) {
    line('W', text);
}

/// A line at level debug.
pub(crate) fn debug(text: Arguments<'_>) {
    line('D', text);
}

fn line(level: char, text: Arguments<'_>) {
    // One write per line, so that a full pipe loses whole lines.
    let line = format!("{level} {text}\n");
    let _lost_when_full = std::io::stderr().write_all(line.as_bytes());
}

/// Logs an event of the node that the reactor need not act on.
pub(crate) fn event(event: &Event) {
    match event {
        Event::RoleChanged { from, to, epoch } => {
            info(format_args!("role {from:?} -> {to:?} epoch={}", epoch.0));
        }
        Event::Notice(notice) => self::notice(notice),
        Event::Dial { .. } | Event::Hangup(_) | Event::Wake(_) | Event::LeaveCoordinator => {}
    }
}

fn notice(notice: &Notice) {
    match notice {
        Notice::LeaseLost { epoch, reason } => {
            warn(format_args!("lease lost epoch={} reason={reason:?}", epoch.0));
        }
        Notice::LeaseGained { epoch } => info(format_args!("lease gained epoch={}", epoch.0)),
        Notice::Failsafe { on: true } => {
            warn(format_args!("coordinator silent: serving on the members' grants"));
        }
        Notice::Failsafe { on: false } => info(format_args!("coordinator heard again")),
        Notice::FeedAttached { conn, member, full, offset } => {
            let kind = if *full { "full" } else { "partial" };
            let member = member.map_or_else(|| "foreign".to_owned(), |m| m.to_string());
            info(format_args!(
                "replica attached member={member} sync={kind} offset={offset} conn={}",
                conn.0
            ));
        }
        Notice::FeedCut { conn, reason } => {
            warn(format_args!("replica cut conn={} reason={reason:?}", conn.0));
        }
        Notice::AttachRefused { conn } => {
            warn(format_args!("a stranger claimed to be a member conn={}", conn.0));
        }
        Notice::LinkUp { full, offset } => {
            let kind = if *full { "full" } else { "partial" };
            info(format_args!("link to the primary up sync={kind} offset={offset}"));
        }
        Notice::LinkDown { reason } => info(format_args!("link to the primary down reason={reason:?}")),
        other => debug(format_args!("{other:?}")),
    }
}
