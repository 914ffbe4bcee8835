//! A room as its relay sees it: a log of sealed frames, who wrote how many of them, and where it may be cut.
//!
//! Methods: [`Room::begin`] and [`Room::restore`] for what is stored, in order; then [`Room::handle_submit`] for each frame
//! that comes in, and the frame must be stored at the seq it was given. [`Room::handle_fetch`] answers who asks for frames. [`Room::poll_wanted`] says when somebody is to write a checkpoint, and
//! [`Room::handle_part`], [`Room::handle_confirm`] and [`Room::poll_cut`] what becomes of the snapshot there.
//!
//! - **The room never opens a frame.** It reads headers only.
//! - **The first frame is a seed, and no other is.**
//! - **An author's numbers in the log have no gap and no double.**
//! - **Every frame's base lies in the window and not before the last checkpoint, and its head fits the log at that base.**
//! - **Nothing is cut before a snapshot behind it was opened by another member, or was there for [`GRACE`].**

mod snapshots;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use snapshots::Snapshots;
pub use snapshots::{Answer, GRACE, Kept, LEASE, PartVerdict};

use crate::limits::{self, Bounds};
use crate::planted::{Bug, planted};
use crate::wire::codec::{CodecError, RefusalCode, compact_into, encode_compact};
use crate::wire::frame::{Author, Frame, Hash, Kind};

/// The relay's state of one room.
#[derive(Clone, Debug)]
pub struct Room {
    bounds: Bounds,
    seq: u64,
    head: Hash,
    /// The seq of the last checkpoint.
    floor: u64,
    /// The heads at the last seqs, the newest at the back: as many as a base may be old.
    heads: VecDeque<[u8; 8]>,
    authors: BTreeMap<Author, Known>,
    in_order: Vec<Author>,
    snapshots: Snapshots,
}

#[derive(Clone, Debug)]
struct Known {
    index: u64,
    first_seq: u64,
    /// The number of the author's last commit in the log.
    last: u64,
}

/// What becomes of a submitted frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the log's next frame.
    Append {
        /// Its place in the log.
        seq: u64,
    },
    /// The log has these numbers already: the author finds them there.
    Duplicate,
    /// It cannot be appended.
    Refused(RefusalCode),
}

impl Default for Room {
    fn default() -> Self {
        Self::with_bounds(Bounds::default())
    }
}

impl Room {
    /// An empty room with smaller bounds, so that a simulation reaches them soon.
    #[doc(hidden)]
    pub fn with_bounds(bounds: Bounds) -> Self {
        let (heads, authors, in_order) = (VecDeque::new(), BTreeMap::new(), Vec::new());
        let snapshots = Snapshots::new(bounds.tail_frames_max);
        Self { bounds, seq: 0, head: Hash::default(), floor: 0, heads, authors, in_order, snapshots }
    }

    /// Takes a frame of the stored log, the next one.
    pub fn restore(&mut self, raw: &Bytes, frame: &Frame) {
        self.append(raw, frame);
    }

    /// Decides about a frame that a writer submitted.
    pub fn handle_submit(&mut self, raw: &Bytes, frame: &Frame) -> Verdict {
        let header = &frame.header;
        let last = self.authors.get(&header.author).map_or(0, |known| known.last);
        if header.m <= last && !planted(Bug::Duplicates) {
            return Verdict::Duplicate;
        }
        let next = self.seq + 1;
        let refusal = if raw.len() > limits::FRAME_BYTES_MAX {
            RefusalCode::TooLarge
        } else if header.kind == Kind::Seed && self.seq > 0 {
            RefusalCode::Seeded
        } else if header.kind != Kind::Seed && self.seq == 0 {
            RefusalCode::Protocol
        } else if header.n != last + 1 && !planted(Bug::Duplicates) {
            RefusalCode::Gap
        } else if header.base > self.seq {
            RefusalCode::Fork
        } else if next - header.base > self.bounds.window_frames || (header.base < self.floor && !planted(Bug::FloorIgnored)) {
            RefusalCode::Stale
        } else if (header.kind == Kind::Checkpoint) != (header.author == Author::CHECKPOINTS) {
            RefusalCode::Protocol
        } else if header.kind == Kind::Checkpoint && !self.snapshots.take_lease() {
            RefusalCode::Stale
        } else if self.short_head_at(header.base) != Some(header.head) {
            RefusalCode::Fork
        } else {
            self.append(raw, frame);
            return Verdict::Append { seq: next };
        };
        Verdict::Refused(refusal)
    }

    fn append(&mut self, raw: &Bytes, frame: &Frame) {
        self.heads.push_back(self.head.short());
        if self.heads.len() as u64 > self.bounds.window_frames {
            self.heads.pop_front();
        }
        self.seq += 1;
        self.head = self.head.chain(&Hash::of_frame(raw));
        let header = &frame.header;
        let (next, seq) = (self.in_order.len() as u64, self.seq);
        let known = self.authors.entry(header.author).or_insert_with(|| Known { index: next, first_seq: seq, last: 0 });
        known.last = header.m;
        if known.index == next {
            self.in_order.push(header.author);
        }
        self.snapshots.appended(raw.len() as u64);
        if header.kind == Kind::Checkpoint {
            self.floor = seq;
            if !planted(Bug::FloorIgnored) {
                self.heads.clear();
            }
            let state = self.state();
            self.snapshots.checkpoint(header.n, state);
        }
    }

    /// The seq of the log's last frame; 0 for an empty log.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The first bytes of the head at a seq, if it is the last or a base may still name it.
    pub fn short_head_at(&self, seq: u64) -> Option<[u8; 8]> {
        if seq == self.seq {
            return Some(self.head.short());
        }
        let back = usize::try_from(self.seq.checked_sub(seq)?).ok()?;
        self.heads.len().checked_sub(back).and_then(|position| self.heads.get(position)).copied()
    }

