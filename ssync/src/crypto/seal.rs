//! Sealing and opening frames: AES-256-GCM, a key for each author, a nonce that depends on everything.

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead, AeadInOut, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::keys::Keys;
use crate::wire::frame::{Author, Hash, Header};

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// What is sealed takes so many bytes more.
pub(super) const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;
/// Ciphers kept for authors seen lately; more than that are derived anew.
const CIPHERS_MAX: usize = 256;

/// What a frame is bound to beside its header: moved anywhere else, it does not open.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    /// The frame's header.
    pub header: &'a Header,
    /// The head of the log at the header's base.
    pub head: &'a Hash,
    /// The hash of the author's frame before this one.
    pub previous: &'a Hash,
}

/// Seals and opens the frames of one room.
pub struct Sealer {
    room: [u8; 32],
    nonce_key: Zeroizing<[u8; 32]>,
    ciphers: Ciphers,
    /// That of the last frame, so that the next one needs no memory of its own.
    associated: Vec<u8>,
}

/// The ciphers of authors, as they are needed.
struct Ciphers {
    root: Zeroizing<[u8; 32]>,
    known: BTreeMap<Author, Aes256Gcm>,
}

impl Sealer {
    /// The sealer of a member with these keys.
    pub fn new(keys: &Keys) -> Self {
        let ciphers = Ciphers { root: keys.root.clone(), known: BTreeMap::new() };
        Self { room: keys.room().0, nonce_key: keys.nonce.clone(), ciphers, associated: Vec::new() }
    }

    /// Seals a frame's content; `random` makes the nonce differ even if all else is the same.
    pub fn seal(&mut self, binding: Binding<'_>, plaintext: &[u8], random: [u8; 16]) -> Vec<u8> {
        self.bind(binding);
        seal_with(self.ciphers.of(binding.header.author), &self.nonce_key, random, &self.associated, plaintext)
    }

    /// Opens what [`Sealer::seal`] gave; nothing if anything was changed.
    pub fn open(&mut self, binding: Binding<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        self.bind(binding);
        open_with(self.ciphers.of(binding.header.author), &self.associated, sealed)
    }

    fn bind(&mut self, binding: Binding<'_>) {
        let data = &mut self.associated;
        data.clear();
        data.extend_from_slice(b"ssync frame v1");
        data.extend_from_slice(&self.room);
        binding.header.encode_into(data);
        data.extend_from_slice(&binding.head.0);
        data.extend_from_slice(&binding.previous.0);
    }
}

impl Ciphers {
    fn of(&mut self, author: Author) -> &Aes256Gcm {
        if self.known.len() >= CIPHERS_MAX && !self.known.contains_key(&author) {
            self.known.clear();
        }
        let root = &self.root;
        self.known.entry(author).or_insert_with(|| {
            let mut key = Zeroizing::new([0; 32]);
            let derived = Hkdf::<Sha256>::new(Some(b"ssync author v1"), &root[..]).expand(&author.0, key.as_mut());
            debug_assert!(derived.is_ok(), "32 bytes are within HKDF's limit");
            Aes256Gcm::new((&*key).into())
        })
    }
}

/// The nonce, then the ciphertext and its tag.
///
/// The nonce is an HMAC over everything that goes in, so that a machine that was cloned together with its
/// source of randomness still never seals two contents under one nonce.
pub(super) fn seal_with(cipher: &Aes256Gcm, nonce_key: &[u8; 32], random: [u8; 16], associated: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let nonce = derive_nonce(nonce_key, &random, associated, plaintext);
    let mut sealed = nonce.to_vec();
    // AES-GCM refuses only texts of 64 GiB and more, and nothing here has more than a frame, 1 MiB.
    sealed.extend(cipher.encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: associated }).unwrap_or_default());
    sealed
}

/// What [`seal_with`] sealed; nothing if anything was changed.
pub(super) fn open_with(cipher: &Aes256Gcm, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    open_into(cipher, associated, sealed, &mut content).then_some(content)
}

/// The same, added to `out`; gives whether it is. If not, nothing is added.
pub(super) fn open_into(cipher: &Aes256Gcm, associated: &[u8], sealed: &[u8], out: &mut Vec<u8>) -> bool {
    let parts = sealed.split_first_chunk::<NONCE_BYTES>().and_then(|(nonce, rest)| Some((nonce, rest.split_last_chunk::<TAG_BYTES>()?)));
    let Some((nonce, (ciphertext, tag))) = parts else { return false };
    let begin = out.len();
    out.extend_from_slice(ciphertext);
    let content = (&mut out[begin..]).into();
    let is_open = cipher.decrypt_inout_detached(&Nonce::from(*nonce), associated, content, &Tag::from(*tag)).is_ok();
    if !is_open {
        out.truncate(begin);
    }
    is_open
}

fn derive_nonce(key: &[u8], random: &[u8], associated: &[u8], plaintext: &[u8]) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    // HMAC takes keys of any length.
    if let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) {
        mac.update(random);
        mac.update(associated);
        mac.update(plaintext);
        nonce.copy_from_slice(&mac.finalize().into_bytes()[..NONCE_BYTES]);
    }
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::Secret;
    use crate::wire::frame::Kind;

    fn header(n: u64) -> Header {
        Header { kind: Kind::Patch, author: Author([1; 16]), n, m: n, base: 3, head: [9; 8] }
    }

    #[test]
    fn a_frame_opens_only_where_it_belongs() {
        let mut sealer = Sealer::new(&Keys::derive(&Secret::from_bytes([1; 32])));
        let (first, second) = (header(1), header(2));
        let (head, other) = (Hash([5; 32]), Hash([6; 32]));
        let right = Binding { header: &first, head: &head, previous: &head };
        let sealed = sealer.seal(right, b"patch", [0; 16]);
        assert_eq!(sealer.open(right, &sealed).as_deref(), Some(&b"patch"[..]));
        assert_eq!(sealer.open(Binding { header: &second, ..right }, &sealed), None);
        assert_eq!(sealer.open(Binding { head: &other, ..right }, &sealed), None);
        assert_eq!(sealer.open(Binding { previous: &other, ..right }, &sealed), None);
        for position in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[position] ^= 1;
            assert_eq!(sealer.open(right, &broken), None);
        }
        let mut elsewhere = Sealer::new(&Keys::derive(&Secret::from_bytes([2; 32])));
        assert_eq!(elsewhere.open(right, &sealed), None);
    }

    #[test]
    fn nonces_differ_with_the_content_even_without_randomness() {
        let mut sealer = Sealer::new(&Keys::derive(&Secret::from_bytes([1; 32])));
        let (header, head) = (header(1), Hash([5; 32]));
        let binding = Binding { header: &header, head: &head, previous: &head };
        let nonces = [b"a", b"b"].map(|text| sealer.seal(binding, text, [0; 16])[..NONCE_BYTES].to_vec());
        assert_ne!(nonces[0], nonces[1]);
    }
}
