//! The relay of a simulation: the real room, a log in memory, and lines that wait.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use ssync::proto::room::{Room, Verdict};
use ssync::wire::codec::{ClientMessage, RefusalCode, RelayMessage, decode_compact};
use ssync::wire::frame::Frame;

use super::{BOUNDS, Counts, below};

pub(crate) struct Relay {
    room: Room,
    log: Vec<Bytes>,
    lines: BTreeMap<usize, Line>,
    zombies: Vec<Bytes>,
}

#[derive(Default)]
struct Line {
    down: VecDeque<RelayMessage>,
    live: bool,
    submissions: u64,
}

impl Relay {
    pub(crate) fn new() -> Self {
        Self { room: Room::with_window(BOUNDS.window_frames), log: Vec::new(), lines: BTreeMap::new(), zombies: Vec::new() }
    }

    pub(crate) fn restart(&mut self) {
        self.room = Room::with_window(BOUNDS.window_frames);
        for raw in &self.log {
            self.room.restore(raw, &Frame::decode(raw).unwrap());
        }
        self.lines.clear();
    }

    pub(crate) fn open_line(&mut self, member: usize) {
        self.lines.insert(member, Line::default());
    }

    /// The line is gone; what was on it arrives later, from nobody.
    pub(crate) fn close_line(&mut self, member: usize, on_the_line: impl Iterator<Item = ClientMessage>) {
        if self.lines.remove(&member).is_none() {
            return;
        }
        for message in on_the_line {
            if let ClientMessage::Submit { frames } = message {
                let frames = frames.iter().filter_map(|compact| decode_compact(compact, |index| self.room.author_at(index)).ok());
                self.zombies.extend(frames.map(|frame| frame.encode()));
            }
        }
    }

    pub(crate) fn deliver_zombie(&mut self, rng: &mut ChaCha8Rng, counts: &mut Counts) {
        if !self.zombies.is_empty() {
            counts.zombies += 1;
            let position = below(rng, self.zombies.len());
            let raw = self.zombies.swap_remove(position);
            self.append(&raw, None, counts);
        }
    }

    pub(crate) fn has_zombies(&self) -> bool {
        !self.zombies.is_empty()
    }

    /// What a writer who breaks the rules appends.
    pub(crate) fn submit_raw(&mut self, raw: &Bytes) {
        self.append(raw, None, &mut Counts::default());
    }

    pub(crate) fn handle(&mut self, member: usize, message: ClientMessage, counts: &mut Counts) {
        if !self.lines.contains_key(&member) {
            return;
        }
        match message {
            ClientMessage::Hello { .. } => self.say(member, RelayMessage::Challenge { nonce: [7; 16] }),
            ClientMessage::Login { proof, .. } => {
                assert!(proof.verify(super::keys().room(), "sim", &[7; 16]).is_ok(), "the login holds");
                self.say(member, RelayMessage::Welcome { seq: self.room.seq() });
            }
            ClientMessage::Fetch { from } => self.fetch(member, from),
            ClientMessage::Ping => self.say(member, RelayMessage::Pong),
            ClientMessage::Submit { frames } => {
                for compact in frames {
                    let frame = decode_compact(&compact, |index| self.room.author_at(index)).unwrap();
                    let submission = self.lines.get_mut(&member).map(|line| {
                        line.submissions += 1;
                        line.submissions - 1
                    });
                    self.append(&frame.encode(), submission.map(|submission| (member, submission)), counts);
                }
            }
        }
    }

    fn fetch(&mut self, member: usize, from: u64) {
        let start = from as usize - 1;
        let end = self.log.len().min(start + 10);
        let frames = (start..end).map(|position| self.room.compact(position as u64 + 1, &Frame::decode(&self.log[position]).unwrap()));
        let frames = frames.collect();
        let more = end < self.log.len();
        self.say(member, RelayMessage::Frames { first: from, frames, more });
        if let Some(line) = self.lines.get_mut(&member) {
            line.live = !more;
        }
    }

    fn append(&mut self, raw: &Bytes, from: Option<(usize, u64)>, counts: &mut Counts) {
        let frame = Frame::decode(raw).unwrap();
        match self.room.handle_submit(raw, &frame) {
            Verdict::Append { seq } => {
                self.log.push(raw.clone());
                let compact = self.room.compact(seq, &frame);
                for (member, line) in &mut self.lines {
                    if line.live {
                        line.down.push_back(match from {
                            Some((author, submission)) if author == *member => RelayMessage::Ack { seq, submission },
                            _ => RelayMessage::Frames { first: seq, frames: vec![compact.clone()], more: false },
                        });
                    }
                }
            }
            Verdict::Duplicate => counts.duplicates += 1,
            Verdict::Refused(code) => {
                counts.refused += 1;
                assert_ne!(code, RefusalCode::Fork, "no honest frame forks");
                if let Some((member, submission)) = from {
                    self.say(member, RelayMessage::Refused { code, submission: Some(submission), text: format!("{code:?}") });
                }
            }
        }
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
