//! Maps: by key, in place.
//!
//! Keys that are equal for the program may differ as text: the document then has several, of which the map shows one, whichever it keeps when it gets them in the order of
//! their texts. The others are gaps, so that nothing is sent of them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde::Serialize;
use serde::de::DeserializeOwned;
use smallvec::SmallVec;
use smol_str::{SmolStr, SmolStrBuilder};

use super::verify_each;
use crate::doc::{Node, Object};
use crate::syncable::compare::{KeyText, is_key};
use crate::syncable::{At, Blank, Change, Plan, Refused, RefusedReason, Stop, Syncable, Unfit, decode_key};

/// Finds the entries of a map in an object. **No entry is found twice.**
pub(in crate::syncable) struct Finder<'a> {
    old: &'a Object,
    next: usize,
    /// A bit for each entry, once they do not come in the object's order. In place up to a thousand.
    seen: SmallVec<[u64; 16]>,
}

impl<'a> Finder<'a> {
    pub(in crate::syncable) const fn new(old: &'a Object) -> Self {
        Self { old, next: 0, seen: SmallVec::new_const() }
    }

    /// The value of a key; nothing if the object has none.
    ///
    /// # Errors
    /// If the key cannot be one, or was found before.
    #[inline]
    pub(in crate::syncable) fn find<K: Serialize>(&mut self, key: &K) -> Result<Option<(&'a str, &'a Node)>, KeyError> {
        if self.seen.is_empty()
            && let Some((text, node)) = self.old.entry(self.next)
            && is_key(key, text)
        {
            self.next += 1;
            return Ok(Some((text, node)));
        }
        self.search(key)
    }

    #[cold]
    fn search<K: Serialize>(&mut self, key: &K) -> Result<Option<(&'a str, &'a Node)>, KeyError> {
        let text = key_text(key).map_err(|_| KeyError::Unwritable)?;
        let Some(position) = self.old.position(&text) else { return Ok(None) };
        if self.seen.is_empty() {
            self.seen.resize(self.old.len() / 64 + 1, 0);
            (0..self.next).for_each(|met| self.seen[met / 64] |= 1 << (met % 64));
        }
        let (word, bit) = (&mut self.seen[position / 64], 1 << (position % 64));
        if *word & bit != 0 {
            return Err(KeyError::Twice);
        }
        *word |= bit;
        Ok(self.old.entry(position).map(|(key, node)| (&**key, node)))
    }

    /// The keys that were not found.
    fn rest(self) -> impl Iterator<Item = &'a str> {
        let Self { old, next, seen } = self;
        let met = move |position: usize| if seen.is_empty() { position < next } else { seen[position / 64] & (1 << (position % 64)) != 0 };
        (0..old.len()).filter(move |position| !met(*position)).filter_map(|position| old.entry(position)).map(|(key, _)| &**key)
    }
}

/// Why a key has no place.
pub(in crate::syncable) enum KeyError {
    Unwritable,
    Twice,
}

/// A map key as JSON writes it.
///
/// # Errors
/// If it cannot be one.
pub(crate) fn key_text<K: Serialize>(key: &K) -> Result<SmolStr, Stop> {
    let mut text = SmolStrBuilder::new();
    key.serialize(KeyText(&mut text))?;
    Ok(text.finish())
}

/// Whether the entries are those of the node.
#[inline]
pub(crate) fn same_entries<'a, K: Serialize + 'a, V: Syncable + 'a>(
    entries: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    node: &Node,
) -> bool {
    let Node::Object(old) = node else { return false };
    let mut finder = Finder::new(old);
    let same =
        entries.len() == old.len() && { entries }.all(|(key, value)| matches!(finder.find(key), Ok(Some((_, node))) if value.same(node)));
    if same {
        // What was tied to the object stands elsewhere now.
        old.forget_mark();
    }
    same
}

/// Compares the entries with those of the object.
///
/// # Errors
/// If a key or a value cannot be shared.
pub(crate) fn compare_entries<'a, K: Serialize + 'a, V: Syncable + 'a>(
    entries: impl Iterator<Item = (&'a K, &'a mut V)>,
    old: &Object,
    mut at: At<'_>,
) -> Result<(), Stop> {
    compare_present(entries, old, &mut at)?.rest().try_for_each(|text| at.remove(text))
}

/// Compares the entries with those of the object; gives what has not found the others.
///
/// # Errors
/// If a key or a value cannot be shared.
fn compare_present<'a, 'o, K: Serialize + 'a, V: Syncable + 'a>(
    entries: impl Iterator<Item = (&'a K, &'a mut V)>,
    old: &'o Object,
    at: &mut At<'_>,
) -> Result<Finder<'o>, Stop> {
    at.deeper()?;
    old.forget_mark();
    let mut finder = Finder::new(old);
    for (key, value) in entries {
        match finder.find(key) {
            Ok(Some((_, node))) if value.same(node) => {}
            Ok(Some((text, node))) => at.under(text, node, |at| value.compare(at))?,
            Ok(None) => at.add(&key_text(key).map_err(|stop| at.here(stop))?, value)?,
            Err(KeyError::Twice) => return Err(at.key_twice(&key_text(key)?)),
            Err(KeyError::Unwritable) => drop(key_text(key).map_err(|stop| at.here(stop))?),
        }
    }
    Ok(finder)
}

macro_rules! map {
    ($type:ident<K, V $(, $hasher:ident)?>, $remove:ident, $($bound:tt)+) => {
        impl<K, V: Syncable $(, $hasher: BuildHasher + Default)?> Syncable for $type<K, V $(, $hasher)?>
        where
            K: Serialize + DeserializeOwned + $($bound)+,
        {
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
                same_entries(self.iter(), node)
            }
            fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
                let Node::Object(old) = at.old() else { return at.walk(self, Self::plan()) };
                for text in compare_present(self.iter_mut(), old, &mut at)?.rest() {
                    // Another program may know both as one.
                    if decode_key::<K>(text).is_ok_and(|key| self.contains_key(&key)) {
                        return at.under(text, &Node::Null, |at| Err(at.here(RefusedReason::EqualKeys.into())));
                    }
                    at.remove(text)?;
                }
                Ok(())
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                let Some(text) = change.key() else { return change.replace(self) };
                let key: K = decode_key(text).map_err(|unfit| unfit.below(&change.path()))?;
                // Another program may write one key in several ways, of which a map here has one.
                if !is_key(&key, text) || self.get_key_value(&key).is_some_and(|(known, _)| !is_key(known, text)) {
                    return change.replace(self);
                }
                match (change.child(), self.get_mut(&key)) {
                    (Some(child), Some(value)) => value.receive(child),
                    (Some(child), None) => {
                        self.insert(key, child.decode()?);
                        Ok(())
                    }
                    (None, _) => {
                        self.$remove(&key);
                        // One that is equal may have been behind it.
                        let is_all = matches!(change.node(), Node::Object(entries) if entries.len() == self.len());
                        if is_all { Ok(()) } else { change.replace(self) }
                    }
                }
            }
            fn keep_local(&mut self, old: &mut Self) {
                for (key, value) in self {
                    if let Some(old) = old.get_mut(key) {
                        value.keep_local(old);
                    }
                }
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                verify_each::<V>(change)
            }
        }
    };
}

map!(BTreeMap<K, V>, remove, Ord);
map!(HashMap<K, V, S>, remove, Eq + Hash);
#[cfg(feature = "indexmap")]
use indexmap::IndexMap;
#[cfg(feature = "indexmap")]
map!(IndexMap<K, V, S>, shift_remove, Eq + Hash);
