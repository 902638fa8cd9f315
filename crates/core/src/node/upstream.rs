//! The replica's side of replication: the link to the primary, its handshake, its end.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use super::attach::Part;
use super::loading::Loading;
use super::session::{Flow, Kind, Outbox, Progress, Session};
use super::{DialId, Event, Node, Notice, Timer};
use crate::control::NodeRole;
use crate::id::{ConnId, Epoch, NodeId, Position, ReplId};
use crate::resp::{parse_i64, reply};
use crate::time::{Instant, Now};

/// First pause before another attempt; doubles up to [`BACK_OFF_MAX`].
const BACK_OFF: Duration = Duration::from_millis(10);
const BACK_OFF_MAX: Duration = Duration::from_secs(1);
/// Longest line that a primary may answer in the handshake.
const LINE_MAX: usize = 1024;

/// What the link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// Follow a primary.
    Follow,
    /// Fetch from a frozen member up to here, then report again.
    CatchUp {
        /// The position wanted.
        until: Position,
    },
}

/// Whom the node is to be linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) epoch: Epoch,
    pub(super) id: NodeId,
    pub(super) addr: SocketAddr,
    pub(super) errand: Errand,
}

/// A command of the handshake whose answer is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ping,
    Auth,
    Nonce,
    Option,
    Proof,
    Psync,
}

/// Where the link stands.
#[derive(Clone, Debug, Default)]
pub(super) enum Phase {
    /// No connection.
    #[default]
    Down,
    /// Answers awaited.
    Handshake,
    /// A snapshot arrives.
    Loading(Box<Loading>),
    /// The stream flows.
    Stream,
}

/// The link to the primary.
#[derive(Clone, Debug, Default)]
pub(super) struct Upstream {
    target: Option<Target>,
    dials: u64,
    dialing: Option<DialId>,
    pub(super) conn: Option<ConnId>,
    pub(super) phase: Phase,
    awaited: VecDeque<Step>,
    nonce: [u8; 16],
    attempts: u32,
    pub(super) heard: Instant,
    /// Bytes of the primary that are no whole record yet: they are shown again with every call.
    left: usize,
    /// When the link went down, for INFO.
    pub(super) down_since: Option<Instant>,
    /// The primary asked for an acknowledgement in this batch.
    pub(super) ack_now: bool,
    /// Grant to send with it (R14).
    pub(super) grant: Option<(Epoch, u64)>,
}

impl Upstream {
    pub(super) const fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    pub(super) const fn set_target(&mut self, target: Option<Target>) {
        self.target = target;
        self.attempts = 0;
    }
}

impl Node {
    /// The link to the primary is up and the stream flows.
    pub const fn link_up(&self) -> bool {
        matches!(self.upstream.phase, Phase::Stream)
    }

    /// Asks the driver for a connection to the target.
    pub(super) fn dial(&mut self, now: Instant) {
        let Some(target) = self.upstream.target else { return };
        self.timers.stop(Timer::Redial);
        self.upstream.dials += 1;
        let dial = DialId(self.upstream.dials);
        self.upstream.dialing = Some(dial);
        self.upstream.heard = now;
        self.events.push_back(Event::Dial { dial, to: target.id, addr: target.addr });
        self.arm_link(now);
    }

    /// The link asked for by [`Event::Dial`] is up; the handshake's first bytes are appended. `None`: not wanted any
    /// more, close it.
    pub fn dialed(&mut self, dial: DialId, conn: ConnId, out: &mut Outbox, now: Now) -> Option<Session> {
        if self.upstream.dialing != Some(dial) {
            return None;
        }
        let target = self.upstream.target?;
        self.upstream.dialing = None;
        self.upstream.conn = Some(conn);
        self.upstream.heard = now.mono;
        self.upstream.phase = Phase::Handshake;
        self.upstream.left = 0;
        self.upstream.awaited.clear();
        self.upstream.nonce = self.rng.bytes();
        let slot = self.clients.insert(conn, target.addr, Kind::Upstream, now.mono);
        self.greet(out);
        Some(Session::new(conn, Kind::Upstream, slot, true))
    }

