//! Receipt: patches of others, on their way into the document and the value.

use super::View;
use super::lift::{carried, carry_gaps};
use crate::doc::{Doc, Node};
use crate::limits;
use crate::patch::{ApplyError, ApplyReason, Gone, Op, Patch};
use crate::path::{Path, Segment};
use crate::state::ApplyToError;
use crate::syncable::{Applied, Gaps, Refused, RefusedReason, Syncable, Unfit, from_node};

impl<T: Syncable> View<T> {
    /// Takes a patch of somebody else, whole or not at all; leaves in `inverse`, which is empty, the patch that takes it back.
    ///
    /// # Errors
    /// If the patch does not apply, or what comes out does not fit the type. The value is then as it was.
    pub(crate) fn apply(&mut self, patch: &Patch, inverse: &mut Patch) -> Result<(), ApplyToError> {
        if let [op] = patch.ops()
            && self.is_mirror()
        {
            inverse.ops.push(Op::UNFILLED);
            if let Op::Set { path, value } = &mut inverse.ops[0]
                && set_scalar(&mut self.value, &mut self.doc, op, value)
            {
                path.push_all(op.path().iter());
                return Ok(());
            }
            inverse.ops.clear();
        }
        *inverse = self.apply_any(patch)?;
        Ok(())
    }

    /// Takes a patch of this program that did not come from a change of the value; gives the patch that takes it back.
    ///
    /// # Errors
    /// As [`View::apply`], and if a commit of it would be over a limit. The value is then as it was.
    pub(crate) fn apply_own(&mut self, patch: &Patch) -> Result<Patch, ApplyToError> {
        let ops = patch.ops().len();
        if ops > limits::PATCH_OPS_MAX {
            return Err(Refused { path: Path::root(), reason: RefusedReason::PatchOps { ops } }.into());
        }
        let mut inverse = Patch::default();
        self.apply(patch, &mut inverse)?;
        if let Err(refused) = self.check_size(patch) {
            let restored = self.receive(&inverse);
            debug_assert!(restored.is_ok(), "an inverse applies: {restored:?}");
            return Err(refused.into());
        }
        Ok(inverse)
    }

    fn apply_any(&mut self, patch: &Patch) -> Result<Patch, ApplyToError> {
        let mut gone = Gone::with_capacity(patch.ops.len());
        let mut outcome = Ok(());
        for (number, op) in patch.ops().iter().enumerate() {
            gone.push(None);
            let received = match patch.ops().get(number + 1) {
                // What is alone was not taken at once.
                None if number == 0 => self.receive_any(op, None, &mut gone[number]),
                next => self.receive_op(op, next, &mut gone[number]),
            };
            if let Err(reason) = received {
                gone.pop();
                outcome = Err(ApplyToError::Apply(ApplyError { op: number, path: op.path().clone(), reason }));
                break;
            }
        }
        let inverse = patch.inverse(gone);
        if outcome.is_ok() && self.is_stale {
            self.try_whole();
            outcome = self.unfit.first().cloned().map_or(Ok(()), |unfit| Err(unfit.into()));
        }
        if outcome.is_err() {
            let restored = self.receive(&inverse);
            debug_assert!(restored.is_ok(), "an inverse applies: {restored:?}");
        }
        outcome.map(|()| inverse)
    }

    /// Takes a patch of somebody else into the document and the value.
    ///
    /// # Errors
    /// If the patch does not apply to the document, which is then of no further use: the caller makes the view anew.
    pub(crate) fn receive(&mut self, patch: &Patch) -> Result<(), ApplyError> {
        for (number, op) in patch.ops().iter().enumerate() {
            self.receive_op(op, patch.ops().get(number + 1), &mut None).map_err(|reason| ApplyError {
                op: number,
                path: op.path().clone(),
                reason,
            })?;
        }
        let touched = |unfit: &Unfit| patch.ops().iter().any(|op| op.path().contains(&unfit.path) || unfit.path.contains(op.path()));
        if self.is_stale || self.unfit.iter().any(touched) {
            self.try_whole();
        }
        Ok(())
    }

