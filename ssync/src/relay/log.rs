//! Where a relay keeps the frames of its rooms.

pub mod memory;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::future::Future;
use std::pin::Pin;

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

/// The frames of all rooms. **What `append` has answered is never lost**, as far as the implementation promises.
pub trait RoomLog: Send + Sync + 'static {
    /// Appends frames to a room, the first of them at seq `first`, all or none. Answers once they are kept.
    fn append(&self, room: RoomId, first: u64, frames: Vec<Bytes>) -> LogFuture<'_, ()>;

    /// The frames of a room from a seq on: as many as fit into `bytes_max`, at least one if there is one.
    fn read(&self, room: RoomId, from: u64, bytes_max: usize) -> LogFuture<'_, Vec<Bytes>>;
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
