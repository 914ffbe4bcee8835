//! Enums of which nothing is known but what serde shows: those in `Json` and in fields of foreign types.
//!
//! Two variants must never stand beside each other. What serde's derive writes as a tag is known by its type, which a field of a struct seldom has; an
//! enum without a tag is known by a struct that lost keys and got others at once. Such a value is set as a whole.

use serde::Serialize;

use crate::doc::{Node, Object};
use crate::syncable::only::OnlyText;
use crate::syncable::plan::Plan;

/// Whether serde's derive writes the tag of an enum as this type: a plain `str`, or its own of an adjacently tagged one.
pub(in crate::syncable) fn is_tag<T: ?Sized>() -> bool {
    let name = std::any::type_name::<T>();
    name == "str" || is_adjacent(name)
}

/// Whether serde's derive writes the name of a field as this type.
pub(in crate::syncable) fn is_name<T: ?Sized>() -> bool {
    std::any::type_name::<T>() == "str"
}

/// Whether it can be nothing but a tag.
pub(in crate::syncable) fn is_surely_tag<T: ?Sized>() -> bool {
    is_adjacent(std::any::type_name::<T>())
}

fn is_adjacent(name: &str) -> bool {
    name.starts_with("serde") && name.ends_with("::AdjacentlyTaggedEnumVariant")
}

/// Whether the document has the tag of another variant of the enum than this.
pub(super) fn tag_differs<T: Serialize + ?Sized>(old: &Object, key: &str, value: &T, plan: Plan) -> bool {
    !tags(old, key, value).is_some_and(|(old, new)| *old == *new || plan.aliases_of(&new).contains(&old))
}

/// Whether the document has the tag of the same variant by another of its names.
pub(super) fn is_other_name<T: Serialize + ?Sized>(old: &Object, key: &str, value: &T, plan: Plan) -> bool {
    tags(old, key, value).is_some_and(|(old, new)| plan.aliases_of(&new).contains(&old))
}

/// The tag of the document, and the one that is written.
fn tags<'a, T: Serialize + ?Sized>(old: &'a Object, key: &str, value: &T) -> Option<(&'a str, String)> {
    match old.get(key)? {
        Node::String(old) => Some((&**old, value.serialize(OnlyText).ok()?)),
        _ => None,
    }
}
