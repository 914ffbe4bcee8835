//! Sealing what a member says of itself as long as it is here.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use bytes::Bytes;

use super::keys::{Keys, expand};
use super::seal::{open_with, seal_with};

const DOMAIN: &[u8] = b"ssync presence v1";

impl Keys {
    /// Seals what the members of the room, readers too, are to know. `random` makes the nonce differ.
    pub fn seal_presence(&self, plaintext: &[u8], random: [u8; 16]) -> Bytes {
        let associated = [DOMAIN, &self.room().0].concat();
        seal_with(&self.presence_cipher(), &self.nonce, random, &associated, plaintext).into()
    }

    /// Opens what [`Keys::seal_presence`] gave; nothing if anything was changed.
    pub fn open_presence(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        open_with(&self.presence_cipher(), &[DOMAIN, &self.room().0].concat(), sealed)
    }

    fn presence_cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*expand(&self.root, b"presence")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::Secret;

    #[test]
    fn members_and_readers_of_the_room_open_it() {
        let secret = Secret::from_bytes([1; 32]);
        let (keys, reader) = (Keys::derive(&secret), Keys::derive(&secret.read_only()));
        let sealed = keys.seal_presence(b"here", [0; 16]);
        assert_eq!(reader.open_presence(&sealed).as_deref(), Some(&b"here"[..]));
        assert_eq!(Keys::derive(&Secret::from_bytes([2; 32])).open_presence(&sealed), None);
        assert_eq!(keys.open_presence(&sealed[1..]), None);
        assert_eq!(keys.open_presence(b"short"), None);
    }
}
