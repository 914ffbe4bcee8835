//! What every member computes from the log: the one canonical document, and beside it what this member did on top.
//!
//! Methods: [`Replica::commit`] for what the user did; [`Replica::poll_frame`] for what to send, until it gives nothing;
//! [`Replica::handle_frame`] for every frame of the log, in order, own ones included. [`Replica::reseal`] takes back what
//! was given to be sent and may never have arrived.
//!
//! - **The confirmed document is a function of the log alone.**
//! - **The view is the confirmed document with the pending patches applied, in order**; what comes out as `view` keeps it so.
//! - **`(author, n)` names one commit for ever**: it may be sent again with a later base, never with other content.
//! - **A void frame changes nothing but its author's numbers and barrier.** What was pipelined on top of it is void too.
//! - **An author's frames enter the log in the order of their numbers**, so own frames confirm pending from the front.
//!
//! The lanes are the Jupiter server's algorithm (Nichols et al., UIST 1995), run by every member over a log that a
//! server only orders (SPORC, Feldman et al., OSDI 2010).

mod authors;
mod pending;

use std::collections::{BTreeMap, VecDeque};

use authors::AuthorState;
use pending::Pending;

use crate::diff::diff_nodes;
use crate::doc::{Doc, Node};
use crate::limits::{self, Bounds};
use crate::patch::{Op, Patch};
use crate::path::Path;
use crate::planted::{Bug, planted};
use crate::transform::{Order, pairs, transform_both};
use crate::wire::frame::{Author, Header, Kind};

/// Names a commit of this replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub u64);

/// Why a frame in the log has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Void {
    /// Its base is below its author's last one, or not below its own seq.
    #[error("its base is out of order")]
    Base,
    /// Its base is too far behind.
    #[error("its base is too old")]
    Window,
    /// Its author had a void frame at or above its base.
    #[error("it was built on a commit that is void")]
    Barrier,
    /// It does not open.
    #[error("it cannot be opened")]
    Sealed,
    /// It opens, and is not a patch.
    #[error("it is not a patch")]
    Decode,
    /// It is over a limit.
    #[error("it is over a limit")]
    Limits,
    /// A seed that is not the first frame.
    #[error("the room has a state already")]
    Seed,
    /// Its patch does not fit the document.
    #[error("its patch does not fit the document")]
    Apply,
}

impl Void {
    /// Whether the same content can never become valid, so that sending it again is of no use.
    const fn is_final(self) -> bool {
        matches!(self, Self::Decode | Self::Limits | Self::Apply | Self::Seed)
    }
}

/// The log breaks a rule that no honest relay lets pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("frame {seq} of the log has commit {found} of its author where {expected} must come")]
pub struct OutOfOrder {
    /// The frame's seq.
    pub seq: u64,
    /// The number that had to come.
    pub expected: u64,
    /// The number that came.
    pub found: u64,
}

/// A frame to be sealed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is.
    pub kind: Kind,
    /// Under whose name.
    pub author: Author,
    /// The first commit in it.
    pub n: u64,
    /// The last commit in it.
    pub m: u64,
    /// What it was made on.
    pub base: u64,
    /// What to seal.
    pub content: Vec<u8>,
}

/// What a frame of the log did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Why nothing, if it is void.
    pub void: Option<Void>,
    /// Whether this replica wrote it.
    pub own: bool,
    /// What changes in the view.
    pub view: Patch,
    /// Own commits that are in the log now.
    pub accepted: Vec<CommitId>,
    /// Own commits that will never be, and were taken out of the view.
    pub undone: Vec<CommitId>,
}

/// The state of one member.
#[derive(Clone)]
pub struct Replica {
    bounds: Bounds,
    doc: Doc,
    seq: u64,
    /// Canonical patches of the window: seq, author, patch. Empty ones are left out.
    canon: VecDeque<(u64, Author, Patch)>,
    authors: BTreeMap<Author, AuthorState>,
    pending: VecDeque<Pending>,
    author: Author,
    last_number: u64,
    last_commit: u64,
}

impl Replica {
    /// A replica of an empty log that commits as `author`.
    pub fn new(author: Author, bounds: Bounds) -> Self {
        let (canon, authors, pending) = (VecDeque::new(), BTreeMap::new(), VecDeque::new());
        Self { bounds, doc: Doc::default(), seq: 0, canon, authors, pending, author, last_number: 0, last_commit: 0 }
    }

