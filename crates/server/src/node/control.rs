//! The node's link to the coordinator: sealed frames over TCP, made again whenever it breaks.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use primacy_core::control::frame::{Channel, End};
use primacy_core::control::{Envelope, FromNode, ToNode};
use primacy_core::id::{Incarnation, NodeId};
use primacy_core::time::Instant;
use socket2::SockRef;

use crate::link::{Framing, impatient};
use crate::node::report;

/// Pause between two attempts to reach the coordinator.
const RETRY: Duration = Duration::from_millis(50);
/// Unsent bytes above which messages are dropped: the coordinator is stopped, and all that matters is said again.
const UNSENT_LIMIT: usize = 256 << 10;

/// The link.
#[derive(Debug)]
pub(crate) struct Control {
    to: SocketAddr,
    secret: Vec<u8>,
    group: String,
    node: NodeId,
    incarnation: Incarnation,
    token: Token,
    link: Option<Link>,
    retry_at: Option<Instant>,
}

#[derive(Debug)]
struct Link {
    stream: TcpStream,
    channel: Channel,
    framing: Framing,
    out: Vec<u8>,
}

impl Control {
    /// A link that [`Self::timeout`] makes at its first call.
    pub(crate) fn new(start: &crate::node::start::Start, token: Token) -> Self {
        Self {
            to: start.control,
            secret: start.secret.clone(),
            group: start.group.clone(),
            node: start.node,
            incarnation: start.incarnation,
            token,
            link: None,
            retry_at: Some(Instant::ZERO),
        }
    }

    /// When [`Self::timeout`] wants to be called.
    pub(crate) const fn next(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Tries again to reach the coordinator, if that is due.
    pub(crate) fn timeout(&mut self, registry: &Registry, now: Instant) {
        if self.retry_at.is_none_or(|at| now < at) {
            return;
        }
        match self.connect(registry) {
            Ok(link) => {
                self.link = Some(link);
                self.retry_at = None;
            }
            Err(error) => {
                report::warn(format_args!("no link to the coordinator: {error}"));
                self.retry_at = Some(now + RETRY);
            }
        }
    }

    fn connect(&self, registry: &Registry) -> io::Result<Link> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let channel = Channel::new(&self.secret, End::Initiator, nonce);
        let mut stream = TcpStream::connect(self.to)?;
        registry.register(&mut stream, self.token, Interest::READABLE | Interest::WRITABLE)?;
        impatient(SockRef::from(&stream));
        let out = channel.hello().to_vec();
        Ok(Link { stream, channel, framing: Framing::default(), out })
    }

    /// The socket is ready: hands every whole message to `each`. True when the coordinator has answered for the first time.
    pub(crate) fn ready(&mut self, buffer: &mut [u8], now: Instant, mut each: impl FnMut(ToNode)) -> bool {
        let Some(link) = &mut self.link else { return false };
        let before = link.channel.is_ready();
        if let Err(error) = link.receive(buffer, now, &mut each).and_then(|()| link.send()) {
            self.drop_link(&error, now);
        }
        !before && self.link.as_ref().is_some_and(|link| link.channel.is_ready())
    }

    /// The coordinator says nothing any more: another link may lead to one that does.
    pub(crate) fn leave(&mut self, now: Instant) {
        if self.link.is_some() {
            self.drop_link(&io::ErrorKind::TimedOut.into(), now);
        }
    }

    /// Seals a message and sends it; without a link it is lost, as on any network.
    pub(crate) fn say(&mut self, message: FromNode, now: Instant) {
        let Some(link) = &mut self.link else { return };
        if !link.channel.is_ready() || link.out.len() > UNSENT_LIMIT {
            return;
        }
        let (group, from, incarnation) = (self.group.clone(), self.node, self.incarnation);
        let envelope = Envelope { group, from, incarnation, message };
        let sealed = link.channel.seal(&envelope, &mut link.out).map_err(io::Error::other);
        if let Err(error) = sealed.and_then(|()| link.send()) {
            self.drop_link(&error, now);
        }
    }

    fn drop_link(&mut self, error: &io::Error, now: Instant) {
        report::debug(format_args!("link to the coordinator lost: {error}"));
        self.link = None;
        self.retry_at = Some(now + RETRY);
    }
}

impl Link {
    fn receive(&mut self, buffer: &mut [u8], now: Instant, each: &mut impl FnMut(ToNode)) -> io::Result<()> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => self.channel.push(buffer.get(..n).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            let mut whole = false;
            while let Some(message) = self.channel.pop::<ToNode>().map_err(io::Error::other)? {
                whole = true;
                each(message);
            }
            self.framing.came(whole, now)?;
        }
    }

    fn send(&mut self) -> io::Result<()> {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(n) => drop(self.out.drain(..n)),
                Err(error) if would_wait(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Not now: the socket is full, or its connection is not up yet.
fn would_wait(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected | io::ErrorKind::Interrupted
    )
}
