//! When a room wants a checkpoint, who is writing one, and what may be forgotten after it.
//!
//! 1. The tail behind the last snapshot has grown long: [`Room::poll_wanted`] asks one writer, who has [`LEASE`] to answer.
//! 2. Its checkpoint frame enters the log, and the room keeps its own state there.
//! 3. The parts of the snapshot come ([`Room::handle_part`]); with the last one it is to be stored ([`Room::handle_stored`]).
//! 4. Another member opens it ([`Room::handle_confirm`]), or [`GRACE`] passes ([`Room::poll_cut`]): what is before it may go.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::{Known, Room};
use crate::limits::{self, Bounds};
use crate::proto::time::Moment;
use crate::wire::codec::{SnapshotOffer, SnapshotPart};
use crate::wire::frame::Author;
use crate::wire::state::LogState;

/// How long a member that was asked for a checkpoint may take for it and the first part of its snapshot, and then for each part.
pub const LEASE: Duration = Duration::from_secs(60);
/// How long a snapshot that nobody else has opened is kept beside the one before it.
pub const GRACE: Duration = Duration::from_secs(600);

/// A snapshot that came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its seq.
    pub seq: u64,
    /// The room's own state there, for [`Room::begin`].
    pub state: LogState,
    /// Its sealed parts.
    pub parts: Vec<Bytes>,
}

impl Kept {
    /// What members are offered.
    pub fn offer(&self) -> SnapshotOffer {
        SnapshotOffer { seq: self.seq, parts: u32::try_from(self.parts.len()).unwrap_or(u32::MAX) }
    }

    /// Bytes of all parts.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.len() as u64).sum()
    }
}

/// What becomes of a part of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartVerdict {
    /// More are to come.
    Wait,
    /// It was the last: this is to be stored, and then told to [`Room::handle_stored`].
    Store(Kept),
    /// Nobody asked for it.
    Ignored,
}

#[derive(Clone, Debug)]
pub(super) struct Snapshots {
    tail_frames_max: u64,
    /// Bytes of all frames that are known.
    bytes: u64,
    /// The newest stored snapshot, or the beginning; and every checkpoint since.
    marks: VecDeque<Mark>,
    lease: Option<Lease>,
    /// The room's state at the last checkpoint.
    checkpoint: Option<LogState>,
    /// How many checkpoints the log has.
    checkpoints: u64,
    /// The seq of the snapshot before which nothing is left; 0 for the beginning.
    began: u64,
    upload: Option<Upload>,
    /// The last that is trusted, and behind it the newest, if that is another.
    stored: Vec<Stored>,
}

/// A place in the log, and how many bytes are before it, of those that are known.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    seq: u64,
    bytes: u64,
}

#[derive(Clone, Debug)]
struct Lease {
    member: u64,
    until: Moment,
    /// Its checkpoint is in the log: there is one for each lease.
    is_used: bool,
    /// How many parts it has sent, at most: who begins again gets no more time.
    parts: usize,
}

#[derive(Clone, Debug)]
struct Upload {
    member: u64,
    seq: u64,
    parts: Vec<Bytes>,
}

#[derive(Clone, Debug)]
struct Stored {
    offer: SnapshotOffer,
    bytes: u64,
    /// Who made it, and until when it needs the word of another; nothing once it is trusted.
    doubt: Option<(Option<u64>, Moment)>,
}

impl Snapshots {
    pub(super) const fn new(tail_frames_max: u64) -> Self {
        let stored = Vec::new();
        Self {
            tail_frames_max,
            bytes: 0,
            marks: VecDeque::new(),
            lease: None,
            checkpoint: None,
            checkpoints: 0,
            began: 0,
            upload: None,
            stored,
        }
    }

