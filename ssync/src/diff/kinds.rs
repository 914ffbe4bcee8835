//! What a type tells of a document. Which objects are variants of enums: **two variants never stand beside each other**, so one that became another is
//! set as a whole. And which lists are tuples or arrays: **their elements are their positions**, and never move.

use std::collections::{BTreeMap, BTreeSet};

use crate::doc::{Node, Object};
use crate::path::{Key, Path, Trail};

/// Finds the enums and tuples of a document, as a type that reads it knows them.
pub type KindsOf = fn(&Node) -> Kinds;

/// The enums and tuples of a document.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    /// By the places of the objects in which their entries lie.
    enums: BTreeMap<Path, Vec<Kind>>,
    fixed: BTreeSet<Path>,
}

/// An enum in an object.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) told: Told,
    /// The keys of its entries, where they lie among others; none if the whole object is the enum's.
    pub(crate) keys: Vec<Key>,
}

/// What tells a variant from another.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// Its name.
    Name(String),
    /// Whether both are read as the same.
    Reading(fn(&Node, &Node) -> bool),
    /// Its keys: of a struct that lost some and got others at once nobody knows that it is the same.
    Keys,
}

impl Kinds {
    /// Knows of none in any document.
    pub const fn none(_: &Node) -> Self {
        Self { enums: BTreeMap::new(), fixed: BTreeSet::new() }
    }

    /// Adds the list at `trail`, whose elements are their positions.
    pub(crate) fn add_fixed(&mut self, trail: Trail<'_>) {
        self.fixed.insert(trail.to_path());
    }

    /// Whether the elements of the list at `trail` are their positions.
    pub(super) fn is_fixed(&self, trail: Trail<'_>) -> bool {
        !self.fixed.is_empty() && self.fixed.contains(&trail.to_path())
    }

    /// Adds the enums of the object at `trail`.
    pub(crate) fn add(&mut self, trail: Trail<'_>, kinds: impl IntoIterator<Item = Kind>) {
        let mut kinds = kinds.into_iter().peekable();
        if kinds.peek().is_some() {
            self.enums.entry(trail.to_path()).or_default().extend(kinds);
        }
    }

    fn at(&self, trail: Trail<'_>) -> &[Kind] {
        if self.enums.is_empty() { &[] } else { self.enums.get(&trail.to_path()).map_or(&[], Vec::as_slice) }
    }

    /// The enums of the object `new` at `trail` of this document that are another variant than in `old`, at `before` of the earlier one.
    pub(super) fn switched<'a>(
        &'a self,
        trail: Trail<'_>,
        new: &'a Object,
        earlier: &'a Self,
        before: Trail<'_>,
        old: &'a Object,
    ) -> impl Iterator<Item = &'a Kind> {
        let known = earlier.at(before);
        self.at(trail).iter().filter(move |kind| {
            let same = known.iter().find(|known| known.keys == kind.keys);
            same.is_some_and(|known| known.differs(kind, old, new))
        })
    }
}

impl Kind {
    fn differs(&self, other: &Self, old: &Object, new: &Object) -> bool {
        match (&self.told, &other.told) {
            (Told::Name(old), Told::Name(new)) => old != new,
            (Told::Reading(is_same), Told::Reading(_)) => !is_same(&self.part(old), &other.part(new)),
            (Told::Keys, Told::Keys) => lacks(old, new) && lacks(new, old),
            _ => true,
        }
    }

    /// What of an object is the enum's.
    pub(super) fn entries(&self, object: &Object) -> Object {
        let is_own = |key: &Key| self.keys.is_empty() || self.keys.contains(key);
        object.iter().filter(|(key, _)| is_own(key)).map(|(key, node)| (key.clone(), node.clone())).collect()
    }

    fn part(&self, object: &Object) -> Node {
        Node::Object(self.entries(object))
    }
}

/// Whether some key of the one is not in the other.
fn lacks(one: &Object, other: &Object) -> bool {
    one.iter().any(|(key, _)| other.get(key).is_none())
}
