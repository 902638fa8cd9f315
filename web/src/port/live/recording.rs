//! The last quarter of an hour of a real group, and where in it a person looks. Time itself cannot be stopped; what is shown
//! of it can.

use std::collections::VecDeque;
use std::rc::Rc;

use primacy_port::{Answer, Frame, History, Series};

/// How much is kept, in nanoseconds.
const KEPT_NS: u64 = 15 * 60 * 1_000_000_000;
/// Frames are kept at most this close to each other, in nanoseconds.
const APART_NS: u64 = 500_000_000;
/// Whoever is closer to now than this looks at now, in nanoseconds.
const NEAR_NS: u64 = 700_000_000;

/// Where a person looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gaze {
    /// At what is so long ago, and goes on; 0: at now.
    Behind(u64),
    /// At one moment.
    Fixed(u64),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Recording {
    kept: VecDeque<Rc<Frame>>,
    newest: Option<Rc<Frame>>,
    gaze: Gaze,
}

impl Default for Recording {
    fn default() -> Self {
        Self { kept: VecDeque::new(), newest: None, gaze: Gaze::Behind(0) }
    }
}

impl Recording {
    /// Takes what is now. An earlier time than before belongs to another run: the old one is forgotten.
    pub(super) fn take(&mut self, frame: Frame) {
        let now = frame.view.now_ns;
        if now < self.end_ns() {
            *self = Self::default();
        }
        let last = self.kept.back().map(|kept| kept.view.now_ns);
        let frame = Rc::new(frame);
        if last.is_none_or(|last| now - last >= APART_NS) {
            // A person's answers are said once and not again when that moment is looked at.
            self.kept.push_back(Rc::new(Frame {
                answers: Vec::new(),
                notices: Vec::new(),
                ..(*frame).clone()
            }));
        }
        while self.kept.front().is_some_and(|kept| now - kept.view.now_ns > KEPT_NS) {
            self.kept.pop_front();
        }
        self.newest = Some(frame);
    }

    /// Now, in nanoseconds.
    pub(super) fn end_ns(&self) -> u64 {
        self.newest.as_ref().map_or(0, |frame| frame.view.now_ns)
    }

    /// What a person looks at, with the answers that have just come: terminals are always now.
    pub(super) fn shown(&self, answers: Vec<Answer>) -> Option<Frame> {
        let (end_ns, at) = (self.end_ns(), self.looked_at());
        let frame = if at >= end_ns { self.newest.as_ref() } else { self.at(at).or(self.newest.as_ref()) }?;
        let notices = if at >= end_ns { frame.notices.clone() } else { Vec::new() };
        Some(Frame { end_ns, answers, notices, ..(**frame).clone() })
    }

    /// Nothing of what is shown changes any more.
    pub(super) const fn is_fixed(&self) -> bool {
        matches!(self.gaze, Gaze::Fixed(_))
    }

    /// Stays at what is looked at.
    pub(super) fn stop(&mut self) {
        self.gaze = Gaze::Fixed(self.looked_at());
    }

    /// Goes on from there.
    pub(super) fn go_on(&mut self) {
        self.gaze = Gaze::Behind(self.behind(self.looked_at()));
    }

    /// Looks at another moment; goes on from there if it went on before.
    pub(super) fn look_at(&mut self, at_ns: u64) {
        let at_ns = at_ns.clamp(self.begin_ns(), self.end_ns());
        self.gaze = match self.gaze {
            Gaze::Behind(_) => Gaze::Behind(self.behind(at_ns)),
            Gaze::Fixed(_) => Gaze::Fixed(at_ns),
        };
    }

    /// The next kept moment, or the one before.
    pub(super) fn step(&mut self, back: bool) {
        let at = self.looked_at();
        let mut times = self.kept.iter().map(|frame| frame.view.now_ns);
        let to = if back { times.rfind(|time| *time < at) } else { times.find(|time| *time > at) };
        self.gaze = Gaze::Fixed(to.unwrap_or_else(|| if back { at } else { self.end_ns() }));
    }

    /// To the next milestone, or to the one before.
    pub(super) fn milestone(&mut self, history: &History, back: bool) {
        let at = self.looked_at();
        let mut times = history.milestones.iter().map(|milestone| milestone.at_ns);
        // A milestone is seen in the first frame after it, so the one that is looked at lies a little way back.
        let to = if back { times.rfind(|time| time + NEAR_NS < at) } else { times.find(|time| *time > at) };
        if let Some(to) = to {
            let seen = self.kept.iter().map(|frame| frame.view.now_ns).find(|time| *time >= to);
            self.gaze = Gaze::Fixed(seen.unwrap_or_else(|| self.end_ns()));
        }
    }