    pub(super) const fn appended(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    pub(super) fn checkpoint(&mut self, number: u64, state: LogState) {
        self.marks.push_back(Mark { seq: state.seq, bytes: self.bytes });
        (self.checkpoint, self.checkpoints) = (Some(state), number);
    }

    /// Whether somebody was asked for a checkpoint that is not there yet; now it is.
    pub(super) fn take_lease(&mut self) -> bool {
        self.lease.as_mut().is_some_and(|lease| !std::mem::replace(&mut lease.is_used, true))
    }

    /// Whether the log up to this seq has grown long behind the newest stored snapshot.
    fn is_long(&self, seq: u64) -> bool {
        let newest = self.stored.last();
        let mark = newest.and_then(|newest| self.marks.front().filter(|mark| mark.seq == newest.offer.seq)).copied().unwrap_or_default();
        let snapshot_bytes = newest.map_or(0, |newest| newest.bytes);
        let (frames, bytes) = (seq - mark.seq, self.bytes - mark.bytes);
        frames >= self.tail_frames_max || bytes > limits::TAIL_BYTES_MIN.max(2 * snapshot_bytes)
    }

    /// The newest is trusted: what is before it may go.
    fn trust(&mut self) -> Option<u64> {
        let newest = self.stored.last_mut()?;
        newest.doubt = None;
        let through = newest.offer.seq;
        self.began = through;
        self.stored.retain(|stored| stored.offer.seq == through);
        Some(through)
    }
}

/// What a member is told that asks for frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The frames from this one on.
    Frames {
        /// The first seq.
        first: u64,
    },
    /// That they are gone, or that there is a shorter way: a snapshot.
    Truncated {
        /// The first seq that the log still has.
        first: u64,
        /// The stored snapshots, the newest first.
        snapshots: Vec<SnapshotOffer>,
        /// How many parts of the newest are sent behind this, from the first on.
        following: u32,
    },
    /// Nothing: the log is not as long as that.
    Refused,
}

impl Room {
    /// Whom to ask for a checkpoint, and its number; `writers` are those that are live.
    pub fn poll_wanted(&mut self, now: Moment, writers: impl IntoIterator<Item = u64>) -> Option<(u64, u64)> {
        let (seq, snapshots) = (self.seq, &mut self.snapshots);
        if !snapshots.is_long(seq) || snapshots.lease.as_ref().is_some_and(|lease| now < lease.until) {
            return None;
        }
        // Another one than before, if there is one: that one may be the reason.
        let before = snapshots.lease.as_ref().map(|lease| lease.member);
        let member = writers.into_iter().min_by_key(|member| Some(*member) == before)?;
        snapshots.lease = Some(Lease { member, until: now + LEASE, is_used: false, parts: 0 });
        Some((member, snapshots.checkpoints + 1))
    }

    /// A member is gone: what it was asked for, another is asked.
    pub fn handle_left(&mut self, member: u64) {
        self.snapshots.upload.take_if(|upload| upload.member == member);
        if let Some(lease) = self.snapshots.lease.as_mut().filter(|lease| lease.member == member) {
            lease.until = Moment::default();
        }
    }

    /// Takes a part of a snapshot at the last checkpoint, from a writer.
    pub fn handle_part(&mut self, now: Moment, member: u64, part: SnapshotPart) -> PartVerdict {
        let snapshots = &mut self.snapshots;
        let seq = part.seq;
        let Some(state) = snapshots.checkpoint.as_ref().filter(|state| state.seq == seq) else { return PartVerdict::Ignored };
        let is_asked = snapshots.lease.as_ref().is_some_and(|lease| lease.member == member);
        let is_new = is_asked && snapshots.stored.last().is_none_or(|stored| stored.offer.seq < seq);
        let fits = part.of > part.index && part.of <= limits::SNAPSHOT_PARTS_MAX && part.bytes.len() <= limits::SNAPSHOT_PART_BYTES_MAX;
        if !is_new || !fits {
            return PartVerdict::Ignored;
        }
        if part.index == 0 {
            snapshots.upload = Some(Upload { member, seq, parts: Vec::new() });
        }
        let is_next = |upload: &Upload| (upload.member, upload.seq, upload.parts.len()) == (member, seq, part.index as usize);
        let Some(mut upload) = snapshots.upload.take_if(|upload| is_next(upload)) else { return PartVerdict::Ignored };
        upload.parts.push(part.bytes);
        if upload.parts.len() == part.of as usize {
            return PartVerdict::Store(Kept { seq, state: state.clone(), parts: upload.parts });
        }
        if let Some(lease) = snapshots.lease.as_mut().filter(|lease| upload.parts.len() > lease.parts) {
            (lease.parts, lease.until) = (upload.parts.len(), now + LEASE);
        }
        snapshots.upload = Some(upload);
        PartVerdict::Wait
    }

