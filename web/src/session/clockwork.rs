//! Lets time pass: one question a frame, never a second one before the first is answered, and none at all while time
//! stands still or nobody looks.

use leptos::prelude::*;
use primacy_port::{History, Lane, Told, What};

use super::{Session, place};

/// At most this much real time is made up for in one frame, so that a slow frame does not snowball.
const LONGEST_FRAME_MS: f64 = 100.0;
/// An answer should take about this long; the number of events that a question allows follows from it.
const WANTED_MS: f64 = 8.0;
/// A page that is busy answers late, which is not the engine's fault.
const FEWEST_EVENTS: f64 = 2_000.0;
const MOST_EVENTS: f64 = 1_000_000.0;
/// Real time between two updates of numbers, half of them at a time so that no frame has to do all: nobody reads them faster.
const PATCH_EVERY_MS: f64 = 50.0;
/// Real time between two looks at the past, and at the charts' lines.
const HISTORY_EVERY_MS: f64 = 300.0;
const SERIES_EVERY_MS: f64 = 500.0;
/// Real time between two announcements to a screen reader.
const NEWS_EVERY_MS: f64 = 2_000.0;

/// Its wheels.
pub(super) struct Clockwork {
    /// A callback is due in the next frame.
    looping: bool,
    /// Real time of the last frame.
    last_ms: Option<f64>,
    /// Simulated time that was due and has not been asked for.
    debt_ns: f64,
    /// When the question that is under way was asked.
    asked_ms: Option<f64>,
    /// What was answered is not shown yet, and nothing more is asked for.
    pub(super) held: bool,
    /// Events that the next question allows.
    events: f64,
    patched_ms: [f64; 2],
    /// What was updated last.
    patched: [Due; 2],
    /// The past is asked for, and when it was last.
    looking_back: bool,
    history_ms: f64,
    series_ms: f64,
    /// What the newest look at the past belongs to: its version, the newest event and the end.
    seen: (u32, u64, u64),
    announced_ms: f64,
    /// The newest milestone that was announced.
    announced: Option<(u64, String)>,
}

/// What of the numbers and words is to be updated.
#[derive(Clone, Copy, Default)]
pub(super) struct Due {
    /// What there is once.
    pub(super) facts: bool,
    /// What there is of each node, name and application.
    pub(super) rows: bool,
}

impl Default for Clockwork {
    fn default() -> Self {
        Self {
            looping: false,
            last_ms: None,
            debt_ns: 0.0,
            asked_ms: None,
            held: false,
            events: 5_000.0,
            patched_ms: [f64::MIN; 2],
            patched: [Due::default(); 2],
            looking_back: false,
            history_ms: f64::MIN,
            series_ms: f64::MIN,
            seen: (u32::MAX, 0, 0),
            announced_ms: f64::MIN,
            announced: None,
        }
    }
}

impl Clockwork {
    /// A question for time is under way.
    pub(super) const fn asked_for_time(&self) -> bool {
        self.asked_ms.is_some()
    }
}

impl Session {
    /// Plays or pauses.
    pub(crate) fn toggle(&self) {
        if self.playing.get_untracked() { self.pause() } else { self.play() }
    }

    /// Lets time pass.
    pub(crate) fn play(&self) {
        self.playing.set(true);
        self.look_on(true);
        self.keep_going();
    }

    /// Time stands still.
    pub(crate) fn pause(&self) {
        self.playing.set(false);
        self.look_on(false);
        self.settle();
    }

    /// Shows exactly what is now, and the past up to now.
    pub(crate) fn settle(&self) {
        [Lane::A, Lane::B].into_iter().for_each(|lane| self.patch(lane));
        self.look_back(true);
    }

    /// After something that is not the mere passing of time.
    pub(super) fn after_change(&self) {
        self.settle();
        self.keep_going();
    }

    /// Which numbers are to be updated now; they count as updated.
    pub(super) fn due(&self, lane: Lane) -> Due {
        let now = millis();
        let due = self.back.try_update_value(|b| {
            let Clockwork { patched_ms, patched, .. } = &mut b.clockwork;
            let (last_ms, last) = (&mut patched_ms[place(lane)], &mut patched[place(lane)]);
            let passed_ms = now - *last_ms;
            if passed_ms < PATCH_EVERY_MS {
                return Due::default();
            }
            *last_ms = now;
            // Where frames are rare, none of the two waits for another frame.
            let both = passed_ms >= 2.0 * PATCH_EVERY_MS;
            *last = Due { facts: both || !last.facts, rows: both || last.facts };
            *last
        });
        due.unwrap_or_default()
    }

    /// Forgets what belonged to another run or another engine.
    pub(super) fn rewind_clockwork(&self) {
        self.back.update_value(|b| {
            let (looping, events) = (b.clockwork.looping, b.clockwork.events);
            b.clockwork = Clockwork { looping, events, ..Clockwork::default() };
        });
    }

    /// Asks for frames as long as time passes and somebody looks.
    pub(super) fn keep_going(&self) {
        let start = self.back.try_update_value(|b| !std::mem::replace(&mut b.clockwork.looping, true));
        if start != Some(true) {
            return;
        }
        self.back.update_value(|b| b.clockwork.last_ms = None);
        self.next_frame();
    }

    fn next_frame(&self) {
        let session = *self;
        request_animation_frame(move || session.on_tick());
    }