    fn greet(&mut self, out: &mut Outbox) {
        let nonce = super::attach::hex(&self.upstream.nonce);
        let port = alloc::format!("{}", self.config.addr.port());
        let password = self.config.password.clone();
        self.request(out, Step::Ping, &[b"PING"]);
        if let Some(password) = &password {
            self.request(out, Step::Auth, &[b"AUTH", &password.0]);
        }
        self.request(out, Step::Nonce, &[b"REPLCONF", b"primacy-nonce", &nonce]);
        self.request(out, Step::Option, &[b"REPLCONF", b"listening-port", port.as_bytes()]);
        self.request(out, Step::Option, &[b"REPLCONF", b"capa", b"eof", b"capa", b"psync2"]);
    }

    fn request(&mut self, out: &mut Outbox, step: Step, args: &[&[u8]]) {
        self.upstream.awaited.push_back(step);
        command(out, args);
    }

    /// The link asked for could not be made; tried again later.
    pub fn dial_failed(&mut self, dial: DialId, now: Now) {
        if self.upstream.dialing == Some(dial) {
            self.upstream.dialing = None;
            self.redial_later(now.mono);
        }
    }

    /// Tries again after a pause that doubles, with a fifth of jitter.
    pub(super) fn redial_later(&mut self, now: Instant) {
        if self.upstream.target.is_none() {
            return;
        }
        let pause = BACK_OFF.saturating_mul(1 << self.upstream.attempts.min(8)).min(BACK_OFF_MAX);
        let jitter = self.rng.below(u64::try_from(pause.as_millis() / 5 + 1).unwrap_or(1));
        self.upstream.attempts = self.upstream.attempts.saturating_add(1);
        self.timers.set(Timer::Redial, now + pause + Duration::from_millis(jitter));
    }

    /// Ends the link from this side.
    pub(super) fn drop_link(&mut self, reason: &'static str) {
        self.upstream.dialing = None;
        self.timers.stop(Timer::Redial);
        self.timers.stop(Timer::Ack);
        if let Some(conn) = self.upstream.conn.take() {
            self.events.push_back(Event::Hangup(conn));
            self.link_lost(reason);
        }
    }

    fn link_lost(&mut self, reason: &'static str) {
        let was_up = self.link_up();
        self.upstream.phase = Phase::Down;
        self.timers.stop(Timer::Ack);
        if matches!(self.role, NodeRole::Following | NodeRole::FullSync) {
            self.set_role(NodeRole::Detached);
        }
        if was_up {
            self.upstream.down_since = Some(self.upstream.heard);
        }
        self.notice(Notice::LinkDown { reason });
    }

    /// The connection of the link was closed by the driver or the peer.
    pub(super) fn upstream_closed(&mut self, conn: ConnId, now: Instant) {
        if self.upstream.conn == Some(conn) {
            self.upstream.conn = None;
            self.link_lost("connection closed");
            self.redial_later(now);
        }
    }

    /// Something is wrong with the link: try another one.
    fn fail_link(&mut self, reason: &'static str, now: Instant) -> Flow {
        self.upstream.conn = None;
        self.link_lost(reason);
        self.redial_later(now);
        Flow::Close
    }

    /// The primary has been silent for too long, or a dial was never answered.
    pub(super) fn check_upstream(&mut self, now: Instant) {
        let busy = self.upstream.conn.is_some() || self.upstream.dialing.is_some();
        if busy && now >= self.upstream.heard + self.config.timing.link_timeout {
            self.drop_link("primary silent");
            self.redial_later(now);
        }
    }

