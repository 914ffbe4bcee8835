//! What the writer key vouches for: checkpoints, and the snapshots at them.
//!
//! A snapshot is sealed in parts, each bound to its place; the last part is the signature over all others. So neither a relay nor a
//! reader, nor both together, can offer one that no writer made.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use bytes::Bytes;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};

use super::keys::{Keys, expand};
use super::seal::{Binding, OVERHEAD_BYTES, open_into, seal_with};
use crate::limits;
use crate::wire::frame::RoomId;

/// Parts for which there is room before the first has come.
const PARTS_AT_FIRST: u32 = 8;

/// Why a snapshot cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// No writer of the room signed it.
    #[error("the snapshot at frame {seq} is not signed by a writer of this room")]
    Signature {
        /// Where it claims to be.
        seq: u64,
    },
    /// A part does not open.
    #[error("part {index} of the snapshot at frame {seq} cannot be opened")]
    Part {
        /// Where it claims to be.
        seq: u64,
        /// Which part.
        index: u32,
    },
    /// It opens, and is not a snapshot.
    #[error("the snapshot at frame {seq} is damaged: {why}")]
    Content {
        /// Where it claims to be.
        seq: u64,
        /// What is wrong.
        why: String,
    },
}

impl Keys {
    /// The content of a checkpoint frame: the writer key's signature; nothing for a reader.
    pub fn sign_checkpoint(&self, binding: Binding<'_>) -> Option<Bytes> {
        let signature = self.writer.as_ref()?.sign(&self.checkpoint_message(binding));
        Some(Bytes::copy_from_slice(&signature.to_bytes()))
    }

    /// Whether a writer of the room signed this checkpoint.
    pub fn verify_checkpoint(&self, binding: Binding<'_>, signature: &[u8]) -> bool {
        self.verify(&self.checkpoint_message(binding), signature)
    }

    fn checkpoint_message(&self, binding: Binding<'_>) -> Vec<u8> {
        let mut message = b"ssync checkpoint v1".to_vec();
        message.extend_from_slice(&self.room().0);
        binding.header.encode_into(&mut message);
        message.extend_from_slice(&binding.head.0);
        message.extend_from_slice(&binding.previous.0);
        message
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = VerifyingKey::from_bytes(&self.writer_public);
        key.is_ok_and(|key| Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()))
    }

    /// Seals a snapshot in parts, and signs it; nothing for a reader. `random` makes nonces differ.
    pub fn seal_snapshot(&self, seq: u64, plaintext: &[u8], random: [u8; 16]) -> Option<Vec<Bytes>> {
        let writer = self.writer.as_ref()?;
        let cipher = self.snapshot_cipher();
        let chunks = plaintext.chunks(limits::SNAPSHOT_PART_BYTES_MAX - OVERHEAD_BYTES);
        let of = chunks.len() as u32 + 1;
        let seal = |(index, chunk): (u32, &[u8])| {
            Bytes::from(seal_with(&cipher, &self.nonce, random, &part_data(self.room(), seq, index, of), chunk))
        };
        let mut parts: Vec<Bytes> = (0..).zip(chunks).map(seal).collect();
        let hashes = parts.iter().fold(Sha256::new(), |hashes, part| hashes.chain_update(Sha256::digest(part)));
        let signature = writer.sign(&snapshot_message(self.room(), seq, hashes));
        parts.push(Bytes::copy_from_slice(&signature.to_bytes()));
        Some(parts)
    }

    /// Begins to open what [`Keys::seal_snapshot`] gave: so many parts.
    pub fn open_snapshot(&self, seq: u64, of: u32) -> SnapshotOpener {
        let (room, cipher) = (self.room(), self.snapshot_cipher());
        let (hashes, signature, broken) = (Sha256::new(), Bytes::new(), None);
        let plaintext = Vec::with_capacity(of.min(PARTS_AT_FIRST) as usize * limits::SNAPSHOT_PART_BYTES_MAX);
        SnapshotOpener { room, seq, of, cipher, taken: 0, hashes, signature, plaintext, broken }
    }

    fn snapshot_cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*expand(&self.root, b"snapshot")).into())
    }
}

/// Opens a snapshot part by part: [`SnapshotOpener::take`] each in order, then [`SnapshotOpener::finish`].
///
/// - **Nothing of it is given out before a writer's signature over all of it was seen.**
#[derive(Clone)]
pub struct SnapshotOpener {
    room: RoomId,
    seq: u64,
    of: u32,
    cipher: Aes256Gcm,
    taken: u32,
    hashes: Sha256,
    /// The last part.
    signature: Bytes,
    plaintext: Vec<u8>,
    /// The first part that did not open.
    broken: Option<u32>,
}

impl SnapshotOpener {
    /// How many parts were taken.
    pub const fn taken(&self) -> u32 {
        self.taken
    }

