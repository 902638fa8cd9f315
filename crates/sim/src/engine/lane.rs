//! One run: a world that can go forth and back, what was done to it, and the record of it.

mod past;

use primacy_core::order;
use primacy_port::Answer;

use super::checkpoint::{self, Checkpoints};
use super::record::Recorder;
use super::typing::told;
use crate::command::Command;
use crate::scenario::{MAX_PLAN, Scenario};
use crate::world::World;

const MS: u64 = 1_000_000;
/// Futures that are kept.
const BRANCHES: usize = 8;
/// Checkpoints kept in the future of a branch.
const BRANCH_CHECKPOINTS: usize = 6;
/// Looking for a milestone ends after this much simulated time: the longest step of a failover takes less.
pub(super) const SEARCH_NS: u64 = 180_000 * MS;
/// The page's own terminals are 0 to 7.
pub(super) const TERMINALS: u8 = 8;

/// Something that is done at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) at_ms: u32,
    pub(super) command: Command,
    /// In words.
    pub(super) text: String,
    /// When it was asked for.
    pub(super) asked_ns: u64,
}

/// A past with its future, as far as it has been run.
#[derive(Clone, Default)]
struct Course {
    plan: Vec<Planned>,
    recorder: Recorder,
    checkpoints: Checkpoints,
    end_ns: u64,
    end_steps: u64,
}

struct Kept {
    number: u32,
    course: Course,
}

/// A run.
pub(super) struct Lane {
    /// How it begins, without anybody's actions.
    scenario: Scenario,
    world: World,
    course: Course,
    redo: Vec<Planned>,
    branches: Vec<Kept>,
    numbered: u32,
    /// Counts changes of the past.
    changes: u32,
    /// The moment at which it was first seen.
    opened_ns: u64,
    answers: Vec<Answer>,
}

impl Lane {
    /// A run at its beginning. The scenario's commands become its plan. `told`: a lesson will ask about single writes.
    pub(super) fn new(mut scenario: Scenario, texts: impl Fn(&Command) -> String, told: bool) -> Self {
        let mut commands = std::mem::take(&mut scenario.commands);
        order::sort_by_key(&mut commands, |(at, _)| *at);
        let planned = |(at_ms, command): (u32, Command)| {
            let (text, asked_ns) = (texts(&command), u64::from(at_ms).saturating_sub(1) * MS);
            Planned { at_ms, command, text, asked_ns }
        };
        let plan = commands.into_iter().map(planned).collect();
        // Made twice rather than copied: who looks for the first time then needs nothing that copies a world.
        let new = || {
            let mut world = World::new(scenario.clone());
            world.keep_stories(told);
            world.keep_outcomes(true);
            world
        };
        let world = new();
        let mut course = Course { plan, ..Course::default() };
        course.recorder.act(&world, "");
        course.checkpoints.begin(new(), course.recorder.mark(0));
        Self {
            scenario,
            world,
            course,
            redo: Vec::new(),
            branches: Vec::new(),
            numbered: 0,
            changes: 0,
            opened_ns: 0,
            answers: Vec::new(),
        }
    }

    pub(super) const fn world(&self) -> &World {
        &self.world
    }

    pub(super) const fn end_ns(&self) -> u64 {
        self.course.end_ns
    }

    pub(super) const fn changes(&self) -> u32 {
        self.changes
    }

    pub(super) const fn recorder(&self) -> &Recorder {
        &self.course.recorder
    }

    pub(super) const fn base(&self) -> &Scenario {
        &self.scenario
    }

    pub(super) fn plan(&self) -> &[Planned] {
        &self.course.plan
    }

    /// How many checkpoints there are, and the bytes that they take.
    pub(super) fn checkpoints(&self) -> (usize, usize) {
        (self.course.checkpoints.len(), self.course.checkpoints.bytes())
    }

    /// The scenario with all that was done up to now and is planned.
    pub(super) fn whole(&self) -> Scenario {
        let commands = self.course.plan.iter().map(|p| (p.at_ms, p.command.clone())).collect();
        Scenario { commands, ..self.scenario.clone() }
    }

    pub(super) const fn can_undo(&self) -> bool {
        !self.course.plan.is_empty()
    }

