//! Frames: the sealed commits of which a room's log consists, and the hash chain over them.
//!
//! A frame's bytes: kind (1), author (16), n, m − n, base (varints), head (8), sealed content (the rest).

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::doc::{DecodeError, DecodeErrorKind, Reader, put_varint};

/// Names a room: a hash of its public keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RoomId(pub [u8; 32]);

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Names one opening of a replica. Random, so that no two ever meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Author(pub [u8; 16]);

impl Author {
    /// Under whose name checkpoints are written: whoever has the lease. No other frame bears it.
    pub const CHECKPOINTS: Self = Self([0; 16]);
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A SHA-256 hash: of a frame, or of the whole log up to one (its head).
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of one frame's bytes.
    pub fn of_frame(raw: &[u8]) -> Self {
        Self::of_parts(raw, &[])
    }

    fn of_parts(header: &[u8], sealed: &[u8]) -> Self {
        Self(Sha256::new().chain_update(b"ssync frame").chain_update(header).chain_update(sealed).finalize().into())
    }

    /// The head after one more frame.
    #[must_use]
    pub fn chain(&self, frame: &Hash) -> Self {
        Self(Sha256::new().chain_update(b"ssync head").chain_update(self.0).chain_update(frame.0).finalize().into())
    }

    /// The first 8 bytes, which travel in headers.
    pub fn short(&self) -> [u8; 8] {
        let mut short = [0; 8];
        short.copy_from_slice(&self.0[..8]);
        short
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A patch: the author's commits n to m.
    Patch,
    /// The first state of the room; valid only as the first frame.
    Seed,
    /// A line under the log: no later frame may be built on what is before it. Signed by the writer key, not sealed.
    Checkpoint,
}

/// What everybody can read of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the frame is.
    pub kind: Kind,
    /// Who wrote it.
    pub author: Author,
    /// The first of the author's commits in it, counted from 1.
    pub n: u64,
    /// The last of the author's commits in it.
    pub m: u64,
    /// The last seq that the author had applied.
    pub base: u64,
    /// The first bytes of the log's head at the base.
    pub head: [u8; 8],
}

impl Header {
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(kind_byte(self.kind));
        out.extend_from_slice(&self.author.0);
        self.encode_numbers_into(out);
    }

    pub(super) fn encode_numbers_into(&self, out: &mut Vec<u8>) {
        put_varint(out, self.n);
        put_varint(out, self.m - self.n);
        put_varint(out, self.base);
        out.extend_from_slice(&self.head);
    }

    pub(super) fn read_numbers(kind: Kind, author: Author, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let n = reader.varint()?;
        let more = reader.varint()?;
        let m = n.checked_add(more).filter(|m| n > 0 && *m < u64::MAX).ok_or(reader.error(DecodeErrorKind::Varint))?;
        Ok(Self { kind, author, n, m, base: reader.varint()?, head: reader.array()? })
    }
}

pub(super) const fn kind_byte(kind: Kind) -> u8 {
    match kind {
        Kind::Patch => 0,
        Kind::Seed => 1,
        Kind::Checkpoint => 2,
    }
}

pub(super) fn read_kind(reader: &mut Reader<'_>) -> Result<Kind, DecodeError> {
    match reader.byte()? {
        0 => Ok(Kind::Patch),
        1 => Ok(Kind::Seed),
        2 => Ok(Kind::Checkpoint),
        tag => Err(reader.error(DecodeErrorKind::Tag(tag))),
    }
}

/// One entry of a room's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What everybody can read.
    pub header: Header,
    /// What only members can.
    pub sealed: Bytes,
}

impl Frame {
    /// The bytes that the log keeps and that the hashes are over.
    pub fn encode(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.sealed.len() + 48);
        self.header.encode_into(&mut out);
        out.extend_from_slice(&self.sealed);
        out.into()
    }

    /// The hash of its bytes.
    pub fn hash(&self) -> Hash {
        let mut header = Vec::with_capacity(48);
        self.header.encode_into(&mut header);
        Hash::of_parts(&header, &self.sealed)
    }

    /// The frame that these bytes are.
    ///
    /// # Errors
    /// If they are not one.
    pub fn decode(raw: &Bytes) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(raw);
        let kind = read_kind(&mut reader)?;
        let author = Author(reader.array()?);
        let header = Header::read_numbers(kind, author, &mut reader)?;
        let sealed = raw.slice(raw.len() - reader.left()..);
        Ok(Self { header, sealed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_frame() {
        let header = Header { kind: Kind::Patch, author: Author([0xaa; 16]), n: 300, m: 302, base: 5, head: [0xbb; 8] };
        let frame = Frame { header, sealed: Bytes::from_static(&[1, 2, 3]) };
        let raw = frame.encode();
        let expected = [vec![0], vec![0xaa; 16], vec![0xac, 0x02, 2, 5], vec![0xbb; 8], vec![1, 2, 3]].concat();
        assert_eq!(raw, expected);
        assert_eq!(frame.hash(), Hash::of_frame(&raw));
        assert_eq!(Frame::decode(&raw), Ok(frame));
    }

    #[test]
    fn bad_frames_are_errors() {
        fn check(raw: &[u8], expected: &str) {
            assert_eq!(Frame::decode(&Bytes::copy_from_slice(raw)).expect_err("bad").to_string(), expected);
        }
        check(&[], "byte 0: the bytes end too early");
        check(&[9], "byte 1: 9 is not a known tag");
        check(&[&[0; 17][..], &[0, 0, 0], &[0; 8]].concat(), "byte 19: a varint is longer than its type");
    }
}
