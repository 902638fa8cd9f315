//! Snapshots until the keyspace's own are there: strings only, in the log's own form.

use alloc::string::String;
use alloc::vec::Vec;

use crate::command::{Ctx, Effect, Mode, Run, Selected, lookup};
use crate::id::{Position, ReplId};
use crate::keyspace::{Keyspace, View};
use crate::resp::{ArgSpans, Limits, Scan, parse_i64, reply, scan};
use crate::rng::Rng;

pub(super) struct Meta {
    pub(super) repl_id: ReplId,
    pub(super) position: Position,
    pub(super) lineage: String,
    pub(super) now_ms: u64,
}

#[derive(Debug)]
pub(super) struct Snapshot(Vec<u8>);

impl Snapshot {
    pub(super) fn begin(keyspace: &mut Keyspace, meta: Meta) -> Self {
        let mut out = Vec::new();
        let _ = (meta.repl_id, meta.now_ms);
        command(
            &mut out,
            &[b"META", alloc::format!("{}", meta.position.opseq).as_bytes(), meta.lineage.as_bytes()],
        );
        for (i, db) in keyspace.dbs().iter().enumerate() {
            command(&mut out, &[b"SELECT", alloc::format!("{i}").as_bytes()]);
            for at in (0..db.len()).filter_map(|p| db.at(p)) {
                if let View::Text(value) = db.view(at) {
                    command(&mut out, &[b"SET", db.key(at), value]);
                }
                if let Some(ms) = db.expiry(at) {
                    command(&mut out, &[b"PEXPIREAT", db.key(at), alloc::format!("{ms}").as_bytes()]);
                }
            }
        }
        Self(out)
    }

    pub(super) fn next_slice(&mut self, _: &mut Keyspace, out: &mut Vec<u8>, budget: usize) -> bool {
        let n = budget.min(self.0.len());
        out.extend(self.0.drain(..n));
        self.0.is_empty()
    }

    pub(super) fn abort(self, _: &mut Keyspace) {}
}

fn command(out: &mut Vec<u8>, args: &[&[u8]]) {
    reply::array(out, args.len());
    args.iter().for_each(|a| reply::bulk(out, a));
}

#[derive(Debug)]
pub(super) struct Loader {
    bytes: Vec<u8>,
    seed: [u8; 32],
}

pub(super) struct Loaded {
    pub(super) keyspace: Keyspace,
    pub(super) lineage: Option<Vec<u8>>,
    pub(super) opseq: u64,
}

impl Loader {
    pub(super) fn new(seed: [u8; 32], _ceiling: u64) -> Self {
        Self { bytes: Vec::new(), seed }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), ()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Loaded, ()> {
        let mut loaded = Loaded { keyspace: Keyspace::new(self.seed), lineage: None, opseq: 0 };
        let (mut spans, mut at, mut db) = (ArgSpans::new(), 0, 0);
        let (mut effect, mut rng, mut out) = (Effect::new(), Rng::from_u64(0), Vec::new());
        while at < self.bytes.len() {
            let rest = &self.bytes[at..];
            let Scan::Whole { len } = scan(rest, &mut spans, &Limits::DEFAULT) else { return Err(()) };
            let args = spans.view(rest);
            at += len;
            if args.get(0) == b"META" {
                loaded.opseq = parse_i64(args.get(1)).ok_or(())?.unsigned_abs();
                loaded.lineage = Some(args.get(2).to_vec());
            } else if args.get(0) == b"SELECT" {
                db = usize::try_from(parse_i64(args.get(1)).ok_or(())?).map_err(|_| ())?;
            } else if let Some(Run::Data(run)) = lookup(args.get(0)).map(|c| c.run) {
                effect.clear();
                let db = Selected::new(&mut loaded.keyspace, db);
                let mut ctx = Ctx {
                    db,
                    out: &mut out,
                    now_ms: 0,
                    effect: &mut effect,
                    rng: &mut rng,
                    mode: Mode::Apply,
                };
                run(&mut ctx, &args);
            }
        }
        Ok(loaded)
    }
}
