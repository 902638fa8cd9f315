//! The events that the view keeps.

use alloc::collections::VecDeque;

use crate::group::event::{Event, EventKind};
use crate::id::EventId;
use crate::time::Now;

/// How many events are kept; the oldest go first.
pub(super) const EVENTS_KEPT: usize = 1000;

/// Events, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    events: VecDeque<Event>,
    last: EventId,
}

impl Journal {
    pub(super) fn add(&mut self, kind: EventKind, cause: Option<EventId>, now: Now) -> Event {
        self.last.0 += 1;
        let event = Event { id: self.last, at: now.mono, unix_ms: now.unix_ms, cause, kind };
        if self.events.len() == EVENTS_KEPT {
            self.events.pop_front();
        }
        self.events.push_back(event.clone());
        event
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }
}
