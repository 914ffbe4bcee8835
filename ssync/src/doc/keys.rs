//! The keys of an object, once for all objects that have the same.

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use triomphe::Arc;

use super::codec::text_len;
use super::text::{print, same_text};
use crate::path::Key;

/// Keys up to this many are shared, and found by a small table.
pub(super) const FEW: usize = 32;

/// A key's place in the table is told by its print.
const PLACES: usize = 64;
const NOWHERE: u8 = u8::MAX;

/// Keys that objects of this process were made of lately, each at a place that its prints tell: so that objects of one type share theirs
/// wherever they come from. Nothing depends on what is found here but memory and time.
static LATELY: [Mutex<Option<Arc<Keys>>>; PLACES] = [const { Mutex::new(None) }; PLACES];

/// Longer ones are not kept for others.
const KEPT_BYTES_MAX: usize = 1 << 10;

/// Keys that differ, in an order; and for each what finds it soon.
///
/// **`table` names for the place of each key this key or one before it.**
#[derive(Debug)]
pub(crate) struct Keys {
    keys: Box<[Key]>,
    names: Box<[Name]>,
    table: [u8; PLACES],
    encoded_len: usize,
}

/// A name in the program that was found to be a key: where it lies. **That is the name's for ever, and decides nothing but that the
/// texts need not be compared.**
#[derive(Debug)]
pub(crate) struct Name {
    /// 0 if none was found.
    place: AtomicUsize,
    length: usize,
}

impl Name {
    /// Whether it is known to be this name.
    #[inline(always)]
    pub(crate) fn is(&self, name: &'static str) -> bool {
        self.place.load(Ordering::Relaxed) == name.as_ptr().addr() && self.length == name.len()
    }
}

impl Keys {
    /// These keys, which differ: those that others have, if they were seen lately.
    pub(crate) fn of(keys: impl AsRef<[Key]> + IntoIterator<Item = Key>) -> Arc<Self> {
        let names = || keys.as_ref().iter().map(|key| &**key);
        let place = place_of(names());
        Self::seen(place, names()).unwrap_or_else(|| Self::keep(place, keys.into_iter().collect()))
    }

    /// The keys of these names; nothing if two are the same.
    pub(super) fn of_names(names: &[&str]) -> Option<Arc<Self>> {
        let place = place_of(names.iter().copied());
        Self::seen(place, names.iter().copied()).or_else(|| {
            let is_new = |(at, name): (usize, &&str)| !names[..at].contains(name);
            names.iter().enumerate().all(is_new).then(|| Self::keep(place, names.iter().map(|name| Key::from(*name)).collect()))
        })
    }

    fn seen<'a>(place: usize, names: impl ExactSizeIterator<Item = &'a str>) -> Option<Arc<Self>> {
        let kept = LATELY[place].lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|kept| kept.are(names)).cloned()
    }

    fn keep(place: usize, keys: Self) -> Arc<Self> {
        let keys = Arc::new(keys);
        if keys.encoded_len <= KEPT_BYTES_MAX && keys.len() <= FEW {
            *LATELY[place].lock().unwrap_or_else(PoisonError::into_inner) = Some(keys.clone());
        }
        keys
    }

    /// Whether they have these names.
    pub(crate) fn are<'a>(&self, names: impl ExactSizeIterator<Item = &'a str>) -> bool {
        self.keys.len() == names.len() && self.keys.iter().zip(names).all(|(key, name)| same_text(key, name))
    }

    /// Whether they are these names of the program, in this order; from then on that is known.
    #[inline]
    pub(crate) fn are_fields(&self, fields: &'static [&'static str]) -> bool {
        let is_known = |(at, (known, field)): (usize, (&Name, &&'static str))| known.is(field) || self.learn(at, field);
        self.names.len() == fields.len() && self.names.iter().zip(fields).enumerate().all(is_known)
    }

    /// What is known of the names of each key.
    #[inline]
    pub(crate) fn names(&self) -> &[Name] {
        &self.names
    }

    /// Whether the key at a position is this name; from then on that is known.
    #[cold]
    #[inline(never)]
    pub(crate) fn learn(&self, position: usize, name: &'static str) -> bool {
        let is_name = self.keys.get(position).is_some_and(|key| **key == *name);
        if is_name {
            self.names[position].place.store(name.as_ptr().addr(), Ordering::Relaxed);
        }
        is_name
    }

    /// The position of a key.
    #[inline]
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        let likely = self.table[place_of_one(key)];
        match self.keys.get(usize::from(likely)) {
            Some(known) if same_text(known, key) => Some(usize::from(likely)),
            Some(_) => self.position_behind(likely, key),
            None => None,
        }
    }

    /// The same, behind a key that has the same place.
    #[cold]
    fn position_behind(&self, other: u8, key: &str) -> Option<usize> {
        let start = usize::from(other) + 1;
        self.keys[start..].iter().position(|known| **known == *key).map(|behind| start + behind)
    }

    /// How many bytes they take in an encoded object.
    pub(super) const fn encoded_len(&self) -> usize {
        self.encoded_len
    }
}

