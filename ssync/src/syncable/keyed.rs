//! Lists whose elements are told apart by a key.

use super::{At, Stop, Syncable};

/// A list whose elements may have a key.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[sync(key)]` tells the elements of a list apart, and `{Self}` is none",
    label = "not a `Vec` of a type that derives `Syncable`",
    note = "use a `Vec` of structs that derive `Syncable`, or remove the key"
)]
pub trait Keyed: Syncable {
    /// The names that every element's JSON object may have.
    const ELEMENT_FIELDS: &'static [&'static str];

    /// Compares with the elements that have the same keys, wherever they are.
    ///
    /// # Errors
    /// If an element cannot be shared.
    fn compare_keyed(&mut self, key: &'static str, at: At<'_>) -> Result<(), Stop>;
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
