//! Keys and values in the order they came, with access by key and by position.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use indexmap::IndexMap;
use rustc_hash::FxHasher;

use super::Node;
use crate::path::Key;

/// The entries of an object or a set. Equality and hash ignore their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(IndexMap<Key, Node, BuildHasherDefault<FxHasher>>);

impl Object {
    /// An object with room for this many entries.
    pub fn with_capacity(entries: usize) -> Self {
        Self(IndexMap::with_capacity_and_hasher(entries, BuildHasherDefault::default()))
    }

    /// Sets the value of a key; gives the value it had.
    pub fn insert(&mut self, key: Key, node: Node) -> Option<Node> {
        self.0.insert(key, node)
    }

    /// Takes a key and its value out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        self.0.shift_remove(key)
    }

    /// The value of a key, to be changed in place.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.0.get_mut(key)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.get(key)
    }

    /// The position of a key.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        self.0.get_index_of(key)
    }

    /// The entry at a position.
    pub(crate) fn entry(&self, position: usize) -> Option<(&Key, &Node)> {
        self.0.get_index(position)
    }

    /// The entries, in the order they came.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Node)> {
        self.0.iter()
    }

    /// The entries, sorted by key.
    pub fn sorted(&self) -> Vec<(&Key, &Node)> {
        let mut entries: Vec<_> = self.0.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }
}

impl Hash for Object {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // A sum does not depend on the order of its terms.
        let sum = self.0.iter().fold(0u64, |sum, entry| {
            let mut hasher = FxHasher::default();
            entry.hash(&mut hasher);
            sum.wrapping_add(hasher.finish())
        });
        state.write_u64(sum);
        state.write_usize(self.0.len());
    }
}

impl FromIterator<(Key, Node)> for Object {
    fn from_iter<I: IntoIterator<Item = (Key, Node)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}
