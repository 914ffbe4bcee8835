//! The types of the standard library, `serde_json::Value`, and behind features those of other crates.

#![allow(clippy::disallowed_types, reason = "HashMap and HashSet are made syncable here; nothing iterates over them to decide anything")]

#[cfg(any(feature = "uuid", feature = "chrono", feature = "bytes"))]
mod foreign;
mod leaf;
mod list;
mod map;
mod range;
mod scalar;
mod set;
mod tuple;
mod value;
mod wrapper;

pub(crate) use list::{ListOp, list_op, same_each};
pub(crate) use map::{compare_entries, key_text, same_entries};

use super::{Change, Refused, Syncable};

/// Checks the changed element, or all of them if the whole container was set.
fn verify_each<T: Syncable>(change: Change<'_>) -> Result<(), Refused> {
    match change.step() {
        None => change.verify_parts(|_, part| T::verify(part)),
        Some(_) => change.child().map_or(Ok(()), T::verify),
    }
}

fn keep_each<'a, T: Syncable + 'a>(new: impl IntoIterator<Item = &'a mut T>, old: impl IntoIterator<Item = &'a mut T>) {
    new.into_iter().zip(old).for_each(|(new, old)| new.keep_local(old));
}
