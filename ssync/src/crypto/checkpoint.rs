//! What the writer key vouches for: checkpoints, and the snapshots at them.
//!
//! A snapshot is sealed in parts, each bound to its place; the last part is the signature over all others. So neither a relay nor a
//! reader, nor both together, can offer one that no writer made.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use bytes::Bytes;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};

use super::keys::{Keys, expand};
use super::seal::{Binding, NONCE_BYTES, derive_nonce};
use crate::limits;

const SIGNATURE_BYTES: usize = 64;
/// What a sealed part has beside its content.
const PART_OVERHEAD: usize = NONCE_BYTES + 16;

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
        index: usize,
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
        let chunks = plaintext.chunks(limits::SNAPSHOT_PART_BYTES_MAX - PART_OVERHEAD);
        let of = chunks.len() as u32 + 1;
        let seal = |(index, chunk): (u32, &[u8])| {
            let associated = self.part_data(seq, index, of);
            let nonce = derive_nonce(&self.nonce[..], &random, &associated, chunk);
            let mut sealed = nonce.to_vec();
            // AES-GCM refuses only texts of 64 GiB and more.
            sealed.extend(cipher.encrypt(&Nonce::from(nonce), Payload { msg: chunk, aad: &associated }).unwrap_or_default());
            Bytes::from(sealed)
        };
        let mut parts: Vec<Bytes> = (0..).zip(chunks).map(seal).collect();
        let signature = writer.sign(&self.snapshot_message(seq, &parts));
        parts.push(Bytes::copy_from_slice(&signature.to_bytes()));
        Some(parts)
    }

    /// Opens what [`Keys::seal_snapshot`] gave.
    ///
    /// # Errors
    /// If no writer signed exactly this.
    pub fn open_snapshot(&self, seq: u64, parts: &[Bytes]) -> Result<Vec<u8>, SnapshotError> {
        let Some((signature, sealed)) = parts.split_last().filter(|(signature, _)| signature.len() == SIGNATURE_BYTES) else {
            return Err(SnapshotError::Signature { seq });
        };
        if !self.verify(&self.snapshot_message(seq, sealed), signature) {
            return Err(SnapshotError::Signature { seq });
        }
        let cipher = self.snapshot_cipher();
        let mut plaintext = Vec::with_capacity(sealed.iter().map(Bytes::len).sum());
        for (index, part) in sealed.iter().enumerate() {
            let opened = part.split_first_chunk::<NONCE_BYTES>().and_then(|(nonce, ciphertext)| {
                let associated = self.part_data(seq, index as u32, parts.len() as u32);
                cipher.decrypt(&Nonce::from(*nonce), Payload { msg: ciphertext, aad: &associated }).ok()
            });
            plaintext.extend(opened.ok_or(SnapshotError::Part { seq, index })?);
        }
        Ok(plaintext)
    }

    fn snapshot_cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*expand(&self.root, b"snapshot")).into())
    }

    fn part_data(&self, seq: u64, index: u32, of: u32) -> Vec<u8> {
        let mut data = b"ssync snapshot part v1".to_vec();
        data.extend_from_slice(&self.room().0);
        data.extend_from_slice(&seq.to_le_bytes());
        data.extend_from_slice(&index.to_le_bytes());
        data.extend_from_slice(&of.to_le_bytes());
        data
    }

    fn snapshot_message(&self, seq: u64, sealed: &[Bytes]) -> Vec<u8> {
        let mut digest = Sha256::new();
        sealed.iter().for_each(|part| digest.update(Sha256::digest(part)));
        let mut message = b"ssync snapshot v1".to_vec();
        message.extend_from_slice(&self.room().0);
        message.extend_from_slice(&seq.to_le_bytes());
        message.extend_from_slice(&digest.finalize());
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::Secret;
    use crate::wire::frame::{Author, Hash, Header, Kind};

    #[test]
    fn a_snapshot_opens_only_whole_and_in_place() {
        let secret = Secret::from_bytes([1; 32]);
        let (keys, reader) = (Keys::derive(&secret), Keys::derive(&secret.read_only()));
        let plaintext: Vec<u8> = (0..600_000_u32).map(|byte| byte as u8).collect();
        let parts = keys.seal_snapshot(7, &plaintext, [0; 16]).expect("a writer");
        assert_eq!(parts.len(), 4);
        assert!(parts.iter().all(|part| part.len() <= limits::SNAPSHOT_PART_BYTES_MAX));
        assert_eq!(reader.open_snapshot(7, &parts).as_ref(), Ok(&plaintext));
        assert_eq!(reader.seal_snapshot(7, &plaintext, [0; 16]), None, "a reader signs nothing");
        let refused = Err(SnapshotError::Signature { seq: 7 });
        assert_eq!(keys.open_snapshot(8, &parts), Err(SnapshotError::Signature { seq: 8 }));
        assert_eq!(keys.open_snapshot(7, &parts[1..]), refused);
        assert_eq!(keys.open_snapshot(7, &parts[..3]), refused);
        assert_eq!(keys.open_snapshot(7, &[]), refused);
        let swapped = [&parts[1], &parts[0], &parts[2], &parts[3]].map(Bytes::clone);
        assert_eq!(keys.open_snapshot(7, &swapped), refused);
        let other = Keys::derive(&Secret::from_bytes([2; 32]));
        assert_eq!(other.open_snapshot(7, &parts), refused);
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
