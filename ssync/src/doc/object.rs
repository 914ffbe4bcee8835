//! Keys and values in the order they came, with access by key and by position.
//!
//! An object of few keys shares them with every other that has the same: a thousand elements of one struct keep its field names
//! once, and are known to have them by one comparison of addresses.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use indexmap::IndexMap;
use rustc_hash::FxHasher;
use triomphe::{Arc, HeaderSlice};

use super::codec::text_len;
use super::keys::{FEW, Keys};
use super::{Mark, Node};
use crate::path::Key;

/// The entries of an object or a set, shared until written to. Equality and hash ignore their order.
#[derive(Clone, Debug)]
pub struct Object(Repr);

/// **`Few` holds at most [`FEW`] entries, as many values as keys**; `Many` may hold fewer, after removals.
#[derive(Clone, Debug)]
enum Repr {
    Few(Arc<Few>),
    Many(Arc<Many>),
}

/// The keys, and behind them the values: all that belongs to one object in one piece.
type Few = HeaderSlice<Arc<Keys>, [Node]>;

#[derive(Clone, Debug, Default)]
struct Many {
    entries: IndexMap<Key, Node, BuildHasherDefault<FxHasher>>,
    mark: Mark,
}

impl Object {
    /// An object with room for this many entries.
    pub fn with_capacity(entries: usize) -> Self {
        if entries > FEW {
            let entries = IndexMap::with_capacity_and_hasher(entries, BuildHasherDefault::default());
            return Self(Repr::Many(Arc::new(Many { entries, mark: Mark::none() })));
        }
        Self::default()
    }

    /// An object of few keys, which differ, and as many values.
    #[inline]
    pub(crate) fn of_shared<I: ExactSizeIterator<Item = Node>>(keys: Arc<Keys>, values: impl IntoIterator<IntoIter = I>) -> Self {
        let values = values.into_iter();
        debug_assert_eq!(keys.len(), values.len());
        if keys.len() <= FEW { Self::few_of(keys, values) } else { keys.iter().cloned().zip(values).collect() }
    }

    #[inline]
    fn few_of(keys: Arc<Keys>, values: impl ExactSizeIterator<Item = Node>) -> Self {
        Self(Repr::Few(Arc::from_header_and_iter(keys, values)))
    }

    /// An object of few keys whose values are still to be filled in.
    pub(super) fn unfilled(keys: Arc<Keys>) -> Self {
        let count = keys.len();
        Self::of_shared(keys, (0..count).map(|_| Node::Null))
    }

    /// The keys and the values, if they are few.
    #[inline]
    pub(crate) fn few(&self) -> Option<(&Arc<Keys>, &[Node])> {
        match &self.0 {
            Repr::Few(few) => Some((&few.header, &few.slice)),
            Repr::Many(_) => None,
        }
    }

    /// The keys, and the values to be changed in place, if they are few.
    #[inline]
    pub(crate) fn few_mut(&mut self) -> Option<(&Arc<Keys>, &mut [Node])> {
        match &mut self.0 {
            Repr::Few(few) => {
                let few = unique(few);
                Some((&few.header, &mut few.slice))
            }
            Repr::Many(_) => None,
        }
    }

    /// What ties the object to a tracked container; small ones are not worth it.
    pub(crate) fn mark(&self) -> Option<&Mark> {
        match &self.0 {
            Repr::Few(_) => None,
            Repr::Many(many) => Some(&many.mark),
        }
    }

    /// Unties the tracked container that was compared with the object.
    pub(crate) fn forget_mark(&self) {
        if let Some(mark) = self.mark() {
            mark.clear();
        }
    }

    /// Sets the value of a key; gives the value it had.
    pub fn insert(&mut self, key: Key, node: Node) -> Option<Node> {
        let few = match &mut self.0 {
            Repr::Many(many) => return Arc::make_mut(many).entries.insert(key, node),
            Repr::Few(few) => few,
        };
        if let Some(position) = few.header.position(&key) {
            return Some(std::mem::replace(&mut unique(few).slice[position], node));
        }
        let keys: Vec<Key> = few.header.iter().cloned().chain([key]).collect();
        let values: Vec<Node> = few.slice.iter().cloned().chain([node]).collect();
        *self = if keys.len() <= FEW { Self::of_shared(Keys::of(keys), values) } else { Self::many(keys.into_iter().zip(values)) };
        None
    }

