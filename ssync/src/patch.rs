//! Ops and patches: what changed, as `[op, path, value]`.

mod apply;
mod codec;
mod inverse;
mod keys;
mod moving;
mod rfc6902;

use std::fmt;

pub use apply::{ApplyError, ApplyReason};
pub(crate) use apply::{Gone, byte_offset, scalars};
use ecow::EcoString;
pub use keys::SwitchKeys;
pub(crate) use moving::{landing, place_after, shift_element};
pub use rfc6902::Rfc6902Error;
use serde::ser::SerializeTuple;
use serde::{Serialize, Serializer};
use smallvec::SmallVec;

use crate::doc::{Node, Object};
use crate::path::{Key, Path};

/// One change of a document.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`: sets what is at the path. Adds or replaces in an object, a set or at the root; replaces in a list.
    Set {
        /// The place that gets the value.
        path: Path,
        /// The new value.
        value: Node,
    },
    /// `+`: puts a value into a list, before the element at the path's last index.
    Insert {
        /// The gap; its last segment is an index from 0 to the list's length.
        path: Path,
        /// The new element.
        value: Node,
    },
    /// `-`: takes away what is at the path.
    Remove {
        /// The place; never the root.
        path: Path,
    },
    /// `m`: moves an element of a list to another gap of it.
    Move {
        /// The element.
        path: Path,
        /// The gap, counted before the move; never one of the two beside the element.
        to: u32,
    },
    /// `i`: adds to an integer. The sum wraps around at the ends of `i64`, so that the order of additions never matters.
    Increment {
        /// The integer.
        path: Path,
        /// What is added.
        by: i64,
    },
    /// `s`: replaces a part of a string. Offsets and counts are in Unicode scalar values.
    Splice {
        /// The string.
        path: Path,
        /// Where the part begins.
        at: u32,
        /// How long it is.
        delete: u32,
        /// What stands there afterwards.
        insert: EcoString,
    },
    /// `e`: puts an empty value at a key of an object where there is nothing. Two who do so at once make one, and what each puts into it stays.
    Ensure {
        /// The place; its last segment is a key of an object.
        path: Path,
        /// An empty list, object, set or string, or 0.
        value: Node,
    },
    /// `v`: switches the variant of an enum whose entries lie in an object beside others. Of two switches at once the later wins as a whole.
    Switch {
        /// The object.
        path: Path,
        /// All keys that any variant may have; what stands there goes.
        keys: SwitchKeys,
        /// An object with the entries of the new variant.
        value: Node,
    },
}

impl Op {
    /// To be filled in where it stays: the processor waits where something is moved on right after it was put together.
    pub(crate) const UNFILLED: Self = Self::Set { path: Path::ROOT, value: Node::Null };

    /// A switch of the entries under these keys to others, whose keys are among them.
    ///
    /// ```
    /// # use ssync::{Key, Node, Op, Path};
    /// let entries = [(Key::from("side"), Node::from("left"))].into_iter().collect();
    /// let switch = Op::switch(Path::root(), ["side", "len"].map(Key::from), entries);
    /// assert_eq!(format!("{switch:?}"), r#"["v",[],[["len","side"],{"side":"left"}]]"#);
    /// ```
    pub fn switch(path: Path, keys: impl IntoIterator<Item = Key>, entries: Object) -> Self {
        Self::Switch { path, keys: keys.into_iter().collect(), value: Node::Object(entries) }
    }

    /// The place that the op changes.
    #[inline]
    pub fn path(&self) -> &Path {
        match self {
            Self::Set { path, .. }
            | Self::Insert { path, .. }
            | Self::Remove { path }
            | Self::Move { path, .. }
            | Self::Increment { path, .. }
            | Self::Splice { path, .. }
            | Self::Ensure { path, .. }
            | Self::Switch { path, .. } => path,
        }
    }

    pub(crate) fn path_mut(&mut self) -> &mut Path {
        match self {
            Self::Set { path, .. }
            | Self::Insert { path, .. }
            | Self::Remove { path }
            | Self::Move { path, .. }
            | Self::Increment { path, .. }
            | Self::Splice { path, .. }
            | Self::Ensure { path, .. }
            | Self::Switch { path, .. } => path,
        }
    }

    /// The value that the op brings.
    #[inline]
    pub fn value(&self) -> Option<&Node> {
        match self {
            Self::Set { value, .. } | Self::Insert { value, .. } | Self::Ensure { value, .. } | Self::Switch { value, .. } => Some(value),
            Self::Remove { .. } | Self::Move { .. } | Self::Increment { .. } | Self::Splice { .. } => None,
        }
    }

    /// Whether the op changes what is at its place, and neither removes nor moves it, nor shifts others.
    pub(crate) const fn is_edit(&self) -> bool {
        match self {
            Self::Set { .. } | Self::Increment { .. } | Self::Splice { .. } | Self::Ensure { .. } | Self::Switch { .. } => true,
            Self::Insert { .. } | Self::Remove { .. } | Self::Move { .. } => false,
        }
    }

    /// The same op with another value.
    #[cfg(feature = "client")]
    pub(crate) fn with_value(mut self, new: Node) -> Self {
        if let Self::Set { value, .. } | Self::Insert { value, .. } | Self::Ensure { value, .. } | Self::Switch { value, .. } = &mut self {
            *value = new;
        }
        self
    }

    /// The sign of the op: `=`, `+`, `-`, `m`, `i`, `s`, `e` or `v`.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Set { .. } => "=",
            Self::Insert { .. } => "+",
            Self::Remove { .. } => "-",
            Self::Move { .. } => "m",
            Self::Increment { .. } => "i",
            Self::Splice { .. } => "s",
            Self::Ensure { .. } => "e",
            Self::Switch { .. } => "v",
        }
    }
}

impl Serialize for Op {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(if matches!(self, Self::Remove { .. }) { 2 } else { 3 })?;
        tuple.serialize_element(self.sign())?;
        tuple.serialize_element(self.path())?;
        match self {
            Self::Set { value, .. } | Self::Insert { value, .. } | Self::Ensure { value, .. } => tuple.serialize_element(value)?,
            Self::Remove { .. } => {}
            Self::Move { to, .. } => tuple.serialize_element(to)?,
            Self::Increment { by, .. } => tuple.serialize_element(by)?,
            Self::Splice { at, delete, insert, .. } => tuple.serialize_element(&(at, delete, insert.as_str()))?,
            Self::Switch { keys, value, .. } => tuple.serialize_element(&(keys, value))?,
        }
        tuple.end()
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Ops that are applied one after the other, all or none.
///
/// It prints, and serializes, as JSON: `[["=",["players",3,"name"],"Ada"]]`.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Patch {
    pub(crate) ops: Ops,
}

/// One op, the most frequent count, lies in place.
pub(crate) type Ops = SmallVec<[Op; 1]>;

impl Patch {
    /// A patch of these ops, in this order.
    pub fn new(ops: Vec<Op>) -> Self {
        Self { ops: ops.into() }
    }

    /// A patch of one op.
    #[inline]
    pub fn from_op(op: Op) -> Self {
        Self { ops: Ops::from_buf([op]) }
    }

    /// The ops, in the order in which they apply.
    #[inline]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// Whether the patch changes nothing.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }
}

impl From<Vec<Op>> for Patch {
    fn from(ops: Vec<Op>) -> Self {
        Self::new(ops)
    }
}

impl fmt::Display for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
