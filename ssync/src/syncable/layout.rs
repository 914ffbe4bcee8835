//! The keys of a struct's object, known once for all its values.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use triomphe::Arc;

use crate::doc::{Keys, Node, Object, same_text};
use crate::path::Key;

/// The JSON names of a type's fields, in the order in which serde writes them.
///
/// **A node that [`Layout::values`] accepts has exactly these keys in this order.** Mostly that is seen by an address: the objects
/// that this program builds share the layout's own keys, those of a decoded document share the first that were seen.
#[doc(hidden)]
pub struct Layout {
    names: &'static [&'static str],
    own: Known,
    foreign: Known,
}

/// Keys that are kept for ever, so that nothing else can lie at their address; until they are there it is nobody's.
struct Known {
    keys: OnceLock<Arc<Keys>>,
    address: AtomicUsize,
}

impl Known {
    const fn none() -> Self {
        Self { keys: OnceLock::new(), address: AtomicUsize::new(0) }
    }

    #[inline(always)]
    fn is(&self, keys: &Arc<Keys>) -> bool {
        self.address.load(Ordering::Relaxed) == keys.heap_ptr().addr()
    }

    fn get_or_init(&self, keys: impl FnOnce() -> Arc<Keys>) -> &Arc<Keys> {
        let keys = self.keys.get_or_init(keys);
        self.address.store(keys.heap_ptr().addr(), Ordering::Relaxed);
        keys
    }
}

impl Layout {
    /// The layout of these names.
    pub const fn new(names: &'static [&'static str]) -> Self {
        Self { names, own: Known::none(), foreign: Known::none() }
    }

    /// The values of an object with these keys.
    #[inline]
    pub fn values<'a, const N: usize>(&self, node: &'a Node) -> Option<&'a [Node; N]> {
        let Node::Object(object) = node else { return None };
        let (keys, values) = object.few()?;
        if self.is_known(keys) || self.has_names(keys) { values.try_into().ok() } else { None }
    }

    /// The same, to be changed in place.
    #[inline]
    pub fn values_mut<'a, const N: usize>(&self, node: &'a mut Node) -> Option<&'a mut [Node; N]> {
        let Node::Object(object) = node else { return None };
        let (keys, _) = object.few()?;
        if self.is_known(keys) || self.has_names(keys) { object.few_mut()?.1.try_into().ok() } else { None }
    }

    /// The same only where it is seen at once: nothing is called.
    #[inline]
    pub fn known_values<'a, const N: usize>(&self, node: &'a Node) -> Option<&'a [Node; N]> {
        let Node::Object(object) = node else { return None };
        let (keys, values) = object.few()?;
        if self.is_known(keys) { values.try_into().ok() } else { None }
    }

    #[inline(always)]
    fn is_known(&self, keys: &Arc<Keys>) -> bool {
        self.own.is(keys) || self.foreign.is(keys)
    }

    /// Gets to know the keys of a node; gives whether [`Layout::known_values`] sees now what it did not see.
    pub(super) fn learn(&self, node: &Node) -> bool {
        match node {
            Node::Object(object) => {
                object.few().is_some_and(|(keys, _)| !self.is_known(keys) && self.has_names(keys) && self.is_known(keys))
            }
            _ => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn has_names(&self, keys: &Arc<Keys>) -> bool {
        let same = keys.are(self.names.iter().copied());
        if same {
            self.foreign.get_or_init(|| keys.clone());
        }
        same
    }

    /// The keys as every value of the type shares them, if these are the layout's.
    pub(super) fn shared(&self, keys: &[Key]) -> Option<Arc<Keys>> {
        let own = || Keys::of(self.names.iter().map(|name| Key::from_static(name)).collect::<Vec<_>>());
        let same = self.names.len() == keys.len() && self.names.iter().zip(keys).all(|(name, key)| same_text(name, key));
        same.then(|| self.own.get_or_init(own).clone())
    }
}

/// The elements of a list of this many.
#[doc(hidden)]
#[inline]
pub fn items(node: &Node, count: usize) -> Option<&[Node]> {
    match node {
        Node::List(items) if items.len() == count => Some(items),
        _ => None,
    }
}

/// The same, to be changed in place.
#[doc(hidden)]
#[inline]
pub fn items_mut(node: &mut Node, count: usize) -> Option<&mut [Node]> {
    match node {
        Node::List(items) if items.len() == count => Some(Arc::make_mut(items).items_mut()),
        _ => None,
    }
}

/// Whether the node is this text.
#[doc(hidden)]
#[inline(always)]
pub fn is_text(node: &Node, expected: &str) -> bool {
    matches!(node, Node::String(text) if same_text(text, expected))
}

/// Finds the entries of an object, which mostly come in its order.
#[doc(hidden)]
pub struct Cursor<'a> {
    object: &'a Object,
    next: usize,
    found: usize,
}

impl<'a> Cursor<'a> {
    /// At the first entry of the node, if it is an object.
    pub fn new(node: &'a Node) -> Option<Self> {
        match node {
            Node::Object(object) => Some(Self { object, next: 0, found: 0 }),
            _ => None,
        }
    }

    /// The value of a key that was not asked for before, if it is there.
    #[inline]
    pub fn take(&mut self, name: &str) -> Option<&'a Node> {
        let node = match self.object.entry(self.next) {
            Some((key, node)) if **key == *name => {
                self.next += 1;
                node
            }
            _ => {
                let position = self.object.position(name)?;
                self.next = position + 1;
                self.object.entry(position)?.1
            }
        };
        self.found += 1;
        Some(node)
    }

    /// Whether that were all.
    pub fn end(&self) -> Option<()> {
        (self.found == self.object.len()).then_some(())
    }
}

impl std::fmt::Debug for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.names.fmt(f)
    }
}
