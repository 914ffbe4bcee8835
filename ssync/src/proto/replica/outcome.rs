//! What a replica gives: frames to be sent, and what the frames of the log did.

use std::sync::Arc;

use super::content::Mark;
use super::rebased::Rebased;
use crate::patch::Patch;
use crate::wire::frame::{Author, Kind};

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
    /// Its base is behind the last checkpoint.
    #[error("its base is behind a checkpoint")]
    Floor,
    /// Its author had a void frame at or above its base.
    #[error("it was built on a commit that is void")]
    Barrier,
    /// It does not open.
    #[error("it cannot be opened")]
    Sealed,
    /// It opens, and is not a patch.
    #[error("it is not a patch")]
    Decode,
    /// So much came at once that carrying it over that is over a limit: on a newer base it is less.
    #[error("too much came at once for it to be carried over that")]
    Crowded,
    /// It is over a limit.
    #[error("it is over a limit")]
    Limits,
    /// A seed that is not the first frame.
    #[error("the room has a state already")]
    Seed,
    /// A transaction, and somebody touched what it wrote or required.
    #[error("somebody else changed what it wrote or required")]
    Conflict,
    /// Its patch does not fit the document.
    #[error("its patch does not fit the document")]
    Apply,
}

impl Void {
    /// Whether the same content can never become valid, so that sending it again is of no use.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Decode | Self::Limits | Self::Apply | Self::Seed | Self::Conflict)
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Why nothing, if it is void.
    pub void: Option<Void>,
    /// Whether this replica wrote it.
    pub own: bool,
    /// What changes in the view.
    pub view: Arc<Patch>,
    /// Own commits that are in the log now.
    pub accepted: Vec<CommitId>,
    /// Own commits that will never be, and were taken out of the view.
    pub undone: Vec<CommitId>,
    /// What takes the pending commits back now, if that is kept, and was changed by more than what changes in the view.
    pub rebased: Option<Rebased>,
    /// The seqs of frames that left something of it without effect; told where inverses are kept.
    pub masked_by: Vec<u64>,
    /// Its author computed something else of the log than this replica.
    pub diverged: Option<Divergence>,
}

/// Two members computed different things of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Where they were compared.
    pub seq: u64,
    /// The first bytes of the other's chain there.
    pub theirs: [u8; 8],
    /// The first bytes of this replica's.
    pub ours: [u8; 8],
}

impl Divergence {
    pub(super) fn new(theirs: Mark, ours: Mark) -> Self {
        Self { seq: ours.0, theirs: theirs.1, ours: ours.1 }
    }
}

/// A transaction that was taken back before it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Which.
    pub commit: CommitId,
    /// What changes in the view.
    pub view: Patch,
    /// What takes the other pending commits back now, if that is kept.
    pub rebased: Option<Rebased>,
}
