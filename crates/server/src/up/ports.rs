//! The parent's listening sockets, all on 127.0.0.1.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, UdpSocket};

use crate::cli::Up;
use crate::fail::Fail;
use crate::up::who;

/// How often a DNS port is drawn again when its UDP side is free and its TCP side is not.
const DRAWS: usize = 20;

/// Where the parent listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) primary: SocketAddr,
    pub(crate) reader: SocketAddr,
    pub(crate) dns: SocketAddr,
    pub(crate) api: SocketAddr,
    pub(crate) control: SocketAddr,
}

/// The sockets.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) ports: Ports,
    pub(crate) primary: TcpListener,
    pub(crate) reader: TcpListener,
    pub(crate) dns_udp: UdpSocket,
    pub(crate) dns_tcp: TcpListener,
    pub(crate) api: TcpListener,
    pub(crate) control: TcpListener,
}

impl Bound {
    /// Takes every port that `options` name, or says which one is taken, by whom, and which flag moves it.
    pub(crate) async fn new(options: &Up) -> Result<Self, Fail> {
        let reader = if options.port == 0 { 0 } else { options.port.checked_add(1).unwrap_or(0) };
        let primary = tcp(options.port, "the stable primary address", "--port").await?;
        let reader = tcp(reader, "the stable reader address (the port after --port)", "--port").await?;
        let (dns_udp, dns_tcp) = dns(options.dns_port).await?;
        let api = tcp(options.api_port, "the page and the API", "--api-port").await?;
        let control = tcp(0, "the nodes' control links", "").await?;
        let ports = Ports {
            primary: addr(primary.local_addr())?,
            reader: addr(reader.local_addr())?,
            dns: addr(dns_udp.local_addr())?,
            api: addr(api.local_addr())?,
            control: addr(control.local_addr())?,
        };
        Ok(Self { ports, primary, reader, dns_udp, dns_tcp, api, control })
    }
}

fn addr(addr: io::Result<SocketAddr>) -> Result<SocketAddr, Fail> {
    addr.map_err(|error| Fail::new(format!("a listening socket has no address: {error}")))
}

async fn tcp(port: u16, what: &str, flag: &str) -> Result<TcpListener, Fail> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| taken(port, what, flag, &error))
}

/// UDP and TCP on one port.
async fn dns(port: u16) -> Result<(UdpSocket, TcpListener), Fail> {
    let mut draws = if port == 0 { DRAWS } else { 1 };
    loop {
        draws -= 1;
        let both = async {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).await?;
            let tcp = TcpListener::bind(udp.local_addr()?).await?;
            io::Result::Ok((udp, tcp))
        };
        match both.await {
            Ok(both) => return Ok(both),
            Err(error) if draws == 0 => return Err(taken(port, "DNS", "--dns-port", &error)),
            Err(_) => {}
        }
    }
}

fn taken(port: u16, what: &str, flag: &str, error: &io::Error) -> Fail {
    if error.kind() == io::ErrorKind::AddrInUse {
        let holder = who::listens_on(port).map_or_else(String::new, |who| format!(" by {who}"));
        let other = if port < 60_000 { port + 1000 } else { 0 };
        return Fail::new(format!("port {port} of 127.0.0.1, for {what}, is in use{holder}"))
            .hint(format!("stop that process, or choose another port: {flag} {other} (0: any free port)"));
    }
    let mut fail = Fail::new(format!("cannot listen on 127.0.0.1:{port}, for {what}: {error}"));
    if error.kind() == io::ErrorKind::PermissionDenied {
        fail = fail.hint(format!("ports below 1024 need privileges; choose another with {flag}"));
    }
    fail
}
