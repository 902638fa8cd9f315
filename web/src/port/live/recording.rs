//! The last quarter of an hour of a real group, and where in it a person looks. Time itself cannot be stopped; what is shown
//! of it can.

use std::collections::VecDeque;
use std::rc::Rc;

use primacy_port::{Answer, Frame, History, NodeSight, Series, View};

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
        Some(Frame { begin_ns: self.begin_ns(), end_ns, answers, notices, ..(**frame).clone() })
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

    /// Each replica's lag, the writes, the stream and the keys between two times, at most so many points.
    pub(super) fn series(&self, from_ns: u64, to_ns: u64, points: u16) -> Series {
        let within: Vec<&Rc<Frame>> =
            self.kept.iter().filter(|frame| (from_ns..=to_ns).contains(&frame.view.now_ns)).collect();
        let every = within.len().div_ceil(usize::from(points.max(2))).max(1);
        let picked: Vec<&View> = within.into_iter().step_by(every).map(|frame| &frame.view).collect();
        let mut ids: Vec<_> = picked.iter().flat_map(|view| view.nodes.iter().map(|node| node.id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let line = |name: &str, unit: &str, of: &dyn Fn(usize) -> Option<f32>| {
            (name.to_owned(), unit.to_owned(), (0..picked.len()).map(of).collect())
        };
        let lag = |id| {
            let of = |at: usize| {
                let node = picked[at].nodes.iter().find(|node| node.id == id)?;
                (node.up && !node.is_primary && node.offset > 0).then_some(node.lag_ns as f32 / 1e6)
            };
            line(&format!("lag {id} time"), "ms", &of)
        };
        let primary = |at: usize| picked[at].nodes.iter().find(|node| node.is_primary);
        let rate = |of: fn(&NodeSight) -> u64, unit: f32| {
            let picked = &picked;
            move |at: usize| {
                let before = at.checked_sub(1)?;
                let seconds = (picked[at].now_ns - picked[before].now_ns) as f32 / 1e9;
                // A new primary may have less than the old one had.
                Some(of(primary(at)?).saturating_sub(of(primary(before)?)) as f32 / unit / seconds)
            }
        };
        let mut lines: Vec<_> = ids.into_iter().map(lag).collect();
        lines.push(line("writes", "/s", &rate(|node| node.opseq, 1.0)));
        lines.push(line("stream", "KiB/s", &rate(|node| node.offset, 1024.0)));
        lines.push(line("keys", "", &|at| Some(primary(at)?.keys as f32)));
        let at_ms = |view: &&View| u32::try_from(view.now_ns / 1_000_000).unwrap_or(u32::MAX);
        Series { at_ms: picked.iter().map(at_ms).collect(), lines }
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
    use primacy_core::id::NodeId;
    use primacy_port::Milestone;
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

    #[wasm_bindgen_test]
    fn the_charts_lines_are_rates_of_what_was_recorded_and_have_a_gap_where_a_node_was_down() {
        let mut recording = Recording::default();
        for second in 1..=4_u64 {
            let node = |id: u16, up, opseq| NodeSight {
                id: NodeId(id),
                up,
                opseq,
                is_primary: id == 1,
                offset: opseq * 1024,
                lag_ns: 5_000_000,
                keys: second,
                ..sight()
            };
            let nodes = vec![node(1, true, second * 100), node(2, second != 3, second * 90)];
            let view = View { now_ns: second * SECOND, nodes, ..View::default() };
            recording.take(Frame { view, ..Frame::default() });
        }
        let series = recording.series(0, u64::MAX, 600);
        let line = |name: &str| series.lines.iter().find(|line| line.0 == name).map(|line| line.2.clone());
        assert_eq!(line("lag 002 time"), Some(vec![Some(5.0), Some(5.0), None, Some(5.0)]));
        assert_eq!(line("lag 001 time"), Some(vec![None; 4]));
        assert_eq!(line("writes"), Some(vec![None, Some(100.0), Some(100.0), Some(100.0)]));
        assert_eq!(line("stream"), line("writes"));
        assert_eq!(line("keys"), Some(vec![Some(1.0), Some(2.0), Some(3.0), Some(4.0)]));
        assert_eq!(recording.shown(Vec::new()).map(|frame| frame.begin_ns), Some(SECOND));
    }

    fn sight() -> NodeSight {
        NodeSight {
            id: NodeId(0),
            name: String::new(),
            dns_name: String::new(),
            zone: String::new(),
            up: true,
            powered: true,
            paused: false,
            incarnation: 1,
            role: None,
            is_primary: false,
            epoch: 1,
            offset: 0,
            lag_bytes: 0,
            lag_ns: 0,
            opseq: 0,
            keys: 0,
            lease_ns: None,
            failsafe: false,
            link_up: true,
            next_timer: None,
            pid: 1,
        }
    }
}
