//! Secrecy: the secret and what is derived from it, sealing, and the login to a relay.
//!
//! Only primitives that browsers have: SHA-256, HKDF, HMAC, AES-256-GCM, Ed25519.

pub mod checkpoint;
pub mod keys;
pub mod login;
pub mod presence;
pub mod seal;
pub mod secret;
