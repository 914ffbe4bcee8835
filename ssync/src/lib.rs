//! One struct, live in many programs at once.

mod compose;
mod diff;
mod doc;
pub mod limits;
mod patch;
mod path;
mod transform;

pub use doc::{DecodeError, Doc, Node, Number, NumberOutOfRange, Object};
pub use patch::{ApplyError, ApplyReason, Op, Patch, Rfc6902Error};
pub use path::{Key, Path, Segment};
pub use transform::Order;
