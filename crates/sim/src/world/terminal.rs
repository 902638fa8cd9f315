//! Terminals: a person's connection to a name or to one node, one command at a time.

use std::collections::VecDeque;

use primacy_core::id::NodeId;

use super::World;
use super::happening::Happening;
use super::machine::{CONNECT_NS, member_at};
use crate::net::{ConnNo, Host, Payload, Service};
use crate::reply::{self, Reply};
use crate::scenario::Via;
use crate::why::record::{Choice, Typed};

/// A person's terminal.
#[derive(Clone, Default)]
pub(crate) struct Terminal {
    via: Option<Via>,
    conn: Option<ConnNo>,
    node: Option<NodeId>,
    turn: u32,
    input: Vec<u8>,
    /// Commands that wait for the connection or for their reply.
    asked: VecDeque<Asked>,
    opened: bool,
    answers: VecDeque<Answer>,
    /// How it came to its node.
    choice: Option<Choice>,
}

/// A command that waits.
#[derive(Clone)]
struct Asked {
    words: Vec<Vec<u8>>,
    at_ns: u64,
}

/// What a terminal shows for one command.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// Which node answered, when one did.
    pub node: Option<NodeId>,
    /// The reply, or why there is none.
    pub reply: Result<Reply, String>,
    /// When, in nanoseconds since the beginning.
    pub at_ns: u64,
    /// The command; empty for what was pushed without a question.
    pub words: Vec<Vec<u8>>,
    /// When it was typed.
    pub asked_ns: u64,
    /// A read that returned less than had been acknowledged before it was typed.
    pub stale: bool,
}

impl World {
    /// The next answer on a terminal, oldest first.
    pub fn poll_terminal(&mut self, index: u8) -> Option<Answer> {
        self.terminals.get_mut(&index)?.answers.pop_front()
    }

    /// Some terminal has an answer that was not taken yet.
    pub fn has_answers(&self) -> bool {
        self.terminals.values().any(|t| !t.answers.is_empty())
    }

    /// Commands of a terminal that have no answer yet.
    pub fn terminal_waits(&self, index: u8) -> usize {
        self.terminals.get(&index).map_or(0, |t| t.asked.len())
    }

    pub(crate) fn terminal_types(&mut self, index: u8, via: Via, words: &[Vec<u8>]) {
        let now = self.queue.now();
        let terminal = self.terminals.entry(index).or_default();
        if terminal.via != Some(via) {
            if let Some(conn) = terminal.conn.take() {
                self.net.send(conn, 0, Payload::Close, now);
            }
            let mut answers = std::mem::take(&mut terminal.answers);
            for Asked { words, at_ns: asked_ns } in terminal.asked.drain(..) {
                let (node, reply) = (terminal.node, Err("hung up".to_owned()));
                answers.push_back(Answer { node, reply, at_ns: now, words, asked_ns, stale: false });
            }
            *terminal = Terminal { via: Some(via), answers, turn: terminal.turn, ..Terminal::default() };
        }
        terminal.asked.push_back(Asked { words: words.to_vec(), at_ns: now });
        match terminal.conn {
            Some(conn) if terminal.opened => self.net.send(conn, 0, Payload::Data(bytes_of(words)), now),
            Some(_) => {}
            None => self.terminal_connects(index),
        }
    }

    fn terminal_connects(&mut self, index: u8) {
        let now = self.queue.now();
        let Some(via) = self.terminals.get(&index).and_then(|t| t.via) else { return };
        let name = match via {
            Via::Address(_) => None,
            Via::Primary => Some(self.dns.names.primary()),
            Via::Configuration => Some(self.dns.names.configuration()),
            Via::Reader => Some(self.dns.names.reader()),
            Via::Node(node) => Some(self.dns.names.node(node)),
        };
        let node = match (via, name) {
            (Via::Address(node), _) => Some(node),
            (_, Some(name)) => match self.ask_dns(&name) {
                Some(answer) => {
                    let mut resolver =
                        primacy_core::endpoint::Resolver::new(primacy_core::endpoint::CachePolicy::Never);
                    let clock = self.names_clock.now(now);
                    resolver.store(&name, &answer, clock).map(member_at)
                }
                None => None,
            },
            _ => None,
        };
        if let Some(terminal) = self.terminals.get_mut(&index) {
            terminal.choice = Some(Choice { at: now, via, node, held: None });
        }
        let Some(node) = node else { return self.terminal_fails(index, "Could not resolve the name") };
        let conn = self.net.open((Host::Terminal(index), 0), Host::Node(node), Service::Resp, now);
        let Some(terminal) = self.terminals.get_mut(&index) else { return };
        terminal.conn = Some(conn);
        terminal.node = Some(node);
        terminal.opened = false;
        terminal.input.clear();
        terminal.turn += 1;
        self.queue.push(now + CONNECT_NS, Happening::Terminal { index, turn: terminal.turn });
    }

