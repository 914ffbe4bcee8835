//! Everything that is derived from a secret (HKDF, RFC 5869).

use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::secret::{Material, Secret};
use crate::wire::frame::RoomId;

const SALT: &[u8] = b"ssync secret v1";

/// The keys of a member.
pub struct Keys {
    /// Seals and opens frames.
    pub(super) root: Zeroizing<[u8; 32]>,
    pub(super) nonce: Zeroizing<[u8; 32]>,
    /// Signs a writer's login; readers do not have it.
    pub(super) writer: Option<SigningKey>,
    pub(super) reader: SigningKey,
    pub(super) writer_public: [u8; 32],
}

impl Keys {
    /// The keys that a secret holds.
    pub fn derive(secret: &Secret) -> Self {
        match &secret.0 {
            Material::Full(bytes) => {
                let writer = SigningKey::from_bytes(&expand(bytes, b"writer"));
                let (root, reader) = (expand(bytes, b"root"), expand(bytes, b"reader"));
                Self::new(root, SigningKey::from_bytes(&reader), writer.verifying_key().to_bytes(), Some(writer))
            }
            Material::ReadOnly { root, reader, writer_public } => {
                Self::new(Zeroizing::new(*root), SigningKey::from_bytes(reader), *writer_public, None)
            }
        }
    }

    fn new(root: Zeroizing<[u8; 32]>, reader: SigningKey, writer_public: [u8; 32], writer: Option<SigningKey>) -> Self {
        Self { nonce: expand(&root, b"nonce"), root, writer, reader, writer_public }
    }

    /// The room that these keys belong to: its id certifies itself.
    pub fn room(&self) -> RoomId {
        room_id(&self.writer_public, &self.reader.verifying_key().to_bytes())
    }

    /// Whether these keys may write.
    pub const fn can_write(&self) -> bool {
        self.writer.is_some()
    }
}

/// The id of the room with these two public keys.
pub fn room_id(writer_public: &[u8; 32], reader_public: &[u8; 32]) -> RoomId {
    let digest = Sha256::new().chain_update(b"ssync room v1").chain_update(writer_public).chain_update(reader_public);
    RoomId(digest.finalize().into())
}

pub(super) fn read_only(secret: &Secret) -> Secret {
    match &secret.0 {
        Material::Full(bytes) => {
            let keys = Keys::derive(secret);
            Secret(Material::ReadOnly { root: *keys.root, reader: *expand(bytes, b"reader"), writer_public: keys.writer_public })
        }
        Material::ReadOnly { .. } => secret.clone(),
    }
}

#[allow(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes, and 32 are asked for")]
pub(super) fn expand(from: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(SALT), from).expand(label, key.as_mut()).expect("32 bytes are within HKDF's limit");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_in_the_same_room_and_cannot_write() {
        let secret = Secret::from_bytes([3; 32]);
        let (full, reader) = (Keys::derive(&secret), Keys::derive(&secret.read_only()));
        assert_eq!(full.room(), reader.room());
        assert_eq!((*full.root, *full.nonce), (*reader.root, *reader.nonce));
        assert!(full.can_write() && !reader.can_write());
        assert_ne!(full.room(), Keys::derive(&Secret::from_bytes([4; 32])).room());
    }
}
