//! The chain of hashes over the log, and what it says about each frame.

use std::collections::{BTreeMap, VecDeque};

use super::output::Fatal;
use crate::planted::{Bug, planted};
use crate::wire::frame::{Author, Hash, Header};

/// **`heads` are those at the window's bases, the newest at the back.**
#[derive(Clone)]
pub(super) struct Log {
    seq: u64,
    window_frames: u64,
    heads: VecDeque<Hash>,
    authors: Vec<Author>,
    known: BTreeMap<Author, Known>,
    /// Every sealing of own numbers that the log may still bring.
    sealed: BTreeMap<(Author, u64), Vec<Hash>>,
    /// How far the log was read before it was begun again, and its head there.
    seen: (u64, Hash),
}

#[derive(Clone)]
struct Known {
    index: u64,
    last: Hash,
}

impl Log {
    pub(super) fn new(window_frames: u64) -> Self {
        let heads = VecDeque::from([Hash::default()]);
        Self {
            seq: 0,
            window_frames,
            heads,
            authors: Vec::new(),
            known: BTreeMap::new(),
            sealed: BTreeMap::new(),
            seen: (0, Hash::default()),
        }
    }

    /// The log behind a snapshot: its seq, its head, and all authors in their order with the hashes of their last frames. What was sealed here is
    /// still known.
    pub(super) fn begin_again(&self, seq: u64, head: Hash, authors: Vec<(Author, Hash)>) -> Self {
        let known = (0..).zip(&authors).map(|(index, (author, last))| (*author, Known { index, last: *last })).collect();
        let authors = authors.into_iter().map(|(author, _)| author).collect();
        let seen = if self.seq > self.seen.0 { (self.seq, self.head()) } else { self.seen };
        Self { seq, window_frames: self.window_frames, heads: VecDeque::from([head]), authors, known, sealed: self.sealed.clone(), seen }
    }

    /// The last frame was a checkpoint: no base reaches below it.
    pub(super) fn cut(&mut self) {
        if planted(Bug::FloorIgnored) {
            return;
        }
        let head = self.head();
        self.heads.clear();
        self.heads.push_back(head);
    }

    /// All authors, in the order of their first frames, with the hashes of their last ones.
    pub(super) fn authors(&self) -> Vec<(Author, Hash)> {
        self.authors.iter().map(|author| (*author, self.last_of(*author))).collect()
    }

    /// Remembers a sealing of own commits.
    pub(super) fn sealed(&mut self, header: &Header, hash: Hash) {
        self.sealed.entry((header.author, header.n)).or_default().push(hash);
    }

    /// Checks the next frame: that its author saw this log, and that an own frame is one that was sealed here.
    pub(super) fn check(&self, seq: u64, header: &Header, hash: &Hash) -> Result<(), Fatal> {
        let hex = |bytes: [u8; 8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some(head) = self.head_at(header.base)
            && head.short() != header.head
        {
            return Err(Fatal::Fork { seq, theirs: hex(header.head), ours: hex(head.short()) });
        }
        if (self.seq, self.head()) != self.seen && self.seq == self.seen.0 {
            return Err(Fatal::Fork { seq, theirs: hex(self.head().short()), ours: hex(self.seen.1.short()) });
        }
        let is_own = self.sealed.range((header.author, 0)..=(header.author, u64::MAX)).next().is_some();
        let sealed_here = self.sealed.get(&(header.author, header.n)).is_some_and(|hashes| hashes.contains(hash));
        // What was read before is known by the head there.
        if is_own && !sealed_here && seq > self.seen.0 {
            return Err(Fatal::Tampered { seq, what: "it bears this program's name, and this program never sealed it".into() });
        }
        Ok(())
    }

    /// What the frame must be bound to: the head at its base and its author's frame before.
    pub(super) fn binding(&self, header: &Header) -> Option<(Hash, Hash)> {
        Some((self.head_at(header.base)?, self.last_of(header.author)))
    }

    pub(super) fn append(&mut self, header: &Header, hash: Hash) {
        self.heads.push_back(self.head().chain(&hash));
        if self.heads.len() as u64 > self.window_frames + 1 {
            self.heads.pop_front();
        }
        self.seq += 1;
        let next = self.authors.len() as u64;
        let known = self.known.entry(header.author).or_insert(Known { index: next, last: hash });
        known.last = hash;
        if known.index == next {
            self.authors.push(header.author);
        }
        let done: Vec<_> = self.sealed.range((header.author, 0)..=(header.author, header.m)).map(|(number, _)| *number).collect();
        for number in done {
            // The last one stays, so that the author is still known as an own one.
            if number.1 < header.m && self.sealed.range((header.author, number.1 + 1)..=(header.author, u64::MAX)).next().is_some() {
                self.sealed.remove(&number);
            }
        }
    }

    pub(super) fn head(&self) -> Hash {
        self.heads.back().copied().unwrap_or_default()
    }

    fn head_at(&self, seq: u64) -> Option<Hash> {
        let back = usize::try_from(self.seq.checked_sub(seq)?).ok()?;
        self.heads.len().checked_sub(back + 1).and_then(|position| self.heads.get(position)).copied()
    }

    /// The hash of the author's last frame; zeros before the first.
    pub(super) fn last_of(&self, author: Author) -> Hash {
        self.known.get(&author).map(|known| known.last).unwrap_or_default()
    }

    pub(super) fn author_at(&self, index: u64) -> Option<Author> {
        self.authors.get(usize::try_from(index).ok()?).copied()
    }

    pub(super) fn index_of(&self, author: Author) -> Option<u64> {
        self.known.get(&author).map(|known| known.index)
    }
}
