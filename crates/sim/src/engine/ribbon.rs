//! An application's fate as stretches of one state.

use primacy_port::{Segment, State};

use crate::world::{Ended, Outcome};

/// A stale stretch ends when no read was stale for this long.
const FRESH_NS: u64 = 1_000_000_000;
/// Stretches kept; beyond twice as many the shortest are joined with their neighbours.
const KEPT: usize = 200;

/// The ribbon of one application.
#[derive(Clone, Debug)]
pub(super) struct Track {
    closed: Vec<Segment>,
    open: Open,
}

/// The stretch that goes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    from_ns: u64,
    state: State,
    ok: u32,
    failed: u32,
    stale: u32,
    /// Errors with how often each was seen.
    errors: Vec<(String, u32)>,
    /// The last stale read, and what has succeeded since.
    stale_ns: u64,
    fresh: u32,
}

impl Track {
    pub(super) fn new(from_ns: u64) -> Self {
        Self { closed: Vec::new(), open: Open { from_ns, ..Open::default() } }
    }

    /// Where it stands, to come back to.
    pub(super) fn mark(&self) -> Open {
        self.open.clone()
    }

    /// Forgets what came after the mark.
    pub(super) fn rewind(&mut self, mark: Open) {
        self.closed.retain(|segment| segment.from_ns < mark.from_ns);
        self.open = mark;
    }

    /// A person stopped the application, or lets it go on.
    pub(super) fn stopped(&mut self, stopped: bool, at_ns: u64) {
        match (stopped, self.open.state) {
            (true, State::Stopped) => {}
            (true, _) => self.begin(State::Stopped, at_ns),
            (false, State::Stopped) => self.begin(State::Idle, at_ns),
            (false, _) => {}
        }
    }

    /// Takes the next end of an operation.
    pub(super) fn take(&mut self, outcome: &Outcome) {
        let began = outcome.at_ns.saturating_sub(outcome.latency_ns);
        match &outcome.ended {
            Ended::Well => self.good(outcome.at_ns),
            Ended::Stale => {
                if self.open.state != State::Stale {
                    self.begin(State::Stale, began);
                }
                self.open.ok += 1 + std::mem::take(&mut self.open.fresh);
                self.open.stale += 1;
                self.open.stale_ns = outcome.at_ns;
            }
            Ended::Failed(why) => {
                match self.open.state {
                    State::Retrying => self.open.state = State::Failing,
                    State::Failing | State::Stopped => {}
                    State::Idle | State::Good | State::Stale => self.begin(State::Retrying, began),
                }
                self.open.failed += 1;
                match self.open.errors.iter_mut().find(|(known, _)| known == why) {
                    Some((_, times)) => *times += 1,
                    None => self.open.errors.push((why.clone(), 1)),
                }
            }
        }
    }

    fn good(&mut self, at_ns: u64) {
        match self.open.state {
            State::Good => self.open.ok += 1,
            State::Stale if at_ns < self.open.stale_ns + FRESH_NS => self.open.fresh += 1,
            State::Stale => {
                let fresh = std::mem::take(&mut self.open.fresh);
                self.begin(State::Good, self.open.stale_ns);
                self.open.ok = fresh + 1;
            }
            State::Idle | State::Retrying | State::Failing | State::Stopped => {
                self.begin(State::Good, at_ns);
                self.open.ok = 1;
            }
        }
    }

    fn begin(&mut self, state: State, at_ns: u64) {
        let at_ns = at_ns.max(self.open.from_ns);
        let open = std::mem::replace(&mut self.open, Open { from_ns: at_ns, state, ..Open::default() });
        if open.from_ns < at_ns {
            self.closed.push(open.segment(at_ns));
        } else {
            // A stretch without a length gives its counts to the next one.
            self.open.ok += open.ok + open.fresh;
            self.open.failed += open.failed;
            self.open.stale += open.stale;
            self.open.errors = open.errors;
        }
        if self.closed.len() > 2 * KEPT {
            thin(&mut self.closed, KEPT);
        }
    }

    /// The stretches from `from_ns` on, up to `end_ns`: at most 200, neighbours differ.
    pub(super) fn segments(&self, from_ns: u64, end_ns: u64) -> Vec<Segment> {
        let mut all = self.closed.clone();
        all.push(self.open.segment(end_ns.max(self.open.from_ns)));
        all.retain(|segment| segment.to_ns > from_ns);
        if let Some(first) = all.first_mut() {
            first.from_ns = first.from_ns.max(from_ns);
        }
        thin(&mut all, KEPT);
        all
    }
}

impl Open {
    fn segment(&self, to_ns: u64) -> Segment {
        let most = self.errors.iter().rev().max_by_key(|(_, times)| *times);
        Segment {
            from_ns: self.from_ns,
            to_ns,
            state: self.state,
            ok: self.ok + self.fresh,
            failed: self.failed,
            stale: self.stale,
            error: most.map(|(why, _)| why.clone()).unwrap_or_default(),
        }
    }
}

