//! The past in the port's words.

use primacy_port::{Act, Branch, History};

use super::{Course, Kept, Lane, MS, Planned, parting_ns};

impl Lane {
    /// The past, and the future that is known.
    pub(in crate::engine) fn history(&self) -> History {
        let end_ns = self.course.end_ns;
        let act = |p: &Planned| Act { at_ns: u64::from(p.at_ms) * MS, text: p.text.clone() };
        History {
            version: self.changes,
            end_ns,
            events: self.recorder().newest_events(),
            milestones: self.recorder().milestones().to_vec(),
            ribbons: self.recorder().ribbons(0, end_ns),
            acts: self.course.plan.iter().map(act).collect(),
            branches: self.branches.iter().map(|kept| kept.told(&self.course)).collect(),
        }
    }
}

impl Kept {
    fn told(&self, present: &Course) -> Branch {
        let course = &self.course;
        let from_ns = parting_ns(present, course).min(course.end_ns);
        let next = course.plan.iter().find(|p| p.asked_ns >= from_ns);
        let ribbons = course.recorder.ribbons(from_ns, course.end_ns);
        Branch {
            number: self.number,
            from_ns,
            end_ns: course.end_ns,
            label: next.map_or_else(|| "nothing done".to_owned(), |p| p.text.clone()),
            ribbons,
        }
    }
}
