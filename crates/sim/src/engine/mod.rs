//! The engine of a page: worlds that run, go back, fork and are recorded, behind the port's questions.
//!
//! [`Engine::ask`] takes one question and gives its answers. Time passes only inside it. The page's worker, the page's
//! own thread, the npm package and the tests drive this one struct.

mod checkpoint;
mod gallery;
mod lane;
mod learning;
mod opening;
mod record;
mod ribbon;
mod series;
mod sight;
#[cfg(test)]
mod tests;
mod twin;
mod typing;
mod why;
mod words;

use std::sync::Arc;

use primacy_port::{Ask, Caps, Frame, Lane as Which, Series, Tell, Told, What};

pub use gallery::{GALLERY, first, preset};
use lane::Lane;

use crate::link;

/// Most events of one [`What::Run`]; a page asks for far fewer.
const MOST_EVENTS: u32 = 10_000_000;

/// One or two runs.
pub struct Engine {
    a: Lane,
    b: Option<Twin>,
    /// Nothing has been asked yet.
    untouched: bool,
    /// Said once.
    ready: Option<Caps>,
    notices: Vec<String>,
    lesson: Option<u8>,
    /// What was refused since the lesson began.
    refused: Vec<String>,
}

/// Lane B.
struct Twin {
    lane: Lane,
    /// What is different, in words.
    difference: String,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine with the usual group in service.
    pub fn new() -> Self {
        let scenario = first(gallery::FIRST_SEED);
        let mut a = Lane::new(scenario, words::of, false);
        a.begin(opening::WARM_UP_NS);
        Self {
            a,
            b: None,
            untouched: true,
            ready: Some(caps()),
            notices: Vec::new(),
            lesson: None,
            refused: Vec::new(),
        }
    }

    /// What must be said without having been asked: that the engine is ready.
    pub fn told(&mut self) -> Option<Tell> {
        let told = Told::Ready(self.ready.take()?);
        Some(Tell { number: 0, lane: Which::A, told })
    }

    /// Answers a question.
    pub fn ask(&mut self, ask: Ask) -> Vec<Tell> {
        let (number, lane) = (ask.number, ask.lane);
        let mut tells: Vec<Tell> = self.told().into_iter().collect();
        let served = self.serve(lane, ask.what);
        self.untouched = false;
        match served {
            Ok(told) => tells.extend(told.into_iter().map(|(lane, told)| Tell { number, lane, told })),
            Err(why) => {
                self.note_refusal(&why);
                tells.push(Tell { number, lane, told: Told::Refused(why) });
            }
        }
        tells
    }

    /// How many checkpoints both lanes keep, and how many bytes they take.
    pub fn checkpoints(&self) -> (usize, usize) {
        let (mut count, mut bytes) = self.a.checkpoints();
        if let Some(twin) = &self.b {
            let (more, heavier) = twin.lane.checkpoints();
            (count, bytes) = (count + more, bytes + heavier);
        }
        (count, bytes)
    }

    fn serve(&mut self, which: Which, what: What) -> Result<Vec<(Which, Told)>, String> {
        match what {
            What::Open(opening) => self.open(which, opening)?,
            What::Twin(difference) => {
                if difference.trim().is_empty() {
                    self.b = None;
                    return Ok(vec![(Which::B, Told::Closed)]);
                }
                self.begin_twin(&difference)?;
            }
            What::Run { until_ns, events } => self.run(which, until_ns, events)?,
            rare => return self.serve_rare(which, rare),
        }
        Ok(self.frames(which))
    }

    /// What nobody asks for before the group has been seen: a function of its own, since the page loads such later.
    #[inline(never)]
    fn serve_rare(&mut self, which: Which, what: What) -> Result<Vec<(Which, Told)>, String> {
        let one = |told: Told| Ok(vec![(which, told)]);
        match what {
            // `serve` has done these.
            What::Open(_) | What::Twin(_) | What::Run { .. } => {}
            What::Seek { at_ns } => self.both(which, |lane| lane.seek(at_ns))?,
            What::Step { back } => {
                self.lane(which)?.one(back);
                self.bring_along(which);
            }
            What::Milestone { back } => {
                if !self.lane(which)?.milestone(back) {
                    let minutes = lane::SEARCH_NS / 60_000_000_000;
                    self.notices.push(match back {
                        true => "There is no milestone before this moment.".to_owned(),
                        false => format!(
                            "Nothing happens in the next {minutes} minutes: there is no milestone ahead."
                        ),
                    });
                }
                self.bring_along(which);
            }
            What::Do(text) => self.act(which, &text)?,
            What::Undo => self.edit(which, Lane::undo)?,
            What::Redo => self.edit(which, Lane::redo)?,
            What::Restore(number) => self.edit(which, |lane| lane.restore(number))?,
            What::Type { terminal, target, line, run } => {
                self.type_line(which, terminal, &target, &line, run)?;
            }
            What::Hangup { terminal } => self.hang_up(which, terminal)?,
            What::Why(subject) => return one(Told::Why(why::chain(self.lane(which)?, &subject)?)),
            What::History => return one(Told::History(Box::new(self.lane(which)?.history()))),
            What::Series { from_ns, to_ns, points } => {
                return one(Told::Series(self.series(which, from_ns, to_ns, points)?));
            }
            What::Lesson => return one(Told::Lesson(self.progress()?)),
            What::Link => return one(Told::Text(link::fragment(&self.lane(which)?.whole()))),
            What::Template => {
                let world = self.lane(which)?.world();
                let now = world.group_view().map(|group| group.spec);
                let spec = now.as_ref().unwrap_or(&world.group_config.spec);
                return one(Told::Text(primacy_aws::template::write(spec)));
            }
            What::Proof => return one(Told::Text(self.lane(which)?.proof())),
        }
        Ok(self.frames(which))
    }

