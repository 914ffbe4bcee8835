//! Containers that remember what was done to them, so that a commit costs what was touched and not what is there.
//!
//! They are in JSON what the plain ones are, and read like those. A plain `Vec` is compared as a whole whenever a guard drops; a [`List`]
//! compares the elements that were touched, and knows which ones moved. [`Map`] does that for keys. [`Text`] sends what was typed, and
//! [`Counter`] what was added, so that what two programs do at once merges.
//!
//! What a container remembers is a hint, and never believed beyond its place: one that was swapped, taken out of its guard, or put
//! elsewhere is compared as a whole once.

mod counter;
mod list;
mod log;
mod map;
mod text;

use std::ops::{Bound, RangeBounds};

pub use counter::Counter;
pub use list::{Iter, IterMut, List};
pub use map::Map;
pub use text::Text;

/// Where a range begins and ends in something of this length.
fn bounds(range: impl RangeBounds<usize>, length: usize) -> (usize, usize) {
    let start = match range.start_bound() {
        Bound::Included(start) => *start,
        Bound::Excluded(before) => before + 1,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(last) => last + 1,
        Bound::Excluded(end) => *end,
        Bound::Unbounded => length,
    };
    (start, end)
}

/// How the containers are read and written by serde: as what they hold.
///
/// One that is tied to a place of a document says how it is untied.
macro_rules! serde_as {
    (($($generics:tt)*) $type:ty, $inner:ty, $field:ident, ($($bounds:tt)*) $(, |$this:ident| $untie:expr)?) => {
        impl<$($generics)*> serde::Serialize for $type
        where
            $inner: serde::Serialize,
        {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // A commit visits it by serde, outside of its own comparison.
                $(if $crate::syncable::walk::is_committing() {
                    let $this = self;
                    $untie;
                })?
                self.$field.serialize(serializer)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $type
        where
            $inner: serde::Deserialize<'de>,
            $($bounds)*
        {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$inner>::deserialize(deserializer).map(Self::from)
            }
        }
    };
}
use serde_as;
