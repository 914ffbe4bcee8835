//! What every member computes from the log: the one canonical document, and beside it what this member did on top.
//!
//! Methods: [`Replica::commit`] and [`Replica::transact`] for what the user did; [`Replica::poll_undone`] and then [`Replica::poll_frame`] for what
//! to send, until they give nothing; [`Replica::handle_frame`] for every frame of the log, in order, own ones included. [`Replica::reseal`]
//! takes back what was given to be sent and may never have arrived. [`Replica::snapshot`] at a checkpoint, [`Replica::restore`] of one, and
//! [`Replica::adopt`] for what an earlier replica of this member had pending.
//!
//! - **The confirmed document is a function of the log alone.**
//! - **The view is the confirmed document with the pending patches applied, in order**; what comes out as `view` keeps it so.
//! - **`(author, n)` names one commit for ever**: it may be sent again with a later base, never with other content.
//! - **A void frame changes nothing but its author's numbers and barrier.** What was pipelined on top of it is void too.
//! - **An author's frames enter the log in the order of their numbers**, so own frames confirm pending from the front.
//! - **A checkpoint is a floor**: no lane, no window and no base reaches below it, so that a snapshot there needs none of them.
//!
//! The lanes are the Jupiter server's algorithm (Nichols et al., UIST 1995), run by every member over a log that a
//! server only orders (SPORC, Feldman et al., OSDI 2010).

mod audit;
mod authors;
mod content;
mod outcome;
mod pending;
mod rebased;
mod sending;
mod snapshot;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use audit::Audit;
use authors::AuthorState;
pub use authors::Record;
use content::Content;
pub use outcome::{CommitId, Divergence, Draft, OutOfOrder, Taken, Undone, Void};
use pending::Pending;
pub use rebased::{Inverse, Rebased};
pub use snapshot::{Adopted, Snapshot};

use crate::diff::diff_nodes;
pub use crate::diff::{Kinds, KindsOf};
use crate::doc::{Doc, Node};
use crate::limits::{self, Bounds};
use crate::patch::{Gone, Op, Patch};
use crate::path::Path;
use crate::planted::{Bug, planted};
use crate::transform::{Order, are_apart, pairs, touches, transform_both};
use crate::wire::frame::{Author, Hash, Header, Kind};

/// What a frame amounts to in the confirmed document: its seq, its author, its patch.
type Canonical = (u64, Author, Arc<Patch>);

/// The state of one member.
#[derive(Clone)]
pub struct Replica {
    bounds: Bounds,
    doc: Doc,
    seq: u64,
    /// The seq of the last checkpoint.
    floor: u64,
    audit: Audit,
    /// Those of the window. Empty ones are left out.
    canon: VecDeque<Canonical>,
    authors: BTreeMap<Author, AuthorState>,
    pending: VecDeque<Pending>,
    author: Author,
    last_number: u64,
    last_commit: u64,
    /// Whether what takes pending commits back is told.
    keeps_inverses: bool,
}

impl Replica {
    /// A replica of an empty log that commits as `author`.
    pub fn new(author: Author, bounds: Bounds) -> Self {
        let (canon, authors, pending) = (VecDeque::new(), BTreeMap::new(), VecDeque::new());
        let audit = Audit::new(Hash::default(), bounds.audit_frames);
        Self {
            bounds,
            doc: Doc::default(),
            seq: 0,
            floor: 0,
            audit,
            canon,
            authors,
            pending,
            author,
            last_number: 0,
            last_commit: 0,
            keeps_inverses: false,
        }
    }

    /// Takes the next frame of the log. `open` gives its content, if it opens; `fresh` is an author nobody has used.
    ///
    /// # Errors
    /// If the frame's numbers break the order of the log. The replica is then as it was.
    pub fn handle_frame(&mut self, header: &Header, open: impl FnOnce() -> Option<Vec<u8>>, fresh: Author) -> Result<Taken, OutOfOrder> {
        let seq = self.seq + 1;
        let record = &mut self.authors.entry(header.author).or_default().record;
        if header.n != record.last.saturating_add(1) {
            return Err(OutOfOrder { seq, expected: record.last.saturating_add(1), found: header.n });
        }
        record.last = header.m;
        self.seq = seq;
        let (mut diverged, mut masked_by) = (None, Vec::new());
        let outcome = self.canonical(header, open, &mut diverged, &mut masked_by);
        let record = &mut self.authors.entry(header.author).or_default().record;
        let (void, canonical) = match outcome {
            Ok(patch) => {
                record.accepted = header.m;
                (None, patch)
            }
            Err(void) => {
                record.barrier = seq;
                (Some(void), Patch::default())
            }
        };
        self.audit.take(&canonical);
        if header.kind == Kind::Checkpoint && void.is_none() {
            self.cut();
        }
        self.audit.pass(seq);
        let canonical = Arc::new(canonical);
        self.remember(header.author, &canonical);
        let taken = if self.pending.iter().any(|pending| pending.is_in(header)) {
            self.take_own(header, void, fresh)
        } else {
            self.take_foreign(void, canonical, fresh)
        };
        Ok(Taken { diverged, masked_by, ..taken })
    }

