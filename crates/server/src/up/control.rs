//! Where the nodes' control links arrive: sealed frames in, sealed frames out. Who cannot seal with the group's secret
//! is cut at the first frame.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use primacy_core::control::frame::{Channel, End};
use primacy_core::control::{Envelope, ToNode};
use primacy_core::id::{Incarnation, NodeId};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::spawn_local;

use crate::clock;
use crate::link::{Framing, impatient};
use crate::up::coordinator::{Coordinator, Link};

/// How long a connection may take to prove itself.
const PROOF_LIMIT: Duration = Duration::from_secs(5);
/// Connections at once that have proved nothing yet.
const STRANGERS: usize = 64;
/// Messages waiting for a node; a stopped process fills the queue and loses the rest.
const QUEUE: usize = 256;
/// Pause after an accept error.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts nodes for ever.
pub(crate) async fn serve(listener: TcpListener, coordinator: Rc<Coordinator>, secret: Rc<[u8]>) {
    let strangers = Rc::new(());
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if Rc::strong_count(&strangers) > STRANGERS {
            continue;
        }
        let (coordinator, secret, stranger) =
            (Rc::clone(&coordinator), Rc::clone(&secret), Rc::clone(&strangers));
        spawn_local(async move {
            let ended = Peer::greet(stream, &secret).await;
            let outcome = match ended {
                Ok((peer, first)) => {
                    drop(stranger);
                    peer.carry(first, &coordinator).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                match error.kind() {
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                        tracing::debug!(%peer, %error, "control link closed");
                    }
                    _ => tracing::warn!(%peer, %error, "control link refused"),
                }
            }
        });
    }
}

/// One proven node.
struct Peer {
    stream: TcpStream,
    channel: Channel,
    framing: Framing,
    buffer: Vec<u8>,
}

impl Peer {
    /// Waits for the first genuine frame.
    async fn greet(stream: TcpStream, secret: &[u8]) -> io::Result<(Self, Envelope)> {
        stream.set_nodelay(true)?;
        impatient(SockRef::from(&stream));
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let channel = Channel::new(secret, End::Acceptor, nonce);
        let mut peer = Self { stream, channel, framing: Framing::default(), buffer: vec![0; 16 << 10] };
        let proof = async {
            peer.stream.write_all(&peer.channel.hello()).await?;
            loop {
                if let Some(envelope) = peer.channel.pop::<Envelope>().map_err(io::Error::other)? {
                    return io::Result::Ok(envelope);
                }
                peer.receive().await?;
            }
        };
        let first = tokio::time::timeout(PROOF_LIMIT, proof).await.map_err(|_| io::ErrorKind::TimedOut)??;
        Ok((peer, first))
    }

    async fn receive(&mut self) -> io::Result<()> {
        let n = self.stream.read(&mut self.buffer).await?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.channel.push(self.buffer.get(..n).unwrap_or_default());
        Ok(())
    }

    /// Carries messages both ways until the link breaks.
    async fn carry(mut self, first: Envelope, coordinator: &Rc<Coordinator>) -> io::Result<()> {
        let (node, incarnation) = (first.from, first.incarnation);
        let (send, mut orders) = mpsc::channel(QUEUE);
        let weak = send.downgrade();
        coordinator.linked(node, Link { incarnation, send });
        coordinator.hear(first);
        let ended = self.exchange(node, incarnation, &mut orders, coordinator).await;
        if let Some(send) = weak.upgrade() {
            coordinator.unlinked(node, &send);
        }
        ended
    }

    async fn exchange(
        &mut self,
        node: NodeId,
        incarnation: Incarnation,
        orders: &mut mpsc::Receiver<ToNode>,
        coordinator: &Rc<Coordinator>,
    ) -> io::Result<()> {
        let mut out = Vec::new();
        loop {
            let mut came = false;
            tokio::select! {
                received = self.receive() => {
                    received?;
                    came = true;
                }
                order = orders.recv() => {
                    // None: a newer link of this life has taken the place of this one.
                    let Some(order) = order else { return Ok(()) };
                    self.channel.seal(&order, &mut out).map_err(io::Error::other)?;
                    while let Ok(order) = orders.try_recv() {
                        self.channel.seal(&order, &mut out).map_err(io::Error::other)?;
                    }
                    self.stream.write_all(&out).await?;
                    out.clear();
                }
            }
            let mut whole = false;
            while let Some(envelope) = self.channel.pop::<Envelope>().map_err(io::Error::other)? {
                whole = true;
                if (envelope.from, envelope.incarnation) != (node, incarnation) {
                    return Err(io::Error::other("one link speaks for two nodes"));
                }
                coordinator.hear(envelope);
            }
            if came {
                self.framing.came(whole, clock::mono())?;
            }
        }
    }
}
