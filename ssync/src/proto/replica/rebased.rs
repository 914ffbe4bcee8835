//! What takes pending commits back, once others' work lies below them.
//!
//! A change of others that a pending commit leaves without effect never shows in the view. Taking that commit back must bring it to light all the same, and not what it
//! had replaced: so the inverses are made anew, on the document that the commits now apply to.

use std::sync::Arc;

use super::{CommitId, Replica};
use crate::doc::Doc;
use crate::limits;
use crate::patch::{Op, Patch};
use crate::transform::carry_places;

/// What is new to whoever keeps what takes commits back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebased {
    /// What changed below the pending commits.
    pub below: Arc<Patch>,
    /// What takes each of the pending commits back, the first one's first; none if that would be too much work.
    pub inverses: Option<Vec<Inverse>>,
    /// Sets the places of the view that others wrote to what is there: whatever is carried over that writes them no more.
    pub kept: Patch,
}

/// What takes commits back that are pending as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inverse {
    /// The last of them, and how many others before it.
    pub last: CommitId,
    /// How many others there are before it.
    pub others: u64,
    /// The patch.
    pub patch: Patch,
}

impl Inverse {
    /// Whether it takes back this commit.
    pub fn holds(&self, id: CommitId) -> bool {
        (self.last.0 - self.others..=self.last.0).contains(&id.0)
    }
}

impl Replica {
    /// Has whatever goes below pending commits tell what takes them back then.
    pub const fn keep_inverses(&mut self, keep: bool) {
        self.keeps_inverses = keep;
    }

    /// What there is to tell, after `below` went below the pending commits, and changed the view by `view`.
    pub(super) fn rebased_over(&self, below: &Arc<Patch>, view: &Patch) -> Option<Rebased> {
        if !self.keeps_inverses || **below == *view {
            return None;
        }
        let is_lost = view.ops().len() < below.ops().len();
        (self.is_rebasable() || is_lost).then(|| self.rebased(below.clone()))
    }

    /// The same after a pending commit was taken out.
    pub(super) fn rebased_without(&self) -> Option<Rebased> {
        self.keeps_inverses.then(|| self.rebased(Arc::default()))
    }

    fn is_rebasable(&self) -> bool {
        self.pending.iter().map(|pending| pending.patch.ops().len()).sum::<usize>() <= limits::REBASED_OPS_MAX
    }

    fn rebased(&self, below: Arc<Patch>) -> Rebased {
        if !self.is_rebasable() {
            return Rebased { below, ..Rebased::default() };
        }
        let mut doc = self.doc.clone();
        let inverse = |pending: &super::Pending| {
            // A pending patch applies to the document below it; if it does not, it has no effect to undo.
            let patch = pending.patch.undone_by(doc.apply(&pending.patch).unwrap_or_default());
            Inverse { last: pending.id, others: pending.others, patch }
        };
        let inverses = Some(self.pending.iter().map(inverse).collect());
        let kept = self.kept(&below, &doc);
        Rebased { below, inverses, kept }
    }

    /// The places that a patch below the pending commits wrote, as they are in the view.
    fn kept(&self, below: &Patch, view: &Doc) -> Patch {
        let mut places: Vec<_> = below.ops().iter().map(|op| op.path().clone()).collect();
        self.pending.iter().for_each(|pending| carry_places(&mut places, &pending.patch));
        let kept = places.into_iter().filter_map(|path| Some(Op::Set { value: view.root().at(&path)?.clone(), path }));
        Patch::new(kept.collect())
    }
}
