//! The relay of a simulation: the real room, a disk that forgets what was not synced, and lines that wait.
//!
//! **What is not on disk nobody is told**: a frame is broadcast and acknowledged, a snapshot offered and a log cut after the next sync.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use ssync::limits::Bounds;
use ssync::planted::{Bug, planted};
use ssync::proto::room::{Answer, Kept, PartVerdict, Room, Verdict};
use ssync::proto::time::Moment;
use ssync::wire::codec::{ClientMessage, RefusalCode, RelayMessage, SnapshotPart, decode_compact};
use ssync::wire::frame::{Frame, Kind};

use super::{BOUNDS, Counts, below};

#[derive(Default)]
struct Disk {
    /// How many frames from the beginning are gone.
    forgotten: u64,
    frames: VecDeque<Bytes>,
    snapshots: Vec<Kept>,
}

pub(crate) struct Relay {
    bounds: Bounds,
    room: Room,
    disk: Disk,
    /// Appended, and not on disk yet: who wrote it, as which submission.
    unsynced: Vec<(Bytes, Option<(usize, u64)>)>,
    lines: BTreeMap<usize, Line>,
    zombies: Vec<Bytes>,
    damages_next: bool,
}

#[derive(Default)]
struct Line {
    down: VecDeque<RelayMessage>,
    live: bool,
    submissions: u64,
}

impl Relay {
    /// With one that gives so many parts of a snapshot unasked.
    pub(crate) fn new(parts_unasked: u32) -> Self {
        let bounds = Bounds { parts_unasked, ..BOUNDS };
        let room = Room::with_bounds(bounds);
        Self { bounds, room, disk: Disk::default(), unsynced: Vec::new(), lines: BTreeMap::new(), zombies: Vec::new(), damages_next: false }
    }

    /// Begins again with what is on disk.
    pub(crate) fn restart(&mut self, counts: &mut Counts) {
        counts.restarts += 1;
        counts.unsynced += self.unsynced.len() as u64;
        self.unsynced.clear();
        let oldest = self.disk.snapshots.first().filter(|_| self.disk.forgotten > 0);
        self.room = oldest.map_or_else(|| Room::with_bounds(self.bounds), |oldest| Room::begin(&oldest.state, self.bounds));
        for raw in &self.disk.frames {
            self.room.restore(raw, &Frame::decode(raw).unwrap());
        }
        for kept in &self.disk.snapshots {
            self.room.handle_stored(kept.offer(), kept.bytes(), None, Moment::default());
        }
        self.lines.clear();
    }

    pub(crate) fn open_line(&mut self, member: usize) {
        self.lines.insert(member, Line::default());
        self.say(member, RelayMessage::Challenge { nonce: [7; 16] });
    }

    /// The line is gone; what was on it arrives later, from nobody.
    pub(crate) fn close_line(&mut self, member: usize, on_the_line: impl Iterator<Item = ClientMessage>) {
        if self.lines.remove(&member).is_none() {
            return;
        }
        self.room.handle_left(member as u64);
        for message in on_the_line {
            if let ClientMessage::Submit { frames } = message {
                let frames = frames.into_iter().filter_map(|compact| decode_compact(compact, |index| self.room.author_at(index)).ok());
                self.zombies.extend(frames.map(|frame| frame.encode()));
            }
        }
    }

    pub(crate) fn deliver_zombie(&mut self, rng: &mut ChaCha8Rng, now: Moment, counts: &mut Counts) {
        if !self.zombies.is_empty() {
            counts.zombies += 1;
            let position = below(rng, self.zombies.len());
            let raw = self.zombies.swap_remove(position);
            self.append(&raw, None, now, counts);
        }
    }

    pub(crate) fn has_zombies(&self) -> bool {
        !self.zombies.is_empty()
    }

    /// What a writer who breaks the rules appends.
    pub(crate) fn submit_raw(&mut self, now: Moment, raw: &Bytes) {
        self.append(raw, None, now, &mut Counts::default());
    }