    /// Bytes of the primary.
    pub(super) fn handle_upstream(
        &mut self,
        s: &mut Session,
        input: &[u8],
        out: &mut Outbox,
        now: Now,
    ) -> Progress {
        if self.upstream.conn != Some(s.conn) {
            return Progress { consumed: input.len(), flow: Flow::Close };
        }
        // A wake shows old bytes again, and they would keep a dead link alive for ever.
        if input.len() > self.upstream.left {
            self.upstream.heard = now.mono;
        }
        let progress = self.read_upstream(s, input, out, now);
        self.upstream.left = input.len() - progress.consumed.min(input.len());
        progress
    }

    fn read_upstream(&mut self, s: &mut Session, input: &[u8], out: &mut Outbox, now: Now) -> Progress {
        let mut consumed = 0;
        loop {
            let rest = &input[consumed..];
            let step = match &self.upstream.phase {
                Phase::Down => Err("link is down"),
                Phase::Handshake => self.answers(rest, out, now),
                Phase::Loading(_) => self.load(rest, out, now),
                Phase::Stream => {
                    let n = self.apply(s, rest, now);
                    if self.upstream.ack_now && self.link_up() {
                        self.send_ack(out);
                    }
                    consumed += n;
                    let flow = if self.upstream.conn == Some(s.conn) { Flow::Continue } else { Flow::Close };
                    return Progress { consumed, flow };
                }
            };
            match step {
                Ok(0) => return Progress { consumed, flow: Flow::Continue },
                Ok(n) => consumed += n,
                Err(reason) => {
                    return Progress { consumed: input.len(), flow: self.fail_link(reason, now.mono) };
                }
            }
        }
    }