    fn on_tick(&self) {
        let Some(playing) = self.playing.try_get_untracked() else { return };
        if !playing || document().hidden() || self.died.with_untracked(Option::is_some) {
            self.back.update_value(|b| b.clockwork.looping = false);
            return;
        }
        let (now, rate) = (millis(), self.pace().ns_per_ms());
        self.back.update_value(|b| {
            let work = &mut b.clockwork;
            let passed = work.last_ms.replace(now).map_or(0.0, |last| now - last);
            // What an overloaded machine cannot make up for is dropped: the run is slower then.
            work.debt_ns = (work.debt_ns + passed * rate).min(LONGEST_FRAME_MS * rate);
        });
        if self.caps.with_untracked(|c| !c.live) {
            self.ask_for_time(now);
        }
        self.look_back(false);
        self.next_frame();
    }

    fn ask_for_time(&self, now: f64) {
        // After a jump, or in another run, it would be time that is already over.
        if self.busy.get_untracked() > 0 {
            return;
        }
        let base = self.now_ns();
        let due = self.back.try_update_value(|b| {
            let work = &mut b.clockwork;
            let whole = work.debt_ns.floor();
            if work.held || work.asked_ms.is_some() || whole < 1.0 {
                return None;
            }
            work.debt_ns -= whole;
            work.asked_ms = Some(now);
            Some((base.saturating_add(whole as u64), work.events as u32))
        });
        if let Some((until_ns, events)) = due.flatten() {
            let until_ns = self.not_past(until_ns);
            self.ask_then(Lane::A, What::Run { until_ns, events }, move |session, told| {
                session.learn(until_ns, &told);
            });
        }
    }

    /// An answer to a question for time: how many events may the next one allow?
    fn learn(&self, until_ns: u64, told: &Told) {
        let now = millis();
        let short = matches!(told, Told::Frame(frame) if frame.view.now_ns < until_ns);
        self.back.update_value(|b| {
            let work = &mut b.clockwork;
            let took = work.asked_ms.take().map_or(WANTED_MS, |asked| now - asked);
            if took > 1.5 * WANTED_MS {
                work.events *= (WANTED_MS / took).max(0.3);
            } else if short {
                work.events *= (WANTED_MS / took.max(1.0)).clamp(1.0, 1.6);
            }
            work.events = work.events.clamp(FEWEST_EVENTS, MOST_EVENTS);
        });
        if let Told::Refused(why) = told {
            self.pause();
            self.notice(true, why.clone());
        }
    }

    /// Asks for the past and for the charts' lines, if they have changed and it is time to.
    pub(crate) fn look_back(&self, now_please: bool) {
        let Some(frame) = self.latest(Lane::A) else { return };
        let now = millis();
        let is = (frame.history, frame.view.newest_event, frame.end_ns);
        let wanted = self.back.try_update_value(|b| {
            let work = &mut b.clockwork;
            let due = now_please || (now - work.history_ms >= HISTORY_EVERY_MS && work.seen != is);
            if !due || (work.looking_back && !now_please) {
                return false;
            }
            (work.looking_back, work.history_ms, work.seen) = (true, now, is);
            true
        });
        if wanted == Some(true) {
            self.ask_then(Lane::A, What::History, |session, _| {
                session.back.update_value(|b| b.clockwork.looking_back = false);
            });
            if self.twin.get_untracked() {
                self.ask(Lane::B, What::History);
            }
            if frame.lesson.is_some() {
                self.ask(Lane::A, What::Lesson);
            }
        }
        self.look_at_charts(now, now_please);
    }

    fn look_at_charts(&self, now: f64, now_please: bool) {
        let Some((from_ns, to_ns, points)) = self.charted.get_untracked() else { return };
        let due = self.back.try_update_value(|b| {
            let due = now_please || now - b.clockwork.series_ms >= SERIES_EVERY_MS;
            if due {
                b.clockwork.series_ms = now;
            }
            due
        });
        if due != Some(true) {
            return;
        }
        let end = self.latest(Lane::A).map_or(0, |frame| frame.end_ns);
        let to_ns = if to_ns == 0 { end } else { to_ns };
        self.ask(Lane::A, What::Series { from_ns, to_ns, points });
        if self.twin.get_untracked() {
            self.ask(Lane::B, What::Series { from_ns, to_ns, points });
        }
    }

    /// Tells a screen reader the newest milestone, but does not talk without a break.
    pub(super) fn announce(&self, history: &History) {
        let now_ns = self.now_ns();
        let Some(mark) = history.milestones.iter().rev().find(|m| m.at_ns <= now_ns) else { return };
        let key = (mark.at_ns, mark.label.clone());
        let now = millis();
        let fresh = self.back.try_update_value(|b| {
            let work = &mut b.clockwork;
            if work.announced.as_ref() == Some(&key) || now - work.announced_ms < NEWS_EVERY_MS {
                return false;
            }
            work.announced = Some(key);
            work.announced_ms = now;
            true
        });
        if fresh == Some(true) {
            let event = mark.event.and_then(|id| history.events.iter().find(|e| e.id == id));
            self.news.set(event.map_or_else(|| mark.label.clone(), |e| e.text.clone()));
        }
    }
}

/// Milliseconds since the page was opened.
pub(crate) fn millis() -> f64 {
    thread_local! {
        static CLOCK: Option<web_sys::Performance> = window().performance();
    }
    CLOCK.with(|clock| clock.as_ref().map_or(0.0, web_sys::Performance::now))
}
