//! Nodes in memory: virtual time, sessions, outboxes, feeds and links, and a coordinator that does as the test says.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use primacy_core::control::message::{Members, Peer};
use primacy_core::control::{FromNode, ToNode};
use primacy_core::group::record::EpochStart;
use primacy_core::id::{ConnId, Epoch, Incarnation, NodeId, Position, ReplId};
use primacy_core::node::{Event, Flow, Node, NodeConfig, Outbox, Secret, Session};
use primacy_core::time::{Instant, Now};

pub struct End {
    pub session: Session,
    pub out: Outbox,
    pub input: Vec<u8>,
    /// The other node's end, or none for a client.
    pub peer: Option<(usize, ConnId)>,
    /// What a client has received.
    pub got: Vec<u8>,
    pub parked: bool,
}

pub struct Host {
    pub node: Node,
    pub ends: BTreeMap<ConnId, End>,
    pub notices: Vec<Event>,
    pub said: Vec<FromNode>,
    pub woken: Vec<ConnId>,
}

pub struct World {
    pub now: Now,
    pub hosts: Vec<Host>,
    pub history: Vec<EpochStart>,
    pub members: Members,
    /// Nodes that do not run (SIGSTOP).
    pub stopped: BTreeSet<usize>,
    /// Nodes whose renewals are not answered.
    pub unrenewed: BTreeSet<usize>,
    /// Pairs of nodes that cannot reach each other.
    pub apart: BTreeSet<(usize, usize)>,
    /// Nodes whose driver notes wakes and does not act on them.
    pub dozing: BTreeSet<usize>,
    /// Nodes whose log bytes do not leave for now.
    pub starving: BTreeSet<usize>,
    next_conn: u64,
}

pub fn addr(i: usize) -> std::net::SocketAddr {
    std::net::SocketAddr::from(([127, 0, 0, 1], u16::try_from(7000 + i).unwrap()))
}

pub fn config(i: usize, life: u64) -> NodeConfig {
    NodeConfig::new(NodeId(i as u16 + 1), "g", Incarnation(life), addr(i), Secret(b"secret".to_vec()))
}

impl World {
    /// `n` nodes that have joined and follow nobody.
    pub fn new(n: usize) -> Self {
        Self::with(n, |_| {})
    }

    pub fn with(n: usize, change: impl Fn(&mut NodeConfig)) -> Self {
        let now = Now { mono: Instant::from_nanos(1_000_000_000), unix_ms: 1_700_000_000_000 };
        let peers = (0..n)
            .map(|i| Peer { id: NodeId(i as u16 + 1), addr: addr(i), incarnation: Incarnation(1) })
            .collect();
        let mut world = Self {
            now,
            hosts: Vec::new(),
            history: Vec::new(),
            members: Members { version: 1, peers },
            stopped: BTreeSet::new(),
            unrenewed: BTreeSet::new(),
            apart: BTreeSet::new(),
            starving: BTreeSet::new(),
            dozing: BTreeSet::new(),
            next_conn: 0,
        };
        for i in 0..n {
            let mut config = config(i, 1);
            change(&mut config);
            let node = Node::new(config, [i as u8 + 1; 32], now);
            world.hosts.push(Host {
                node,
                ends: BTreeMap::new(),
                notices: vec![],
                said: vec![],
                woken: vec![],
            });
        }
        world.settle();
        world
    }

    /// A process dies and another life of the node starts.
    pub fn restart(&mut self, i: usize, life: u64) {
        self.restart_with(i, config(i, life));
    }

    pub fn restart_with(&mut self, i: usize, config: NodeConfig) {
        let life = config.incarnation.0;
        let ends = std::mem::take(&mut self.hosts[i].ends);
        ends.into_values().for_each(|end| self.peer_closed(end.peer));
        self.members.version += 1;
        self.members.peers[i].incarnation = Incarnation(life);
        let node = Node::new(config, [life as u8 + 100; 32], self.now);
        self.hosts[i] = Host { node, ends: BTreeMap::new(), notices: vec![], said: vec![], woken: vec![] };
        self.settle();
    }

    pub fn tell(&mut self, i: usize, message: ToNode) {
        let now = self.now;
        self.hosts[i].node.handle_control(message, now);
    }

    /// A whole election with these voters, won by the highest position; everybody awake is told.
    pub fn elect(&mut self, epoch: u64, voters: &[usize]) -> usize {
        voters.iter().for_each(|&i| self.tell(i, ToNode::Freeze { epoch: Epoch(epoch) }));
        let position = |i: usize| self.hosts[i].node.position();
        let winner = *voters.iter().max_by_key(|&&i| (position(i), std::cmp::Reverse(i))).expect("a voter");
        let start = position(winner);
        let repl_id = ReplId([epoch as u8; 20]);
        self.history.push(EpochStart { epoch: Epoch(epoch), repl_id, start });
        let life = self.members.peers[winner].incarnation;
        let (history, members) = (self.history.clone(), self.members.clone());
        let promote =
            ToNode::Promote { epoch: Epoch(epoch), incarnation: life, start, repl_id, history, members };
        self.tell(winner, promote);
        voters.iter().filter(|&&i| i != winner).for_each(|&i| self.follow(i, epoch, winner));
        self.settle();
        winner
    }

