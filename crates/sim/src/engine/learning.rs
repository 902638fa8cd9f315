//! A lesson under way.

use primacy_port::Progress;

use super::opening::declared;
use super::{Engine, Lane, words};
use crate::lesson::{self, Facts, LESSONS, Lesson};
use crate::scenario::Scenario;

const MS: u64 = 1_000_000;
/// Refusals that a lesson looks at.
const REFUSALS: usize = 32;

fn known(number: u8) -> Result<&'static Lesson, String> {
    lesson::lesson(number)
        .ok_or_else(|| format!("there is no lesson {number}; there are 0 to {}", LESSONS.len() - 1))
}

impl Engine {
    /// Begins a lesson: its run, and its twin when it has one, at the moment when the learner comes.
    pub(super) fn open_lesson(&mut self, number: u8) -> Result<(), String> {
        let lesson = known(number)?;
        self.refused.clear();
        self.begin_lesson(lesson, (lesson.setup)())
    }

    /// A lesson goes on with its run as a link has kept it.
    pub(super) fn resume_lesson(&mut self, number: u8, scenario: Scenario) -> Result<(), String> {
        let lesson = known(number)?;
        self.refused.clear();
        self.begin_lesson(lesson, scenario)
    }

    fn begin_lesson(&mut self, lesson: &'static Lesson, scenario: Scenario) -> Result<(), String> {
        let mut lane = Lane::new(scenario, words::of, true);
        lane.seek(u64::from(lesson.warm_ms) * MS);
        (self.a, self.b, self.lesson) = (lane, None, Some(lesson.number));
        lesson.twin.map_or(Ok(()), |difference| self.begin_twin(difference))
    }

    pub(super) fn teaches_templates(&self) -> bool {
        self.lesson.and_then(lesson::lesson).is_some_and(Lesson::takes_templates)
    }

    /// A template within a lesson about templates: the group is another one, the lesson goes on.
    pub(super) fn teach_template(&mut self, text: &str) -> Result<(), String> {
        let lesson = self.lesson.and_then(lesson::lesson).ok_or("no lesson is under way")?;
        let (group, _) = declared(text, 0)?;
        let own = (lesson.setup)();
        self.begin_lesson(
            lesson,
            Scenario { seed: own.seed, clients: own.clients, timing: own.timing, ..group },
        )
    }

    /// A lane's world, for the lessons' tests.
    #[cfg(test)]
    pub(crate) fn world(&self, which: primacy_port::Lane) -> Option<&crate::world::World> {
        match which {
            primacy_port::Lane::A => Some(self.a.world()),
            primacy_port::Lane::B => self.b.as_ref().map(|twin| twin.lane.world()),
        }
    }

    /// How far the lesson has come.
    pub(super) fn progress(&self) -> Result<Progress, String> {
        let number = self.lesson.ok_or("no lesson is under way")?;
        let twin = self.b.as_ref().map(|twin| twin.lane.world());
        Ok(lesson::progress(number, &Facts { run: self.a.world(), twin, refused: &self.refused }))
    }

    /// Something was refused; a lesson may be about that.
    pub(super) fn note_refusal(&mut self, why: &str) {
        if self.lesson.is_some() && self.refused.len() < REFUSALS {
            self.refused.push(why.to_owned());
        }
    }
}