    pub(crate) fn handle(&mut self, member: usize, message: ClientMessage, now: Moment, counts: &mut Counts) {
        if !self.lines.contains_key(&member) {
            return;
        }
        match message {
            ClientMessage::Hello { .. } => {}
            ClientMessage::Login { proof, .. } => {
                assert!(proof.verify(super::keys().room(), "sim", &[7; 16]).is_ok(), "the login holds");
                self.sync(now, counts);
                self.say(member, RelayMessage::Welcome { seq: self.room.seq() });
            }
            ClientMessage::Fetch { from } => {
                self.sync(now, counts);
                self.fetch(member, from, counts);
            }
            ClientMessage::FetchPart { seq, index } => self.say_part(member, seq, index, counts),
            ClientMessage::SnapshotPart(part) => {
                if let PartVerdict::Store(kept) = self.room.handle_part(now, member as u64, part) {
                    counts.snapshots += 1;
                    let replaced = self.room.handle_stored(kept.offer(), kept.bytes(), Some(member as u64), now);
                    self.disk.snapshots.retain(|stored| Some(stored.seq) != replaced);
                    self.disk.snapshots.push(kept);
                }
            }
            ClientMessage::Confirm { seq } => {
                if let Some(through) = self.room.handle_confirm(member as u64, seq) {
                    self.forget(through, counts);
                }
            }
            ClientMessage::Present { .. } => {}
            ClientMessage::Ping => self.say(member, RelayMessage::Pong),
            ClientMessage::Submit { frames } => {
                for compact in frames {
                    let frame = decode_compact(compact, |index| self.room.author_at(index)).unwrap();
                    let submission = self.lines.get_mut(&member).map(|line| {
                        line.submissions += 1;
                        line.submissions - 1
                    });
                    self.append(&frame.encode(), submission.map(|submission| (member, submission)), now, counts);
                }
            }
        }
    }

    fn say_part(&mut self, member: usize, seq: u64, index: u32, counts: &mut Counts) {
        let kept = self.disk.snapshots.iter().find(|kept| kept.seq == seq);
        let part = kept.and_then(|kept| Some((kept.parts.get(index as usize)?.clone(), kept.parts.len() as u32)));
        let (mut bytes, of) = part.unwrap_or_default();
        if self.damages_next && !bytes.is_empty() {
            counts.damaged += 1;
            self.damages_next = false;
            bytes = bytes.iter().map(|byte| byte ^ 1).collect::<Vec<_>>().into();
        }
        self.say(member, RelayMessage::SnapshotPart(SnapshotPart { seq, index, of, bytes }));
    }

    fn fetch(&mut self, member: usize, from: u64, counts: &mut Counts) {
        let live = match self.room.handle_fetch(from) {
            Answer::Frames { first } => {
                let start = (first - 1 - self.disk.forgotten) as usize;
                let end = self.disk.frames.len().min(start + 10);
                let log: Vec<Bytes> = self.disk.frames.range(start..end).cloned().collect();
                let frames = self.room.compact_all(first, &log).unwrap();
                let more = end < self.disk.frames.len();
                self.say(member, RelayMessage::Frames { first, frames, more });
                !more
            }
            Answer::Truncated { first, snapshots, following } => {
                let newest = snapshots.first().map_or(0, |newest| newest.seq);
                self.say(member, RelayMessage::Truncated { first, snapshots, following });
                (0..following).for_each(|index| self.say_part(member, newest, index, counts));
                false
            }
            Answer::Refused => {
                self.say(member, RelayMessage::Refused { code: RefusalCode::Protocol, submission: None, text: String::new() });
                false
            }
        };
        if let Some(line) = self.lines.get_mut(&member) {
            line.live = live;
        }
    }