    /// The patch that the frame amounts to in the confirmed document, already applied there.
    fn canonical(
        &mut self,
        header: &Header,
        open: impl FnOnce() -> Option<Vec<u8>>,
        diverged: &mut Option<Divergence>,
        masked_by: &mut Vec<u64>,
    ) -> Result<Patch, Void> {
        let seq = self.seq;
        let state = self.authors.entry(header.author).or_default();
        if header.base >= seq || header.base < state.record.base {
            return Err(Void::Base);
        }
        if seq - header.base > self.bounds.window_frames {
            return Err(Void::Window);
        }
        if header.base < self.floor && !planted(Bug::FloorIgnored) {
            return Err(Void::Floor);
        }
        if header.base < state.record.barrier && !planted(Bug::NoCascade) {
            return Err(Void::Barrier);
        }
        if (header.kind == Kind::Checkpoint) != (header.author == Author::CHECKPOINTS) {
            return Err(Void::Sealed);
        }
        let content = open().ok_or(Void::Sealed)?;
        let Content { mut patch, mut required, audit } = match header.kind {
            Kind::Seed if seq != 1 => return Err(Void::Seed),
            Kind::Seed => {
                let value = Node::decode(&content).map_err(|_| Void::Decode)?;
                Content { patch: Patch::new(vec![Op::Set { path: Path::root(), value }]), ..Content::default() }
            }
            Kind::Patch => Content::decode(&content).map_err(|_| Void::Decode)?,
            Kind::Checkpoint => Content::default(),
        };
        *diverged = audit.and_then(|theirs| Some(Divergence::new(theirs, self.audit.differing(theirs)?)));
        if content.len() > limits::FRAME_BYTES_MAX {
            return Err(Void::Limits);
        }
        let mut lane = state.lane_after(header.author, header.base, &self.canon);
        let looked_at = required.as_ref().map_or(0, |required| (patch.ops().len() + required.len()) as u64);
        let cost = |(_, foreign): &(u64, Arc<Patch>)| pairs(&patch, foreign).saturating_add(looked_at * foreign.ops().len() as u64);
        if lane.iter().map(cost).fold(0, u64::saturating_add) > limits::TRANSFORM_PAIRS_MAX {
            return Err(Void::Crowded);
        }
        for (foreign_seq, foreign) in &mut lane {
            if let Some(required) = &mut required
                && touches(&patch, required, foreign)
            {
                return Err(Void::Conflict);
            }
            if !are_apart(&patch, foreign, Order::Later) {
                let ops = patch.ops().len();
                transform_both(&mut patch, Arc::make_mut(foreign), Order::Later);
                if self.keeps_inverses && patch.ops().len() < ops {
                    masked_by.push(*foreign_seq);
                }
            }
        }
        self.doc.apply_ops(patch.ops(), &mut Gone::new()).map_err(|_| Void::Apply)?;
        (state.lane, state.lane_to) = (lane, seq);
        state.record.base = header.base;
        Ok(patch)
    }

    /// Draws the line that a checkpoint is.
    fn cut(&mut self) {
        self.floor = self.seq;
        self.audit.take_document(&self.doc, self.seq);
        if planted(Bug::FloorIgnored) {
            return;
        }
        self.canon.clear();
        self.authors.values_mut().for_each(|state| state.lane.clear());
    }

    /// Keeps a canonical patch for the lanes, and forgets what left the window.
    fn remember(&mut self, author: Author, canonical: &Arc<Patch>) {
        if !canonical.is_empty() {
            self.canon.push_back((self.seq, author, canonical.clone()));
        }
        let oldest = self.seq.saturating_sub(self.bounds.window_frames);
        while self.canon.front().is_some_and(|(seq, ..)| *seq <= oldest) {
            self.canon.pop_front();
        }
        if self.seq.is_multiple_of(self.bounds.window_frames.div_ceil(4)) {
            self.authors.values_mut().for_each(|state| state.lane.retain(|(seq, _)| *seq > oldest));
        }
    }

