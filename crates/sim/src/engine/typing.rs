//! Lines that a person types.

use primacy_core::id::NodeId;
use primacy_core::resp::client::show;
use primacy_port::{Answer, Lane as Which};

use super::lane::TERMINALS;
use super::{Engine, words};
use crate::command::Command;
use crate::command_text::quote;
use crate::console::{self, Spoken};
use crate::reply::Reply;
use crate::scenario::Via;

/// A line's reply may take so much simulated time.
const REPLY_NS: u64 = 20_000_000_000;
/// Longest line, in bytes.
const MAX_LINE: usize = 64 << 10;

impl Engine {
    pub(super) fn type_line(
        &mut self,
        which: Which,
        terminal: u8,
        target: &str,
        text: &str,
        run: bool,
    ) -> Result<(), String> {
        if terminal >= TERMINALS {
            return Err(format!("there are terminals 0 to {}", TERMINALS - 1));
        }
        if text.len() > MAX_LINE {
            return Err("the line is longer than 64 KiB".into());
        }
        let lane = self.lane(which)?;
        match console::read(lane.world(), text) {
            Some(Spoken::Said(said)) => {
                lane.say(terminal, text, said);
                return Ok(());
            }
            Some(Spoken::Does(deed)) => {
                lane.act(deed.command.clone(), words::of(&deed.command))?;
                let verdict = deed.verdict(lane.world());
                lane.say(terminal, text, verdict);
                self.follow(which);
                return Ok(());
            }
            None => {}
        }
        let words =
            primacy_core::resp::words(text.as_bytes()).ok_or("Invalid argument(s): a quote is not closed")?;
        if words.is_empty() {
            return Err("an empty line".into());
        }
        let command = Command::Type { terminal, via: via(target)?, words };
        let lane = self.lane(which)?;
        lane.act(command.clone(), words::of(&command))?;
        if run {
            lane.run_while(REPLY_NS, |world| world.terminal_waits(terminal) > 0);
            if lane.world().terminal_waits(terminal) > 0 {
                self.notices.push("There was no reply within 20 s of simulated time.".to_owned());
            }
        }
        self.follow(which);
        Ok(())
    }

    pub(super) fn hang_up(&mut self, which: Which, terminal: u8) -> Result<(), String> {
        if terminal >= TERMINALS {
            return Err(format!("there are terminals 0 to {}", TERMINALS - 1));
        }
        let command = Command::Hangup(terminal);
        self.lane(which)?.act(command.clone(), words::of(&command))?;
        self.follow(which);
        Ok(())
    }
}

/// A terminal's answer for the page.
pub(super) fn told(terminal: u8, answer: &crate::world::Answer) -> Answer {
    let mut resp = Vec::new();
    if let Ok(reply) = &answer.reply {
        reply.write(&mut resp);
    }
    Answer {
        terminal,
        line: answer.words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "),
        node: answer.node.map(|node| node.0),
        text: answer.reply.as_ref().map_or_else(Clone::clone, |reply| show(&answer.words, reply)),
        resp,
        failed: matches!(answer.reply, Err(_) | Ok(Reply::Error(_))),
        stale: answer.stale,
        asked_ns: answer.asked_ns,
        at_ns: answer.at_ns,
    }
}

fn via(target: &str) -> Result<Via, String> {
    Ok(match target {
        "configuration" => Via::Configuration,
        "primary" => Via::Primary,
        "reader" => Via::Reader,
        node => {
            let known = node.parse().ok().filter(|n| (1..=6).contains(n));
            Via::Node(NodeId(
                known.ok_or("a terminal's target: configuration, primary, reader, or 001 to 006")?,
            ))
        }
    })
}