    /// Offers the first state of the room. It counts only if the log is still empty when it arrives.
    pub fn seed(&mut self, root: Node) -> CommitId {
        self.push(Kind::Seed, Patch::new(vec![Op::Set { path: Path::root(), value: root }]))
    }

    /// Takes a patch that the user made on the view.
    pub fn commit(&mut self, patch: Patch) -> CommitId {
        self.push(Kind::Patch, patch)
    }

    fn push(&mut self, kind: Kind, patch: Patch) -> CommitId {
        self.last_commit += 1;
        let id = CommitId(self.last_commit);
        self.pending.push_back(Pending::new(id, kind, patch));
        id
    }

    /// The next frame to send: as many commits as fit, on the newest base.
    pub fn poll_frame(&mut self) -> Option<Draft> {
        let first = self.pending.iter().position(|pending| !pending.is_sent())?;
        let author = self.pending[first].author().unwrap_or(self.author);
        // What an earlier opening left is drained under its own name before the new one sends.
        if self.pending.iter().take(first).any(|before| before.author() != Some(author)) {
            return None;
        }
        let count = pending::squash(self.pending.range(first..), self.bounds.squash_ops_max);
        let mut content = Patch::default();
        let (mut n, mut m) = (0, 0);
        for pending in self.pending.range_mut(first..first + count) {
            let (_, number) = *pending.number.get_or_insert_with(|| {
                self.last_number += 1;
                (author, self.last_number)
            });
            n = if n == 0 { number } else { n };
            m = number;
            pending.sent_from = Some(n);
            content.append(&pending.patch);
        }
        let kind = self.pending[first].kind;
        let content = match (kind, content.ops()) {
            (Kind::Seed, [Op::Set { value, .. }]) => value.encode(),
            _ => content.encode(),
        };
        Some(Draft { kind, author, n, m, base: self.seq, content })
    }

    /// Takes back everything that was given to be sent and is not in the log: it is given again, on the newest base.
    pub fn reseal(&mut self) {
        self.pending.iter_mut().for_each(|pending| pending.sent_from = None);
    }

    /// Commits from now on as another author; what already has a number keeps it. For a replica restored from a copy.
    pub const fn reopen(&mut self, author: Author) {
        self.author = author;
        self.last_number = 0;
    }

    /// Takes the next frame of the log. `open` gives its content, if it opens; `fresh` is an author nobody has used.
    ///
    /// # Errors
    /// If the frame's numbers break the order of the log. The replica is then as it was.
    pub fn handle_frame(&mut self, header: &Header, open: impl FnOnce() -> Option<Vec<u8>>, fresh: Author) -> Result<Taken, OutOfOrder> {
        let seq = self.seq + 1;
        let state = self.authors.entry(header.author).or_default();
        if header.n != state.last + 1 {
            return Err(OutOfOrder { seq, expected: state.last + 1, found: header.n });
        }
        state.last = header.m;
        self.seq = seq;
        let outcome = self.canonical(header, open);
        let canonical = match &outcome {
            Ok(patch) => patch.clone(),
            Err(_) => {
                let state = self.authors.entry(header.author).or_default();
                state.barrier = seq;
                Patch::default()
            }
        };
        self.remember(header.author, &canonical);
        let void = outcome.err();
        Ok(if self.pending.iter().any(|pending| pending.is_in(header)) {
            self.take_own(header, void, fresh)
        } else {
            self.take_foreign(void, canonical, fresh)
        })
    }

