//! The document: an untyped JSON tree that is the truth of a replica.
//!
//! Beside JSON's own kinds it knows the set, and it keeps integers and floats apart and exact. Containers are shared
//! until written to, so that cloning a document costs nothing and two replicas of one state cost little more than one.
//!
//! - **Equality ignores the order of object keys and of set members**, and compares floats by their bits.
//! - **`size_bytes` is always the encoded size of the root**: every change goes through [`Doc`].

mod codec;
mod items;
mod json;
mod keys;
mod mark;
mod number;
mod object;
mod packed;
mod reader;
mod text;

pub(crate) use codec::{put_text, put_varint, text_len, varint_len};
pub use items::Items;
pub use json::NumberOutOfRange;
pub(crate) use keys::{Keys, Name};
pub(crate) use mark::Mark;
pub use number::Number;
pub(crate) use object::Entries;
pub use object::Object;
pub use reader::DecodeError;
pub(crate) use reader::{DecodeErrorKind, Reader};
pub(crate) use text::same_text;

use ecow::EcoString;
use triomphe::Arc;

use crate::path::{Key, Segment};

/// One value of a document, with everything under it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Node {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, kept exactly.
    Number(Number),
    /// A string.
    String(EcoString),
    /// An ordered list.
    List(Arc<Items>),
    /// Keys and values.
    Object(Object),
    /// Members without an order, each once, keyed by its canonical JSON. In JSON text it is an array, sorted by key.
    Set(Object),
}

impl Node {
    /// A list of these nodes.
    pub fn list(items: Vec<Node>) -> Self {
        Self::List(Arc::new(items.into()))
    }

    /// An object of these entries.
    pub fn object(object: Object) -> Self {
        Self::Object(object)
    }

    /// A set of these members; one that occurs twice is kept once.
    pub fn set(members: impl IntoIterator<Item = Node>) -> Self {
        Self::Set(members.into_iter().map(|member| (member.member_key(), member)).collect())
    }

    /// The key under which a set keeps this member: its canonical JSON.
    pub fn member_key(&self) -> Key {
        Key::from(self.canonical_json())
    }

    /// The child that a segment names, if there is one.
    pub fn child(&self, segment: Segment<'_>) -> Option<&Node> {
        match (self, segment) {
            (Self::List(items), Segment::Index(index)) => items.get(index as usize),
            (Self::Object(entries) | Self::Set(entries), Segment::Key(key)) => entries.get(key),
            _ => None,
        }
    }

    /// The node at a path below this one, if there is one.
    pub fn at<'a>(&self, path: impl IntoIterator<Item = Segment<'a>>) -> Option<&Node> {
        path.into_iter().try_fold(self, |node, segment| node.child(segment))
    }

    /// The node that these positions lead to, to be changed in place.
    #[cfg(feature = "client")]
    #[inline]
    pub(crate) fn at_positions(&mut self, positions: &[u32]) -> Option<&mut Node> {
        positions.iter().try_fold(self, |node, position| match node {
            Self::List(items) => Arc::make_mut(items).items_mut().get_mut(*position as usize),
            Self::Object(entries) => entries.few_mut()?.1.get_mut(*position as usize),
            _ => None,
        })
    }

    /// The empty value of this node's kind; nothing for what has none.
    pub(crate) fn emptied(&self) -> Option<Node> {
        match self {
            Self::Number(number) if number.as_i64().is_some() => Some(Self::Number(0_u64.into())),
            Self::String(_) => Some(Self::String(EcoString::new())),
            Self::List(_) => Some(Self::list(Vec::new())),
            Self::Object(_) => Some(Self::Object(Object::default())),
            Self::Set(_) => Some(Self::Set(Object::default())),
            Self::Null | Self::Bool(_) | Self::Number(_) => None,
        }
    }

    /// How many elements or entries the node has; 1 for a scalar.
    pub(crate) fn parts(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            Self::Object(entries) | Self::Set(entries) => entries.len(),
            _ => 1,
        }
    }

    /// How many containers lie inside one another: 0 for a scalar, 1 for an empty list.
    pub fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(entries) | Self::Set(entries) => {
                let mut depth = 0;
                entries.each_node(|node| {
                    if node.is_container() {
                        depth = depth.max(node.depth());
                    }
                });
                1 + depth
            }
            _ => 0,
        }
    }

    #[inline]
    const fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Object(_) | Self::Set(_))
    }

    /// Unties every tracked container that was compared with this node or one under it.
    pub(crate) fn forget_marks(&self) {
        match self {
            Self::List(items) => {
                items.mark().clear();
                items.iter().for_each(Self::forget_marks);
            }
            Self::Object(entries) => {
                entries.forget_mark();
                entries.each_node(Self::forget_marks);
            }
            _ => {}
        }
    }

    /// The same, sharing with nobody what may be tied to a tracked container; nothing if it has nothing of that kind.
    #[inline]
    pub(crate) fn unshared(&self) -> Option<Node> {
        self.may_be_tied().then(|| self.copy_unshared())
    }

    /// A copy that shares nothing that may be tied.
    #[cold]
    fn copy_unshared(&self) -> Node {
        let own = |node: &Node| node.unshared().unwrap_or_else(|| node.clone());
        match self {
            Self::List(items) => Self::list(items.iter().map(own).collect()),
            Self::Object(entries) => Self::object(entries.iter().map(|(key, node)| (key.clone(), own(node))).collect()),
            other => other.clone(),
        }
    }

    fn may_be_tied(&self) -> bool {
        match self {
            Self::List(_) => true,
            Self::Object(entries) => {
                entries.few().is_none_or(|(_, nodes)| nodes.iter().any(|node| node.is_container() && node.may_be_tied()))
            }
            _ => false,
        }
    }

    /// Whether it is the empty value of its kind: what a container, a text or a counter begins as.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Object(entries) | Self::Set(entries) => entries.is_empty(),
            Self::String(text) => text.is_empty(),
            other => other.is_unsigned(0),
        }
    }

    /// What this node is, for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Set(_) => "a set",
        }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::String(EcoString::from(text))
    }
}

/// A whole document: a root, and what it would take as bytes.
#[derive(Clone, Debug)]
pub struct Doc {
    pub(crate) root: Node,
    size_bytes: usize,
}

impl Default for Doc {
    fn default() -> Self {
        Self::new(Node::Null)
    }
}

impl PartialEq for Doc {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Doc {
    /// A document with this root.
    pub fn new(root: Node) -> Self {
        Self { size_bytes: root.encoded_len(), root }
    }

    /// The whole tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The bytes that the root takes when encoded; in a snapshot the document is packed.
    #[inline]
    pub fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    #[inline]
    pub(crate) fn resize(&mut self, gone_bytes: usize, new_bytes: usize) {
        self.size_bytes = (self.size_bytes + new_bytes).saturating_sub(gone_bytes);
    }
}
