//! The keys of a switch: those that any variant of the enum may have.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};
use triomphe::ThinArc;

use crate::doc::{Node, Object};
use crate::path::{Key, Path, Segment, Segments};

/// Keys in their order, each once. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SwitchKeys(ThinArc<(), Key>);

impl SwitchKeys {
    /// Whether this is one of them.
    pub fn contains(&self, key: &str) -> bool {
        self.binary_search_by(|known| (**known).cmp(key)).is_ok()
    }

    /// Whether `inner` is at or under one of these keys of the object at `path`.
    pub(crate) fn reach(&self, path: &Path, inner: Segments<'_>) -> bool {
        let mut below = if inner.starts_with(path.iter()) { inner.below_byte(path.iter().as_text().len()) } else { None };
        match below.as_mut().and_then(Iterator::next) {
            Some(Segment::Key(key)) => self.contains(key),
            _ => false,
        }
    }

    /// The entries of a switch with these keys, if they are that.
    pub(crate) fn hold<'a>(&self, value: &'a Node) -> Option<&'a Object> {
        match value {
            Node::Object(entries) if entries.iter().all(|(key, _)| self.contains(key)) => Some(entries),
            _ => None,
        }
    }

    /// Whether any of them is one of the others.
    pub(crate) fn meet(&self, others: &Self) -> bool {
        let (few, many) = if self.len() < others.len() { (self, others) } else { (others, self) };
        few.iter().any(|key| many.contains(key))
    }

    /// Those that are none of the others.
    pub(crate) fn without(&self, others: &Self) -> Self {
        self.iter().filter(|key| !others.contains(key)).cloned().collect()
    }
}

impl Deref for SwitchKeys {
    type Target = [Key];
    fn deref(&self) -> &[Key] {
        &self.0.slice
    }
}

impl FromIterator<Key> for SwitchKeys {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        Self(ThinArc::from_header_and_iter((), keys.into_iter()))
    }
}

impl fmt::Debug for SwitchKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for SwitchKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|key| &**key))
    }
}