    /// A person hangs up: what was asked will not be answered.
    pub(crate) fn terminal_hangs_up(&mut self, index: u8) {
        if self.terminals.contains_key(&index) {
            self.terminal_fails(index, "hung up");
        }
    }

    /// The connection that a terminal asked for may be late.
    pub(crate) fn terminal_late(&mut self, index: u8, turn: u32) {
        let late =
            self.terminals.get(&index).is_some_and(|t| t.turn == turn && !t.opened && t.conn.is_some());
        if late {
            self.terminal_fails(index, "Connection timed out");
        }
    }

    fn terminal_fails(&mut self, index: u8, why: &str) {
        let now = self.queue.now();
        let Some(terminal) = self.terminals.get_mut(&index) else { return };
        if let Some(conn) = terminal.conn.take() {
            self.net.send(conn, 0, Payload::Reset, now);
        }
        terminal.opened = false;
        let node = terminal.node.take();
        for asked in std::mem::take(&mut terminal.asked) {
            self.terminal_told(index, node, asked, Err(why.to_owned()));
        }
    }

    /// A command has its answer.
    fn terminal_told(
        &mut self,
        index: u8,
        node: Option<NodeId>,
        Asked { words, at_ns: asked }: Asked,
        reply: Result<Reply, String>,
    ) {
        let at = self.queue.now();
        let older = match (words.as_slice(), &reply) {
            ([get, key], Ok(reply)) if get.eq_ignore_ascii_case(b"GET") => {
                self.checks.is_older(key, reply, asked)
            }
            _ => None,
        };
        let error = match &reply {
            Err(why) => Some(why.clone()),
            Ok(Reply::Error(text)) => Some(text.clone()),
            Ok(_) => None,
        };
        let Some(terminal) = self.terminals.get_mut(&index) else { return };
        let (choice, words_kept) = (terminal.choice, words.clone());
        let typed = Typed { terminal: index, asked, at, words: words_kept, choice, error, stale: older };
        let stale = self.why.typed(typed, reply.as_ref().ok());
        terminal.answers.push_back(Answer { node, reply, at_ns: at, words, asked_ns: asked, stale });
    }

    pub(crate) fn arrive_at_terminal(&mut self, index: u8, conn: ConnNo, payload: Payload) {
        let now = self.queue.now();
        let Some(terminal) = self.terminals.get_mut(&index).filter(|t| t.conn == Some(conn)) else {
            if matches!(payload, Payload::Data(_) | Payload::Opened) {
                self.net.send(conn, 0, Payload::Reset, now);
            }
            return;
        };
        match payload {
            Payload::Open => {}
            Payload::Opened => {
                terminal.opened = true;
                for asked in &terminal.asked {
                    self.net.send(conn, 0, Payload::Data(bytes_of(&asked.words)), now);
                }
            }
            Payload::Data(bytes) => {
                terminal.input.extend_from_slice(&bytes);
                let mut told = Vec::new();
                while let Ok(Some((reply, len))) = reply::parse(&terminal.input) {
                    terminal.input.drain(..len);
                    let pushed = || Asked { words: vec![], at_ns: now };
                    told.push((terminal.node, terminal.asked.pop_front().unwrap_or_else(pushed), reply));
                }
                for (node, asked, reply) in told {
                    self.checks.scan_for_secret(&reply);
                    self.terminal_told(index, node, asked, Ok(reply));
                }
                self.net.read(conn, 0, bytes.len());
            }
            Payload::Close | Payload::Reset if terminal.opened => {
                self.terminal_fails(index, "Server closed the connection");
            }
            Payload::Close | Payload::Reset => self.terminal_fails(index, "Connection refused"),
        }
    }
}

fn bytes_of(words: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    reply::command(&mut bytes, &words);
    bytes
}
