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
        if contains(bytes, self.secret.as_bytes()) {
            self.broken(28, "the group's secret is in an output".to_owned());
        }
    }
}

/// Wherever the secret lies, it covers exactly one of the places that are its own length apart: where none of them shows
/// one of its bytes, as in nearly every reply, nothing else need be looked at.
fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    let len = secret.len();
    let near = |at: usize| bytes.get(at + 1 - len..bytes.len().min(at + len)).unwrap_or_default();
    let mut places = (len.saturating_sub(1)..bytes.len()).step_by(len.max(1));
    places.any(|at| secret.contains(&bytes[at]) && near(at).windows(len).any(|w| w == secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_lies() {
        let secret = b"secret-0123";
        for before in 0..40 {
            for after in 0..40 {
                let text = [&vec![b'e'; before][..], secret, &vec![b's'; after]].concat();
                assert!(contains(&text, secret), "{before} {after}");
                let spoilt = [&text[..before + 5], b"T", &text[before + 6..]].concat();
                assert!(!contains(&spoilt, secret), "{before} {after}");
            }
        }
        assert!(!contains(b"", secret) && !contains(&secret[1..], secret));
    }
}
