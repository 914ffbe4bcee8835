//! A log that lives as long as the process: for tests, and for rooms that need not outlive it.

use std::collections::BTreeMap;

use bytes::Bytes;
use parking_lot::Mutex;

use super::{LogError, LogFuture, RoomLog, take_up_to};
use crate::wire::frame::RoomId;

/// Keeps frames in memory.
#[derive(Debug, Default)]
pub struct MemoryLog(Mutex<BTreeMap<RoomId, Vec<Bytes>>>);

impl RoomLog for MemoryLog {
    fn append(&self, room: RoomId, first: u64, frames: Vec<Bytes>) -> LogFuture<'_, ()> {
        let mut rooms = self.0.lock();
        let log = rooms.entry(room).or_default();
        let appended = if log.len() as u64 + 1 == first {
            log.extend(frames);
            Ok(())
        } else {
            Err(LogError::Order { seq: first })
        };
        Box::pin(std::future::ready(appended))
    }

    fn read(&self, room: RoomId, from: u64, bytes_max: usize) -> LogFuture<'_, Vec<Bytes>> {
        let rooms = self.0.lock();
        let start = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        let frames = rooms.get(&room).and_then(|log| log.get(start..)).unwrap_or_default();
        let taken = take_up_to(frames.iter().cloned().map(Ok), bytes_max);
        Box::pin(std::future::ready(taken))
    }
}
