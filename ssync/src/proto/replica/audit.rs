//! What proves that two members computed the same: a SHA-256 chain over the canonical patches since the last checkpoint, each of which ends it
//! with the document and begins the next one with its hash.
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

/// What is linked next.
const PATCH: u8 = 0;
const DOCUMENT: u8 = 1;

#[derive(Clone)]
pub(super) struct Audit {
    /// The chain at the last checkpoint.
    begun: Hash,
    /// What came since.
    since: Sha256,
    link: Vec<u8>,
    every: u64,
    marks: VecDeque<Mark>,
    /// The seq of the mark that was sent last.
    told: u64,
}

impl Audit {
    pub(super) fn new(begun: Hash, every: u64) -> Self {
        Self { begun, since: begin(begun), link: Vec::new(), every, marks: VecDeque::new(), told: 0 }
    }

    /// The chain at the last checkpoint.
    pub(super) const fn begun(&self) -> Hash {
        self.begun
    }

    /// Takes what a frame amounted to.
    pub(super) fn take(&mut self, patch: &Patch) {
        if !patch.is_empty() {
            self.link.clear();
            self.link.push(PATCH);
            patch.encode_into(&mut self.link);
            self.since.update(&self.link);
        }
    }

    /// Takes the document at a checkpoint, and marks it.
    pub(super) fn take_document(&mut self, doc: &Doc, seq: u64) {
        self.since.update([DOCUMENT]);
        self.since.update(doc.root().encode_sorted());
        self.begun = self.chain();
        self.since = begin(self.begun);
        self.mark(seq, self.begun);
    }

    fn chain(&self) -> Hash {
        Hash(self.since.clone().finalize().into())
    }

    /// The frame at this seq was taken.
    pub(super) fn pass(&mut self, seq: u64) {
        if seq.is_multiple_of(self.every) {
            self.mark(seq, self.chain());
        }
    }

    fn mark(&mut self, seq: u64, chain: Hash) {
        if self.marks.back().is_some_and(|(last, _)| *last == seq) {
            return;
        }
        if self.marks.len() == MARKS_MAX {
            self.marks.pop_front();
        }
        self.marks.push_back((seq, chain.short()));
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

fn begin(chain: Hash) -> Sha256 {
    Sha256::new().chain_update(b"ssync chain v1").chain_update(chain.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Node;
    use crate::patch::Op;
    use crate::path::Path;

    /// As `docs/protocol.md` has it.
    #[test]
    fn the_chain_is_over_patches_and_at_a_checkpoint_the_document() {
        let patch = Patch::from_op(Op::Set { path: Path::from_iter(["a".into()]), value: Node::Null });
        let doc = Doc::new(Node::from_json(&serde_json::json!({"b": 1, "a": null})).expect("in range"));
        let mut audit = Audit::new(Hash::default(), 2);
        audit.take(&patch);
        audit.take(&Patch::default());
        audit.pass(2);
        let sha = |bytes: &[u8]| Hash(Sha256::digest(bytes).into());
        let linked = [b"ssync chain v1", &[0; 32][..], &[0], &patch.encode()].concat();
        assert_eq!(audit.untold(), Some((2, sha(&linked).short())));
        audit.take_document(&doc, 3);
        let sorted = [8, 2, 1, b'a', 0, 1, b'b', 3, 1];
        let at_checkpoint = sha(&[&linked[..], &[1], &sorted].concat());
        assert_eq!((audit.untold(), audit.begun()), (Some((3, at_checkpoint.short())), at_checkpoint));
        audit.take(&patch);
        audit.pass(4);
        let linked = [b"ssync chain v1", &at_checkpoint.0[..], &[0], &patch.encode()].concat();
        assert_eq!(audit.untold(), Some((4, sha(&linked).short())));
    }
}