    fn lane(&mut self, which: Which) -> Result<&mut Lane, String> {
        match which {
            Which::A => Ok(&mut self.a),
            Which::B => {
                self.b.as_mut().map(|twin| &mut twin.lane).ok_or_else(|| "there is no twin".to_owned())
            }
        }
    }

    /// A frame of the lane that was asked about, and of the other one when it goes along.
    fn frames(&mut self, which: Which) -> Vec<(Which, Told)> {
        let lanes = if which == Which::A { vec![Which::A, Which::B] } else { vec![Which::B] };
        lanes.into_iter().filter_map(|lane| Some((lane, Told::Frame(Arc::new(self.frame(lane)?))))).collect()
    }

    fn frame(&mut self, which: Which) -> Option<Frame> {
        let notices = if which == Which::A { std::mem::take(&mut self.notices) } else { Vec::new() };
        let difference = match (&self.b, which) {
            (Some(twin), Which::B) => twin.difference.clone(),
            _ => String::new(),
        };
        let lesson = self.lesson.filter(|_| which == Which::A);
        let lane = self.lane(which).ok()?;
        Some(Frame {
            view: sight::view(lane.world(), |kind| words::fault(lane.plan(), kind)),
            begin_ns: 0,
            end_ns: lane.end_ns(),
            seed: lane.base().seed,
            history: lane.changes(),
            undo: lane.can_undo(),
            redo: lane.can_redo(),
            answers: lane.take_answers(),
            notices,
            lesson,
            difference,
        })
    }

    /// Lets time pass. Both lanes go together.
    fn run(&mut self, which: Which, until_ns: u64, events: u32) -> Result<(), String> {
        let events = u64::from(events.min(MOST_EVENTS));
        if which == Which::B || self.b.is_none() {
            self.lane(which)?.run(until_ns, events);
            return Ok(());
        }
        self.a.run(until_ns, events.div_ceil(2));
        // Never further than lane A: both show the same moment.
        let at_ns = self.a.world().now_ns();
        if let Some(twin) = &mut self.b {
            twin.lane.run(at_ns, MOST_EVENTS.into());
        }
        Ok(())
    }

    fn both(&mut self, which: Which, go: impl Fn(&mut Lane)) -> Result<(), String> {
        go(self.lane(which)?);
        if let (Which::A, Some(twin)) = (which, &mut self.b) {
            go(&mut twin.lane);
        }
        Ok(())
    }

    /// Lane B goes where lane A went.
    fn bring_along(&mut self, which: Which) {
        let at_ns = self.a.world().now_ns();
        if let (Which::A, Some(twin)) = (which, &mut self.b) {
            twin.lane.seek(at_ns);
        }
    }

    /// An action in words.
    fn act(&mut self, which: Which, text: &str) -> Result<(), String> {
        let command = words::parse(text)?;
        let lane = self.lane(which)?;
        if let Some(why) = words::in_vain(lane.world(), &command) {
            return Err(why);
        }
        lane.act(command.clone(), words::of(&command))?;
        let refusal = words::refusal(lane.world(), &command);
        if which == Which::A {
            self.notices.extend(refusal);
        }
        self.follow(which);
        Ok(())
    }

    fn edit(
        &mut self,
        which: Which,
        edit: impl FnOnce(&mut Lane) -> Result<(), String>,
    ) -> Result<(), String> {
        edit(self.lane(which)?)?;
        self.follow(which);
        Ok(())
    }

    fn series(&mut self, which: Which, from_ns: u64, to_ns: u64, points: u16) -> Result<Series, String> {
        if !(2..=2000).contains(&points) {
            return Err("2 to 2000 points".into());
        }
        Ok(self.lane(which)?.recorder().samples.between(from_ns, to_ns, usize::from(points)))
    }
}

fn caps() -> Caps {
    Caps {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: link::engine(),
        live: false,
        commands: words::firsts(),
    }
}
