//! What a session asks for, and what it ends with.

use crate::doc::Node;
use crate::proto::replica::Taken;
use crate::wire::codec::{ClientMessage, RefusalCode};
use crate::wire::frame::Author;

/// What is to be done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            Self::Behind { .. } | Self::Protocol(_) | Self::Silent => true,
        }
    }
}
