//! The messages between a member and a relay: one enum each way, as postcard in binary WebSocket messages.
//!
//! `docs/protocol.md` has the bytes of each. Inside messages a frame travels compact: its author as an index into the
//! room's authors, in the order of their first frames in the log, which both sides know. An author without a frame in the
//! log so far travels in full.

use bytes::{Buf, Bytes};
use serde::{Deserialize, Serialize};

use super::frame::{Author, Frame, Header, RoomId, kind_byte, read_kind};
use crate::crypto::login::Proof;
use crate::doc::{DecodeError, DecodeErrorKind, Reader, put_varint};

/// The version of this protocol. Both sides must speak the same.
pub const VERSION: u16 = 1;

/// What a member says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    /// The first message: which protocol, which room.
    Hello {
        /// [`VERSION`]
        version: u16,
        /// The room.
        room: RoomId,
    },
    /// The answer to `Challenge`.
    Login {
        /// The right to be here.
        proof: Proof,
        /// The last seq that the member has.
        seq: u64,
        /// The first bytes of the head there.
        head: [u8; 8],
    },
    /// Frames to append. Each counts as one submission of this connection, from 0.
    Submit {
        /// Compact frames.
        frames: Vec<Bytes>,
    },
    /// Asks for the log from a seq on; what comes after it follows by itself.
    Fetch {
        /// The first seq wanted; 0 to be offered a snapshot, if there is one.
        from: u64,
    },
    /// Keeps the connection alive.
    Ping,
    /// Asks for a part of a snapshot that `Truncated` named.
    FetchPart {
        /// The snapshot's seq.
        seq: u64,
        /// Which part, from 0.
        index: u32,
    },
    /// A part of the snapshot at a checkpoint that this member wrote.
    SnapshotPart(SnapshotPart),
    /// The snapshot at this seq was fetched, and opens.
    Confirm {
        /// Its seq.
        seq: u64,
    },
    /// What the other members are to know of this one as long as it is here; it replaces what was said before.
    Present {
        /// Sealed; empty to say nothing any more.
        sealed: Bytes,
    },
}

/// One of the parts, in order, that make a sealed snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotPart {
    /// The snapshot's seq.
    pub seq: u64,
    /// Which part, from 0.
    pub index: u32,
    /// How many there are.
    pub of: u32,
    /// Sealed.
    pub bytes: Bytes,
}

/// A snapshot that a relay has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotOffer {
    /// The snapshot's seq.
    pub seq: u64,
    /// How many parts it has.
    pub parts: u32,
}

/// What a relay says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelayMessage {
    /// The first message, before anything is heard: it is the same in every version of the protocol.
    Challenge {
        /// To be signed.
        nonce: [u8; 16],
    },
    /// The login holds.
    Welcome {
        /// The last seq of the log.
        seq: u64,
    },
    /// Frames of the log.
    Frames {
        /// The seq of the first of them.
        first: u64,
        /// Compact frames, one seq each.
        frames: Vec<Bytes>,
        /// Whether the log goes on: the member fetches again.
        more: bool,
    },
    /// In place of the member's own frame in the stream.
    Ack {
        /// The frame's seq.
        seq: u64,
        /// Which submission of this connection it was.
        submission: u64,
    },
    /// The member was too slow, and frames were left out: it fetches.
    Lagged,
    /// Something was not done.
    Refused {
        /// What and why, for the program.
        code: RefusalCode,
        /// Which submission of this connection, if it was one.
        submission: Option<u64>,
        /// What and why, for people.
        text: String,
    },
    /// The answer to `Ping`.
    Pong,
    /// The log has grown long: whoever hears this appends a checkpoint with this number, and sends a snapshot there.
    CheckpointWanted {
        /// The number of the checkpoint among those of the room.
        n: u64,
    },
    /// In answer to `Fetch`: what was asked for is gone, or not the shortest way.
    Truncated {
        /// The first seq that the log still has.
        first: u64,
        /// The snapshots to begin with, the newest first.
        snapshots: Vec<SnapshotOffer>,
        /// How many parts of the newest come without being asked for, from the first on.
        following: u32,
    },
    /// The answer to `FetchPart`, or what follows `Truncated`.
    SnapshotPart(SnapshotPart),
    /// What a member says of itself.
    Present {
        /// Which of the relay's connections.
        member: u64,
        /// Sealed; empty once the member has gone, or says nothing any more.
        sealed: Bytes,
    },
}

