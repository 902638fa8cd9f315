//! What the world keeps so that it can be asked why: actions, lives, roles, and what applications and terminals met.
//! Bounded, small and cloned with the world.

use std::collections::VecDeque;

use primacy_core::control::NodeRole;
use primacy_core::id::{Epoch, NodeId};
use primacy_port::Via;

use crate::check::WriteId;
use crate::fault::FaultKind;
use crate::net::Host;
use crate::reply::Reply;

const ACTS: usize = 1024;
const LIVES: usize = 1024;
const INCIDENTS: usize = 2048;
/// Answers of terminals; each holds its command's words.
const TYPED: usize = 128;
/// Different words of failures.
const ERRORS: usize = 64;

/// A fault or an action.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) at: u64,
    /// When it was taken back.
    pub(crate) ended: Option<u64>,
    pub(crate) kind: FaultKind,
    /// Of the scenario's plan, not a person's.
    pub(crate) planned: bool,
    /// Whom it hit; of a link: one side and the other.
    pub(crate) sides: [Vec<Host>; 2],
}

/// A process started, ended, or took a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) at: u64,
    pub(crate) node: NodeId,
    pub(crate) what: Became,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Became {
    Up,
    Down,
    Role(NodeRole, Epoch),
}

/// How somebody came to a node: looked up when the connection was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) at: u64,
    pub(crate) via: Via,
    pub(crate) node: Option<NodeId>,
    /// The answer was held already, and for so long it still may be used; `None` inside: for ever.
    pub(crate) held: Option<Option<u64>>,
}

/// Something that needs an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Incident {
    pub(crate) at: u64,
    pub(crate) who: Host,
    /// `SET`, `GET`, …
    pub(crate) operation: &'static str,
    pub(crate) choice: Option<Choice>,
    pub(crate) what: Met,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// An error, or no answer; the words stand in [`Record::errors`].
    Failed(u16),
    /// Less than had been acknowledged.
    Stale {
        /// The write whose value came; `None`: no value.
        got: Option<WriteId>,
        /// When the newer one had been acknowledged.
        acked: u64,
    },
}

/// An answer on a terminal.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) terminal: u8,
    pub(crate) asked: u64,
    pub(crate) at: u64,
    pub(crate) words: Vec<Vec<u8>>,
    pub(crate) choice: Option<Choice>,
    /// What failed, if it did.
    pub(crate) error: Option<String>,
    /// It returned less than had been acknowledged at this time.
    pub(crate) stale: Option<u64>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) acts: VecDeque<Act>,
    pub(crate) turns: VecDeque<Turn>,
    pub(crate) incidents: VecDeque<Incident>,
    pub(crate) typed: VecDeque<Typed>,
    pub(crate) errors: Vec<String>,
    /// The newest value that each terminal's `SET` was acknowledged for: key, value, when.
    values: VecDeque<(Vec<u8>, Vec<u8>, u64)>,
}

fn keep<T>(list: &mut VecDeque<T>, most: usize, item: T) {
    if list.len() == most {
        list.pop_front();
    }
    list.push_back(item);
}

impl Record {
    pub(crate) fn begins(&mut self, act: Act) {
        keep(&mut self.acts, ACTS, act);
    }

    /// The oldest act of this kind that still runs is over.
    pub(crate) fn ends(&mut self, now: u64, kind: &FaultKind) {
        if let Some(act) = self.acts.iter_mut().find(|act| act.ended.is_none() && act.kind == *kind) {
            act.ended = Some(now);
        }
    }

    pub(crate) fn turns(&mut self, at: u64, node: NodeId, what: Became) {
        keep(&mut self.turns, LIVES, Turn { at, node, what });
    }

    /// The number of a failure's words.
    pub(crate) fn error(&mut self, words: &str) -> u16 {
        let at = self.errors.iter().position(|known| known == words).unwrap_or_else(|| {
            if self.errors.len() < ERRORS {
                self.errors.push(words.to_owned());
            }
            self.errors.len() - 1
        });
        u16::try_from(at).unwrap_or(0)
    }

    pub(crate) fn meets(&mut self, incident: Incident) {
        keep(&mut self.incidents, INCIDENTS, incident);
    }

    /// A terminal was answered. Returns whether it got less than had been acknowledged to a terminal before it asked.
    pub(crate) fn typed(&mut self, mut typed: Typed, reply: Option<&Reply>) -> bool {
        let word = |n: usize| typed.words.get(n).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
        let key = typed.words.get(1).cloned().unwrap_or_default();
        match (word(0).as_slice(), reply) {
            (b"SET", Some(Reply::Simple(_))) => {
                self.values.retain(|(known, ..)| *known != key);
                let value = typed.words.get(2).cloned().unwrap_or_default();
                // A value that goes by itself says nothing about what a read must return.
                if typed.words.len() == 3 {
                    keep(&mut self.values, TYPED, (key, value, typed.at));
                }
            }
            (b"GET", Some(reply @ (Reply::Bulk(_) | Reply::Nil))) => {
                let newest = self.values.iter().find(|(known, _, at)| *known == key && *at <= typed.asked);
                let differs = newest.filter(|(_, value, _)| *reply != Reply::Bulk(value.clone()));
                typed.stale = typed.stale.or_else(|| differs.map(|(.., at)| *at));
            }
            // Any other command may have changed the key.
            (b"GET", _) => {}
            _ => self.values.retain(|(known, ..)| *known != key),
        }
        let stale = typed.stale.is_some();
        keep(&mut self.typed, TYPED, typed);
        stale
    }

    /// The role that a member took last, and when.
    pub(crate) fn role_at(&self, node: NodeId, at: u64) -> Option<(u64, NodeRole, Epoch)> {
        let mut turns = self.turns.iter().rev().filter(|turn| turn.node == node && turn.at <= at);
        // A life begins as the node does: waiting to be let in.
        turns.next().map(|turn| match turn.what {
            Became::Role(role, epoch) => (turn.at, role, epoch),
            Became::Up | Became::Down => (turn.at, NodeRole::Joining, Epoch(0)),
        })
    }

    /// Bytes that a copy takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.incidents.len() * size_of::<Incident>()
            + (self.acts.len() + self.typed.len() + self.turns.len()) * 128
    }

    /// When its process ended last, if it did not run at that time.
    pub(crate) fn down_at(&self, node: NodeId, at: u64) -> Option<u64> {
        let mut turns = self.turns.iter().rev().filter(|turn| turn.node == node && turn.at <= at);
        let last = turns.find(|turn| !matches!(turn.what, Became::Role(..)))?;
        (last.what == Became::Down).then_some(last.at)
    }

    /// When its process ended last between two times.
    pub(crate) fn died_between(&self, node: NodeId, from: u64, to: u64) -> Option<u64> {
        let mut turns = self.turns.iter().rev().filter(|turn| turn.node == node && turn.what == Became::Down);
        turns.find(|turn| turn.at >= from && turn.at <= to).map(|turn| turn.at)
    }
}