    /// Each replica's lag between two times, at most so many points.
    pub(super) fn series(&self, from_ns: u64, to_ns: u64, points: u16) -> Series {
        let within: Vec<&Rc<Frame>> =
            self.kept.iter().filter(|frame| (from_ns..=to_ns).contains(&frame.view.now_ns)).collect();
        let every = within.len().div_ceil(usize::from(points.max(2))).max(1);
        let picked: Vec<&Rc<Frame>> = within.into_iter().step_by(every).collect();
        let mut ids: Vec<_> =
            picked.iter().flat_map(|frame| frame.view.nodes.iter().map(|node| node.id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let line = |id| {
            let of = |frame: &&Rc<Frame>| {
                let node = frame.view.nodes.iter().find(|node| node.id == id)?;
                (node.up && !node.is_primary).then_some(node.lag_bytes as f32)
            };
            (format!("lag {id}"), "B".to_owned(), picked.iter().map(of).collect())
        };
        Series {
            at_ms: picked
                .iter()
                .map(|frame| u32::try_from(frame.view.now_ns / 1_000_000).unwrap_or(u32::MAX))
                .collect(),
            lines: ids.into_iter().map(line).collect(),
        }
    }

    fn begin_ns(&self) -> u64 {
        self.kept.front().map_or(0, |frame| frame.view.now_ns)
    }

    fn looked_at(&self) -> u64 {
        match self.gaze {
            Gaze::Behind(by) => self.end_ns().saturating_sub(by),
            Gaze::Fixed(at) => at,
        }
    }

    /// How far a moment is behind now; 0 when that is hardly anything.
    fn behind(&self, at_ns: u64) -> u64 {
        let by = self.end_ns().saturating_sub(at_ns);
        if by < NEAR_NS { 0 } else { by }
    }

    /// The newest frame that is not later than this.
    fn at(&self, at_ns: u64) -> Option<&Rc<Frame>> {
        let after = self.kept.partition_point(|frame| frame.view.now_ns <= at_ns);
        self.kept.get(after.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use primacy_port::{Milestone, View};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// Ten frames a second up to `seconds`.
    fn recorded(seconds: u64) -> Recording {
        let mut recording = Recording::default();
        for tenth in 1..=seconds * 10 {
            let view = View { now_ns: tenth * SECOND / 10, epoch: tenth, ..View::default() };
            recording.take(Frame { view, ..Frame::default() });
        }
        recording
    }

    fn shown(recording: &Recording) -> (u64, u64) {
        let frame = recording.shown(Vec::new()).expect("a frame");
        (frame.view.now_ns, frame.end_ns)
    }

    #[wasm_bindgen_test]
    fn a_stopped_look_stays_while_the_group_goes_on() {
        let mut recording = recorded(10);
        assert_eq!(shown(&recording), (10 * SECOND, 10 * SECOND));
        recording.look_at(4 * SECOND);
        recording.stop();
        let view = View { now_ns: 11 * SECOND, ..View::default() };
        recording.take(Frame { view, ..Frame::default() });
        let (at, end) = shown(&recording);
        assert!((35..=40).contains(&(at * 10 / SECOND)) && end == 11 * SECOND, "{at} {end}");
        recording.go_on();
        recording.look_at(u64::MAX);
        assert_eq!(shown(&recording), (11 * SECOND, 11 * SECOND));
    }

    #[wasm_bindgen_test]
    fn a_quarter_of_an_hour_is_kept_at_two_frames_a_second() {
        let recording = recorded(20 * 60);
        assert!((1790..=1802).contains(&recording.kept.len()), "{}", recording.kept.len());
        assert!(recording.begin_ns() >= 5 * 60 * SECOND);
    }

    #[wasm_bindgen_test]
    fn another_run_forgets_the_old_one() {
        let mut recording = recorded(10);
        recording.stop();
        recording.take(Frame { view: View { now_ns: SECOND, ..View::default() }, ..Frame::default() });
        assert_eq!(shown(&recording), (SECOND, SECOND));
        assert_eq!(recording.kept.len(), 1);
    }

    #[wasm_bindgen_test]
    fn steps_and_milestones_lead_through_what_was_kept() {
        let mut recording = recorded(10);
        let mark = |second| Milestone { at_ns: second * SECOND, ..Milestone::default() };
        let history = History { milestones: vec![mark(3), mark(6)], ..History::default() };
        recording.milestone(&history, true);
        assert!(shown(&recording).0.abs_diff(6 * SECOND) < SECOND);
        recording.milestone(&history, true);
        assert!(shown(&recording).0.abs_diff(3 * SECOND) < SECOND);
        recording.milestone(&history, false);
        let at = shown(&recording).0;
        assert!(at.abs_diff(6 * SECOND) < SECOND);
        recording.step(true);
        assert!(shown(&recording).0 < at);
    }
}