/// Why a relay refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RefusalCode {
    /// The relay speaks another version of the protocol.
    Version,
    /// The login does not hold.
    Login,
    /// A message that does not belong here, or cannot be read.
    Protocol,
    /// The member may only read.
    ReadOnly,
    /// The member's log and the relay's are not the same.
    Fork,
    /// The frame's base is too old; seal again on the newest.
    Stale,
    /// The frame's numbers do not follow the author's last.
    Gap,
    /// The room has a state already.
    Seeded,
    /// The frame is over the limit.
    TooLarge,
    /// The relay could not write its log.
    Storage,
    /// The relay is stopping.
    Stopping,
}

/// A message that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// Not a message of this protocol.
    #[error("not a message of this protocol")]
    Message(#[from] postcard::Error),
    /// The frame inside is not one.
    #[error("a frame is broken: {0}")]
    Frame(#[from] DecodeError),
    /// An index that no author has.
    #[error("a frame in the message names author {0}, whom nobody has met")]
    Author(u64),
}

/// Writes a message.
pub fn encode<M: Serialize>(message: &M) -> Bytes {
    // Serializing these plain enums into a growing vector does not fail.
    postcard::to_allocvec(message).unwrap_or_default().into()
}

/// Reads a message.
///
/// # Errors
/// If the bytes are not exactly one message.
pub fn decode<'a, M: Deserialize<'a>>(bytes: &'a [u8]) -> Result<M, CodecError> {
    let (message, rest) = postcard::take_from_bytes(bytes)?;
    if rest.is_empty() { Ok(message) } else { Err(CodecError::Message(postcard::Error::DeserializeBadEncoding)) }
}

/// Writes a frame in compact form: kind, then the author's index + 1, or 0 and the author in full, then as in the log.
pub fn encode_compact(frame: &Frame, index: Option<u64>) -> Bytes {
    let mut out = Vec::with_capacity(frame.sealed.len() + 48);
    put_head(kind_byte(frame.header.kind), frame.header.author, index, &mut out);
    frame.header.encode_numbers_into(&mut out);
    out.extend_from_slice(&frame.sealed);
    out.into()
}

/// The same of a frame's bytes in the log, behind other bytes.
///
/// # Errors
/// If they are none.
pub fn compact_into(raw: &[u8], index_of: impl Fn(Author) -> Option<u64>, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let mut reader = Reader::new(raw);
    let (kind, author) = (read_kind(&mut reader)?, Author(reader.array()?));
    let behind_author = raw.len() - reader.left();
    Header::read_numbers(kind, author, &mut reader)?;
    put_head(kind_byte(kind), author, index_of(author), out);
    out.extend_from_slice(&raw[behind_author..]);
    Ok(())
}

fn put_head(kind: u8, author: Author, index: Option<u64>, out: &mut Vec<u8>) {
    out.push(kind);
    match index {
        Some(index) => put_varint(out, index + 1),
        None => {
            out.push(0);
            out.extend_from_slice(&author.0);
        }
    }
}

/// Reads a frame in compact form.
///
/// # Errors
/// If it is broken, or its author's index is unknown to `author_at`.
pub fn decode_compact(mut compact: Bytes, author_at: impl Fn(u64) -> Option<Author>) -> Result<Frame, CodecError> {
    let mut reader = Reader::new(&compact);
    let kind = read_kind(&mut reader)?;
    let author = match reader.varint()? {
        0 => Author(reader.array()?),
        index => author_at(index - 1).ok_or(CodecError::Author(index - 1))?,
    };
    let header = Header::read_numbers(kind, author, &mut reader)?;
    if reader.left() == 0 {
        return Err(reader.error(DecodeErrorKind::Short).into());
    }
    let header_bytes = compact.len() - reader.left();
    compact.advance(header_bytes);
    Ok(Frame { header, sealed: compact })
}
