//! The DNS server: UDP and TCP on one port, authoritative for the group's own zone and nothing else.

pub(crate) mod wire;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::spawn_local;
use tokio::time::{Instant, timeout};

use primacy_core::endpoint::Zone;

use crate::clock;

/// UDP answers per second; what is above is dropped unanswered, as under an attack with spoofed senders.
const UDP_ANSWERS_PER_SECOND: u32 = 50_000;
/// TCP connections at once.
const TCP_CONNECTIONS: usize = 128;
/// How long a TCP connection may be idle.
const TCP_IDLE: Duration = Duration::from_secs(10);
/// Longest TCP answer, in bytes: its length field has 16 bits.
const TCP_LIMIT: usize = 65_535;
/// Pause after a socket error, so that a lasting one does not spin.
const ERROR_PAUSE: Duration = Duration::from_millis(100);

/// Answers UDP queries for ever.
pub(crate) async fn serve_udp(socket: UdpSocket, zone: Rc<RefCell<Zone>>) {
    let mut query = [0; 4096];
    let (mut second, mut answered) = (Instant::now(), 0);
    loop {
        let Ok((len, peer)) = socket.recv_from(&mut query).await else {
            tokio::time::sleep(ERROR_PAUSE).await;
            continue;
        };
        if second.elapsed() >= Duration::from_secs(1) {
            (second, answered) = (Instant::now(), 0);
        }
        answered += 1;
        if answered > UDP_ANSWERS_PER_SECOND {
            continue;
        }
        let query = query.get(..len).unwrap_or_default();
        let answer = wire::answer(query, &mut zone.borrow_mut(), wire::UDP_LIMIT, clock::now());
        if let Some(answer) = answer
            && let Err(error) = socket.send_to(&answer, peer).await
        {
            tracing::debug!(%peer, %error, "DNS answer not sent");
        }
    }
}

/// Answers TCP queries for ever.
pub(crate) async fn serve_tcp(listener: TcpListener, zone: Rc<RefCell<Zone>>) {
    let open = Rc::new(Cell::new(0_usize));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ERROR_PAUSE).await;
            continue;
        };
        if open.get() >= TCP_CONNECTIONS {
            continue;
        }
        open.set(open.get() + 1);
        let (zone, open) = (Rc::clone(&zone), Rc::clone(&open));
        spawn_local(async move {
            serve_stream(stream, &zone).await;
            open.set(open.get() - 1);
        });
    }
}

async fn serve_stream(mut stream: TcpStream, zone: &RefCell<Zone>) {
    loop {
        let Ok(Ok(len)) = timeout(TCP_IDLE, stream.read_u16()).await else { return };
        let mut query = vec![0; usize::from(len)];
        let Ok(Ok(_)) = timeout(TCP_IDLE, stream.read_exact(&mut query)).await else { return };
        let answer = wire::answer(&query, &mut zone.borrow_mut(), TCP_LIMIT, clock::now());
        let Some(answer) = answer else { return };
        let Ok(len) = u16::try_from(answer.len()) else { return };
        let mut framed = len.to_be_bytes().to_vec();
        framed.extend_from_slice(&answer);
        if !matches!(timeout(TCP_IDLE, stream.write_all(&framed)).await, Ok(Ok(()))) {
            return;
        }
    }
}
