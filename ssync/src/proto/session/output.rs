//! What a session asks for, and what it ends with.

use super::snapshot::SnapshotJob;
use bytes::Bytes;

use crate::doc::Node;
use crate::proto::replica::{Adopted, Taken, Undone};
use crate::wire::codec::{ClientMessage, RefusalCode};
use crate::wire::frame::Author;

/// What is to be done, in order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send this to the relay.
    Send(ClientMessage),
    /// The room is empty, and the seed was offered: it is the view until the log says otherwise.
    Seeded(Node),
    /// A frame of the log was taken.
    Taken {
        /// Its seq.
        seq: u64,
        /// Who wrote it.
        author: Author,
        /// How many commits it holds.
        commits: u64,
        /// What it did.
        taken: Taken,
    },
    /// A transaction was taken back before it was sent: somebody touched what it wrote or required.
    Undone(Undone),
    /// The replica began with a snapshot, or again.
    Adopted {
        /// How far the log was taken.
        seq: u64,
        /// What came of the view and of what was pending.
        adopted: Adopted,
    },
    /// A snapshot is to be sealed and sent.
    Snapshot(SnapshotJob),
    /// A member says something of itself, or has gone.
    Present {
        /// Its name while its process lives.
        member: Author,
        /// What it says.
        what: Option<Bytes>,
    },
}

/// How the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Link {
    /// There is none.
    #[default]
    Offline,
    /// Dialling or logging in.
    Connecting,
    /// Reading what happened in the meantime.
    CatchingUp,
    /// Everything is received as it happens.
    Live,
}

/// Something that no other connection mends: the log is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fatal {
    /// An author saw another log than this member.
    #[error("fork: frame {seq} was written on another history of this room (its head {theirs}, ours {ours}); the relay's log was replaced")]
    Fork {
        /// The frame that shows it.
        seq: u64,
        /// The head that its author saw, in hex.
        theirs: String,
        /// The head that this member saw there, in hex.
        ours: String,
    },
    /// The log holds what cannot come from its author.
    #[error("tampered: frame {seq} is not what its author wrote: {what}")]
    Tampered {
        /// The frame.
        seq: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Another member computes something else of the same log, even when this one has read it again.
    #[error(
        "diverged: at frame {seq} another program computed {theirs} of this room's log and this one {ours}; use one version of ssync in all programs"
    )]
    Diverged {
        /// Where they were compared.
        seq: u64,
        /// The other's chain, its first bytes in hex.
        theirs: String,
        /// This member's.
        ours: String,
    },
}

/// Why a connection must be given up, or a call was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// No connection will help.
    #[error(transparent)]
    Fatal(#[from] Fatal),
    /// The relay refused.
    #[error("the relay refused: {text}")]
    Refused {
        /// Why, for the program.
        code: RefusalCode,
        /// Why, for people.
        text: String,
    },
    /// The relay has less of the log than this member.
    #[error("the relay has {relay} frames of this room and this program has seen {own}; its log was lost or rolled back")]
    Behind {
        /// The relay's last seq.
        relay: u64,
        /// This member's last seq.
        own: u64,
    },
    /// Another member computes something else of the same log: it is read again from the beginning, once.
    #[error("at frame {seq} another program computed {theirs} of this room's log and this one {ours}; the log is read again")]
    Differs {
        /// Where they were compared.
        seq: u64,
        /// The other's chain, its first bytes in hex.
        theirs: String,
        /// This member's.
        ours: String,
    },
    /// A message came that does not belong here.
    #[error("the relay broke the protocol: {0}")]
    Protocol(String),
    /// Nothing was heard for too long.
    #[error("nothing was heard from the relay for {} s", super::SILENCE_MAX.as_secs())]
    Silent,
    /// The secret, or the builder, lets this member only read.
    #[error("this member may only read; join with a full secret (`ssync1…`) and without `read_only()` to write")]
    ReadOnly,
}

impl SessionError {
    /// Whether another attempt may succeed.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Fatal(_) | Self::ReadOnly => false,
            Self::Refused { code, .. } => {
                !matches!(code, RefusalCode::Version | RefusalCode::Login | RefusalCode::Fork | RefusalCode::ReadOnly)
            }
            Self::Behind { .. } | Self::Differs { .. } | Self::Protocol(_) | Self::Silent => true,
        }
    }
}
