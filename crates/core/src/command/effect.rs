//! How a command is logged.

use alloc::vec::Vec;

use crate::resp::reply;

/// What one command did, for the replication log; reused from command to command.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    state: State,
    expired: Vec<u8>,
    frames: Vec<u8>,
    expired_count: u32,
    count: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Nothing,
    Verbatim,
    Rewritten,
}

/// What to log for the command itself, after [`Effect::expired_frames`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logged<'a> {
    /// Nothing changed.
    Nothing,
    /// The command's own frame, [`crate::resp::Args::raw`].
    Verbatim,
    /// These frames instead.
    Frames(&'a [u8]),
}

impl Effect {
    /// An empty effect.
    pub const fn new() -> Self {
        Self { state: State::Nothing, expired: Vec::new(), frames: Vec::new(), expired_count: 0, count: 0 }
    }

    /// Forgets the last command.
    #[inline]
    pub fn clear(&mut self) {
        if self.expired_count > 0 {
            self.expired.clear();
            self.expired_count = 0;
        }
        if self.count > 0 {
            self.frames.clear();
            self.count = 0;
        }
        self.state = State::Nothing;
    }

    /// Data changed, and the command's own text says how.
    #[inline]
    pub fn changed(&mut self) {
        if self.state == State::Nothing {
            self.state = State::Verbatim;
        }
    }

    /// Data changed, and this command says how; may be called several times for several commands in order.
    pub fn rewrite(&mut self, args: &[&[u8]]) {
        self.state = State::Rewritten;
        self.count += 1;
        frame(&mut self.frames, args);
    }

    /// A key was found past its time and deleted: a DEL goes before the command.
    pub fn expired(&mut self, key: &[u8]) {
        self.expired_count += 1;
        frame(&mut self.expired, &[b"DEL", key]);
    }

    /// The DELs of [`Effect::expired`], to be logged first; empty if there are none.
    #[inline]
    pub fn expired_frames(&self) -> &[u8] {
        &self.expired
    }

    /// How many commands are in [`Effect::expired_frames`].
    #[inline]
    pub fn expired_count(&self) -> u32 {
        self.expired_count
    }

    /// What to log for the command itself.
    #[inline]
    pub fn logged(&self) -> Logged<'_> {
        match self.state {
            State::Nothing => Logged::Nothing,
            State::Verbatim => Logged::Verbatim,
            State::Rewritten => Logged::Frames(&self.frames),
        }
    }

    /// How many commands [`Effect::logged`] stands for; more than one belong into MULTI and EXEC.
    #[inline]
    pub fn logged_count(&self) -> u32 {
        match self.state {
            State::Nothing => 0,
            State::Verbatim => 1,
            State::Rewritten => self.count,
        }
    }

    /// Neither the command nor an expiry changed anything.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.state == State::Nothing && self.expired_count == 0
    }
}

fn frame(out: &mut Vec<u8>, args: &[&[u8]]) {
    reply::array(out, args.len());
    args.iter().for_each(|arg| reply::bulk(out, arg));
}
