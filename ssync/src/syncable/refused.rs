//! Values that cannot be shared: where and why.

use std::fmt;

use crate::limits;
use crate::path::{Path, Trail};

/// A value was refused at commit. The struct is as it was before the guard, and nothing was sent.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{path}: {reason}")]
#[non_exhaustive]
pub struct Refused {
    /// The place of the value.
    pub path: Path,
    /// Why it was refused.
    pub reason: RefusedReason,
}

/// Why a value cannot be shared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedReason {
    /// JSON has no NaN and no infinity.
    #[error("{0} is not a number that JSON can hold; use an Option, or keep the float finite")]
    NotFinite(f64),
    /// An integer beyond 64 bits.
    #[error("the integer {0} is outside i64::MIN..=u64::MAX; keep it as a string")]
    IntegerRange(String),
    /// A map key that is neither text nor a number.
    #[error("{0} cannot be the key of a JSON object; use a string, an integer, a bool or a unit variant")]
    Key(&'static str),
    /// `Some` of what JSON writes as null.
    #[error("`Some` of a value that is null in JSON would come back as `None`; use an enum of your own instead of a nested Option")]
    SomeNull,
    /// The JSON does not decode.
    #[error("what serde writes here, it cannot read back: {0}; check the field's serde attributes")]
    Undecodable(String),
    /// The JSON decodes to something else.
    #[error("what serde writes here reads back as something else; check untagged variants and `with` functions")]
    Inexact,
    /// The type's own `Serialize` failed.
    #[error("its Serialize failed: {0}")]
    Custom(String),
    /// A map that writes one key twice.
    #[error("the key occurs twice; a map needs keys that differ in JSON")]
    KeyTwice,
    /// A member of a set in place of another that is equal to it.
    #[error("the set has another member in place of one that is equal to it and differs in JSON; use a map from what tells them apart")]
    EqualMembers,
    /// A key of a map in place of another that is equal to it.
    #[error("the map has another key in place of one that is equal to it and differs in JSON; write equal keys alike")]
    EqualKeys,
    /// The value nests too deep.
    #[error("the value nests deeper than the limit of {} containers", limits::DEPTH_MAX)]
    Depth,
    /// Too many ops in one commit.
    #[error("the commit has {ops} ops, over the limit of {}; make smaller commits", limits::PATCH_OPS_MAX)]
    PatchOps {
        /// How many.
        ops: usize,
    },
    /// Too many bytes in one commit.
    #[error("the commit has {bytes} bytes, over the limit of {} for one frame; make smaller commits", limits::FRAME_BYTES_MAX)]
    FrameBytes {
        /// How many.
        bytes: usize,
    },
    /// Too many bytes in the whole document.
    #[error(
        "the whole state would have {bytes} bytes, over the limit of {}; keep big data elsewhere and share a reference",
        limits::SNAPSHOT_BYTES_MAX
    )]
    SnapshotBytes {
        /// How many.
        bytes: usize,
    },
    /// The room holds something here that the struct cannot read.
    #[error("the room holds a value here that does not fit this program's struct ({0}); update the program before it writes here")]
    Unfit(String),
}

/// Why a walk ended early.
#[doc(hidden)]
#[derive(Debug)]
pub enum Stop {
    /// A probe found a difference.
    Differs,
    /// What should be text is not.
    NotText,
    /// The list is to be serialized once more, by a plan.
    Again,
    /// The value is refused; the path is filled in by the innermost walk that knows it.
    Refused(Box<(Option<Path>, RefusedReason)>),
}

impl Stop {
    #[cold]
    pub(super) fn refused(trail: &Trail<'_>, reason: RefusedReason) -> Self {
        Self::Refused(Box::new((Some(trail.to_path()), reason)))
    }

    /// Says where, if nobody did yet.
    #[cold]
    pub(super) fn at(mut self, trail: &Trail<'_>) -> Self {
        if let Self::Refused(refused) = &mut self {
            refused.0.get_or_insert_with(|| trail.to_path());
        }
        self
    }

    pub(super) fn into_refused(self) -> Refused {
        match self {
            Self::Refused(refused) => Refused { path: refused.0.unwrap_or_default(), reason: refused.1 },
            // All are caught where they are asked for; a type whose Serialize invents them is at fault.
            Self::Differs | Self::NotText | Self::Again => Refused { path: Path::root(), reason: RefusedReason::Inexact },
        }
    }
}

/// The place is filled in by whoever knows it.
impl From<RefusedReason> for Stop {
    fn from(reason: RefusedReason) -> Self {
        Self::Refused(Box::new((None, reason)))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs => f.write_str("the values differ"),
            Self::NotText => f.write_str("not text"),
            Self::Again => f.write_str("the list is compared by a plan"),
            Self::Refused(refused) => refused.1.fmt(f),
        }
    }
}

impl std::error::Error for Stop {}

impl serde::ser::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Refused(Box::new((None, RefusedReason::Custom(message.to_string()))))
    }
}