    fn take_own(&mut self, header: &Header, void: Option<Void>, fresh: Author) -> Taken {
        let mut taken = Taken { void, own: true, ..Taken::default() };
        let count = self.pending.iter().take_while(|pending| pending.is_in(header)).count();
        match void {
            None => {
                taken.accepted = self.pending.drain(..count).flat_map(|pending| pending.ids()).collect();
                // An older sealing of some of these numbers arrived: what shared a frame with them goes again.
                for pending in &mut self.pending {
                    if pending.author() == Some(header.author) && pending.sent_from.is_some_and(|first| first <= header.m) {
                        pending.sent_from = None;
                    }
                }
            }
            Some(void) => {
                if void.is_final() {
                    let mut view = Patch::default();
                    for _ in 0..count {
                        let (ids, undo) = self.undo_at(0);
                        taken.undone.extend(ids);
                        view.append(&undo);
                    }
                    taken.view = Arc::new(view);
                    taken.rebased = self.rebased_without();
                }
                self.start_over(0, fresh);
            }
        }
        taken
    }

    fn take_foreign(&mut self, void: Option<Void>, mut view: Arc<Patch>, fresh: Author) -> Taken {
        let mut undone = Vec::new();
        // Whatever came first, the room has begun without this replica's offer.
        if let Some(mine) = self.pending.pop_front_if(|first| first.kind == Kind::Seed) {
            view = Arc::new(diff_nodes(mine.seed_root(), self.doc.root()));
            undone.push(mine.id);
            self.start_over(0, fresh);
        }
        let below = view.clone();
        if !self.pending.is_empty() {
            self.carry_over_pending(Arc::make_mut(&mut view), 0);
        }
        let rebased = self.rebased_over(&below, &view);
        Taken { void, view, undone, rebased, ..Taken::default() }
    }

    /// Carries what changes below the pending commits from a position on to where the view is, and them over it.
    fn carry_over_pending(&mut self, change: &mut Patch, from: usize) {
        for pending in self.pending.range_mut(from..) {
            if change.is_empty() {
                return;
            }
            pending.carry_over(change);
        }
    }

    /// Takes a pending commit back; gives what that changes in the view.
    fn undo_at(&mut self, position: usize) -> (Vec<CommitId>, Patch) {
        let mut below = self.view_of(position);
        let Some(gone) = self.pending.remove(position) else { return (Vec::new(), Patch::default()) };
        // A pending patch applies to the document below it; if it does not, it has no effect to undo.
        let mut undo = if planted(Bug::ConflictStays) { Patch::default() } else { below.apply(&gone.patch).unwrap_or_default() };
        for pending in self.pending.range_mut(position..) {
            pending.carry_own(&mut undo);
        }
        (gone.ids().collect(), undo)
    }

    /// Gives what is pending from a position on new numbers under an author without a barrier.
    fn start_over(&mut self, from: usize, fresh: Author) {
        if !planted(Bug::NumberReused) {
            self.reopen(fresh);
        }
        for pending in self.pending.range_mut(from..) {
            (pending.number, pending.sent_from) = (None, None);
        }
    }

    /// The confirmed document.
    pub const fn doc(&self) -> &Doc {
        &self.doc
    }

    /// The document that the user sees: the confirmed one with what is pending.
    pub fn view(&self) -> Doc {
        self.view_of(self.pending.len())
    }

    /// The confirmed document with the first of the pending commits.
    fn view_of(&self, count: usize) -> Doc {
        let mut view = self.doc.clone();
        for pending in self.pending.range(..count) {
            let applied = view.apply(&pending.patch);
            debug_assert!(applied.is_ok(), "pending patches are carried along with the log: {applied:?}");
        }
        view
    }

    /// The seq of the last frame taken.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The seq of the last checkpoint; 0 if there was none.
    pub const fn floor(&self) -> u64 {
        self.floor
    }

    /// How many commits are not in the log yet.
    pub fn pending(&self) -> usize {
        self.pending.iter().map(|pending| pending.others as usize + 1).sum()
    }

    /// Whether a frame with this header, given out before, holds what is still pending under these numbers.
    pub fn is_pending(&self, header: &Header) -> bool {
        self.pending.iter().any(|pending| pending.is_in(header))
    }
}

impl std::fmt::Debug for Replica {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Replica");
        shown.field("seq", &self.seq).field("author", &self.author).field("pending", &self.pending).finish_non_exhaustive()
    }
}
