//! The two proofs of the replication handshake (R11, S5), and the primary's side of REPLCONF and PSYNC.
//!
//! A replica sends `REPLCONF primacy-nonce <hex nonce>`; the primary answers
//! `+PRIMACY <hex nonce> <part> <epoch> <hex HMAC>` over "primary", both nonces, its part (primary, frozen or replica)
//! and its epoch. The replica
//! then sends `REPLCONF primacy <group> <node> <incarnation> <promised> <hex HMAC>` over "attach", the primary's nonce
//! and these fields. Both know the group's secret, or there is no link.

use alloc::vec::Vec;

use hmac::Mac;

use super::session::{Flow, Kind, Outbox, Session};
use super::{Node, Notice};
use crate::control::NodeRole;
use crate::control::frame::keyed;
use crate::id::{Epoch, Incarnation, NodeId, Position, ReplId};
use crate::resp::{Args, parse_i64, reply};
use crate::time::Now;

/// What a node is to those that want to be fed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Promoted: its log is the history of its epoch.
    Primary,
    /// Frozen in the election of its epoch: it may only help another voter to catch up.
    Frozen,
    /// Neither.
    Replica,
}

impl Part {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Primary => b"primary",
            Self::Frozen => b"frozen",
            Self::Replica => b"replica",
        }
    }
}

/// The primary's answer to a replica's nonce.
#[derive(Clone)]
pub(super) struct Challenge {
    pub(super) nonce: [u8; 16],
    /// What the peer is: only a promoted primary may be followed, whatever its address was told to be.
    pub(super) part: Part,
    pub(super) epoch: Epoch,
    proof: Vec<u8>,
}

impl Challenge {
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.strip_prefix(b"+PRIMACY ")?.split(|&b| b == b' ');
        let nonce = unhex(fields.next()?)?.try_into().ok()?;
        let word = fields.next()?;
        let part = [Part::Primary, Part::Frozen, Part::Replica].into_iter().find(|p| p.word() == word)?;
        let epoch = Epoch(number(fields.next()?)?);
        let proof = unhex(fields.next()?)?;
        Some(Self { nonce, part, epoch, proof })
    }

    pub(super) fn verify(&self, secret: &[u8], asked: &[u8; 16]) -> bool {
        challenge_mac(secret, asked, &self.nonce, self.part, self.epoch).verify_slice(&self.proof).is_ok()
    }
}

fn challenge_mac(
    secret: &[u8],
    asked: &[u8; 16],
    nonce: &[u8; 16],
    part: Part,
    epoch: Epoch,
) -> hmac::Hmac<sha2::Sha256> {
    let mut mac = keyed(secret);
    mac.update(b"primary");
    mac.update(asked);
    mac.update(nonce);
    mac.update(&epoch.0.to_le_bytes());
    mac.update(part.word());
    mac
}

/// Who a replica says it is.
pub(super) struct Claim<'a> {
    pub(super) group: &'a [u8],
    pub(super) node: NodeId,
    pub(super) incarnation: Incarnation,
    pub(super) promised: Epoch,
}

impl Claim<'_> {
    fn mac(&self, secret: &[u8], nonce: &[u8; 16]) -> hmac::Hmac<sha2::Sha256> {
        let mut mac = keyed(secret);
        mac.update(b"attach");
        mac.update(nonce);
        mac.update(&self.node.0.to_le_bytes());
        mac.update(&self.incarnation.0.to_le_bytes());
        mac.update(&self.promised.0.to_le_bytes());
        mac.update(self.group);
        mac
    }

    /// The five arguments of `REPLCONF primacy`.
    pub(super) fn prove(&self, secret: &[u8], nonce: &[u8; 16]) -> [Vec<u8>; 5] {
        let text = |n: u64| alloc::format!("{n}").into_bytes();
        let proof = hex(&self.mac(secret, nonce).finalize().into_bytes());
        [
            self.group.to_vec(),
            text(u64::from(self.node.0)),
            text(self.incarnation.0),
            text(self.promised.0),
            proof,
        ]
    }
}

fn number(text: &[u8]) -> Option<u64> {
    parse_i64(text).and_then(|n| u64::try_from(n).ok())
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|d| b"0123456789abcdef"[usize::from(d)]).collect()
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|p| Some(digit(p[0])? << 4 | digit(p[1])?)).collect()
}

