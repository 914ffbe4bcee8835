//! Proving to a relay that one holds a room's key, without showing it.
//!
//! 1. The relay sends a fresh nonce.
//! 2. The member signs (domain, relay origin, room, both nonces, role) with its role's key.
//! 3. The relay checks that the public keys hash to the room's id, and the signature. It knows nothing else of the room.
//!
//! The origin is the address that the member dialled: a relay in the middle cannot pass the login on to another.

use ed25519_dalek::{Signature, Signer, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::keys::{Keys, room_id};
use crate::wire::frame::RoomId;

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Append and read.
    Writer,
    /// Read.
    Reader,
}

/// A member's proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What the member asks to do.
    pub role: Role,
    /// The room's writer key.
    pub writer_public: [u8; 32],
    /// The room's reader key.
    pub reader_public: [u8; 32],
    /// The member's own nonce.
    pub nonce: [u8; 16],
    signature: Vec<u8>,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The keys are those of another room.
    #[error("the keys do not belong to this room")]
    Room,
    /// The signature is wrong: another key, another relay or another login.
    #[error("the signature does not fit this relay's address ({origin}); dial the relay by the address it is reached at")]
    Signature {
        /// The address under which the relay was reached.
        origin: String,
    },
}

impl Proof {
    /// Signs in to the relay at `origin`, which sent `challenge`, as a writer if the keys can and `role` asks for it.
    pub fn sign(keys: &Keys, role: Role, origin: &str, challenge: &[u8; 16], nonce: [u8; 16]) -> Self {
        let (role, key) = match (&keys.writer, role) {
            (Some(writer), Role::Writer) => (Role::Writer, writer),
            _ => (Role::Reader, &keys.reader),
        };
        let message = message(origin, keys.room(), challenge, &nonce, role);
        let signature = key.sign(&message).to_bytes().to_vec();
        Self { role, writer_public: keys.writer_public, reader_public: keys.reader.verifying_key().to_bytes(), nonce, signature }
    }

    /// Checks the proof against the room and against what this relay sent.
    ///
    /// # Errors
    /// If the keys are not the room's or the signature is not theirs.
    pub fn verify(&self, room: RoomId, origin: &str, challenge: &[u8; 16]) -> Result<Role, LoginError> {
        if room_id(&self.writer_public, &self.reader_public) != room {
            return Err(LoginError::Room);
        }
        let key = match self.role {
            Role::Writer => &self.writer_public,
            Role::Reader => &self.reader_public,
        };
        let wrong = || LoginError::Signature { origin: origin.to_owned() };
        let key = VerifyingKey::from_bytes(key).map_err(|_| wrong())?;
        let signature = Signature::from_slice(&self.signature).map_err(|_| wrong())?;
        let message = message(origin, room, challenge, &self.nonce, self.role);
        key.verify_strict(&message, &signature).map_err(|_| wrong())?;
        Ok(self.role)
    }
}

fn message(origin: &str, room: RoomId, challenge: &[u8; 16], nonce: &[u8; 16], role: Role) -> Vec<u8> {
    let mut message = b"ssync login v1".to_vec();
    message.extend_from_slice(&(origin.len() as u64).to_le_bytes());
    message.extend_from_slice(origin.as_bytes());
    message.extend_from_slice(&room.0);
    message.extend_from_slice(challenge);
    message.extend_from_slice(nonce);
    message.push(role as u8);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::Secret;

    #[test]
    fn a_proof_holds_once_here_for_this_room() {
        let secret = Secret::from_bytes([1; 32]);
        let (keys, reader) = (Keys::derive(&secret), Keys::derive(&secret.read_only()));
        let proof = Proof::sign(&keys, Role::Writer, "relay:1", &[1; 16], [2; 16]);
        assert_eq!(proof.verify(keys.room(), "relay:1", &[1; 16]), Ok(Role::Writer));
        assert!(proof.verify(keys.room(), "relay:1", &[3; 16]).is_err(), "another challenge");
        assert!(proof.verify(keys.room(), "relay:2", &[1; 16]).is_err(), "another relay");
        assert_eq!(proof.verify(RoomId([0; 32]), "relay:1", &[1; 16]), Err(LoginError::Room));
        let read = Proof::sign(&reader, Role::Writer, "relay:1", &[1; 16], [2; 16]);
        assert_eq!(read.verify(keys.room(), "relay:1", &[1; 16]), Ok(Role::Reader), "a reader's secret never writes");
        let forged = Proof { role: Role::Writer, ..read };
        assert!(forged.verify(keys.room(), "relay:1", &[1; 16]).is_err(), "the role is signed");
    }
}