    /// A snapshot is stored; of those that nobody vouched for, it takes the place of the one before it, whose seq this gives. `by` is who made it, if
    /// that is known.
    pub fn handle_stored(&mut self, offer: SnapshotOffer, bytes: u64, by: Option<u64>, now: Moment) -> Option<u64> {
        let snapshots = &mut self.snapshots;
        let replaced = snapshots.stored.pop_if(|stored| stored.doubt.is_some()).map(|stored| stored.offer.seq);
        let doubt = (offer.seq != snapshots.began).then_some((by, now + GRACE));
        snapshots.stored.push(Stored { offer, bytes, doubt });
        snapshots.marks.retain(|mark| mark.seq >= offer.seq);
        snapshots.lease = None;
        replaced
    }

    /// A member opened the snapshot at this seq: frames up to which seq, and snapshots before it, may be forgotten. Nothing if it is its own.
    pub fn handle_confirm(&mut self, member: u64, seq: u64) -> Option<u64> {
        let newest = self.snapshots.stored.last().filter(|stored| stored.offer.seq == seq)?;
        let is_vouched_for = newest.doubt.is_some_and(|(by, _)| by != Some(member));
        if is_vouched_for { self.snapshots.trust() } else { None }
    }

    /// The same because nobody spoke against the newest snapshot for long enough.
    pub fn poll_cut(&mut self, now: Moment) -> Option<u64> {
        let newest = self.snapshots.stored.last()?;
        let is_over = newest.doubt.is_some_and(|(_, until)| now >= until);
        if is_over { self.snapshots.trust() } else { None }
    }

    /// The first seq that the log still has.
    pub const fn first(&self) -> u64 {
        self.snapshots.began + 1
    }

    /// How a member that asks for frames is answered.
    pub fn handle_fetch(&self, from: u64) -> Answer {
        let offers = self.offers();
        match from.max(1) {
            from if from > self.seq + 1 => Answer::Refused,
            first if first < self.first() || (from == 0 && !offers.is_empty()) => {
                let following = if from == 0 { offers.first().map_or(0, |newest| newest.parts.min(self.bounds.parts_unasked)) } else { 0 };
                Answer::Truncated { first: self.first(), snapshots: offers, following }
            }
            first => Answer::Frames { first },
        }
    }

    /// The stored snapshots, the newest first.
    pub fn offers(&self) -> Vec<SnapshotOffer> {
        self.snapshots.stored.iter().rev().map(|stored| stored.offer).collect()
    }

    /// The room at a stored snapshot, for [`Room::restore`] of what comes after it. That snapshot is trusted: there is nothing before it.
    #[must_use]
    pub fn begin(state: &LogState, bounds: Bounds) -> Self {
        let mut room = Self { seq: state.seq, head: state.head, floor: state.seq, ..Self::with_bounds(bounds) };
        for (index, (author, last)) in (0..).zip(&state.authors) {
            room.authors.insert(*author, Known { index, first_seq: 0, last: *last });
            room.in_order.push(*author);
        }
        room.snapshots.checkpoints = room.authors.get(&Author::CHECKPOINTS).map_or(0, |known| known.last);
        room.snapshots.checkpoint = Some(state.clone());
        room.snapshots.began = state.seq;
        room.snapshots.marks.push_back(Mark { seq: state.seq, bytes: 0 });
        room
    }