    pub fn follow(&mut self, i: usize, epoch: u64, primary: usize) {
        let message = ToNode::Follow {
            epoch: Epoch(epoch),
            primary: NodeId(primary as u16 + 1),
            addr: addr(primary),
            history: self.history.clone(),
            members: self.members.clone(),
        };
        self.tell(i, message);
    }

    /// A new client of node `i`.
    pub fn client(&mut self, i: usize) -> ConnId {
        let conn = self.conn();
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 50_000));
        let session = self.hosts[i].node.accept(conn, peer, self.now).expect("a place");
        self.add_end(i, conn, session, None);
        conn
    }

    fn conn(&mut self) -> ConnId {
        self.next_conn += 1;
        ConnId(self.next_conn)
    }

    fn add_end(&mut self, i: usize, conn: ConnId, session: Session, peer: Option<(usize, ConnId)>) {
        let end = End { session, out: Outbox::new(), input: vec![], peer, got: vec![], parked: false };
        self.hosts[i].ends.insert(conn, end);
    }

    /// Sends raw bytes; nothing runs until the next step.
    pub fn send(&mut self, i: usize, conn: ConnId, bytes: &[u8]) {
        if let Some(end) = self.hosts[i].ends.get_mut(&conn) {
            end.input.extend_from_slice(bytes);
        }
    }

    /// Runs one command line and gives what came back after everything has settled.
    pub fn call(&mut self, i: usize, conn: ConnId, line: &str) -> String {
        self.send(i, conn, format!("{line}\r\n").as_bytes());
        self.settle();
        self.got(i, conn)
    }

    /// What has come back since the last look; `closed` when the node has closed the connection.
    pub fn got(&mut self, i: usize, conn: ConnId) -> String {
        match self.hosts[i].ends.get_mut(&conn) {
            Some(end) => String::from_utf8_lossy(&std::mem::take(&mut end.got)).into_owned(),
            None => "closed".into(),
        }
    }

    /// Lets time pass in steps of 5 ms.
    pub fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 5 {
            self.now.mono = self.now.mono + Duration::from_millis(5);
            self.now.unix_ms += 5;
            self.settle();
        }
    }

    /// Runs every node until nothing moves.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            let moved = (0..self.hosts.len()).filter(|i| !self.stopped.contains(i)).collect::<Vec<_>>();
            if !moved.into_iter().fold(false, |any, i| self.round(i) | any) {
                return;
            }
        }
        panic!("the nodes do not come to rest");
    }

    /// One round of a driver's loop; true if anything happened.
    pub fn round(&mut self, i: usize) -> bool {
        let now = self.now;
        let mut moved = false;
        let conns: Vec<ConnId> = self.hosts[i].ends.keys().copied().collect();
        for conn in conns {
            moved |= self.read(i, conn);
        }
        if self.hosts[i].node.poll_timeout().is_some_and(|(at, _)| at <= now.mono) {
            self.hosts[i].node.handle_timeout(now);
            moved = true;
        }
        while let Some(event) = self.hosts[i].node.poll_event() {
            self.event(i, event);
            moved = true;
        }
        for conn in self.hosts[i].node.feeds().to_vec() {
            moved |= self.feed(i, conn);
        }
        let conns: Vec<ConnId> = self.hosts[i].ends.keys().copied().collect();
        for conn in conns {
            moved |= self.write(i, conn);
        }
        while let Some(message) = self.hosts[i].node.poll_control() {
            self.coordinate(i, message);
            moved = true;
        }
        moved
    }

    fn read(&mut self, i: usize, conn: ConnId) -> bool {
        let now = self.now;
        let host = &mut self.hosts[i];
        let Some(end) = host.ends.get_mut(&conn) else { return false };
        if end.parked || end.input.is_empty() {
            return false;
        }
        let progress = host.node.handle_input(&mut end.session, &end.input, &mut end.out, now);
        end.input.drain(..progress.consumed);
        end.parked = progress.flow == Flow::Park;
        if progress.flow == Flow::Close {
            self.write(i, conn);
            self.close(i, conn);
        }
        progress.consumed > 0 || progress.flow != Flow::Continue
    }

    fn event(&mut self, i: usize, event: Event) {
        let now = self.now;
        match event {
            Event::Dial { dial, to, .. } => {
                let to = usize::from(to.0) - 1;
                if self.separated(i, to) || self.stopped.contains(&to) {
                    self.hosts[i].node.dial_failed(dial, now);
                    return;
                }
                let (near, far) = (self.conn(), self.conn());
                let mut out = Outbox::new();
                let Some(session) = self.hosts[i].node.dialed(dial, near, &mut out, now) else { return };
                self.add_end(i, near, session, Some((to, far)));
                self.hosts[i].ends.get_mut(&near).expect("just added").out = out;
                let accepted = self.hosts[to].node.accept(far, addr(i), now).expect("a place");
                self.add_end(to, far, accepted, Some((i, near)));
            }
            Event::Hangup(conn) => self.close(i, conn),
            Event::Wake(conn) if self.dozing.contains(&i) => self.hosts[i].woken.push(conn),
            Event::Wake(conn) => {
                let host = &mut self.hosts[i];
                let Some(end) = host.ends.get_mut(&conn) else { return };
                let flow = host.node.handle_wake(&mut end.session, &mut end.out, now);
                end.parked = flow == Flow::Park;
                if flow == Flow::Close {
                    self.write(i, conn);
                    self.close(i, conn);
                }
            }
            other => self.hosts[i].notices.push(other),
        }
    }

    fn separated(&self, a: usize, b: usize) -> bool {
        self.apart.contains(&(a, b)) || self.apart.contains(&(b, a))
    }

    fn deliver(&mut self, i: usize, conn: ConnId, bytes: &[u8]) {
        match self.hosts[i].ends.get_mut(&conn) {
            Some(End { peer: None, got, .. }) => got.extend_from_slice(bytes),
            Some(End { peer: Some((to, far)), .. }) => {
                let (to, far) = (*to, *far);
                self.send(to, far, bytes);
            }
            None => {}
        }
    }

    fn blocked(&self, i: usize, conn: ConnId) -> bool {
        let peer = self.hosts[i].ends.get(&conn).and_then(|end| end.peer);
        peer.is_some_and(|(to, _)| self.separated(i, to))
    }

    fn feed(&mut self, i: usize, conn: ConnId) -> bool {
        if self.blocked(i, conn) || self.starving.contains(&i) || !self.hosts[i].ends.contains_key(&conn) {
            return false;
        }
        self.write(i, conn);
        let now = self.now;
        let Some([a, b]) = self.hosts[i].node.poll_feed(conn, now) else { return false };
        let bytes = [a, b].concat();
        self.hosts[i].node.feed_sent(conn, bytes.len(), now);
        self.deliver(i, conn, &bytes);
        true
    }

    fn write(&mut self, i: usize, conn: ConnId) -> bool {
        if self.blocked(i, conn) {
            return false;
        }
        let now = self.now;
        let host = &mut self.hosts[i];
        let Some(end) = host.ends.get_mut(&conn).filter(|end| !end.out.is_empty()) else { return false };
        if !host.node.may_send(&mut end.session, &mut end.out, now) {
            self.close(i, conn);
            return true;
        }
        let bytes = end.out.unsent().to_vec();
        end.out.advance(bytes.len());
        self.deliver(i, conn, &bytes);
        true
    }

    pub fn close(&mut self, i: usize, conn: ConnId) {
        if let Some(end) = self.hosts[i].ends.remove(&conn) {
            let now = self.now;
            self.hosts[i].node.closed(end.session, now);
            self.peer_closed(end.peer);
        }
    }

    fn peer_closed(&mut self, peer: Option<(usize, ConnId)>) {
        if let Some((to, far)) = peer
            && let Some(end) = self.hosts[to].ends.remove(&far)
        {
            let now = self.now;
            self.hosts[to].node.closed(end.session, now);
        }
    }

    /// Joins and renewals are answered as a store would; everything else is kept for the test.
    fn coordinate(&mut self, i: usize, message: FromNode) {
        match &message {
            FromNode::Join { .. } => {
                let epoch = self.history.last().map_or(Epoch(0), |e| e.epoch);
                let (history, members) = (self.history.clone(), self.members.clone());
                self.tell(i, ToNode::Joined { epoch, history, members });
            }
            FromNode::Renew { epoch, seq, asked, .. } if !self.unrenewed.contains(&i) => {
                let current = self.history.last().map_or(Epoch(0), |e| e.epoch);
                if *epoch == current {
                    let members = self.members.clone();
                    self.tell(i, ToNode::Renewed { epoch: *epoch, seq: *seq, asked: *asked, members });
                } else {
                    self.tell(i, ToNode::Denied { epoch: current });
                }
            }
            FromNode::Heartbeat { .. } => return,
            _ => {}
        }
        self.hosts[i].said.push(message);
    }

    pub fn position(&self, i: usize) -> Position {
        self.hosts[i].node.position()
    }

    /// A fingerprint of everything that the node holds.
    pub fn digest(&self, i: usize) -> u128 {
        self.hosts[i].node.keyspace().digest()
    }
}
