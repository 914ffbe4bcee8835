//! What an element of a list is known again by.

use super::{At, Stop, Syncable};

/// What an element of a list is known again by when it is compared.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Its content, if no other has the same; else where it stands between its neighbours.
    Content,
    /// What stands under this key of it.
    Key(&'static str),
    /// Its position: seats, boards, scores by player.
    Position,
}

/// A list of which it can be said what its elements are known by.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[sync(key)]` and `#[sync(slots)]` say how the elements of a list are told apart, and `{Self}` is none",
    label = "not a `Vec` of a type that derives `Syncable`",
    note = "use a `Vec` of structs that derive `Syncable`, or remove the option"
)]
pub trait Keyed: Syncable {
    /// The names that every element's JSON object may have.
    const ELEMENT_FIELDS: &'static [&'static str];

    /// Compares with the elements that are the same by this identity, wherever they are.
    ///
    /// # Errors
    /// If an element cannot be shared.
    fn compare_by(&mut self, identity: Identity, at: At<'_>) -> Result<(), Stop>;
}

/// Whether the elements have a field of this name.
#[doc(hidden)]
pub const fn has_key<T: Keyed>(key: &str) -> bool {
    let mut at = 0;
    while at < T::ELEMENT_FIELDS.len() {
        let (name, key) = (T::ELEMENT_FIELDS[at].as_bytes(), key.as_bytes());
        let mut same = name.len() == key.len();
        let mut byte = 0;
        while same && byte < key.len() {
            same = name[byte] == key[byte];
            byte += 1;
        }
        if same {
            return true;
        }
        at += 1;
    }
    false
}