    /// What [`Room::begin`] takes.
    pub(super) fn state(&self) -> LogState {
        let last = |author: &Author| (*author, self.authors.get(author).map_or(0, |known| known.last));
        LogState { seq: self.seq, head: self.head, authors: self.in_order.iter().map(last).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::{Frame, Hash, Header, Kind};

    /// Puts a frame of so many bytes into the stored log.
    fn restore(room: &mut Room, author: Author, n: u64, bytes: usize) {
        let kind = if author == Author::CHECKPOINTS { Kind::Checkpoint } else { Kind::Patch };
        let header = Header { kind, author, n, m: n, base: room.seq(), head: [0; 8] };
        let frame = Frame { header, sealed: Bytes::from(vec![0; bytes]) };
        room.restore(&frame.encode(), &frame);
    }

    fn begun() -> Room {
        Room::begin(&LogState { seq: 9, head: Hash::default(), authors: Vec::new() }, Bounds::default())
    }

    /// Cause: the bytes behind a snapshot were counted from when the room was loaded. Effect: in a room that everybody leaves now and then
    /// no log was ever cut for its bytes. Fix: what is loaded counts, from the checkpoint on.
    #[test]
    fn a_tail_is_as_long_after_a_restart() {
        const LARGE: usize = limits::TAIL_BYTES_MIN as usize * 3 / 5;
        let (mut room, author) = (begun(), Author([1; 16]));
        let store = |room: &mut Room, seq| room.handle_stored(SnapshotOffer { seq, parts: 2 }, 1, None, Moment::default());
        restore(&mut room, author, 1, LARGE);
        restore(&mut room, author, 2, LARGE);
        restore(&mut room, Author::CHECKPOINTS, 1, 64);
        restore(&mut room, author, 3, LARGE);
        store(&mut room, 9);
        let mut without = room.clone();
        assert_eq!(without.poll_wanted(Moment::default(), [7]), Some((7, 2)), "three large frames are behind the snapshot");
        store(&mut room, 12);
        assert_eq!(room.poll_wanted(Moment::default(), [7]), None, "one is");
        restore(&mut room, author, 4, LARGE);
        assert_eq!(room.poll_wanted(Moment::default(), [7]), Some((7, 2)));
    }

    /// Cause: who was asked for a snapshot had one minute for all of it. Effect: a large one over a slow line never came, and each minute another member
    /// began again. Fix: each part has that long.
    #[test]
    fn a_slow_snapshot_comes_as_long_as_its_parts_do() {
        let at = |secs| Moment(Duration::from_secs(secs));
        let part = |index| SnapshotPart { seq: 11, index, of: 3, bytes: Bytes::from_static(b"part") };
        let mut room = begun();
        restore(&mut room, Author([1; 16]), 1, 2 * limits::TAIL_BYTES_MIN as usize);
        assert_eq!(room.poll_wanted(at(0), [7, 8]), Some((7, 1)));
        restore(&mut room, Author::CHECKPOINTS, 1, 64);
        assert_eq!(room.handle_part(at(50), 7, part(0)), PartVerdict::Wait);
        assert_eq!(room.poll_wanted(at(109), [7, 8]), None);
        assert_eq!(room.handle_part(at(109), 7, part(1)), PartVerdict::Wait);
        let mut silent = room.clone();
        assert_eq!(silent.poll_wanted(at(169), [7, 8]), Some((8, 2)), "no part for a minute");
        let mut stubborn = room.clone();
        assert_eq!(stubborn.handle_part(at(160), 7, part(0)), PartVerdict::Wait);
        assert_eq!(stubborn.poll_wanted(at(169), [7, 8]), Some((8, 2)), "the first part again");
        assert_eq!(room.poll_wanted(at(168), [7, 8]), None);
        assert!(matches!(room.handle_part(at(168), 7, part(2)), PartVerdict::Store(_)));
    }

    /// Only who begins gets parts unasked: who has something may not need the newest.
    #[test]
    fn who_begins_gets_the_first_parts_at_once() {
        let mut room = begun();
        let check = |room: &Room, from: u64, expected: Answer| assert_eq!(room.handle_fetch(from), expected);
        check(&room, 11, Answer::Refused);
        check(&room, 10, Answer::Frames { first: 10 });
        for (parts, following) in [(2, 2), (3, 3), (200, 3)] {
            let offer = SnapshotOffer { seq: 9, parts };
            room.snapshots.stored.clear();
            assert_eq!(room.handle_stored(offer, 1, None, Moment::default()), None);
            check(&room, 0, Answer::Truncated { first: 10, snapshots: vec![offer], following });
            check(&room, 1, Answer::Truncated { first: 10, snapshots: vec![offer], following: 0 });
            check(&room, 10, Answer::Frames { first: 10 });
        }
    }
}
