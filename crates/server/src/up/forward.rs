//! Stable local addresses: a TCP listener per endpoint that connects each *new* connection to whom the name points
//! to at that moment, and leaves old connections where they are, as DNS does.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;

/// How long a target may take to accept.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Pause after an accept error (no file descriptors left): the loop must not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `listener` for ever; `target` says whom a new connection is for, `None` closes it.
pub(crate) async fn serve(listener: TcpListener, target: Rc<dyn Fn() -> Option<SocketAddr>>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                let target = target();
                spawn_local(async move {
                    if let Some(target) = target
                        && let Err(error) = carry(client, target).await
                    {
                        tracing::debug!(%target, %error, "forwarded connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept on a stable address");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn carry(mut client: TcpStream, target: SocketAddr) -> io::Result<()> {
    let connected = tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect(target)).await;
    let mut server = connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
