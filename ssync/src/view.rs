//! The user's value beside its document: capture of what changed in one, receipt of what changed in the other.
//!
//! - **The value, written as a node, is the document plus the gaps**: what a default filled in, what the type does not know,
//!   and what did not fit and kept its last value. Gaps are never emitted; they move with the document.
//! - **A refusal leaves the document as it was**; [`View::rollback`] then restores the value.

use crate::doc::{Doc, Node};
use crate::limits;
use crate::patch::{ApplyError, ApplyReason, Gone, Op, Patch};
use crate::path::{NUMBER_BYTES_MAX, Path, Segment, Trail};
use crate::state::{ApplyToError, check_size};
use crate::syncable::{Change, Gaps, Recorder, Refused, RefusedReason, Syncable, Unfit, build, from_node};
use crate::transform::Order;

/// A value and its document.
pub(crate) struct View<T> {
    pub(crate) value: T,
    doc: Doc,
    /// What makes the value's node of the document's root.
    gaps: Patch,
    /// Where the document holds what the type cannot read.
    unfit: Vec<Unfit>,
    /// Something did not fit, or does now: the value may lag behind the document until it is read as a whole.
    is_stale: bool,
    recorder: Recorder,
}

impl<T: Syncable> View<T> {
    /// The view of a value that nobody has shared yet.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub(crate) fn new(value: T) -> Result<Self, Refused> {
        let root = build(&value, &Trail::ROOT, T::plan())?;
        let whole = Op::Set { path: Path::root(), value: root.clone() };
        T::verify(Change::new(&whole, &root, &Gaps::default()))?;
        let doc = Doc::new(root);
        check_size(&doc)?;
        // Tracked containers begin here.
        value.same(doc.root());
        Ok(Self { value, doc, gaps: Patch::default(), unfit: Vec::new(), is_stale: false, recorder: Recorder::default() })
    }

    /// The view of a document that came from elsewhere.
    ///
    /// # Errors
    /// If the type cannot read it, with the place.
    pub(crate) fn from_doc(doc: Doc) -> Result<Self, Unfit> {
        let mut value: T = from_node(doc.root())?;
        doc.root().forget_marks();
        let mut recorder = Recorder::default();
        let gaps = recorder.compare_typed(&mut value, doc.root());
        let gaps = gaps.map_err(|refused| Unfit { path: refused.path, reason: refused.reason.to_string() })?.clone();
        Ok(Self { value, doc, gaps, unfit: Vec::new(), is_stale: false, recorder })
    }

    /// The document that others see.
    pub(crate) fn doc(&self) -> &Doc {
        &self.doc
    }

    /// Where the document holds what the type cannot read.
    pub(crate) fn unfit(&self) -> &[Unfit] {
        &self.unfit
    }

    /// What changed in the value since the last commit.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub(crate) fn changed(&mut self) -> Result<&Patch, Refused> {
        if self.gaps.is_empty() {
            return self.recorder.compare_typed(&mut self.value, self.doc.root());
        }
        // What was tied to the document was not tied to what a default filled in.
        self.doc.root().forget_marks();
        let shadow = self.shadow();
        self.recorder.compare_typed(&mut self.value, shadow.root())
    }

    /// Takes what changed in the value into the document; gives whether anything did. [`View::committed`] is the patch.
    ///
    /// # Errors
    /// If the value cannot be shared. The document is then as it was.
    pub(crate) fn commit(&mut self) -> Result<bool, Refused> {
        if self.changed()?.is_empty() {
            return Ok(false);
        }
        if self.gaps.is_empty() {
            self.enter(self.recorder.is_doubtful())?;
            self.unfit.clear();
            return Ok(true);
        }
        let (patch, gaps, unfit) = self.lift(self.recorder.patch())?;
        *self.recorder.patch_mut() = patch;
        let old_gaps = std::mem::replace(&mut self.gaps, gaps);
        let outcome = self.enter(true);
        match outcome {
            Ok(()) => self.unfit = unfit,
            Err(_) => self.gaps = old_gaps,
        }
        outcome.map(|()| !self.recorder.patch().is_empty())
    }

    /// What the last commit took into the document. It is given once.
    pub(crate) fn committed(&mut self) -> Patch {
        std::mem::take(self.recorder.patch_mut())
    }

    /// Takes what is recorded into the document, if that is allowed; what is doubtful is read back.
    fn enter(&mut self, is_doubtful: bool) -> Result<(), Refused> {
        let patch = self.recorder.patch();
        let gone = self.doc.apply_ops(patch.ops()).map_err(refused_by_apply)?;
        let outcome = self.check_size(patch).and_then(|()| if is_doubtful { self.read_back(patch) } else { Ok(()) });
        if outcome.is_err() {
            self.doc.take_back(self.recorder.patch().ops(), gone);
        }
        outcome
    }

    /// Makes the value what the document says, after it was refused or its guard was left by a panic.
    pub(crate) fn rollback(&mut self) {
        // The user may have taken containers out of the value, and may put them back.
        self.doc.root().forget_marks();
        match from_node::<T>(self.shadow().root()) {
            Ok(mut value) => {
                value.keep_local(&mut self.value);
                self.value = value;
                self.value.same(self.doc.root());
            }
            // `commit` verified whatever it let into the document, and `receive` decoded the rest.
            Err(unfit) => self.unfit.push(unfit),
        }
    }

    /// Takes a patch of somebody else, whole or not at all; gives the patch that takes it back.
    ///
    /// # Errors
    /// If the patch does not apply, or what comes out does not fit the type. The value is then as it was.
    pub(crate) fn apply(&mut self, patch: &Patch) -> Result<Patch, ApplyToError> {
        let mut gone = Gone::with_capacity(patch.ops.len());
        let mut outcome = Ok(());
        for (number, op) in patch.ops().iter().enumerate() {
            match self.receive_op(op, patch.ops().get(number + 1)) {
                Ok(node) => gone.push(node),
                Err(reason) => {
                    outcome = Err(ApplyToError::Apply(ApplyError { op: number, path: op.path().clone(), reason }));
                    break;
                }
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
            self.receive_op(op, patch.ops().get(number + 1)).map_err(|reason| ApplyError {
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

    /// Takes one op, after which comes `next`, into the document, and as far as it fits into the value; gives what it took away.
    fn receive_op(&mut self, op: &Op, next: Option<&Op>) -> Result<Option<Node>, ApplyReason> {
        // The same value may be in other documents, or twice in this one: what is tied here must not be tied there.
        let own = op.value().and_then(Node::unshared).map(|value| op.clone().with_value(value));
        let op = own.as_ref().unwrap_or(op);
        let gone = self.doc.apply_op(op)?;
        let is_mirror = self.gaps.is_empty() && self.unfit.is_empty() && !self.is_stale;
        self.carry_over(op);
        let gaps = Gaps::default();
        let change = if is_mirror { Change::on_mirror } else { Change::new };
        match self.value.receive(change(op, self.doc.root(), &gaps).followed_by(next)) {
            Ok(()) => self.replace_gaps(gaps),
            Err(unfit) => {
                self.unfit.push(unfit);
                self.is_stale = true;
            }
        }
        Ok(gone)
    }

    /// Takes over what was found where something was decoded, in place of what was known there.
    fn replace_gaps(&mut self, found: Gaps) {
        for (place, gaps) in found.into_places() {
            self.gaps.ops.retain(|gap| !place.contains(gap.path()));
            self.gaps.ops.extend(gaps.ops);
        }
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
        if let Ok(gaps) = self.recorder.compare(&self.value, self.doc.root()) {
            self.gaps = gaps;
        }
    }

    /// Moves gaps and unfit places along with an op.
    fn carry_over(&mut self, op: &Op) {
        if !self.gaps.is_empty() {
            self.gaps = self.gaps.transform(&Patch::new(vec![op.clone()]), Order::Earlier);
        }
        if !self.unfit.is_empty() {
            let known = self.unfit.len();
            self.unfit = carried(&self.unfit, op);
            self.is_stale |= self.unfit.len() < known;
        }
    }

    /// The value's own document: the shared one with the gaps filled in.
    fn shadow(&self) -> Doc {
        let mut shadow = self.doc.clone();
        let filled = shadow.apply(&self.gaps);
        debug_assert!(filled.is_ok(), "gaps are carried along with the document: {filled:?}");
        shadow
    }

    /// A patch of the value's own document as one of the shared document; with the gaps and the unfit places after it.
    ///
    /// # Errors
    /// If it writes where the document holds what the type cannot read.
    fn lift(&self, changed: &Patch) -> Result<(Patch, Patch, Vec<Unfit>), Refused> {
        let (mut shadow, mut gaps, mut unfit) = (self.shadow(), self.gaps.clone(), self.unfit.clone());
        let mut lifted = Patch::default();
        for op in changed.ops() {
            refuse_unfit(op, &gaps, &unfit)?;
            shadow.apply_op(op).map_err(|reason| refused_by_apply(ApplyError { op: 0, path: op.path().clone(), reason }))?;
            let path = op.path();
            let above = gaps.ops().iter().map(Op::path).find(|gap| *gap != path && gap.contains(path)).cloned();
            let at_gap = gaps.ops().iter().any(|gap| gap.path() == path && matches!(gap, Op::Set { .. }));
            let op = match (op, above) {
                // The document has nothing here yet: it gets the whole of what a default had filled in, as it is now.
                (_, Some(gap)) => Some(Op::Set { value: shadow.root().at(&gap).cloned().unwrap_or_default(), path: gap }),
                // What a default had filled in was never in the document.
                (Op::Remove { .. }, None) if at_gap && matches!(path.last(), Some(Segment::Key(_))) => {
                    gaps.ops.retain(|gap| gap.path() != path);
                    None
                }
                (op, None) => Some(op.clone()),
            };
            if let Some(op) = op {
                gaps = gaps.transform(&Patch::new(vec![op.clone()]), Order::Earlier);
                unfit = carried(&unfit, &op);
                lifted.ops.push(op);
            }
        }
        Ok((lifted, gaps, unfit))
    }

    /// The limits of a document and of a frame.
    fn check_size(&self, patch: &Patch) -> Result<(), Refused> {
        check_size(&self.doc)?;
        if patch.is_small() {
            return Ok(());
        }
        let sealed = patch.encoded_len() + limits::SEAL_BYTES;
        // Indices may get longer on the way, up to all the characters that a number may have.
        let longer = |segments: usize| sealed + (NUMBER_BYTES_MAX - 1) * segments;
        if longer(patch.ops().len().saturating_mul(limits::PATH_SEGMENTS_MAX)) <= limits::FRAME_BYTES_MAX {
            return Ok(());
        }
        let indices = patch.ops().iter().flat_map(|op| op.path().iter()).filter(|segment| matches!(segment, Segment::Index(_))).count();
        if longer(indices) > limits::FRAME_BYTES_MAX {
            return Err(Refused { path: Path::root(), reason: RefusedReason::FrameBytes { bytes: longer(indices) } });
        }
        Ok(())
    }

    /// That what was written reads back: every op's path also holds after all of them.
    fn read_back(&self, patch: &Patch) -> Result<(), Refused> {
        let gaps = Gaps::default();
        let filled = if self.gaps.is_empty() { None } else { Some(self.shadow()) };
        let root = filled.as_ref().unwrap_or(&self.doc).root();
        patch.ops().iter().try_for_each(|op| T::verify(Change::new(op, root, &gaps)))
    }
}

/// Unfit places after an op; those that it replaced are gone.
fn carried(unfit: &[Unfit], op: &Op) -> Vec<Unfit> {
    let over = Patch::new(vec![op.clone()]);
    let moved = unfit.iter().filter_map(|unfit| {
        let place = Patch::new(vec![Op::Set { path: unfit.path.clone(), value: Node::Null }]);
        let path = place.transform(&over, Order::Earlier).ops().first()?.path().clone();
        Some(Unfit { path, reason: unfit.reason.clone() })
    });
    moved.collect()
}

/// Refuses a write at or above a value that the type cannot read, and any in a list of which it shows other elements.
fn refuse_unfit(op: &Op, gaps: &Patch, unfit: &[Unfit]) -> Result<(), Refused> {
    let refused = |path: Path, reason: &str| Err(Refused { path, reason: RefusedReason::Unfit(reason.to_owned()) });
    if let Some(unfit) = unfit.iter().find(|unfit| op.path().contains(&unfit.path) || unfit.path.contains(op.path())) {
        return refused(unfit.path.clone(), &unfit.reason);
    }
    let frozen = gaps.ops().iter().filter_map(|gap| match (gap, gap.path().split_last()) {
        (Op::Insert { .. } | Op::Remove { .. }, Some((list, Segment::Index(_)))) => Some(list),
        _ => None,
    });
    match frozen.into_iter().find(|list| op.path().iter().starts_with(*list) || list.starts_with(op.path().iter())) {
        Some(list) => refused(list.into(), "a list with elements that it cannot read"),
        None => Ok(()),
    }
}

fn refused_by_apply(error: ApplyError) -> Refused {
    let reason = match error.reason {
        ApplyReason::Ops { ops } => RefusedReason::PatchOps { ops },
        ApplyReason::Depth { .. } => RefusedReason::Depth,
        other => RefusedReason::Custom(other.to_string()),
    };
    Refused { path: error.path, reason }
}