    pub(super) const fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    pub(super) fn take_answers(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.answers)
    }

    fn steps(&self) -> u64 {
        self.world.trace().events()
    }

    /// One event, if it is due by `limit_ns`. False: the clock stands at the limit, or an invariant is broken.
    fn step(&mut self, limit_ns: u64) -> bool {
        if self.world.violation().is_some() {
            return false;
        }
        let acted = self.world.scenario().commands.len();
        let mut acts = false;
        if let Some(next) = self.course.plan.get(acted) {
            let due = u64::from(next.at_ms) * MS;
            acts = due <= limit_ns && due <= self.world.next_ns();
        }
        if acts {
            if self.steps() >= self.course.end_steps && self.world.now_ns() >= self.opened_ns {
                self.keep();
            }
            let next = &self.course.plan[acted];
            // It is first at its time, so the step below is it.
            self.world.plan(next.at_ms, next.command.clone());
        }
        if !self.world.step(limit_ns) {
            return false;
        }
        if self.steps() > self.course.end_steps {
            self.record(acts.then_some(acted));
        } else {
            self.world.take_outcomes();
            self.collect_answers(false);
        }
        true
    }

    fn record(&mut self, acted: Option<usize>) {
        let recorder = &mut self.course.recorder;
        while recorder.next_sample_ns() <= self.world.now_ns() {
            recorder.sample(&self.world);
        }
        let mut marked = recorder.take(&mut self.world);
        if let Some(planned) = acted.and_then(|acted| self.course.plan.get(acted)) {
            recorder.act(&self.world, &planned.text);
            marked = true;
        }
        self.collect_answers(true);
        (self.course.end_ns, self.course.end_steps) = (self.world.now_ns(), self.steps());
        if marked && self.world.now_ns() >= self.opened_ns {
            self.keep();
        }
    }

    /// Runs up to the moment at which it is first seen. What is before it is run again rather than kept, within limits.
    pub(super) fn begin(&mut self, at_ns: u64) {
        self.opened_ns = at_ns;
        self.run(at_ns, u64::MAX);
    }

    /// Runs up to a time, for so many events at most, or up to a violation. Returns the number of events.
    pub(super) fn run(&mut self, until_ns: u64, events: u64) -> u64 {
        let mut count = 0;
        let mut kept =
            self.course.checkpoints.before_step(self.steps()).map_or((0, 0), |c| (c.at_ns, c.steps));
        while count < events && self.step(until_ns) {
            count += 1;
            let here = (self.world.now_ns(), self.steps());
            let since_ns = here.0.saturating_sub(kept.0.max(self.opened_ns));
            if since_ns >= checkpoint::EVERY_NS || here.1 >= kept.1 + checkpoint::EVERY_STEPS {
                self.keep();
                kept = here;
            }
        }
        if self.steps() >= self.course.end_steps {
            self.course.end_ns = self.course.end_ns.max(self.world.now_ns());
        }
        count
    }

    /// Keeps a checkpoint of the present, with where the record stands if it stands here too.
    fn keep(&mut self) {
        let here = self.steps() >= self.course.end_steps;
        let mark = here.then(|| self.course.recorder.mark(self.world.now_ns()));
        self.course.checkpoints.add(&self.world, mark);
    }

    /// Goes to a time, back or forth.
    pub(super) fn seek(&mut self, at_ns: u64) {
        let now = self.world.now_ns();
        if let Some(from) = self.course.checkpoints.before(at_ns)
            && (at_ns < now || from.at_ns > now)
        {
            self.world = from.world.clone();
        }
        self.run(at_ns, u64::MAX);
    }

    /// Goes back to a moment by its number of events.
    fn seek_step(&mut self, steps: u64) {
        if let Some(from) = self.course.checkpoints.before_step(steps) {
            self.world = from.world.clone();
        }
        while self.steps() < steps && self.step(u64::MAX) {}
    }

    /// One event forth or back.
    pub(super) fn one(&mut self, back: bool) {
        if back {
            self.seek_step(self.steps().saturating_sub(1));
        } else {
            self.run(u64::MAX, 1);
        }
    }

    /// To the next milestone or the one before. False: there is none, and the run stands where it stood.
    pub(super) fn milestone(&mut self, back: bool) -> bool {
        let now = self.world.now_ns();
        let known = self.course.recorder.milestones();
        let target = match back {
            true => known.iter().rev().find(|m| m.at_ns < now),
            false => known.iter().find(|m| m.at_ns > now),
        };
        if let Some(at_ns) = target.map(|m| m.at_ns) {
            self.seek(at_ns);
            return true;
        }
        if back {
            return false;
        }
        let known_ns = self.course.end_ns;
        self.seek(known_ns);
        let newest = |lane: &Self| lane.course.recorder.milestones().last().map(|m| m.at_ns);
        let (before, limit) = (newest(self), now.saturating_add(SEARCH_NS));
        while newest(self) == before && self.run(limit, 1) == 1 {}
        if newest(self) != before {
            // What belongs to the same moment is seen together.
            self.run(self.world.now_ns(), u64::MAX);
            return true;
        }
        // What was run in vain is not the run's future; what is planned for then is.
        let plan = self.course.plan.clone();
        self.seek(known_ns);
        self.cut();
        self.course.plan = plan;
        self.seek(now);
        false
    }

    /// Plans something for the next whole millisecond and goes there. In the past this begins another future, and the
    /// old one is kept.
    pub(super) fn act(&mut self, command: Command, text: String) -> Result<(), String> {
        if self.course.plan.len() >= MAX_PLAN {
            return Err(format!("a run holds at most {MAX_PLAN} actions"));
        }
        let asked_ns = self.world.now_ns();
        let at_ms = u32::try_from(asked_ns / MS + 1).map_err(|_| "the run is too long")?;
        self.fork();
        self.redo.clear();
        self.course.plan.push(Planned { at_ms, command, text, asked_ns });
        self.carry_out(at_ms);
        Ok(())
    }

    /// Runs until all that is planned up to `at_ms` is done, and nothing more.
    fn carry_out(&mut self, at_ms: u32) {
        let at_ns = u64::from(at_ms) * MS;
        self.run(at_ns - 1, u64::MAX);
        while self.world.scenario().commands.len() < self.course.plan.len() && self.run(at_ns, 1) == 1 {}
        self.changes += 1;
    }

    /// Lets time pass while the condition holds, at most so long.
    pub(super) fn run_while(&mut self, at_most_ns: u64, go_on: impl Fn(&World) -> bool) {
        let end = self.world.now_ns().saturating_add(at_most_ns);
        while go_on(&self.world) && self.run(end, 1) == 1 {}
    }

    /// Takes over another plan; where it differs, the run begins again.
    pub(super) fn take_plan(&mut self, commands: Vec<(u32, Command)>, texts: impl Fn(&Command) -> String) {
        let now = self.world.now_ns();
        let known = self.course.plan.iter().map(|p| (p.at_ms, &p.command));
        let same = known.zip(&commands).take_while(|(a, b)| *a == (b.0, &b.1)).count();
        let asked = |at_ms: u32| u64::from(at_ms).saturating_sub(1) * MS;
        let next = [self.course.plan.get(same).map(|p| p.at_ms), commands.get(same).map(|c| c.0)];
        let parting = next.into_iter().flatten().min();
        if let Some(from) = parting.map(asked).filter(|from| *from < self.course.end_ns) {
            self.seek(from);
            self.cut();
        }
        self.course.plan.truncate(same);
        let planned = |(at_ms, command): (u32, Command)| {
            let text = texts(&command);
            Planned { at_ms, command, text, asked_ns: asked(at_ms) }
        };
        self.course.plan.extend(commands.into_iter().skip(same).map(planned));
        self.seek(now);
        self.changes += 1;
    }

    /// The world as it will be, or was, at a recorded time: for questions about what has been seen of the future.
    pub(super) fn at(&self, at_ns: u64) -> World {
        let from = self.course.checkpoints.before(at_ns).filter(|from| from.at_ns > self.world.now_ns());
        let mut world = from.map_or_else(|| self.world.clone(), |from| from.world.clone());
        world.keep_outcomes(false);
        let done = world.scenario().commands.len();
        for next in self.course.plan.iter().skip(done).filter(|next| u64::from(next.at_ms) * MS <= at_ns) {
            world.plan(next.at_ms, next.command.clone());
        }
        world.run_until(at_ns);
        world
    }

    /// A terminal is told something that no node said.
    pub(super) fn say(&mut self, terminal: u8, line: &str, said: Result<String, String>) {
        let at_ns = self.world.now_ns();
        let failed = said.is_err();
        let text = said.unwrap_or_else(|error| error);
        let line = line.to_owned();
        self.answers.push(Answer {
            terminal,
            line,
            text,
            failed,
            asked_ns: at_ns,
            at_ns,
            ..Answer::default()
        });
    }

    /// The trace hash of the scenario run from its beginning to now.
    pub(super) fn proof(&self) -> String {
        let mut world = World::new(self.whole());
        let steps = self.steps();
        while world.trace().events() < steps && world.step(u64::MAX) {}
        world.trace().digest()
    }

    /// Ends the recorded future here; keeps it when there was one.
    fn fork(&mut self) {
        let done = self.world.scenario().commands.len();
        if self.steps() >= self.course.end_steps && done == self.course.plan.len() {
            return;
        }
        self.numbered += 1;
        let mut old = self.course.clone();
        old.checkpoints.thin_after(self.steps(), BRANCH_CHECKPOINTS);
        self.branches.insert(0, Kept { number: self.numbered, course: old });
        self.branches.truncate(BRANCHES);
        self.cut();
    }

    /// Forgets everything after the present.
    fn cut(&mut self) {
        let (now, steps) = (self.world.now_ns(), self.steps());
        let found = self.course.checkpoints.recorded_before(steps);
        let Some((from, mark)) = found.map(|(from, mark)| (from.clone(), mark.clone())) else { return };
        self.course.plan.truncate(self.world.scenario().commands.len());
        self.course.checkpoints.truncate(from.steps);
        self.course.recorder.rewind(&mark);
        (self.course.end_ns, self.course.end_steps) = (from.at_ns, from.steps);
        self.world = from.world.clone();
        let told = self.answers.len();
        while self.steps() < steps && self.step(u64::MAX) {}
        // These were told when they came first.
        self.answers.truncate(told);
        if self.world.now_ns() < now {
            // Nothing is due by then: only the clock moves.
            self.run(now, u64::MAX);
        }
        self.changes += 1;
    }

    /// Takes the newest action back: the run stands where it stood before it, or where it stands, if that is earlier.
    pub(super) fn undo(&mut self) -> Result<(), String> {
        let last = self.course.plan.last().cloned().ok_or("nothing was done yet")?;
        let now = self.world.now_ns();
        if self.course.end_ns > last.asked_ns {
            self.seek(last.asked_ns);
            self.cut();
            self.seek(now.min(last.asked_ns));
        }
        self.course
            .plan
            .truncate(self.course.plan.iter().rposition(|p| *p == last).unwrap_or(self.course.plan.len()));
        self.redo.push(last);
        self.changes += 1;
        Ok(())
    }

    /// Does the action again that was taken back last.
    pub(super) fn redo(&mut self) -> Result<(), String> {
        let next = self.redo.pop().ok_or("nothing was taken back")?;
        self.seek(next.asked_ns);
        self.cut();
        let at_ms = next.at_ms;
        self.course.plan.push(next);
        self.carry_out(at_ms);
        Ok(())
    }

    /// Swaps the future with that of a branch.
    pub(super) fn restore(&mut self, number: u32) -> Result<(), String> {
        let at = self.branches.iter().position(|b| b.number == number).ok_or("there is no such branch")?;
        let now = self.world.now_ns();
        let from_ns = parting_ns(&self.course, &self.branches[at].course);
        std::mem::swap(&mut self.branches[at].course, &mut self.course);
        self.redo.clear();
        if now > from_ns {
            let target = now.min(self.course.end_ns);
            if let Some(from) = self.course.checkpoints.before(target.min(from_ns)) {
                self.world = from.world.clone();
            }
            self.seek(target);
        }
        self.changes += 1;
        Ok(())
    }

    /// Takes what the terminals were answered; `keep`: it is new.
    fn collect_answers(&mut self, keep: bool) {
        if !self.world.has_answers() {
            return;
        }
        for terminal in 0..TERMINALS {
            while let Some(answer) = self.world.poll_terminal(terminal) {
                if keep {
                    self.answers.push(told(terminal, &answer));
                }
            }
        }
    }
}

/// Where two futures of one past part: at the first action that only one of them has.
fn parting_ns(a: &Course, b: &Course) -> u64 {
    let same = a.plan.iter().zip(&b.plan).take_while(|(a, b)| a == b).count();
    let next = |course: &Course| course.plan.get(same).map_or(u64::MAX, |p| p.asked_ns);
    next(a).min(next(b))
}
