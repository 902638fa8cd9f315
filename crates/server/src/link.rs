//! What both ends of a control link do about a peer that is not there any more, or that only seems to be.

use std::io;
use std::time::Duration;

use primacy_core::time::Instant;
use socket2::SockRef;

/// Bytes that the other kernel has not taken for this long end the link.
#[cfg(any(target_os = "linux", target_os = "android"))]
const USER_TIMEOUT: Duration = Duration::from_secs(4);
/// The link is probed when nothing has come for this long.
const KEEPALIVE: Duration = Duration::from_secs(2);
/// A message of which bytes come for longer than this is spoilt in its length: it would never end.
const FRAME_LIMIT: Duration = Duration::from_secs(1);

/// Has the kernel give a silent peer up. Where it cannot, the link is as patient as the system is.
pub(crate) fn impatient(socket: SockRef<'_>) {
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 2);
    let _as_patient_as_the_system = socket.set_tcp_keepalive(&keepalive);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _as_patient_as_the_system = socket.set_tcp_user_timeout(Some(USER_TIMEOUT));
}

/// Watches whether what arrives becomes whole messages.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    waits_since: Option<Instant>,
}

impl Framing {
    /// Bytes have come. `whole`: at least one message was in them, or ended with them.
    pub(crate) fn came(&mut self, whole: bool, now: Instant) -> io::Result<()> {
        if whole {
            self.waits_since = None;
            return Ok(());
        }
        let since = *self.waits_since.get_or_insert(now);
        if now >= since + FRAME_LIMIT {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "a message never became whole"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_never_becomes_whole_ends_the_link() {
        let at = |ms: u64| Instant::from_nanos(ms * 1_000_000);
        let mut framing = Framing::default();
        assert!(framing.came(false, at(0)).is_ok());
        assert!(framing.came(true, at(900)).is_ok());
        assert!(framing.came(false, at(5000)).is_ok(), "silence between two messages is none within one");
        assert!(framing.came(false, at(5999)).is_ok());
        assert!(framing.came(false, at(6000)).is_err());
    }

    #[test]
    fn the_kernel_gives_a_silent_peer_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        impatient(SockRef::from(&stream));
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        #[cfg(any(target_os = "linux", target_os = "android"))]
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(USER_TIMEOUT));
    }
}