    /// Takes one op, after which comes `next`, into the document, and as far as it fits into the value; leaves what it took away in `gone`.
    fn receive_op(&mut self, op: &Op, next: Option<&Op>, gone: &mut Option<Node>) -> Result<(), ApplyReason> {
        let mut scalar = Node::Null;
        if self.is_mirror() && set_scalar(&mut self.value, &mut self.doc, op, &mut scalar) {
            *gone = Some(scalar);
            return Ok(());
        }
        self.receive_any(op, next, gone)
    }

    /// Whether the value says all that the document does.
    fn is_mirror(&self) -> bool {
        self.gaps.is_empty() && self.unfit.is_empty() && !self.is_stale
    }

    fn receive_any(&mut self, op: &Op, next: Option<&Op>, gone: &mut Option<Node>) -> Result<(), ApplyReason> {
        // The same value may be in other documents, or twice in this one: what is tied here must not be tied there.
        let own = op.value().and_then(Node::unshared).map(|value| op.clone().with_value(value));
        let op = own.as_ref().unwrap_or(op);
        self.doc.apply_op(op, gone)?;
        let is_mirror = self.is_mirror();
        self.carry_over(op);
        let gaps = Gaps::default();
        let applied = Applied::new(op, &gaps).followed_by(next).on_mirror(is_mirror);
        match self.value.receive(applied.at(self.doc.root())) {
            Ok(()) => self.replace_gaps(gaps),
            Err(unfit) => {
                self.unfit.push(unfit);
                self.is_stale = true;
            }
        }
        Ok(())
    }

    /// Takes over what was found where something was decoded, in place of what was known there.
    fn replace_gaps(&mut self, found: Gaps) {
        for (place, gaps) in found.into_places() {
            self.gaps.ops.retain(|gap| !place.contains(gap.path()));
            self.gaps.ops.extend(gaps.ops);
        }
    }

    /// Shows what a commit of the value uncovered: an equal member or key was hidden behind one that it took away.
    #[inline]
    pub(crate) fn uncover(&mut self) {
        if !self.gaps.is_empty() {
            self.uncover_any();
        }
    }

    #[cold]
    fn uncover_any(&mut self) {
        let committed = self.committed();
        let parent = |op: &Op| match (op, op.path().split_last()) {
            (Op::Remove { .. }, Some((above, Segment::Key(_)))) => Some(Path::from(above)),
            _ => None,
        };
        let hidden: Vec<Path> = self.gaps.ops().iter().filter_map(parent).collect();
        if !hidden.is_empty() && committed.ops().iter().filter_map(parent).any(|parent| hidden.contains(&parent)) {
            self.try_whole();
        }
        *self.recorder.patch_mut() = committed;
    }

    /// Decodes the whole document once more: what did not fit half way through a patch may fit at its end.
    fn try_whole(&mut self) {
        self.is_stale = false;
        self.doc.root().forget_marks();
        match from_node::<T>(self.doc.root()) {
            Ok(mut value) => {
                value.keep_local(&mut self.value);
                self.value = value;
                self.unfit.clear();
            }
            Err(unfit) => {
                self.unfit.sort_by(|a, b| a.path.cmp(&b.path));
                self.unfit.dedup_by(|a, b| a.path == b.path);
                if self.unfit.iter().all(|known| known.path != unfit.path) {
                    self.unfit.push(unfit);
                }
            }
        }
        self.recorder.set_ensures(false);
        if let Ok(gaps) = self.recorder.compare(&self.value, self.doc.root()) {
            self.gaps = gaps;
        }
    }

    /// Moves gaps and unfit places along with an op.
    fn carry_over(&mut self, op: &Op) {
        if !self.gaps.is_empty() {
            carry_gaps(&mut self.gaps, op);
        }
        if !self.unfit.is_empty() {
            let known = self.unfit.len();
            self.unfit = carried(&self.unfit, op);
            self.is_stale |= self.unfit.len() < known;
        }
    }
}

/// Takes an op that replaces one scalar by another into the value and the document on one way down both, and
/// leaves the old one in `gone`; gives whether it was that.
fn set_scalar<T: Syncable>(value: &mut T, doc: &mut Doc, op: &Op, gone: &mut Node) -> bool {
    match op {
        Op::Set { path, value: scalar } => doc.replace_scalar(scalar, gone, |root| {
            let place = value.receive_scalar(root, path.iter(), scalar)?;
            debug_assert!(place.scalar_len().is_some(), "a scalar of the value is one of the document: {path}");
            Some(place)
        }),
        _ => false,
    }
}
