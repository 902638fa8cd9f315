//! Links that the node asks for: to its primary, or to a member that it catches up from.

use std::io;
use std::net::SocketAddr;

use mio::net::TcpStream;
use primacy_core::node::DialId;
use primacy_core::time::Instant;
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::node::conns::Conn;
use crate::node::delay::Delay;
use crate::node::reactor::Reactor;

impl Reactor {
    /// Begins to connect.
    pub(super) fn dial(&mut self, dial: DialId, addr: SocketAddr) {
        match connect(self.addr, addr) {
            Ok(stream) => {
                let (slot, id) = self.conns.next();
                let mut conn = Conn::new(stream, id);
                conn.dial = Some(dial);
                self.adopt(slot, conn);
            }
            Err(_) => self.node.dial_failed(dial, self.now),
        }
    }

    /// The socket of a dial is ready: connected, or failed.
    pub(super) fn dial_ready(&mut self, slot: usize) {
        let Some(conn) = self.conns.get(slot) else { return };
        let Some(dial) = conn.dial else { return };
        if !matches!(conn.stream.take_error(), Ok(None)) {
            return self.close(slot);
        }
        if conn.stream.peer_addr().is_err() {
            // Not yet: another event follows.
            return;
        }
        conn.dial = None;
        let Some(session) = self.node.dialed(dial, conn.id, &mut conn.out, self.now) else {
            self.conns.take(slot);
            return;
        };
        conn.session = Some(session);
        conn.delay = Delay::new(self.link_delay);
        self.mark_dirty(slot);
        self.read(slot);
    }

    /// When the next delayed bytes arrive.
    pub(super) fn delayed_until(&self) -> Option<Instant> {
        self.delayed.iter().filter_map(|slot| self.conns.peek(*slot)?.delay.as_ref()?.next()).min()
    }

    /// Hands over the delayed bytes that have arrived by now.
    pub(super) fn release_delayed(&mut self) {
        for slot in std::mem::take(&mut self.delayed) {
            let Some(conn) = self.conns.get(slot) else { continue };
            let Some(delay) = &mut conn.delay else { continue };
            let before = conn.input.len();
            delay.take_due(&mut conn.input, self.now.mono);
            if delay.next().is_some() {
                self.delayed.push(slot);
            }
            if conn.input.len() > before && !conn.parked && !conn.closing {
                self.run_kept(slot);
            }
        }
    }
}

/// A connection under way, from the node's own address where it has one, so that INFO shows who is who.
fn connect(own: SocketAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    let _cosmetic = socket.bind(&SocketAddr::new(own.ip(), 0).into());
    match socket.connect(&to.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(Errno::INPROGRESS.raw_os_error()) => {}
        Err(error) => return Err(error),
    }
    Ok(TcpStream::from_std(socket.into()))
}
