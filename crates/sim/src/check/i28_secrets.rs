//! I28: the group's secret appears in nothing that a client reads.

use super::Checks;
use crate::reply::Reply;

impl Checks {
    pub(crate) fn scan_for_secret(&mut self, reply: &Reply) {
        match reply {
            Reply::Simple(text) | Reply::Error(text) => self.scan_bytes(text.as_bytes()),
            Reply::Bulk(bytes) => self.scan_bytes(bytes),
            Reply::Array(items) => items.iter().for_each(|item| self.scan_for_secret(item)),
            Reply::Integer(_) | Reply::Nil => {}
        }
    }

    pub(crate) fn scan_bytes(&mut self, bytes: &[u8]) {
        let secret = self.secret.as_bytes();
        // Every reply is looked through: hardly any place gets beyond its first byte.
        let here = |w: &[u8]| w.first() == secret.first() && w == secret;
        if bytes.len() >= secret.len() && bytes.windows(secret.len()).any(here) {
            self.broken(28, "the group's secret is in an output".to_owned());
        }
    }
}