/// Where a key stands in a table.
#[inline]
fn place_of_one(key: &str) -> usize {
    place(print(key))
}

/// Where the keys of these names are kept.
fn place_of<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    place(names.fold(0, |all, name| all.rotate_left(5) ^ print(name)))
}

/// The upper bits of a product, on which all bits of the factor have a say: Fibonacci hashing (Knuth, volume 3, 6.4).
const fn place(print: u32) -> usize {
    (print.wrapping_mul(0x9e37_79b9) >> (u32::BITS - PLACES.trailing_zeros())) as usize
}

impl Default for Keys {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}

impl Deref for Keys {
    type Target = [Key];
    #[inline]
    fn deref(&self) -> &[Key] {
        &self.keys
    }
}

impl FromIterator<Key> for Keys {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let keys: Box<[Key]> = keys.into_iter().collect();
        let names = keys.iter().map(|key| Name { place: AtomicUsize::new(0), length: key.len() }).collect();
        let mut table = [NOWHERE; PLACES];
        for (key, position) in keys.iter().zip(0..NOWHERE).rev() {
            table[place_of_one(key)] = position;
        }
        Self { names, table, encoded_len: keys.iter().map(|key| text_len(key)).sum(), keys }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that have one place are found all the same, and what is not there is not.
    #[test]
    fn every_key_is_found() {
        let keys: Keys = (0..FEW).map(|number| Key::from(format!("{number}x"))).collect();
        for (position, key) in keys.iter().enumerate() {
            assert_eq!(keys.position(key), Some(position));
        }
        let places: std::collections::BTreeSet<usize> = keys.iter().map(|key| place_of_one(key)).collect();
        assert!(places.len() < FEW, "some keys have one place");
        for other in ["", "x", "32x", "0y", "00x"] {
            assert_eq!(keys.position(other), None);
        }
    }

    #[test]
    fn the_same_keys_are_shared() {
        let keys = |names: &[&'static str]| Keys::of(names.iter().map(|name| Key::from_static(name)).collect::<Vec<_>>());
        let first = keys(&["only", "in this test"]);
        assert!(Arc::ptr_eq(&first, &keys(&["only", "in this test"])));
        assert!(Keys::of_names(&["only", "in this test"]).is_some_and(|shared| Arc::ptr_eq(&first, &shared)));
        assert_ne!(first, keys(&["in this test", "only"]));
        assert_eq!(Keys::of_names(&["twice", "twice"]), None);
        let long = "k".repeat(KEPT_BYTES_MAX);
        assert!(!Arc::ptr_eq(&Keys::of([Key::from(&*long)]), &Keys::of([Key::from(&*long)])));
    }
}
