//! What a commit says of itself, now and later.

use tokio::sync::oneshot;

use crate::patch::Patch;
use crate::proto::replica::Void;
use crate::syncable::Refused;

/// Why a guard's changes were not committed. The value is what it was before the guard.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The value cannot be shared.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// This program may only read.
    #[error("this program may only read; join with a full secret (`ssync1…`) and without `read_only()` to write")]
    ReadOnly,
    /// A transaction requires more places than one frame can name beside its patch.
    #[error(
        "the transaction requires {places} places and takes {bytes} bytes; {} places and {} bytes are the limit",
        crate::limits::REQUIRED_MAX,
        crate::limits::FRAME_BYTES_MAX
    )]
    Required {
        /// How many places.
        places: usize,
        /// How many bytes, with the patch.
        bytes: usize,
    },
    /// The room was left, or the connection ended for good.
    #[error("this program has left the room; join again to write")]
    Left,
}

/// A commit on its way. Dropping it cancels nothing.
#[derive(Debug)]
pub struct Commit {
    pub(super) patch: Patch,
    pub(super) outcome: Later,
}

#[derive(Debug)]
pub(super) enum Later {
    Now(Outcome),
    Then(oneshot::Receiver<Outcome>),
}

/// What came of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is in the log, at this seq, and this program has seen it there; or it is behind a snapshot, and this is the seq of that.
    Accepted(u64),
    /// It is in the log without effect, and was taken back here.
    Void(Void),
    /// It will not get into the log: the connection ended for good.
    Refused(String),
    /// There is no relay: the value is local.
    Local,
    /// Nothing had changed.
    Unchanged,
}

impl Commit {
    /// What changed, as others will see it.
    pub fn patch(&self) -> &Patch {
        &self.patch
    }

    /// Waits for what comes of it. Offline it waits until there is a connection again.
    pub async fn accepted(self) -> Outcome {
        match self.outcome {
            Later::Now(outcome) => outcome,
            Later::Then(later) => later.await.unwrap_or_else(|_| Outcome::Refused("the program left the room".into())),
        }
    }
}
