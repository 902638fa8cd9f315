//! The keyspace driven as a node drives it: scan, lookup, run, log.

use primacy_core::command::{Ctx, Effect, Flags, Logged, Mode, Run, Selected, error, lookup};
use primacy_core::keyspace::Keyspace;
use primacy_core::resp::{ArgSpans, Limits, Scan, scan};
use primacy_core::rng::Rng;

use crate::redis::frame;

pub(crate) struct Engine {
    pub(crate) keyspace: Keyspace,
    pub(crate) db: usize,
    pub(crate) mode: Mode,
    /// What a replica gets.
    pub(crate) log: Vec<u8>,
    logged_db: usize,
    args: ArgSpans,
    effect: Effect,
    rng: Rng,
}

impl Engine {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            keyspace: Keyspace::new([seed; 32]),
            db: 0,
            mode: Mode::Primary,
            log: Vec::new(),
            logged_db: 0,
            args: ArgSpans::new(),
            effect: Effect::new(),
            rng: Rng::from_u64(seed.into()),
        }
    }

    /// Runs one command; its reply.
    pub(crate) fn ask(&mut self, args: &[&[u8]], now_ms: u64) -> Vec<u8> {
        let mut out = Vec::new();
        self.run(&frame(args), now_ms, &mut out);
        out
    }

    /// Runs every command of a stream.
    pub(crate) fn run(&mut self, mut input: &[u8], now_ms: u64, out: &mut Vec<u8>) {
        while !input.is_empty() {
            let mut spans = std::mem::take(&mut self.args);
            let Scan::Whole { len } = scan(input, &mut spans, &Limits::DEFAULT) else {
                panic!("a whole command")
            };
            let args = spans.view(input);
            let from = out.len();
            let name = args.get(0).to_ascii_lowercase();
            match lookup(&name) {
                None => error::unknown_command(out, &args),
                Some(command) if !command.accepts(args.len()) => error::wrong_arity(out, command),
                Some(command) => match command.run {
                    Run::Data(run) => {
                        self.effect.clear();
                        let db = Selected::new(&mut self.keyspace, self.db);
                        let (effect, rng, mode) = (&mut self.effect, &mut self.rng, self.mode);
                        run(&mut Ctx { db, out, now_ms, effect, rng, mode }, &args);
                        assert!(command.flags.contains(Flags::WRITE) || self.effect.logged_count() == 0);
                        self.append(args.raw());
                    }
                    Run::Node(_) if name == b"select" => {
                        let index = std::str::from_utf8(args.get(1)).ok().and_then(|n| n.parse().ok());
                        self.db = index.expect("a database");
                        out.extend_from_slice(b"+OK\r\n");
                    }
                    Run::Node(_) => panic!("not a command of the keyspace"),
                },
            }
            let reply = crate::redis::reply_len(&out[from..]);
            assert_eq!(reply, Some(out.len() - from), "one reply to {}", args.raw().escape_ascii());
            self.args = spans;
            input = &input[len..];
        }
    }

    fn append(&mut self, raw: &[u8]) {
        if self.effect.is_empty() {
            return;
        }
        if self.logged_db != self.db {
            self.logged_db = self.db;
            self.log.extend(frame(&[b"SELECT", self.db.to_string().as_bytes()]));
        }
        self.log.extend_from_slice(self.effect.expired_frames());
        match self.effect.logged() {
            Logged::Nothing => {}
            Logged::Verbatim => self.log.extend_from_slice(raw),
            Logged::Frames(frames) => self.log.extend_from_slice(frames),
        }
    }

    /// What the last command's log entry was.
    pub(crate) fn last_frames(&self) -> Vec<u8> {
        let mut frames = self.effect.expired_frames().to_vec();
        if let Logged::Frames(own) = self.effect.logged() {
            frames.extend_from_slice(own);
        }
        frames
    }
}