    /// The patch that the frame amounts to in the confirmed document, already applied there.
    fn canonical(&mut self, header: &Header, open: impl FnOnce() -> Option<Vec<u8>>) -> Result<Patch, Void> {
        let seq = self.seq;
        let state = self.authors.entry(header.author).or_default();
        if header.base >= seq || header.base < state.base {
            return Err(Void::Base);
        }
        if seq - header.base > self.bounds.window_frames {
            return Err(Void::Window);
        }
        if header.base < state.barrier && !planted(Bug::NoCascade) {
            return Err(Void::Barrier);
        }
        let content = open().ok_or(Void::Sealed)?;
        let mut patch = match header.kind {
            Kind::Seed if seq != 1 => return Err(Void::Seed),
            Kind::Seed => Patch::new(vec![Op::Set { path: Path::root(), value: Node::decode(&content).map_err(|_| Void::Decode)? }]),
            Kind::Patch => Patch::decode(&content).map_err(|_| Void::Decode)?,
        };
        if content.len() > limits::FRAME_BYTES_MAX {
            return Err(Void::Limits);
        }
        let mut lane = state.lane_after(header.author, header.base, &self.canon);
        let pairs: u64 = lane.iter().map(|(_, foreign)| pairs(&patch, foreign)).sum();
        if pairs > limits::TRANSFORM_PAIRS_MAX {
            return Err(Void::Limits);
        }
        for (_, foreign) in &mut lane {
            transform_both(&mut patch, foreign, Order::Later);
        }
        self.doc.apply(&patch).map_err(|_| Void::Apply)?;
        state.lane = lane;
        state.lane_to = seq;
        state.base = header.base;
        Ok(patch)
    }

    /// Keeps a canonical patch for the lanes, and forgets what left the window.
    fn remember(&mut self, author: Author, canonical: &Patch) {
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
        let mut taken = Taken { void, own: true, view: Patch::default(), accepted: Vec::new(), undone: Vec::new() };
        let count = self.pending.iter().take_while(|pending| pending.is_in(header)).count();
        match void {
            None => {
                taken.accepted = self.pending.drain(..count).map(|pending| pending.id).collect();
                // An older sealing of some of these numbers arrived: what shared a frame with them goes again.
                for pending in &mut self.pending {
                    if pending.author() == Some(header.author) && pending.sent_from.is_some_and(|first| first <= header.m) {
                        pending.sent_from = None;
                    }
                }
            }
            Some(void) => {
                if void.is_final() {
                    for _ in 0..count {
                        let (id, undo) = self.undo_first();
                        taken.undone.push(id);
                        taken.view.append(&undo);
                    }
                }
                self.start_over(fresh);
            }
        }
        taken
    }

    fn take_foreign(&mut self, void: Option<Void>, canonical: Patch, fresh: Author) -> Taken {
        let mut view = canonical;
        let mut undone = Vec::new();
        // Whatever came first, the room has begun without this replica's offer.
        if let Some(mine) = self.pending.pop_front_if(|first| first.kind == Kind::Seed) {
            view = diff_nodes(mine.seed_root(), self.doc.root());
            undone.push(mine.id);
            self.start_over(fresh);
        }
        for pending in &mut self.pending {
            transform_both(&mut view, &mut pending.patch, Order::Earlier);
        }
        Taken { void, own: false, view, accepted: Vec::new(), undone }
    }

    /// Takes the first pending commit back; gives what that changes in the view.
    fn undo_first(&mut self) -> (CommitId, Patch) {
        let Some(first) = self.pending.pop_front() else { return (CommitId(0), Patch::default()) };
        // The first pending patch applies to the confirmed document; if it does not, it has no effect to undo.
        let mut undo = self.doc.clone().apply(&first.patch).unwrap_or_default();
        for pending in &mut self.pending {
            transform_both(&mut undo, &mut pending.patch, Order::Earlier);
        }
        (first.id, undo)
    }

    /// Gives everything pending new numbers under an author without a barrier.
    fn start_over(&mut self, fresh: Author) {
        self.reopen(fresh);
        for pending in &mut self.pending {
            (pending.number, pending.sent_from) = (None, None);
        }
    }

    /// The confirmed document.
    pub const fn doc(&self) -> &Doc {
        &self.doc
    }

    /// The document that the user sees: the confirmed one with what is pending.
    pub fn view(&self) -> Doc {
        let mut view = self.doc.clone();
        for pending in &self.pending {
            let applied = view.apply(&pending.patch);
            debug_assert!(applied.is_ok(), "pending patches are carried along with the log: {applied:?}");
        }
        view
    }

    /// The seq of the last frame taken.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// How many commits are not in the log yet.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }
}

impl std::fmt::Debug for Replica {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Replica");
        shown.field("seq", &self.seq).field("author", &self.author).field("pending", &self.pending).finish_non_exhaustive()
    }
}
