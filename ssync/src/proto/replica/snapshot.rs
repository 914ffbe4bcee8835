//! The state of a replica at a checkpoint, and how another one begins with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::audit::Audit;
use super::{Author, AuthorState, Pending, Record, Replica};
use crate::diff::{Document, Kinds, KindsOf, diff_nodes, diff_to_merge};
use crate::doc::Doc;
use crate::limits::Bounds;
use crate::patch::{Op, Patch};
use crate::path::{Key, Segment};
use crate::planted::{Bug, planted};
use crate::wire::frame::{Hash, Kind};

/// What every replica has at a checkpoint: **no lanes, no window, nothing pending**.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The checkpoint's seq.
    pub seq: u64,
    /// The document there.
    pub doc: Doc,
    /// The audit's chain there.
    pub chain: Hash,
    /// What is known of each author.
    pub authors: Vec<(Author, Record)>,
}

impl Replica {
    /// What another replica can begin with, if the last frame was a checkpoint.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let authors = self.authors.iter().map(|(author, state)| (*author, state.record)).collect();
        let snapshot = || Snapshot { seq: self.seq, doc: self.doc.clone(), chain: self.audit.begun(), authors };
        (self.seq > 0 && self.seq == self.floor).then(snapshot)
    }

    /// A replica that begins with a snapshot, and commits as `author`.
    pub fn restore(snapshot: Snapshot, author: Author, bounds: Bounds) -> Self {
        let Snapshot { seq, doc, chain, authors } = snapshot;
        let state = |record: Record| AuthorState { record, ..AuthorState::default() };
        Self {
            doc,
            seq,
            floor: seq,
            audit: Audit::new(chain, bounds.audit_frames),
            authors: authors.into_iter().map(|(author, record)| (author, state(record))).collect(),
            ..Self::new(author, bounds)
        }
    }

    /// Goes on, here, with what an earlier replica of this member had pending; gives what changes in that one's view.
    ///
    /// What the log has of it by now is known from its numbers. What others did since is the difference between the earlier document with
    /// that, and this one; the rest is carried over it, and `kinds_of` tells which enums became another variant.
    #[must_use]
    pub fn adopt(&mut self, earlier: Self, fresh: Author, kinds_of: KindsOf) -> Adopted {
        let mut base = earlier.doc;
        let mut adopted = Adopted::default();
        let mut pending = earlier.pending;
        let record = |pending: &Pending| {
            let (author, number) = pending.number?;
            Some((self.authors.get(&author)?.record, number))
        };
        while let Some(mine) = pending.pop_front_if(|first| {
            let is_accepted = record(first).is_some_and(|(record, number)| number <= record.accepted);
            first.kind == Kind::Seed || (is_accepted && !planted(Bug::AcceptedTwice))
        }) {
            let is_accepted = record(&mine).is_some_and(|(record, number)| number <= record.accepted);
            if is_accepted {
                adopted.accepted.extend(mine.ids())
            } else {
                adopted.undone.extend(mine.ids())
            }
            let applied = base.apply(&mine.patch);
            debug_assert!(applied.is_ok(), "pending patches apply one after the other: {applied:?}");
        }
        // What is left and has a number in the log was void there: it goes again under another name.
        let was_void = pending.iter().any(|pending| record(pending).is_some_and(|(record, number)| number <= record.last));
        (self.author, self.last_number, self.last_commit) = (earlier.author, earlier.last_number, earlier.last_commit);
        (self.pending, self.keeps_inverses) = (pending, earlier.keeps_inverses);
        if was_void || !adopted.undone.is_empty() {
            self.start_over(0, fresh);
        }
        self.pending.iter_mut().for_each(|pending| pending.sent_from = None);
        // Where nothing is carried over the difference, nothing can meet a variant.
        let kinds_of = if self.pending.is_empty() { Kinds::none } else { kinds_of };
        let [before, now] = [base.root(), self.doc.root()].map(|root| Document { root, kinds: kinds_of(root) });
        adopted.view = diff_to_merge(&before, &now, &self.pending_ensures());
        let below = Arc::new(adopted.view.clone());
        self.carry_over_pending(&mut adopted.view, 0);
        adopted.rebased = self.rebased_over(&below, &adopted.view);
        adopted
    }

    /// The keys under which pending commits make an empty value.
    fn pending_ensures(&self) -> BTreeSet<Key> {
        let ops = self.pending.iter().flat_map(|pending| pending.patch.ops());
        let ensured = |op: &Op| match (op, op.path().last()) {
            (Op::Ensure { .. }, Some(Segment::Key(key))) if !planted(Bug::SetBehindSnapshot) => Some(Key::from(key)),
            _ => None,
        };
        ops.filter_map(ensured).collect()
    }
}

/// What came of commits while nobody told this member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adopted {
    /// What changes in the view.
    pub view: Patch,
    /// Commits that are in the log.
    pub accepted: Vec<super::CommitId>,
    /// Offers of a first state that came too late.
    pub undone: Vec<super::CommitId>,
    /// What takes the pending commits back now, if that is kept, and was changed by more than what changes in the view.
    pub rebased: Option<super::Rebased>,
    /// The whole view, if what was shown before cannot be relied on.
    pub whole: Option<Doc>,
}

impl Adopted {
    /// What changes in this document, which was shown until now.
    pub fn change_of(&self, shown: &Doc) -> Patch {
        self.whole.as_ref().map_or_else(|| self.view.clone(), |whole| diff_nodes(shown.root(), whole.root()))
    }
}
