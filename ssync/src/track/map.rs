//! A map that knows which keys were touched.

mod traits;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::btree_map::{Entry, IterMut, ValuesMut};
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::doc::{Mark, Node, Object};
use crate::syncable::{At, Blank, Change, Plan, Refused, Stop, Syncable, Unfit, compare_entries, key_text, same_entries};

/// Keys beyond these are not worth looking up one by one.
const TOUCHED_MAX: usize = 512;

/// A `BTreeMap` whose commits cost what was touched.
///
/// It reads as a `BTreeMap`. Values that are handed out mutably are compared with the document when the guard drops, others are not. In JSON
/// it is an object. Up to 32 entries it is compared as a whole, which costs less than it would save.
///
/// ```
/// # use ssync::{Map, Shared, WriteGuard};
/// let shared = Shared::new_local(Map::from([("a".to_owned(), 1)])).unwrap();
/// let mut map = shared.write();
/// *map.entry("b".to_owned()).or_default() += 2;
/// assert_eq!(WriteGuard::commit(map).unwrap().patch().to_string(), r#"[["=",["b"],2]]"#);
/// ```
pub struct Map<K, V> {
    entries: BTreeMap<K, V>,
    touched: Vec<K>,
    mark: Mark,
}

impl<K, V> Map<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self { entries: BTreeMap::new(), touched: Vec::new(), mark: Mark::none() }
    }

    /// The map, without what was known of it.
    pub fn into_inner(self) -> BTreeMap<K, V> {
        self.entries
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none: for `skip_serializing_if`.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes all entries away.
    pub fn clear(&mut self) {
        self.untie();
        self.entries.clear();
    }

    /// Every entry, its value to be changed in place. All are compared afterwards.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        self.untie();
        self.entries.iter_mut()
    }

    /// Every value, to be changed in place. All are compared afterwards.
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        self.untie();
        self.entries.values_mut()
    }

    /// Forgets the place that the map was compared with.
    fn untie(&self) {
        self.mark.clear();
    }
}

impl<K: Ord + Clone, V> Map<K, V> {
    /// Sets the value of a key; gives the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.touch(&key);
        self.entries.insert(key, value)
    }

    /// Takes a key away; gives its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Takes a key away; gives it with its value.
    pub fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let (key, value) = self.entries.remove_entry(key)?;
        self.touch(&key);
        Some((key, value))
    }

    /// Takes the first entry away.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        let (key, value) = self.entries.pop_first()?;
        self.touch(&key);
        Some((key, value))
    }

    /// Takes the last entry away.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        let (key, value) = self.entries.pop_last()?;
        self.touch(&key);
        Some((key, value))
    }

    /// The value of a key, to be changed in place.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if self.mark.is_set() {
            let (key, _) = self.entries.get_key_value(key)?;
            let key = key.clone();
            self.touch(&key);
        }
        self.entries.get_mut(key)
    }

    /// The place of a key, to be looked at and filled.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        self.touch(&key);
        self.entries.entry(key)
    }

    /// Keeps the entries for which `keep` says so; it may change the values that it looks at.
    pub fn retain(&mut self, keep: impl FnMut(&K, &mut V) -> bool) {
        self.untie();
        self.entries.retain(keep);
    }

    /// Moves all entries of another map into this one.
    pub fn append(&mut self, other: &mut Self) {
        other.untie();
        self.extend(std::mem::take(&mut other.entries));
    }

    fn touch(&mut self, key: &K) {
        if !self.mark.is_set() || self.touched.last() == Some(key) {
            return;
        }
        if self.touched.len() == TOUCHED_MAX {
            self.untie();
            return;
        }
        self.touched.push(key.clone());
    }
}

impl<K, V> Deref for Map<K, V> {
    type Target = BTreeMap<K, V>;
    fn deref(&self) -> &BTreeMap<K, V> {
        &self.entries
    }
}

impl<K: Ord + Serialize, V: Syncable> Map<K, V> {
    /// Whether the keys that were touched account for all that came and went. Two keys that JSON writes as one do not.
    fn touched_are_all(&mut self, old: &Object) -> Result<bool, Stop> {
        self.touched.sort_unstable();
        self.touched.dedup();
        let mut count = old.len();
        for key in &self.touched {
            match (self.entries.contains_key(key), old.get(&key_text(key)?).is_some()) {
                (true, false) => count += 1,
                (false, true) => count -= 1,
                _ => {}
            }
        }
        Ok(count == self.entries.len())
    }

    /// Compares the keys that were touched.
    fn compare_touched(&mut self, old: &Object, mut at: At<'_>) -> Result<(), Stop> {
        for key in self.touched.drain(..) {
            let text = key_text(&key)?;
            match (self.entries.get_mut(&key), old.get(&text)) {
                (Some(value), Some(node)) if value.same(node) => {}
                (Some(value), Some(node)) => at.under(&text, node, |at| value.compare(at))?,
                (Some(value), None) => at.add(&text, value)?,
                (None, Some(_)) => at.remove(&text)?,
                (None, None) => {}
            }
        }
        Ok(())
    }
}

impl<K: Ord + Clone + Serialize + DeserializeOwned, V: Syncable> Syncable for Map<K, V> {
    const TYPED: bool = V::TYPED;
    const WEAKER: Option<&'static str> = V::WEAKER;
    fn plan() -> Plan {
        Plan::Each(V::plan)
    }
    fn blank() -> Blank {
        Some(|| Node::Object(Object::default()))
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        let Node::Object(old) = node else { return false };
        let mark = old.mark();
        if mark.is_some_and(|mark| self.mark.fits(mark)) {
            return self.touched.is_empty();
        }
        let same = self.touched.is_empty() && same_entries(self.entries.iter(), node);
        if same && let Some(mark) = mark {
            self.mark.tie(mark);
        }
        same
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        let Node::Object(old) = at.old() else {
            self.untie();
            return at.walk(self, Self::plan());
        };
        let fits = old.mark().is_some_and(|mark| self.mark.fits(mark));
        if fits && self.touched_are_all(old).map_err(|stop| at.here(stop))? {
            return self.compare_touched(old, at);
        }
        compare_entries(self.entries.iter_mut(), old, at)?;
        self.touched.clear();
        if let Some(mark) = old.mark() {
            self.mark.tie(mark);
        }
        Ok(())
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        self.entries.receive(change)
    }
    fn keep_local(&mut self, old: &mut Self) {
        self.entries.keep_local(&mut old.entries);
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        BTreeMap::<K, V>::verify(change)
    }
}