    /// One answer of the handshake; how many bytes it took.
    fn answers(&mut self, input: &[u8], out: &mut Outbox, now: Now) -> Result<usize, &'static str> {
        let Some(end) = input.iter().take(LINE_MAX).position(|&b| b == b'\n') else {
            return if input.len() >= LINE_MAX { Err("handshake answer too long") } else { Ok(0) };
        };
        let line = input[..end].strip_suffix(b"\r").unwrap_or(&input[..end]);
        if line.is_empty() {
            return Ok(end + 1);
        }
        let step = self.upstream.awaited.pop_front().ok_or("answer without a question")?;
        match step {
            // Redis answers a PING before AUTH with NOAUTH and goes on.
            Step::Ping => {}
            Step::Auth | Step::Option if line.starts_with(b"-") => {
                return Err("primary refuses the handshake");
            }
            Step::Auth | Step::Option => {}
            Step::Nonce => self.prove(line, out)?,
            Step::Proof if line == b"+OK" => {}
            Step::Proof => return Err("primary refuses this member"),
            Step::Psync => self.begin_sync(line, out, now)?,
        }
        Ok(end + 1)
    }

    /// The primary's proof and challenge came: give ours, and ask for the stream.
    fn prove(&mut self, line: &[u8], out: &mut Outbox) -> Result<(), &'static str> {
        let secret = &self.config.secret.0;
        match super::attach::Challenge::parse(line) {
            Some(challenge) if challenge.verify(secret, &self.upstream.nonce) => {
                let errand = self.upstream.target.map(|t| t.errand);
                let fits = match errand {
                    Some(Errand::CatchUp { .. }) => {
                        challenge.part == Part::Frozen && challenge.epoch == self.promised
                    }
                    _ => challenge.part == Part::Primary,
                };
                if !fits {
                    return Err("not a primary");
                }
                let config = &self.config;
                let claim = super::attach::Claim {
                    group: config.group.as_bytes(),
                    node: config.id,
                    incarnation: config.incarnation,
                    promised: self.promised,
                };
                let [group, node, incarnation, promised, proof] = claim.prove(secret, &challenge.nonce);
                let args: [&[u8]; 7] =
                    [b"REPLCONF", b"primacy", &group, &node, &incarnation, &promised, &proof];
                self.request(out, Step::Proof, &args);
                // R11: a primary below the promise may not feed this node; the proof tells it that it is deposed.
                if challenge.epoch < self.promised {
                    return Ok(());
                }
            }
            _ if self.config.trust_foreign_primary => {}
            _ => return Err("not a primary of this group"),
        }
        let (id, next) = match self.log.position() {
            p if p == Position::default() => (b"?".to_vec(), "-1".into()),
            p => (alloc::format!("{}", self.log.repl_id()).into_bytes(), alloc::format!("{}", p.offset + 1)),
        };
        self.request(out, Step::Psync, &[b"PSYNC", &id, next.as_bytes()]);
        Ok(())
    }

    fn begin_sync(&mut self, line: &[u8], out: &mut Outbox, now: Now) -> Result<(), &'static str> {
        if line.starts_with(b"+CONTINUE") {
            let offset = self.log.end();
            self.stream_begins(false, out, now);
            self.notice(Notice::LinkUp { full: false, offset });
            return Ok(());
        }
        let fields: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
        let [b"+FULLRESYNC", id, offset] = fields.as_slice() else { return Err("primary refuses PSYNC") };
        let repl_id = ReplId::parse(id).ok_or("FULLRESYNC without a replication id")?;
        let offset =
            parse_i64(offset).and_then(|n| u64::try_from(n).ok()).ok_or("FULLRESYNC without an offset")?;
        let seed = self.rng.bytes();
        // A member's primary may stand above the limit by its last command, and its stream is not limited here either.
        let ceiling = if self.config.trust_foreign_primary { self.config.limits.max_memory } else { 0 };
        self.upstream.phase = Phase::Loading(Box::new(Loading::new(repl_id, offset, seed, ceiling)));
        if self.role != NodeRole::Frozen {
            self.set_role(NodeRole::FullSync);
        }
        Ok(())
    }

    /// The stream flows from the log's end.
    pub(super) fn stream_begins(&mut self, full: bool, out: &mut Outbox, now: Now) {
        self.upstream.phase = Phase::Stream;
        self.upstream.attempts = 0;
        self.upstream.down_since = None;
        if self.role != NodeRole::Frozen {
            self.set_role(NodeRole::Following);
        }
        self.send_ack(out);
        self.timers.set(Timer::Ack, now.mono + self.config.timing.ack_every);
        let epoch = self.upstream.target.map_or(Epoch(0), |t| t.epoch);
        let position = self.log.position();
        self.control.push_back(crate::control::FromNode::Attached { epoch, full, position });
    }

    /// Appends an acknowledgement, and the grant that goes with it.
    pub(super) fn send_ack(&mut self, out: &mut Outbox) {
        self.upstream.ack_now = false;
        if !self.link_up() {
            return;
        }
        let p = self.log.position();
        let [offset, epoch, ops] = [p.offset, p.epoch.0, p.opseq].map(|n| alloc::format!("{n}"));
        command(
            out,
            &[b"REPLCONF", b"ACK", offset.as_bytes(), b"EPOCH", epoch.as_bytes(), b"OPS", ops.as_bytes()],
        );
        if let Some((epoch, round)) = self.upstream.grant.take() {
            let [epoch, round] = [epoch.0, round].map(|n| alloc::format!("{n}"));
            command(out, &[b"REPLCONF", b"GRANT", epoch.as_bytes(), round.as_bytes()]);
        }
    }

    /// Has the driver call `handle_wake` of the link, which acknowledges.
    pub(super) fn ack_due(&mut self, now: Instant) {
        if let (true, Some(conn)) = (self.link_up(), self.upstream.conn) {
            self.wake(conn, super::clients::Wake::Acknowledge);
            self.timers.set(Timer::Ack, now + self.config.timing.ack_every);
        }
    }
}

fn command(out: &mut Outbox, args: &[&[u8]]) {
    reply::array(out.buf(), args.len());
    args.iter().for_each(|arg| reply::bulk(out.buf(), arg));
}