    /// Takes the next part; gives whether it was the last.
    pub fn take(&mut self, part: &Bytes) -> bool {
        let index = self.taken;
        self.taken += 1;
        if self.taken >= self.of {
            self.signature = part.clone();
            return true;
        }
        self.hashes.update(Sha256::digest(part));
        if !open_into(&self.cipher, &part_data(self.room, self.seq, index, self.of), part, &mut self.plaintext) {
            self.broken = self.broken.or(Some(index));
        }
        false
    }

    /// The content.
    ///
    /// # Errors
    /// If no writer of the room of these keys signed exactly this.
    pub fn finish(self, keys: &Keys) -> Result<Vec<u8>, SnapshotError> {
        let Self { seq, broken, .. } = self;
        if !keys.verify(&snapshot_message(self.room, seq, self.hashes), &self.signature) {
            return Err(SnapshotError::Signature { seq });
        }
        broken.map_or(Ok(self.plaintext), |index| Err(SnapshotError::Part { seq, index }))
    }
}

impl std::fmt::Debug for SnapshotOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnapshotOpener").field("seq", &self.seq).field("taken", &self.taken).field("of", &self.of).finish_non_exhaustive()
    }
}

fn part_data(room: RoomId, seq: u64, index: u32, of: u32) -> Vec<u8> {
    let mut data = b"ssync snapshot part v1".to_vec();
    data.extend_from_slice(&room.0);
    data.extend_from_slice(&seq.to_le_bytes());
    data.extend_from_slice(&index.to_le_bytes());
    data.extend_from_slice(&of.to_le_bytes());
    data
}

/// What is signed; `hashes` is over those of the sealed parts.
fn snapshot_message(room: RoomId, seq: u64, hashes: Sha256) -> Vec<u8> {
    let mut message = b"ssync snapshot v1".to_vec();
    message.extend_from_slice(&room.0);
    message.extend_from_slice(&seq.to_le_bytes());
    message.extend_from_slice(&hashes.finalize());
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::Secret;
    use crate::wire::frame::{Author, Hash, Header, Kind};

    fn open(keys: &Keys, seq: u64, parts: &[Bytes]) -> Result<Vec<u8>, SnapshotError> {
        let mut opener = keys.open_snapshot(seq, parts.len() as u32);
        for (number, part) in (1..).zip(parts) {
            assert_eq!(opener.take(part), number == parts.len());
        }
        opener.finish(keys)
    }

    #[test]
    fn a_snapshot_opens_only_whole_and_in_place() {
        let secret = Secret::from_bytes([1; 32]);
        let (keys, reader) = (Keys::derive(&secret), Keys::derive(&secret.read_only()));
        let plaintext: Vec<u8> = (0..600_000_u32).map(|byte| byte as u8).collect();
        let parts = keys.seal_snapshot(7, &plaintext, [0; 16]).expect("a writer");
        assert_eq!(parts.len(), 4);
        assert!(parts.iter().all(|part| part.len() <= limits::SNAPSHOT_PART_BYTES_MAX));
        assert_eq!(open(&reader, 7, &parts).as_ref(), Ok(&plaintext));
        assert_eq!(reader.seal_snapshot(7, &plaintext, [0; 16]), None, "a reader signs nothing");
        let refused = Err(SnapshotError::Signature { seq: 7 });
        assert_eq!(open(&keys, 8, &parts), Err(SnapshotError::Signature { seq: 8 }));
        assert_eq!(open(&keys, 7, &parts[1..]), refused);
        assert_eq!(open(&keys, 7, &parts[..3]), refused);
        assert_eq!(open(&keys, 7, &[]), refused);
        let swapped = [&parts[1], &parts[0], &parts[2], &parts[3]].map(Bytes::clone);
        assert_eq!(open(&keys, 7, &swapped), refused);
        let other = Keys::derive(&Secret::from_bytes([2; 32]));
        assert_eq!(open(&other, 7, &parts), refused);
    }

    #[test]
    fn a_checkpoint_is_signed_for_its_place_by_a_writer() {
        let secret = Secret::from_bytes([1; 32]);
        let (keys, reader) = (Keys::derive(&secret), Keys::derive(&secret.read_only()));
        let header = Header { kind: Kind::Checkpoint, author: Author::CHECKPOINTS, n: 1, m: 1, base: 9, head: [0; 8] };
        let (head, other) = (Hash([1; 32]), Hash([2; 32]));
        let binding = Binding { header: &header, head: &head, previous: &head };
        let signature = keys.sign_checkpoint(binding).expect("a writer");
        assert!(reader.verify_checkpoint(binding, &signature));
        assert!(!reader.verify_checkpoint(Binding { head: &other, ..binding }, &signature));
        assert!(!reader.verify_checkpoint(binding, &signature[1..]));
        assert!(reader.sign_checkpoint(binding).is_none(), "a reader signs nothing");
    }
}
