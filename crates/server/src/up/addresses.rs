//! Where the nodes listen: an address each on Linux (127.0.G.1, 127.0.G.2, …, all on one port, as hosts have), a
//! port each on 127.0.0.1 where a system has no other loopback address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use primacy_core::id::{MAX_REPLICAS, NodeId};

use crate::fail::Fail;
use crate::up::who;

/// The numbers of a group's nodes run from 1 to this.
const MOST_NODES: u16 = MAX_REPLICAS as u16 + 1;
/// Groups of addresses tried: 127.0.1.x to 127.0.250.x.
const BLOCKS: std::ops::RangeInclusive<u8> = 1..=250;

/// The addresses of one group, reserved against other groups on this machine as long as the value lives.
#[derive(Debug)]
pub(crate) struct Addresses {
    addrs: Vec<SocketAddr>,
    _reserved: Option<UdpSocket>,
}

impl Addresses {
    /// Finds a free block of addresses with `port` free on each, or free ports on 127.0.0.1.
    pub(crate) fn choose(port: u16) -> Result<Self, Fail> {
        let port = if port == 0 { 6379 } else { port };
        if TcpListener::bind((Ipv4Addr::new(127, 0, 1, 1), 0)).is_err() {
            return Self::port_each();
        }
        BLOCKS.into_iter().find_map(|block| Self::block(block, port)).ok_or_else(|| {
            let holder =
                who::listens_on(port).map_or_else(String::new, |who| format!(" ({who} listens on it)"));
            Fail::new(format!("port {port} is in use on every address from 127.0.1.1 on{holder}"))
                .hint("choose another port for the nodes with --node-port, such as --node-port 7379")
        })
    }

    /// Where `node` listens.
    pub(crate) fn of(&self, node: NodeId) -> Option<SocketAddr> {
        self.addrs.get(usize::from(node.0).checked_sub(1)?).copied()
    }

    fn block(block: u8, port: u16) -> Option<Self> {
        let host = |last: u8| Ipv4Addr::new(127, 0, block, last);
        let reserved = UdpSocket::bind((host(0), port)).ok()?;
        let mut addrs = Vec::new();
        for last in 1..=MOST_NODES {
            let addr = SocketAddr::new(IpAddr::V4(host(u8::try_from(last).ok()?)), port);
            drop(TcpListener::bind(addr).ok()?);
            addrs.push(addr);
        }
        Some(Self { addrs, _reserved: Some(reserved) })
    }

    fn port_each() -> Result<Self, Fail> {
        let held: io::Result<Vec<TcpListener>> =
            (0..MOST_NODES).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect();
        let addrs = held.and_then(|held| held.iter().map(TcpListener::local_addr).collect());
        match addrs {
            Ok(addrs) => Ok(Self { addrs, _reserved: None }),
            Err(error) => Err(Fail::new(format!("no free port on 127.0.0.1 for the nodes: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_get_addresses_of_their_own() {
        let (Ok(a), Ok(b)) = (Addresses::choose(0), Addresses::choose(0)) else { panic!("no addresses") };
        for node in 1..=MOST_NODES {
            assert_ne!(a.of(NodeId(node)), b.of(NodeId(node)));
        }
        assert_eq!(a.of(NodeId(0)), None);
        assert_eq!(a.of(NodeId(MOST_NODES + 1)), None);
    }
}
