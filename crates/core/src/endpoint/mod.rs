//! Names: the zone that a group publishes, and the resolver cache of a client.

mod names;
mod resolver;
mod zone;

use alloc::vec::Vec;
use core::net::SocketAddr;

use serde::{Deserialize, Serialize};

pub use names::{DEFAULT_DOMAIN, Names, cluster_id, name_hash, region_code};
pub use resolver::{CachePolicy, Lookup, Resolver};
pub use zone::{Answer, QType, Record, RecordData, Soa, Zone};

use crate::id::{Epoch, NodeId};

/// Where the names point, derived from the record; published only after the primary holds its lease (R20).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Epoch of the primary; never goes back (I14).
    pub epoch: Epoch,
    /// The primary, once there is one.
    pub primary: Option<(NodeId, SocketAddr)>,
    /// Replicas fit to be read from; see [`Endpoints::read_from`].
    pub readers: Vec<(NodeId, SocketAddr)>,
    /// Every member's own address.
    pub nodes: Vec<(NodeId, SocketAddr)>,
}

impl Endpoints {
    /// Whom the reader endpoint names in turn: the readers, or the primary when there are none.
    pub fn read_from(&self) -> &[(NodeId, SocketAddr)] {
        if self.readers.is_empty() { self.primary.as_slice() } else { &self.readers }
    }
}