impl Node {
    /// REPLCONF: options before PSYNC, acknowledgements after it.
    pub(super) fn replconf(&mut self, s: &mut Session, args: &Args<'_>, out: &mut Outbox, now: Now) -> Flow {
        let option = args.get(1);
        if s.kind == Kind::Replica {
            self.replica_says(s, args, now);
            return Flow::Continue;
        }
        if option.eq_ignore_ascii_case(b"primacy-nonce") {
            self.challenge(s, args.get(2), out);
            return Flow::Continue;
        }
        if option.eq_ignore_ascii_case(b"primacy") {
            return self.attach_claim(s, args, out, now);
        }
        if option.eq_ignore_ascii_case(b"ack") || option.eq_ignore_ascii_case(b"getack") {
            return Flow::Continue;
        }
        if args.len().is_multiple_of(2) {
            reply::error(out.buf(), crate::command::error::SYNTAX);
            return Flow::Continue;
        }
        let attaching = s.attaching.get_or_insert_default();
        for i in (1..args.len()).step_by(2) {
            let (name, value) = (args.get(i), args.get(i + 1));
            if name.eq_ignore_ascii_case(b"listening-port") {
                attaching.port = number(value).and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
            } else if name.eq_ignore_ascii_case(b"capa") {
                attaching.eof |= value.eq_ignore_ascii_case(b"eof");
                attaching.psync2 |= value.eq_ignore_ascii_case(b"psync2");
            } else if !name.eq_ignore_ascii_case(b"ip-address") {
                let text = [b"ERR Unrecognized REPLCONF option: ", name].concat();
                reply::error(out.buf(), text);
                return Flow::Continue;
            }
        }
        reply::ok(out.buf());
        Flow::Continue
    }

    fn challenge(&mut self, s: &mut Session, asked: &[u8], out: &mut Outbox) {
        let Some(asked) = unhex(asked).and_then(|n| <[u8; 16]>::try_from(n).ok()) else {
            reply::error(out.buf(), crate::command::error::SYNTAX);
            return;
        };
        let nonce: [u8; 16] = self.rng.bytes();
        let (part, epoch) = self.part();
        let proof = challenge_mac(&self.config.secret.0, &asked, &nonce, part, epoch).finalize().into_bytes();
        s.attaching.get_or_insert_default().nonce = Some(nonce);
        let buf = out.buf();
        buf.extend_from_slice(b"+PRIMACY ");
        buf.extend(hex(&nonce));
        buf.push(b' ');
        buf.extend_from_slice(part.word());
        buf.extend_from_slice(alloc::format!(" {} ", epoch.0).as_bytes());
        buf.extend(hex(&proof));
        buf.extend_from_slice(b"\r\n");
    }

    /// What this node is to a replica, and the epoch that goes with it: a frozen member's is its promise (§2.7 step 4).
    fn part(&self) -> (Part, Epoch) {
        match self.role {
            NodeRole::Frozen => (Part::Frozen, self.promised),
            role if role.is_primary() => (Part::Primary, self.current_epoch()),
            _ => (Part::Replica, self.current_epoch()),
        }
    }

    /// A peer claims to be a member. Only a right proof has any effect: a forged one can depose nobody (S5).
    fn attach_claim(&mut self, s: &mut Session, args: &Args<'_>, out: &mut Outbox, now: Now) -> Flow {
        let nonce = s.attaching.as_mut().and_then(|a| a.nonce.take());
        let claim = self.checked_claim(args, nonce);
        let Some((node, incarnation, promised)) = claim else {
            self.notice(Notice::AttachRefused { conn: s.conn });
            reply::error(out.buf(), "NOPERM proof of membership is wrong");
            return Flow::Close;
        };
        let (part, epoch) = self.part();
        if part == Part::Frozen && promised != epoch {
            // A new life of a primary that was known at this address, and empty: it may feed only who froze with it.
            reply::error(out.buf(), "NOMASTERLINK frozen in another election");
            return Flow::Close;
        }
        if promised > epoch {
            // R11 and R17: a member has promised a higher epoch, so this primary is deposed.
            if self.role.is_primary() {
                self.stand_down();
                self.heartbeat(now.mono);
            }
            reply::error(out.buf(), alloc::format!("STALE epoch {} is below {}", epoch.0, promised.0));
            return Flow::Close;
        }
        s.attaching.get_or_insert_default().member = Some((node, incarnation));
        reply::ok(out.buf());
        Flow::Continue
    }

