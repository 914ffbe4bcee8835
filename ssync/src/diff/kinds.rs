//! What a type tells of a document. Which objects are variants of enums: **two variants never stand beside each other**, so one that became another is
//! set as a whole. And what the elements of lists are: **those of a tuple or an array are their positions**, and never move.

use std::collections::BTreeMap;

use crate::doc::{Node, Object};
use crate::path::{Key, Path, Trail};

/// Finds the enums and lists of a document, as a type that reads it knows them.
pub type KindsOf = fn(&Node) -> Kinds;

/// The enums and lists of a document.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    /// By the places of the objects in which their entries lie.
    enums: BTreeMap<Path, Vec<Kind>>,
    lists: BTreeMap<Path, Elements>,
}

/// What the elements of a list are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Elements {
    /// Their positions, of a tuple of which nothing is known: **one of another length is another value**.
    Fixed,
    /// Their positions, of a tuple, an array, or a list of slots.
    Slots,
    /// What stands under this key of each tells them apart.
    Keyed(&'static str),
    /// Counters or texts: another number or text is the same element, as long as none moved.
    Merging,
}

/// An enum in an object.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) told: Told,
    /// Where its entries lie among others; nothing if the whole object is the enum's.
    pub(crate) among: Option<Among>,
}

/// The keys of an enum's entries among others.
#[derive(Clone, Debug)]
pub(crate) struct Among {
    /// Those that its variants may have.
    pub(crate) known: Vec<Key>,
    /// Those that this document has of a variant whose entries may have any key.
    pub(crate) more: Vec<Key>,
}

/// What tells a variant from another.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// Its name.
    Name(String),
    /// Which one it is read as.
    Reading(fn(&Node) -> Option<usize>),
    /// What look like tags, by their keys, in an object of which nothing is known. In what is no struct they are only believed if entries came or went.
    Tags { tags: Vec<(Key, String)>, is_struct: bool },
    /// Its keys: of a struct that lost some and got others, more than it kept, nobody knows that it is the same.
    Keys,
}

impl Kinds {
    /// Returns no enum and no list, whatever the document: of a program whose type is not known.
    pub const fn none(_: &Node) -> Self {
        Self { enums: BTreeMap::new(), lists: BTreeMap::new() }
    }

    /// Adds what the elements of the list at `trail` are.
    pub(crate) fn add_list(&mut self, trail: Trail<'_>, elements: Elements) {
        self.lists.entry(trail.to_path()).or_insert(elements);
    }

    /// What the elements of the list at `trail` are, as far as the type tells.
    pub(super) fn elements(&self, trail: Trail<'_>) -> Option<Elements> {
        if self.lists.is_empty() { None } else { self.lists.get(&trail.to_path()).copied() }
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

    /// Returns the enums of `new`, at `trail` of this document, that are another variant than in `old`, at `before` of the earlier one. What only one of them
    /// has is another variant too.
    pub(super) fn switched(&self, trail: Trail<'_>, new: &Node, earlier: &Self, before: Trail<'_>, old: &Node) -> Vec<Kind> {
        let (known, kinds) = (earlier.at(before), self.at(trail));
        let other = |kind: &Kind| match known.iter().find(|known| known.is_told_like(kind)) {
            Some(known) => known.differs(kind, old, new).then(|| kind.with(known)),
            None => kind.is_other_alone(old, new).then(|| kind.clone()),
        };
        let is_gone = |known: &&Kind| !kinds.iter().any(|kind| kind.is_told_like(known)) && known.is_other_alone(old, new);
        kinds.iter().filter_map(other).chain(known.iter().filter(is_gone).cloned()).collect()
    }
}

impl Kind {
    /// Whether both are the same enum, as far as anybody knows.
    fn is_told_like(&self, other: &Self) -> bool {
        let known = |kind: &Self| kind.among.as_ref().map(|among| among.known.clone());
        known(self) == known(other) && std::mem::discriminant(&self.told) == std::mem::discriminant(&other.told)
    }

    /// The same with all entries that either has.
    fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        if let (Some(among), Some(other)) = (&mut both.among, &other.among) {
            among.more.extend(other.more.iter().cloned());
        }
        both
    }

    /// The keys of its entries.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.among.iter().flat_map(|among| among.known.iter().chain(&among.more))
    }

    fn differs(&self, other: &Self, old: &Node, new: &Node) -> bool {
        match (&self.told, &other.told) {
            (Told::Name(old), Told::Name(new)) => old != new,
            (Told::Reading(variant_of), Told::Reading(_)) => {
                let (was, is) = (variant_of(&self.part(old)), variant_of(&other.part(new)));
                was.is_none() || was != is
            }
            (Told::Tags { tags, is_struct }, Told::Tags { tags: others, .. }) => {
                let (old, new) = (self.part(old), other.part(new));
                let is_other = |(key, tag): &(Key, String)| others.iter().any(|(other, value)| other == key && value != tag);
                tags.iter().any(is_other) && (*is_struct || lacked(&old, &new) + lacked(&new, &old) > 0)
            }
            (Told::Keys, Told::Keys) => {
                let (old, new) = (self.part(old), other.part(new));
                let (gone, come) = (lacked(&new, &old), lacked(&old, &new));
                gone > 0 && come > 0 && keys(&new).count() - come < gone + come
            }
            _ => true,
        }
    }

    /// Whether it is another variant where the other document has none here.
    fn is_other_alone(&self, old: &Node, new: &Node) -> bool {
        match self.told {
            Told::Name(_) | Told::Reading(_) => true,
            Told::Tags { .. } => {
                let (old, new) = (self.part(old), self.part(new));
                lacked(&old, &new) + lacked(&new, &old) > 0
            }
            // Where a flattened one had nothing, it was none.
            Told::Keys => self.among.is_some(),
        }
    }

    /// What of an object is the enum's.
    pub(super) fn entries(&self, object: &Object) -> Object {
        object.iter().filter(|(key, _)| self.keys().any(|own| own == *key)).map(|(key, node)| (key.clone(), node.clone())).collect()
    }

    fn part(&self, node: &Node) -> Node {
        match node {
            Node::Object(object) if self.among.is_some() => Node::Object(self.entries(object)),
            _ => node.clone(),
        }
    }
}

fn keys(node: &Node) -> impl Iterator<Item = &Key> {
    let object = if let Node::Object(object) = node { Some(object) } else { None };
    object.into_iter().flat_map(|object| object.iter().map(|(key, _)| key))
}

/// How many keys of the other this one lacks.
fn lacked(one: &Node, other: &Node) -> usize {
    let lacks = |key: &&Key| !matches!(one, Node::Object(one) if one.get(key).is_some());
    keys(other).filter(lacks).count()
}