    /// Takes a key and its value out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        match &mut self.0 {
            Repr::Many(many) => Arc::make_mut(many).entries.shift_remove(key),
            Repr::Few(few) => {
                let position = few.header.position(key)?;
                let keys: Vec<Key> = few.header.iter().filter(|known| ***known != *key).cloned().collect();
                let mut left = few.slice.to_vec();
                let gone = left.remove(position);
                *self = Self::of_shared(Keys::of(keys), left);
                Some(gone)
            }
        }
    }

    /// The value of a key, to be changed in place.
    #[inline]
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.0 {
            Repr::Many(many) => Arc::make_mut(many).entries.get_mut(key),
            Repr::Few(few) => {
                let position = few.header.position(key)?;
                unique(few).slice.get_mut(position)
            }
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Many(many) => many.entries.len(),
            Repr::Few(few) => few.slice.len(),
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.0 {
            Repr::Many(many) => many.entries.get(key),
            Repr::Few(few) => few.slice.get(few.header.position(key)?),
        }
    }

    /// The position of a key.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        match &self.0 {
            Repr::Many(many) => many.entries.get_index_of(key),
            Repr::Few(few) => few.header.position(key),
        }
    }

    /// The entry at a position.
    pub(crate) fn entry(&self, position: usize) -> Option<(&Key, &Node)> {
        match &self.0 {
            Repr::Many(many) => many.entries.get_index(position),
            Repr::Few(few) => few.header.get(position).zip(few.slice.get(position)),
        }
    }

    /// The entries, in the order they came.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Node)> {
        match &self.0 {
            Repr::Few(few) => Iter::Few(few.header.iter().zip(&few.slice)),
            Repr::Many(many) => Iter::Many(many.entries.iter()),
        }
    }

    /// Gives the values to `take`, in the order they came.
    pub(crate) fn each_node<'a>(&'a self, take: impl FnMut(&'a Node)) {
        match &self.0 {
            Repr::Few(few) => few.slice.iter().for_each(take),
            Repr::Many(many) => many.entries.values().for_each(take),
        }
    }

    /// How many bytes the keys take in an encoded object.
    pub(crate) fn keys_len(&self) -> usize {
        match &self.0 {
            Repr::Few(few) => few.header.encoded_len(),
            Repr::Many(many) => many.entries.keys().map(|key| text_len(key)).sum(),
        }
    }

    /// The entries, sorted by key.
    pub fn sorted(&self) -> Vec<(&Key, &Node)> {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    fn many(entries: impl Iterator<Item = (Key, Node)>) -> Self {
        Self(Repr::Many(Arc::new(Many { entries: entries.collect(), mark: Mark::none() })))
    }
}

