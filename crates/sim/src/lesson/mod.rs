//! The lessons as data: a run to begin with, something to predict, things to do, and numbers that the engine computes
//! from what happened. Whether a task is done and what a number is depends on the run alone, never on what a page shows.

mod facts;
mod format;
mod setup;

mod l00_one_node;
mod l01_one_primary;
mod l02_offsets;
mod l03_stale_reads;
mod l04_wait;
mod l05_template;
mod l06_failover;
mod l07_best_replica;
mod l08_read_only;
mod l09_zones;
mod l10_endpoint;
mod l11_backoff;
mod l12_test_failover;
mod l13_tuesday;

#[cfg(test)]
mod tests;

use primacy_port::{Figure, Progress};

use crate::scenario::Scenario;

pub use facts::Facts;
pub use format::rule;

/// One lesson.
pub struct Lesson {
    /// Its place: 0 the introduction, 1 to 12, 13 the last one.
    pub number: u8,
    /// Its name in file names and links.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The sentences that it makes true, word for word.
    pub quotes: &'static [&'static str],
    /// The run that it begins with.
    pub setup: fn() -> Scenario,
    /// Milliseconds of the run that have passed when the learner comes.
    pub warm_ms: u32,
    /// Thousandths of real time at which it begins to play.
    pub speed: u32,
    /// A second run beside the first, with one difference in the words of [`primacy_port::What::Twin`].
    pub twin: Option<&'static str>,
    /// What to guess before anything happens.
    pub predict: Predict,
    /// What to do.
    pub tasks: &'static [Task],
    /// What else to try with the same run.
    pub further: &'static [Further],
    figures: fn(&Facts<'_>) -> Vec<Figure>,
}

impl Lesson {
    /// It is about templates: applying one belongs to it.
    pub fn takes_templates(&self) -> bool {
        self.tasks.iter().any(|task| matches!(task.does, Does::Template(_)))
    }
}

/// A question before the run.
pub struct Predict {
    /// The question.
    pub question: &'static str,
    /// Two or three answers.
    pub choices: &'static [&'static str],
    /// Index of the right one.
    pub right: usize,
    /// Why it is right.
    pub explain: &'static str,
}

/// Something to do or to wait for.
pub struct Task {
    /// In a sentence.
    pub text: &'static str,
    /// Key or place where it is done without the lesson's button; may be empty.
    pub hint: &'static str,
    /// What the lesson's own button does.
    pub does: Does,
    done: fn(&Facts<'_>) -> bool,
}

/// What a task's button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Nothing: time has to pass.
    Wait,
    /// A command, in the words of [`primacy_port::What::Do`].
    Command(&'static str),
    /// A line on the terminal, to the configuration endpoint.
    Line(&'static str),
    /// Applies a template.
    Template(&'static str),
}

/// A way to go on.
pub struct Further {
    /// What to try, in a sentence.
    pub text: &'static str,
    /// The command that begins it in the lesson's run, made a sandbox; empty: nothing but the same run.
    pub command: &'static str,
}

/// All lessons, by number.
pub const LESSONS: &[Lesson] = &[
    l00_one_node::LESSON,
    l01_one_primary::LESSON,
    l02_offsets::LESSON,
    l03_stale_reads::LESSON,
    l04_wait::LESSON,
    l05_template::LESSON,
    l06_failover::LESSON,
    l07_best_replica::LESSON,
    l08_read_only::LESSON,
    l09_zones::LESSON,
    l10_endpoint::LESSON,
    l11_backoff::LESSON,
    l12_test_failover::LESSON,
    l13_tuesday::LESSON,
];

/// A lesson by its number.
pub fn lesson(number: u8) -> Option<&'static Lesson> {
    LESSONS.get(usize::from(number))
}

/// How far a lesson has come, and its numbers.
pub fn progress(number: u8, facts: &Facts<'_>) -> Progress {
    let Some(lesson) = lesson(number) else { return Progress { lesson: number, ..Progress::default() } };
    Progress {
        lesson: number,
        done: lesson.tasks.iter().map(|task| (task.done)(facts)).collect(),
        figures: (lesson.figures)(facts),
    }
}
