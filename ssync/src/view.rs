//! The user's value beside its document: capture of what changed in one, receipt of what changed in the other.
//!
//! - **The value, written as a node, is the document plus the gaps**: what a default filled in, what the type does not know,
//!   and what did not fit and kept its last value. Gaps are never emitted; they move with the document.
//! - **A refusal leaves the document as it was**; [`View::rollback`] then restores the value.

mod lift;
mod receive;

use crate::doc::{Doc, Node};
use crate::limits;
use crate::patch::{ApplyError, ApplyReason, Gone, Op, Patch};
use crate::path::{NUMBER_BYTES_MAX, Path, Segment, Trail};
use crate::planted::{Bug, planted};
use crate::state::check_size;
use crate::syncable::walk::committing;
use crate::syncable::{Applied, Gaps, Recorder, Refused, RefusedReason, Syncable, Unfit, build, from_node};
use lift::Lift;

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
    /// Whether each commit leaves what takes it back.
    keeps_inverses: bool,
    inverse: Patch,
}

impl<T: Syncable> View<T> {
    /// The view of a value that nobody has shared yet.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub(crate) fn new(mut value: T) -> Result<Self, Refused> {
        let root = committing(|| build(&value, &Trail::ROOT, T::plan()))?;
        let whole = Op::Set { path: Path::root(), value: root.clone() };
        T::verify(Applied::new(&whole, &Gaps::default()).at(&root))?;
        let doc = Doc::new(root);
        check_size(&doc)?;
        // Tracked containers begin here: also a counter that serde leaves out knows that its number is in the document.
        value.same(doc.root());
        let mut recorder = Recorder::default();
        committing(|| recorder.compare_typed(&mut value, doc.root()).map(drop))?;
        Ok(Self {
            value,
            doc,
            gaps: Patch::default(),
            unfit: Vec::new(),
            is_stale: false,
            recorder,
            keeps_inverses: false,
            inverse: Patch::default(),
        })
    }

    /// The view of a document that came from elsewhere, and that no other value of this program was compared with.
    ///
    /// # Errors
    /// If the type cannot read it, with the place.
    pub(crate) fn from_doc(doc: Doc) -> Result<Self, Unfit> {
        let mut value: T = from_node(doc.root())?;
        let mut recorder = Recorder::default();
        let gaps = recorder.compare_typed(&mut value, doc.root());
        let gaps = gaps.map_err(|refused| Unfit { path: refused.path, reason: refused.reason.to_string() })?.clone();
        Ok(Self { value, doc, gaps, unfit: Vec::new(), is_stale: false, recorder, keeps_inverses: false, inverse: Patch::default() })
    }

    /// The document that others see.
    pub(crate) fn doc(&self) -> &Doc {
        &self.doc
    }

    /// Where the document holds what the type cannot read.
    pub(crate) fn unfit(&self) -> &[Unfit] {
        &self.unfit
    }

    /// Records what changed in the value since the last commit. **Once for each commit**: containers use up what they remember.
    ///
    /// # Errors
    /// If the value cannot be shared.
    #[inline]
    pub(crate) fn changed(&mut self) -> Result<&Patch, Refused> {
        self.recorder.set_ensures(true);
        self.recorder.set_others_know_more(!self.gaps.is_empty());
        if planted(Bug::ComparedTwice) {
            committing(|| self.recorder.compare_typed(&mut self.value, self.doc.root()).map(drop))?;
        }
        if self.gaps.is_empty() {
            return committing(|| self.recorder.compare_typed(&mut self.value, self.doc.root()));
        }
        // What was tied to the document was not tied to what a default filled in.
        self.doc.root().forget_marks();
        let shadow = self.shadow();
        committing(|| self.recorder.compare_typed(&mut self.value, shadow.root()))
    }

    /// Takes what [`View::changed`] recorded, which is something, into the document; gives whether anything was left of it for the others.
    /// [`View::committed`] is the patch.
    ///
    /// # Errors
    /// If the value cannot be shared. The document is then as it was.
    #[inline]
    pub(crate) fn commit(&mut self) -> Result<bool, Refused> {
        if self.gaps.is_empty() {
            self.enter(self.recorder.is_doubtful())?;
            self.unfit.clear();
            return Ok(true);
        }
        let mut lift = Lift::new(self.doc.clone(), self.shadow(), self.gaps.clone(), self.unfit.clone());
        lift.patch(self.recorder.patch(), self.recorder.anew())?;
        *self.recorder.patch_mut() = lift.lifted;
        let old_gaps = std::mem::replace(&mut self.gaps, lift.gaps);
        let outcome = self.enter(true);
        match outcome {
            Ok(()) => self.unfit = lift.unfit,
            Err(_) => self.gaps = old_gaps,
        }
        outcome.map(|()| !self.recorder.patch().is_empty())
    }

    /// What the last commit took into the document. It is given once.
    pub(crate) fn committed(&mut self) -> Patch {
        std::mem::take(self.recorder.patch_mut())
    }

    /// Has each commit leave what takes it back, for [`View::take_inverse`].
    pub(crate) const fn keep_inverses(&mut self, keep: bool) {
        self.keeps_inverses = keep;
    }

    /// What takes the last commit back. It is given once.
    pub(crate) fn take_inverse(&mut self) -> Patch {
        std::mem::take(&mut self.inverse)
    }

    /// Takes what is recorded into the document, if that is allowed; what is doubtful is read back.
    #[inline]
    fn enter(&mut self, is_doubtful: bool) -> Result<(), Refused> {
        if !is_doubtful && self.gaps.is_empty() && self.set_at_spot() { Ok(()) } else { self.enter_any(is_doubtful) }
    }

    /// Sets the scalar that alone was recorded, where it is known where it stands and too small to be refused; gives whether it was that.
    #[inline]
    fn set_at_spot(&mut self) -> bool {
        let patch = self.recorder.patch();
        let ([Op::Set { path, value }], Some(spot)) = (patch.ops(), self.recorder.spot()) else { return false };
        let has_room = !self.keeps_inverses && patch.is_small() && self.doc.size_bytes() <= limits::SNAPSHOT_BYTES_MAX / 2;
        let is_set = has_room && self.doc.replace_scalar(value, &mut Node::Null, |root| root.at_positions(spot));
        debug_assert!(!is_set || self.doc.root().at(path) == Some(value), "the spot is not at {path}: {spot:?}");
        is_set
    }

    fn enter_any(&mut self, is_doubtful: bool) -> Result<(), Refused> {
        let mut gone = Gone::new();
        self.doc.apply_ops(self.recorder.patch().ops(), &mut gone).map_err(refused_by_apply)?;
        let patch = self.recorder.patch();
        let outcome = self.check_size(patch).and_then(|()| if is_doubtful { self.read_back(patch) } else { Ok(()) });
        if outcome.is_err() {
            self.doc.take_back(self.recorder.patch().ops(), gone);
        } else if self.keeps_inverses {
            let patch = self.recorder.patch();
            self.inverse = patch.undone_by(patch.inverse(gone));
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

    /// The value's own document: the shared one with the gaps filled in.
    fn shadow(&self) -> Doc {
        let mut shadow = self.doc.clone();
        let filled = shadow.apply(&self.gaps);
        debug_assert!(filled.is_ok(), "gaps are carried along with the document: {filled:?}");
        shadow
    }

    /// The limits of a document and of a frame.
    #[inline]
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
        let followed = |(at, op)| Applied::new(op, &gaps).followed_by(patch.ops().get(at + 1));
        patch.ops().iter().enumerate().map(followed).try_for_each(|applied| T::verify(applied.at(root)))
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
