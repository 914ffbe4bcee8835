//! One struct, live in many programs at once.
//!
//! Derive [`Syncable`] on a serde type, [`join`](Shared::join) the room of a [`Secret`], and every program that holds the same secret
//! sees the same value. You read and change it as plain Rust behind guards; what a guard changed leaves as one small field-level
//! [`Patch`], end-to-end encrypted, through a [relay] that orders everything and understands nothing.
//!
//! ```no_run
//! use serde::{Deserialize, Serialize};
//! use ssync::{Secret, Shared, Syncable};
//!
//! #[derive(Default, Serialize, Deserialize, Syncable)]
//! struct Counter {
//!     clicks: u32,
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = Secret::generate();
//! let counter: Shared<Counter> = Shared::join("ws://127.0.0.1:7171", &secret).await?;
//! counter.write().clicks += 1;
//! println!("{}", counter.read().clicks);
//! # Ok(()) }
//! ```
//!
//! Features: `derive` and `client` (both on), `relay` (run one in your program), `sqlite` (its log on disk), `cli` (the `ssync` program).

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
mod place;
#[doc(hidden)]
pub mod planted;
pub mod proto;
#[cfg(feature = "relay")]
pub mod relay;
#[cfg(feature = "client")]
pub mod shared;
mod state;
mod syncable;
pub mod track;
mod transform;
#[cfg(any(feature = "client", feature = "relay"))]
pub mod transport;
#[cfg(feature = "client")]
mod undo;
#[cfg(feature = "client")]
mod view;
pub mod wire;

#[cfg(feature = "client")]
pub use client::{Builder, JoinError};
pub use crypto::secret::{ParseSecretError, Secret};
pub use doc::{DecodeError, Doc, Items, Node, Number, NumberOutOfRange, Object};
pub use patch::{ApplyError, ApplyReason, Op, Patch, Rfc6902Error, SwitchKeys};
pub use path::{Key, Path, Segment, Segments};
pub use place::{Indexed, Located, Place};
#[cfg(feature = "client")]
pub use shared::{
    Change, Commit, CommitError, Event, Origin, Outcome, Presence, ReadGuard, Shared, Status, Transaction, TransactionError, Undone, Watch,
    WriteGuard,
};
pub use state::{ApplyToError, apply, check, diff, document, read};
#[doc(hidden)]
pub use syncable::kinds_of;
pub use syncable::{FieldRoute, Json, Plan, Refused, RefusedReason, Syncable, Unfit};
pub use track::{Counter, List, Map, Text};
pub use transform::Order;

#[cfg(feature = "derive")]
pub use ssync_derive::Syncable;

/// What the derive's output names. Not for anybody else.
#[doc(hidden)]
pub mod __private {
    pub use serde::de::DeserializeOwned;
    pub use serde::{Serialize, Serializer};

    pub use crate::path::FieldName;
    pub use crate::syncable::{
        At, Blank, Change, Cursor, Field, FieldRoute, Identity, Keyed, Layout, Plan, Route, Step, Stop, Variant, ViaSerde, ViaSyncable,
        has_key, is_same, is_same_after_all, is_text, items, items_mut, variant_of,
    };
}
