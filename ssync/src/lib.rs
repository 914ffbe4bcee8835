//! One struct, live in many programs at once.

#![forbid(unsafe_code)]

#[cfg(feature = "client")]
pub mod client;
mod compose;
pub mod crypto;
mod diff;
mod doc;
pub mod limits;
mod patch;
mod path;
#[doc(hidden)]
pub mod planted;
pub mod proto;
#[cfg(feature = "relay")]
pub mod relay;
#[cfg(feature = "client")]
pub mod shared;
mod syncable;
mod transform;
#[cfg(any(feature = "client", feature = "relay"))]
pub mod transport;
mod view;
pub mod wire;

#[cfg(feature = "client")]
pub use client::{Builder, JoinError};
pub use crypto::secret::{ParseSecretError, Secret};
pub use doc::{DecodeError, Doc, Node, Number, NumberOutOfRange, Object};
pub use patch::{ApplyError, ApplyReason, Op, Patch, Rfc6902Error};
pub use path::{Key, Path, Segment};
#[cfg(feature = "client")]
pub use shared::{Change, Commit, CommitError, Event, Origin, Outcome, Shared, Status, WriteGuard};
pub use syncable::{Json, Refused, RefusedReason, Syncable, Unfit};
pub use transform::Order;
pub use view::{ApplyToError, apply, check, diff};

#[cfg(feature = "derive")]
pub use ssync_derive::Syncable;

/// What the derive's output names. Not for anybody else.
#[doc(hidden)]
pub mod __private {
    pub use serde::Serialize;
    pub use serde::de::DeserializeOwned;

    pub use crate::syncable::{Change, Field, Plan, Route, ViaSerde, ViaSyncable};
}
