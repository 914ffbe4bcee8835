//! The elements of a list.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use super::{Mark, Node};

/// An ordered list of nodes, which reads as a slice.
#[derive(Clone, Debug, Default)]
pub struct Items {
    items: Vec<Node>,
    mark: Mark,
}

impl Items {
    /// The elements, to be changed in place.
    #[inline]
    pub(crate) fn items_mut(&mut self) -> &mut Vec<Node> {
        &mut self.items
    }

    /// What ties the list to a tracked container.
    pub(crate) const fn mark(&self) -> &Mark {
        &self.mark
    }
}

impl Deref for Items {
    type Target = [Node];
    #[inline]
    fn deref(&self) -> &[Node] {
        &self.items
    }
}

impl From<Vec<Node>> for Items {
    fn from(items: Vec<Node>) -> Self {
        Self { items, mark: Mark::none() }
    }
}

impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl Eq for Items {}

impl Hash for Items {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.items.hash(state);
    }
}
