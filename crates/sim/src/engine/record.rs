//! What is written down while a run goes on beyond its recorded end.

use primacy_aws::story::{Steps, mark_of_action, subject};
use primacy_core::group::event::Event;
use primacy_port::{EventRow, Milestone, Ribbon};

use super::ribbon::{Open, Track};
use super::series::{EVERY_NS, Recent, Samples};
use super::sight::client_name;
use crate::world::World;

/// Events kept, the newest; a history lists fewer.
const EVENTS_KEPT: usize = 4096;
const EVENTS_TOLD: usize = 200;
const MILESTONES_KEPT: usize = 200;

/// The record of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    events: Vec<EventRow>,
    milestones: Vec<Milestone>,
    tracks: Vec<Track>,
    pub(super) samples: Samples,
    steps: Steps,
    /// The newest event that was taken.
    newest: u64,
    /// When the next sample is due.
    next_sample_ns: u64,
}

/// Where a record stood, to come back to.
#[derive(Clone, Debug, Default)]
pub(super) struct Mark {
    at_ns: u64,
    newest: u64,
    next_sample_ns: u64,
    steps: Steps,
    open: Vec<Open>,
    recent: Recent,
    milestones: usize,
}

impl Recorder {
    pub(super) fn mark(&self, at_ns: u64) -> Mark {
        Mark {
            at_ns,
            newest: self.newest,
            next_sample_ns: self.next_sample_ns,
            steps: self.steps.clone(),
            open: self.tracks.iter().map(Track::mark).collect(),
            recent: self.samples.mark(),
            milestones: self.milestones.len(),
        }
    }

    /// Forgets what came after the mark.
    pub(super) fn rewind(&mut self, mark: &Mark) {
        self.events.retain(|event| event.id <= mark.newest);
        self.milestones.retain(|m| m.at_ns <= mark.at_ns);
        self.milestones.truncate(mark.milestones);
        self.tracks.truncate(mark.open.len());
        self.tracks.iter_mut().zip(&mark.open).for_each(|(track, open)| track.rewind(open.clone()));
        self.samples.rewind(mark.at_ns, mark.recent.clone());
        self.steps = mark.steps.clone();
        (self.newest, self.next_sample_ns) = (mark.newest, mark.next_sample_ns);
    }

    /// Takes what has happened since the last call; a person's action makes a mark.
    /// True when there is a new milestone.
    pub(super) fn take(&mut self, world: &mut World) -> bool {
        let before = self.milestones.last().map(|m| m.at_ns);
        let count = self.milestones.len();
        let now = world.now_ns();
        while self.tracks.len() < world.clients.len() {
            self.tracks.push(Track::new(now));
        }
        for outcome in world.take_outcomes() {
            self.samples.take(&outcome);
            if let Some(track) = self.tracks.get_mut(usize::from(outcome.client)) {
                track.take(&outcome);
            }
        }
        if world.newest_event() > self.newest {
            self.take_events(world);
        }
        self.milestones.len() != count || self.milestones.last().map(|m| m.at_ns) != before
    }

    /// When [`Self::sample`] is due.
    pub(super) const fn next_sample_ns(&self) -> u64 {
        self.next_sample_ns
    }

    /// Takes a sample of what charts show.
    pub(super) fn sample(&mut self, world: &World) {
        self.samples.sample(self.next_sample_ns, world);
        self.next_sample_ns += EVERY_NS;
    }

    /// A person did something now.
    pub(super) fn act(&mut self, world: &World, text: &str) {
        let now = world.now_ns();
        while self.tracks.len() < world.clients.len() {
            self.tracks.push(Track::new(now));
        }
        for (track, client) in self.tracks.iter_mut().zip(&world.clients) {
            track.stopped(client.stopped, now);
        }
        if let Some(label) = mark_of_action(text) {
            self.add_milestone(Milestone { at_ns: now, label: label.to_owned(), step: 0, event: None });
        }
    }

    fn take_events(&mut self, world: &World) {
        let new: Vec<&(u64, Event)> =
            world.events.iter().rev().take_while(|(_, e)| e.id.0 > self.newest).collect();
        let aws = world.group_view().map(|view| primacy_aws::events::aws_events(&view)).unwrap_or_default();
        for (at_ns, event) in new.into_iter().rev() {
            self.newest = event.id.0;
            let mark = self.steps.take(event);
            let milestone = mark.map(|mark| Milestone {
                at_ns: *at_ns,
                label: mark.label,
                step: mark.step,
                event: Some(event.id.0),
            });
            let own = world.own_event(event.id.0);
            let told = aws.iter().find(|entry| Some(entry.event.0) == own);
            self.events.push(EventRow {
                id: event.id.0,
                at_ns: *at_ns,
                source: told.map(|t| t.source_type.word().to_owned()).unwrap_or_default(),
                source_id: told.map(|t| t.source.clone()).unwrap_or_default(),
                aws: told.map(|t| t.message.clone()).unwrap_or_default(),
                text: primacy_aws::events::reason_text(event),
                cause: event.cause.map(|id| id.0),
                milestone: milestone.is_some(),
                node: subject(&event.kind).map(|node| node.0),
            });
            if let Some(milestone) = milestone {
                self.add_milestone(milestone);
            }
        }
        let surplus = self.events.len().saturating_sub(EVENTS_KEPT);
        self.events.drain(..surplus);
    }

    fn add_milestone(&mut self, milestone: Milestone) {
        if self.milestones.len() == MILESTONES_KEPT {
            self.milestones.remove(0);
        }
        self.milestones.push(milestone);
    }

    /// All events that are kept, oldest first.
    pub(super) fn events(&self) -> &[EventRow] {
        &self.events
    }

    /// The newest events, as many as a history lists.
    pub(super) fn newest_events(&self) -> Vec<EventRow> {
        let first = self.events.len().saturating_sub(EVENTS_TOLD);
        self.events.get(first..).unwrap_or_default().to_vec()
    }

    pub(super) fn milestones(&self) -> &[Milestone] {
        &self.milestones
    }

    /// One ribbon an application, between two times.
    pub(super) fn ribbons(&self, from_ns: u64, end_ns: u64) -> Vec<Ribbon> {
        let ribbon = |(index, track): (usize, &Track)| Ribbon {
            client: u16::try_from(index).unwrap_or(u16::MAX),
            name: client_name(index),
            segments: track.segments(from_ns, end_ns),
        };
        self.tracks.iter().enumerate().map(ribbon).collect()
    }
}
