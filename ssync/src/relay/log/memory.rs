//! A log that lives as long as the process: for tests, and for rooms that need not outlive it.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{LogError, LogFuture, RoomLog, SnapshotHead, StoredSnapshot, take_up_to};
use crate::wire::frame::RoomId;

/// Keeps frames and snapshots in memory.
#[derive(Debug, Default)]
pub struct MemoryLog(Mutex<BTreeMap<RoomId, Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// How many frames from the beginning are gone.
    forgotten: u64,
    frames: VecDeque<Bytes>,
    snapshots: Vec<StoredSnapshot>,
}

fn ready<T: Send + 'static>(outcome: Result<T, LogError>) -> LogFuture<'static, T> {
    Box::pin(std::future::ready(outcome))
}

impl RoomLog for MemoryLog {
    fn append(&self, room: RoomId, first: u64, frames: Vec<Bytes>) -> LogFuture<'_, ()> {
        let mut rooms = self.0.lock();
        let kept = rooms.entry(room).or_default();
        if kept.forgotten + kept.frames.len() as u64 + 1 != first {
            return ready(Err(LogError::Order { seq: first }));
        }
        kept.frames.extend(frames);
        ready(Ok(()))
    }

    fn read(&self, room: RoomId, from: u64, bytes_max: usize) -> LogFuture<'_, Vec<Bytes>> {
        let rooms = self.0.lock();
        let Some(kept) = rooms.get(&room).filter(|kept| from > kept.forgotten) else { return ready(Ok(Vec::new())) };
        let start = usize::try_from(from - 1 - kept.forgotten).unwrap_or(usize::MAX).min(kept.frames.len());
        ready(take_up_to(kept.frames.range(start..).cloned().map(Ok), bytes_max))
    }

    fn keep(&self, room: RoomId, snapshot: StoredSnapshot, replaces: Option<u64>) -> LogFuture<'_, ()> {
        let mut rooms = self.0.lock();
        let kept = rooms.entry(room).or_default();
        kept.snapshots.retain(|stored| Some(stored.seq) != replaces);
        kept.snapshots.push(snapshot);
        ready(Ok(()))
    }

    fn snapshots(&self, room: RoomId) -> LogFuture<'_, Vec<SnapshotHead>> {
        let head = |stored: &StoredSnapshot| SnapshotHead {
            seq: stored.seq,
            state: stored.state.clone(),
            parts: u32::try_from(stored.parts.len()).unwrap_or(u32::MAX),
            bytes: stored.parts.iter().map(|part| part.len() as u64).sum(),
        };
        ready(Ok(self.0.lock().get(&room).map(|kept| kept.snapshots.iter().map(head).collect()).unwrap_or_default()))
    }

    fn read_part(&self, room: RoomId, seq: u64, index: u32) -> LogFuture<'_, Option<Bytes>> {
        let rooms = self.0.lock();
        let stored = rooms.get(&room).and_then(|kept| kept.snapshots.iter().find(|stored| stored.seq == seq));
        ready(Ok(stored.and_then(|stored| stored.parts.get(index as usize).cloned())))
    }

    fn forget(&self, room: RoomId, through: u64) -> LogFuture<'_, ()> {
        if let Some(kept) = self.0.lock().get_mut(&room) {
            let count = usize::try_from(through.saturating_sub(kept.forgotten)).unwrap_or(usize::MAX).min(kept.frames.len());
            kept.frames.drain(..count);
            kept.forgotten += count as u64;
            kept.snapshots.retain(|stored| stored.seq >= through);
        }
        ready(Ok(()))
    }
}