    /// The author with this index, for reading compact frames.
    pub fn author_at(&self, index: u64) -> Option<Author> {
        self.in_order.get(usize::try_from(index).ok()?).copied()
    }

    /// A frame of the log in compact form, as anybody can read it who has the log before it.
    pub fn compact(&self, seq: u64, frame: &Frame) -> Bytes {
        encode_compact(frame, self.index_before(seq, frame.header.author))
    }

    /// The same of frames as the log keeps them, from `first` on.
    ///
    /// # Errors
    /// If one is broken: its seq, and what is wrong with it.
    pub fn compact_all(&self, first: u64, log: &[Bytes]) -> Result<Vec<Bytes>, (u64, CodecError)> {
        let mut bytes = Vec::with_capacity(log.iter().map(|raw| raw.len() + 1).sum());
        let mut ends = Vec::with_capacity(log.len());
        for (seq, raw) in (first..).zip(log) {
            compact_into(raw, |author| self.index_before(seq, author), &mut bytes).map_err(|error| (seq, error))?;
            ends.push(bytes.len());
        }
        let bytes = Bytes::from(bytes);
        let mut begin = 0;
        Ok(ends.into_iter().map(|end| bytes.slice(std::mem::replace(&mut begin, end)..end)).collect())
    }

    /// The index of an author who has a frame before this one.
    fn index_before(&self, seq: u64, author: Author) -> Option<u64> {
        self.authors.get(&author).filter(|known| known.first_seq < seq).map(|known| known.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::codec::decode_compact;
    use crate::wire::frame::Header;

    fn submit(room: &mut Room, author: u8, n: u64, m: u64, base: u64, kind: Kind) -> Verdict {
        let head = room.short_head_at(base).unwrap_or_default();
        let header = Header { kind, author: Author([author; 16]), n, m, base, head };
        let frame = Frame { header, sealed: Bytes::from_static(b"sealed") };
        room.handle_submit(&frame.encode(), &frame)
    }

    #[test]
    fn numbers_have_no_gap_and_no_double() {
        let mut room = Room::default();
        assert_eq!(submit(&mut room, 1, 1, 1, 0, Kind::Patch), Verdict::Refused(RefusalCode::Protocol));
        assert_eq!(submit(&mut room, 1, 1, 1, 0, Kind::Seed), Verdict::Append { seq: 1 });
        assert_eq!(submit(&mut room, 1, 2, 4, 0, Kind::Patch), Verdict::Append { seq: 2 });
        assert_eq!(submit(&mut room, 1, 2, 2, 1, Kind::Patch), Verdict::Duplicate);
        assert_eq!(submit(&mut room, 1, 4, 5, 1, Kind::Patch), Verdict::Refused(RefusalCode::Gap));
        assert_eq!(submit(&mut room, 1, 6, 6, 1, Kind::Patch), Verdict::Refused(RefusalCode::Gap));
        assert_eq!(submit(&mut room, 2, 1, 1, 2, Kind::Seed), Verdict::Refused(RefusalCode::Seeded));
        assert_eq!(submit(&mut room, 2, 1, 1, 3, Kind::Patch), Verdict::Refused(RefusalCode::Fork));
        assert_eq!(submit(&mut room, 2, 1, 1, 2, Kind::Patch), Verdict::Append { seq: 3 });
    }

    #[test]
    fn bases_out_of_the_window_are_stale_and_other_logs_are_forks() {
        let mut room = Room::default();
        for n in 1..=limits::WINDOW_FRAMES {
            let base = room.seq();
            let kind = if n == 1 { Kind::Seed } else { Kind::Patch };
            assert_eq!(submit(&mut room, 1, n, n, base, kind), Verdict::Append { seq: n });
        }
        assert_eq!(submit(&mut room, 2, 1, 1, 0, Kind::Patch), Verdict::Refused(RefusalCode::Stale));
        assert_eq!(submit(&mut room, 2, 1, 1, 1, Kind::Patch), Verdict::Append { seq: limits::WINDOW_FRAMES + 1 });
        let header = Header { kind: Kind::Patch, author: Author([3; 16]), n: 1, m: 1, base: 9, head: [1; 8] };
        let frame = Frame { header, sealed: Bytes::new() };
        assert_eq!(room.handle_submit(&frame.encode(), &frame), Verdict::Refused(RefusalCode::Fork));
    }

    #[test]
    fn compact_frames_name_an_author_in_full_only_once() {
        let mut room = Room::default();
        for n in 1..=2 {
            submit(&mut room, 7, n, n, 0, if n == 1 { Kind::Seed } else { Kind::Patch });
        }
        let header = Header { kind: Kind::Patch, author: Author([7; 16]), n: 1, m: 1, base: 0, head: [0; 8] };
        let frame = Frame { header, sealed: Bytes::from_static(b"sealed") };
        assert_eq!(room.compact(1, &frame).len(), room.compact(2, &frame).len() + 16);
        for seq in 1..=2 {
            assert_eq!(decode_compact(room.compact(seq, &frame), |index| room.author_at(index)), Ok(frame.clone()));
        }
        let log = [frame.encode(), frame.encode()];
        assert_eq!(room.compact_all(1, &log), Ok(vec![room.compact(1, &frame), room.compact(2, &frame)]));
        let (seq, error) = room.compact_all(1, &[frame.encode(), Bytes::from_static(b"\0short")]).expect_err("broken");
        assert_eq!((seq, &*error.to_string()), (2, "a frame is broken: byte 1: the bytes end too early"));
    }
}