    fn checked_claim(
        &self,
        args: &Args<'_>,
        nonce: Option<[u8; 16]>,
    ) -> Option<(NodeId, Incarnation, Epoch)> {
        let node = NodeId(u16::try_from(number(args.get(3))?).ok()?);
        let incarnation = Incarnation(number(args.get(4))?);
        let promised = Epoch(number(args.get(5))?);
        let claim = Claim { group: args.get(2), node, incarnation, promised };
        let proof = unhex(args.get(6))?;
        claim.mac(&self.config.secret.0, &nonce?).verify_slice(&proof).ok()?;
        let ours = args.get(2) == self.config.group.as_bytes() && node != self.config.id;
        ours.then_some((node, incarnation, promised))
    }

    /// `REPLCONF ACK` and `GRANT` on a feed; anything else there has no answer and no effect.
    fn replica_says(&mut self, s: &Session, args: &Args<'_>, now: Now) {
        let option = args.get(1);
        if option.eq_ignore_ascii_case(b"ack") {
            let Some(offset) = number(args.get(2)) else { return };
            let field = |name: &[u8]| {
                (3..args.len())
                    .step_by(2)
                    .find(|&i| args.get(i).eq_ignore_ascii_case(name))
                    .and_then(|i| number(args.get(i + 1)))
            };
            let position = Position {
                epoch: Epoch(field(b"epoch").unwrap_or(0)),
                offset,
                opseq: field(b"ops").unwrap_or(0),
            };
            self.acknowledge(s.conn, position);
        } else if option.eq_ignore_ascii_case(b"grant") {
            let (Some(epoch), Some(round)) = (number(args.get(2)), number(args.get(3))) else { return };
            let member = self.feeds.get(s.conn).filter(|f| !f.cut).and_then(|f| f.member);
            let Some((id, life)) = member else { return };
            if self.members.peers.iter().any(|p| p.id == id && p.incarnation == life) {
                self.granted(id, Epoch(epoch), round, now.mono);
            }
        }
    }

    /// PSYNC: partial from any epoch of the lineage (§2.5), else a snapshot.
    pub(super) fn psync(&mut self, s: &mut Session, args: &Args<'_>, out: &mut Outbox, now: Now) -> Flow {
        if s.kind == Kind::Replica {
            return Flow::Continue;
        }
        let member = s.attaching.as_ref().and_then(|a| a.member);
        let feeds_member = self.role == NodeRole::Frozen && member.is_some();
        if !self.role.is_primary() && !feeds_member {
            reply::error(out.buf(), "NOMASTERLINK Can't SYNC while not connected with my master");
            return Flow::Continue;
        }
        if member.is_some() && self.feeds.has_newer(member, s.conn) {
            // R7: a member that has dialled again does not come back to what it has left, however late that arrives.
            reply::error(out.buf(), "NOMASTERLINK this member has a newer connection");
            return Flow::Close;
        }
        let known = ReplId::parse(args.get(1)).zip(number(args.get(2)).and_then(|n| n.checked_sub(1)));
        let partial = known.filter(|&(id, offset)| {
            self.log.lineage().contains(id, offset) && self.log.ring().covers(offset)
        });
        let buf = out.buf();
        if let Some((_, offset)) = partial {
            self.stats.sync_partial_ok += 1;
            buf.extend_from_slice(b"+CONTINUE");
            if s.attaching.as_ref().is_some_and(|a| a.psync2) {
                buf.extend_from_slice(alloc::format!(" {}", self.log.repl_id()).as_bytes());
            }
            buf.extend_from_slice(b"\r\n");
            self.add_feed(s, Some(offset), now);
        } else {
            self.stats.sync_full += 1;
            self.stats.sync_partial_err += u64::from(known.is_some());
            self.add_feed(s, None, now);
        }
        Flow::Continue
    }
}
