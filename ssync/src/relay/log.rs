//! Where a relay keeps the frames of its rooms.

pub mod memory;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::wire::frame::RoomId;

/// What a call on a log gives, later.
pub type LogFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// The log could not be written or read.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The file cannot be opened as a log.
    #[error("{path} cannot be used as a relay's log: {why}")]
    Open {
        /// The file.
        path: String,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The storage failed.
    #[error("the relay's log failed: {0}")]
    Storage(String),
    /// A frame was to be appended where another one is.
    #[error("frame {seq} is not the next of its room")]
    Order {
        /// Where it was to go.
        seq: u64,
    },
}

/// A snapshot of a room, sealed in parts, and beside it the state of the log there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// Its seq.
    pub seq: u64,
    /// [`LogState`](crate::wire::state::LogState), encoded.
    pub state: Bytes,
    /// Its parts.
    pub parts: Vec<Bytes>,
}

/// What a log says of a snapshot without its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotHead {
    /// Its seq.
    pub seq: u64,
    /// The state of the log there.
    pub state: Bytes,
    /// How many parts it has.
    pub parts: u32,
    /// Bytes of all parts.
    pub bytes: u64,
}

/// The frames and snapshots of all rooms. **What `append` has answered is never lost**, as far as the implementation promises.
pub trait RoomLog: Send + Sync + 'static {
    /// Appends frames to a room, the first of them at seq `first`, all or none. Answers once they are kept.
    fn append(&self, room: RoomId, first: u64, frames: Vec<Bytes>) -> LogFuture<'_, ()>;

    /// The frames of a room from a seq on: as many as fit into `bytes_max`, at least one if there is one. Nothing if that seq is forgotten.
    fn read(&self, room: RoomId, from: u64, bytes_max: usize) -> LogFuture<'_, Vec<Bytes>>;

    /// Keeps a snapshot, in place of the one at `replaces`. Answers once it is kept.
    fn keep(&self, room: RoomId, snapshot: StoredSnapshot, replaces: Option<u64>) -> LogFuture<'_, ()>;

    /// The snapshots of a room, the oldest first.
    fn snapshots(&self, room: RoomId) -> LogFuture<'_, Vec<SnapshotHead>>;

    /// A part of a snapshot, if there is one.
    fn read_part(&self, room: RoomId, seq: u64, index: u32) -> LogFuture<'_, Option<Bytes>>;

    /// Forgets the frames up to a seq, and the snapshots before it.
    fn forget(&self, room: RoomId, through: u64) -> LogFuture<'_, ()>;
}

/// A log that the program itself also looks at.
impl<L: RoomLog + ?Sized> RoomLog for Arc<L> {
    fn append(&self, room: RoomId, first: u64, frames: Vec<Bytes>) -> LogFuture<'_, ()> {
        (**self).append(room, first, frames)
    }
    fn read(&self, room: RoomId, from: u64, bytes_max: usize) -> LogFuture<'_, Vec<Bytes>> {
        (**self).read(room, from, bytes_max)
    }
    fn keep(&self, room: RoomId, snapshot: StoredSnapshot, replaces: Option<u64>) -> LogFuture<'_, ()> {
        (**self).keep(room, snapshot, replaces)
    }
    fn snapshots(&self, room: RoomId) -> LogFuture<'_, Vec<SnapshotHead>> {
        (**self).snapshots(room)
    }
    fn read_part(&self, room: RoomId, seq: u64, index: u32) -> LogFuture<'_, Option<Bytes>> {
        (**self).read_part(room, seq, index)
    }
    fn forget(&self, room: RoomId, through: u64) -> LogFuture<'_, ()> {
        (**self).forget(room, through)
    }
}

/// Frames from the front, until `bytes_max` is reached; at least one.
pub(crate) fn take_up_to<E>(frames: impl Iterator<Item = Result<Bytes, E>>, bytes_max: usize) -> Result<Vec<Bytes>, E> {
    let mut taken = Vec::new();
    let mut bytes = 0;
    for frame in frames {
        let frame = frame?;
        bytes += frame.len();
        if bytes > bytes_max && !taken.is_empty() {
            break;
        }
        taken.push(frame);
    }
    Ok(taken)
}