enum Iter<'a> {
    Few(std::iter::Zip<std::slice::Iter<'a, Key>, std::slice::Iter<'a, Node>>),
    Many(indexmap::map::Iter<'a, Key, Node>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Key, &'a Node);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(entries) => entries.next(),
            Self::Many(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(entries) => entries.size_hint(),
            Self::Many(entries) => entries.size_hint(),
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The entries, no longer shared with anyone.
#[inline]
fn unique(few: &mut Arc<Few>) -> &mut Few {
    if !few.is_unique() {
        *few = Arc::from_header_and_iter(few.header.clone(), few.slice.iter().cloned());
    }
    Arc::get_mut(few).unwrap_or_else(|| unreachable!("nobody shares it"))
}

/// An object whose keys come one by one.
#[derive(Default)]
pub(crate) struct Entries {
    keys: Vec<Key>,
    values: Vec<Node>,
    many: Option<Object>,
}

impl Entries {
    /// Adds an entry; gives whether the key is new.
    pub(crate) fn push(&mut self, key: Key, node: Node) -> bool {
        if let Some(many) = &mut self.many {
            return many.insert(key, node).is_none();
        }
        if self.keys.contains(&key) {
            return false;
        }
        self.keys.push(key);
        self.values.push(node);
        if self.keys.len() > FEW {
            self.many = Some(std::mem::take(&mut self.keys).into_iter().zip(std::mem::take(&mut self.values)).collect());
        }
        true
    }

    /// The key at a position, of few.
    pub(crate) fn key(&self, position: usize) -> Option<&str> {
        self.keys.get(position).map(|key| &**key)
    }

    /// Where the entry of a key stands.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        match &self.many {
            Some(many) => many.position(key),
            None => self.keys.iter().position(|known| **known == *key),
        }
    }

    /// Puts an entry whose key is new before the one at a position; among many, behind all. Gives where it stands.
    pub(crate) fn insert(&mut self, position: usize, key: Key, node: Node) -> usize {
        if let Some(many) = &mut self.many {
            many.insert(key, node);
            return many.len() - 1;
        }
        let position = position.min(self.keys.len());
        self.keys.insert(position, key);
        self.values.insert(position, node);
        if self.keys.len() > FEW {
            self.many = Some(std::mem::take(&mut self.keys).into_iter().zip(std::mem::take(&mut self.values)).collect());
        }
        position
    }

    /// The first value.
    pub(crate) fn first(&self) -> Option<&Node> {
        self.values.first()
    }

    /// The object; few keys are those that `shared` has for them, if it has any.
    pub(crate) fn finish(self, shared: impl FnOnce(&[Key]) -> Option<Arc<Keys>>) -> Object {
        let Self { keys, values, many } = self;
        many.unwrap_or_else(|| Object::of_shared(shared(&keys).unwrap_or_else(|| Keys::of(keys)), values))
    }
}

impl Default for Object {
    fn default() -> Self {
        Self::few_of(Arc::default(), [].into_iter())
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Few(few), Repr::Few(other)) if Arc::ptr_eq(few, other) => return true,
            (Repr::Few(few), Repr::Few(other)) if Arc::ptr_eq(&few.header, &other.header) => return few.slice == other.slice,
            (Repr::Many(many), Repr::Many(other)) if Arc::ptr_eq(many, other) => return true,
            _ => {}
        }
        self.len() == other.len() && self.iter().all(|(key, node)| other.get(key) == Some(node))
    }
}

impl Eq for Object {}

impl Hash for Object {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // A sum does not depend on the order of its terms.
        let sum = self.iter().fold(0u64, |sum, entry| {
            let mut hasher = FxHasher::default();
            entry.hash(&mut hasher);
            sum.wrapping_add(hasher.finish())
        });
        state.write_u64(sum);
        state.write_usize(self.len());
    }
}

impl FromIterator<(Key, Node)> for Object {
    fn from_iter<I: IntoIterator<Item = (Key, Node)>>(entries: I) -> Self {
        let mut entries = entries.into_iter();
        let (mut keys, mut values) = (Vec::<Key>::new(), Vec::new());
        if entries.size_hint().0 <= FEW {
            for (key, node) in entries.by_ref() {
                match keys.iter().position(|known| *known == key) {
                    Some(position) => values[position] = node,
                    None => {
                        keys.push(key);
                        values.push(node);
                    }
                }
                if keys.len() > FEW {
                    break;
                }
            }
            if keys.len() <= FEW {
                return Self::of_shared(Keys::of(keys), values);
            }
        }
        Self::many(keys.into_iter().zip(values).chain(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_keys_behave_alike() {
        let key = |number: usize| Key::from(format!("key {number}"));
        let mut object = Object::default();
        for number in 0..2 * FEW {
            assert_eq!(object.insert(key(number), Node::from("old")), None);
            assert_eq!(object.insert(key(number), Node::from("new")), Some(Node::from("old")));
            assert_eq!(object.len(), number + 1);
            assert_eq!(object.position(&key(number)), Some(number));
        }
        let backwards: Object = (0..2 * FEW).rev().map(|number| (key(number), Node::from("new"))).collect();
        assert_eq!(object, backwards);
        for number in 0..2 * FEW {
            assert_eq!(object.remove(&key(number)), Some(Node::from("new")));
            assert_eq!(object.get(&key(number)), None);
        }
        assert!(object.is_empty() && object == Object::default());
    }
}