    fn append(&mut self, raw: &Bytes, from: Option<(usize, u64)>, now: Moment, counts: &mut Counts) {
        let frame = Frame::decode(raw).unwrap();
        match self.room.handle_submit(raw, &frame) {
            Verdict::Append { .. } => {
                counts.checkpoints += u64::from(frame.header.kind == Kind::Checkpoint);
                self.unsynced.push((raw.clone(), from));
                if planted(Bug::BroadcastFirst) {
                    let seq = self.room.seq();
                    self.broadcast(seq, &raw.clone(), from);
                }
            }
            Verdict::Duplicate => counts.duplicates += 1,
            Verdict::Refused(code) => {
                counts.refused += 1;
                // What was built on frames that the disk lost never is: nobody had seen them.
                assert_ne!(code, RefusalCode::Fork, "no honest frame forks");
                if let Some((member, submission)) = from {
                    self.sync(now, counts);
                    self.say(member, RelayMessage::Refused { code, submission: Some(submission), text: format!("{code:?}") });
                }
            }
        }
    }

    /// Everything is on disk now, and is told.
    pub(crate) fn sync(&mut self, now: Moment, counts: &mut Counts) {
        for (raw, from) in std::mem::take(&mut self.unsynced) {
            self.disk.frames.push_back(raw.clone());
            if !planted(Bug::BroadcastFirst) {
                let seq = self.disk.forgotten + self.disk.frames.len() as u64;
                self.broadcast(seq, &raw, from);
            }
        }
        let live: Vec<u64> = self.lines.iter().filter(|(_, line)| line.live).map(|(member, _)| *member as u64).collect();
        if let Some((member, n)) = self.room.poll_wanted(now, live) {
            self.say(member as usize, RelayMessage::CheckpointWanted { n });
        }
        if let Some(through) = self.room.poll_cut(now) {
            self.forget(through, counts);
        }
    }

    fn broadcast(&mut self, seq: u64, raw: &Bytes, from: Option<(usize, u64)>) {
        let compact = self.room.compact(seq, &Frame::decode(raw).unwrap());
        for (member, line) in self.lines.iter_mut().filter(|(_, line)| line.live) {
            line.down.push_back(match from {
                Some((author, submission)) if author == *member => RelayMessage::Ack { seq, submission },
                _ => RelayMessage::Frames { first: seq, frames: vec![compact.clone()], more: false },
            });
        }
    }

    fn forget(&mut self, through: u64, counts: &mut Counts) {
        counts.cut_off += 1;
        while self.disk.forgotten < through && self.disk.frames.pop_front().is_some() {
            self.disk.forgotten += 1;
        }
        self.disk.snapshots.retain(|kept| kept.seq >= through);
    }

    /// The member's queue overflows.
    pub(crate) fn lag(&mut self, member: usize, counts: &mut Counts) {
        if let Some(line) = self.lines.get_mut(&member).filter(|line| line.live && !line.down.is_empty()) {
            counts.lagged += 1;
            line.live = false;
            line.down.retain(|message| !matches!(message, RelayMessage::Frames { .. } | RelayMessage::Ack { .. }));
            line.down.push_back(RelayMessage::Lagged);
        }
    }

    /// The next part of a snapshot is damaged on its way.
    pub(crate) fn damage(&mut self) {
        self.damages_next = true;
    }

    fn say(&mut self, member: usize, message: RelayMessage) {
        if let Some(line) = self.lines.get_mut(&member) {
            line.down.push_back(message);
        }
    }

    pub(crate) fn take_down(&mut self, member: usize) -> Option<RelayMessage> {
        self.lines.get_mut(&member)?.down.pop_front()
    }

    pub(crate) fn has_down(&self, member: usize) -> bool {
        self.lines.get(&member).is_some_and(|line| !line.down.is_empty())
    }

    pub(crate) fn seq(&self) -> u64 {
        self.room.seq()
    }

    pub(crate) fn short_head_at(&self, seq: u64) -> Option<[u8; 8]> {
        self.room.short_head_at(seq)
    }
}
