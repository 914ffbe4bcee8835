//! What proves that two members computed the same: a SHA-256 chain over canonical patches, and at checkpoints over the document.
//!
//! **Two members that have the same chain at a seq have the same document there.** Authors put theirs into a frame now and then.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use super::content::Mark;
use crate::doc::Doc;
use crate::patch::Patch;
use crate::wire::frame::Hash;

/// Marks kept for comparison: as many as the window has.
const MARKS_MAX: usize = 64;

#[derive(Clone)]
pub(super) struct Audit {
    pub(super) chain: Hash,
    every: u64,
    marks: VecDeque<Mark>,
    /// The seq of the mark that was sent last.
    told: u64,
}

impl Audit {
    pub(super) const fn new(chain: Hash, every: u64) -> Self {
        Self { chain, every, marks: VecDeque::new(), told: 0 }
    }

    /// Takes what a frame amounted to.
    pub(super) fn take(&mut self, patch: &Patch) {
        if !patch.is_empty() {
            self.link(b"ssync patch", &patch.encode());
        }
    }

    /// Takes the document at a checkpoint, and marks it.
    pub(super) fn take_document(&mut self, doc: &Doc, seq: u64) {
        self.link(b"ssync document", &doc.root().encode_sorted());
        self.mark(seq);
    }

    fn link(&mut self, domain: &[u8], bytes: &[u8]) {
        self.chain = Hash(Sha256::new().chain_update(domain).chain_update(self.chain.0).chain_update(bytes).finalize().into());
    }

    /// The frame at this seq was taken.
    pub(super) fn pass(&mut self, seq: u64) {
        if seq.is_multiple_of(self.every) {
            self.mark(seq);
        }
    }

    fn mark(&mut self, seq: u64) {
        if self.marks.back().is_some_and(|(last, _)| *last == seq) {
            return;
        }
        if self.marks.len() == MARKS_MAX {
            self.marks.pop_front();
        }
        self.marks.push_back((seq, self.chain.short()));
    }

    /// The newest mark, if it was not sent yet.
    pub(super) fn untold(&mut self) -> Option<Mark> {
        let mark = *self.marks.back()?;
        if mark.0 == self.told {
            return None;
        }
        self.told = mark.0;
        Some(mark)
    }

    /// What was sent may not have arrived.
    pub(super) const fn tell_again(&mut self) {
        self.told = 0;
    }

    /// What this member has at the seq of somebody's mark, if it is not the same.
    pub(super) fn differing(&self, theirs: Mark) -> Option<Mark> {
        self.marks.iter().find(|own| own.0 == theirs.0 && own.1 != theirs.1).copied()
    }
}