/// Joins neighbours of one state, then the shortest stretches with their neighbours, until so many are left.
fn thin(segments: &mut Vec<Segment>, left: usize) {
    join_equal(segments);
    while segments.len() > left {
        let length = |s: &Segment| s.to_ns - s.from_ns;
        let Some(at) = (1..segments.len() - 1).min_by_key(|at| length(&segments[*at])) else { return };
        // Into the longer neighbour, whose state it takes: something that short cannot be seen beside it.
        let into = if length(&segments[at - 1]) >= length(&segments[at + 1]) { at - 1 } else { at + 1 };
        let state = mixed(&segments[into], &segments[at]);
        let low = at.min(into);
        let high = segments.remove(low + 1);
        absorb(&mut segments[low], high);
        segments[low].state = state;
        join_equal(segments);
    }
}

/// What a long stretch with a short one in it is.
fn mixed(long: &Segment, short: &Segment) -> State {
    match (long.state, short.state) {
        (State::Good, State::Failing | State::Retrying) if short.failed * 4 > long.ok => State::Retrying,
        (State::Failing, State::Good) if short.ok * 4 > long.failed => State::Retrying,
        (state, _) => state,
    }
}

fn join_equal(segments: &mut Vec<Segment>) {
    let mut joined: Vec<Segment> = Vec::with_capacity(segments.len());
    for segment in segments.drain(..) {
        match joined.last_mut().filter(|last| last.state == segment.state) {
            Some(last) => absorb(last, segment),
            None => joined.push(segment),
        }
    }
    *segments = joined;
}

fn absorb(first: &mut Segment, second: Segment) {
    first.to_ns = second.to_ns;
    if second.failed > first.failed || first.error.is_empty() {
        first.error = second.error;
    }
    first.ok += second.ok;
    first.failed += second.failed;
    first.stale += second.stale;
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn outcome(at_ms: u64, ended: Ended) -> Outcome {
        Outcome { client: 0, at_ns: at_ms * MS, latency_ns: 10 * MS, ended }
    }

    fn failed() -> Ended {
        Ended::Failed("connection refused".into())
    }

    fn states(track: &Track, end_ms: u64) -> Vec<(u64, State, u32, u32)> {
        let all = track.segments(0, end_ms * MS);
        all.iter().map(|s| (s.from_ns / MS, s.state, s.ok, s.failed)).collect()
    }

    #[test]
    fn an_outage_lasts_from_the_question_of_the_first_failure_to_the_next_success() {
        let mut track = Track::new(0);
        for at in [100, 200, 300] {
            track.take(&outcome(at, Ended::Well));
        }
        for at in [400, 500, 600] {
            track.take(&outcome(at, failed()));
        }
        track.take(&outcome(700, Ended::Well));
        let expected = [
            (0, State::Idle, 0, 0),
            (100, State::Good, 3, 0),
            (390, State::Failing, 0, 3),
            (700, State::Good, 1, 0),
        ];
        assert_eq!(states(&track, 800), expected);
        assert_eq!(track.segments(0, 800 * MS)[2].error, "connection refused");
    }

    #[test]
    fn one_failure_is_a_retry() {
        let mut track = Track::new(0);
        track.take(&outcome(100, Ended::Well));
        track.take(&outcome(200, failed()));
        track.take(&outcome(300, Ended::Well));
        assert_eq!(states(&track, 400)[2], (190, State::Retrying, 0, 1));
    }

    #[test]
    fn a_stale_stretch_ends_with_its_last_stale_read() {
        let mut track = Track::new(0);
        track.take(&outcome(1000, Ended::Stale));
        track.take(&outcome(1500, Ended::Well));
        track.take(&outcome(1600, Ended::Stale));
        track.take(&outcome(1700, Ended::Well));
        assert_eq!(states(&track, 1800), [(0, State::Idle, 0, 0), (990, State::Stale, 4, 0)]);
        track.take(&outcome(2700, Ended::Well));
        assert_eq!(states(&track, 2800)[1..], [(990, State::Stale, 3, 0), (1600, State::Good, 2, 0)]);
    }

    #[test]
    fn rewinding_to_a_mark_gives_the_ribbon_of_then() {
        let mut track = Track::new(0);
        track.take(&outcome(100, Ended::Well));
        track.take(&outcome(200, failed()));
        let (mark, then) = (track.mark(), states(&track, 1000));
        track.take(&outcome(300, failed()));
        track.take(&outcome(400, Ended::Well));
        track.stopped(true, 500 * MS);
        track.rewind(mark);
        assert_eq!(states(&track, 1000), then);
    }

    #[test]
    fn a_ribbon_stays_short_and_loses_no_operation() {
        let mut track = Track::new(0);
        for n in 0..3000 {
            let ended = if n % 3 == 0 { failed() } else { Ended::Well };
            track.take(&outcome(100 * n, ended));
        }
        let all = track.segments(0, 400_000 * MS);
        assert!(all.len() <= KEPT, "{}", all.len());
        assert!(all.windows(2).all(|w| w[0].state != w[1].state && w[0].to_ns == w[1].from_ns));
        assert_eq!(all.iter().map(|s| s.ok + s.failed).sum::<u32>(), 3000);
    }
}
