//! Takes the bytes of a node apart, which `codec` describes.

use smallvec::SmallVec;
use triomphe::Arc;

use super::keys::{FEW, Keys};
use super::{Node, Number, Object};
use crate::limits;
use crate::path::Key;

/// Bytes that are not what they should be: where, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {kind}")]
pub struct DecodeError {
    at: usize,
    kind: DecodeErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeErrorKind {
    #[error("the bytes end too early")]
    Short,
    #[error("{0} is not a known tag")]
    Tag(u8),
    #[error("a varint is longer than its type")]
    Varint,
    #[error("a string is not UTF-8")]
    Utf8,
    #[error("a path is not made of whole steps")]
    Path,
    #[error("a float is not finite")]
    Float,
    #[error("a key occurs twice")]
    Twice,
    #[error("the value is deeper than {} containers", limits::DEPTH_MAX)]
    Depth,
    #[error("{0} is over the limit of {1}")]
    Limit(&'static str, usize),
    #[error("{0} bytes are left over")]
    Rest(usize),
}

/// How much larger than the bytes the keys of sets may be.
const MEMBER_KEY_FACTOR: usize = 16;
const MEMBER_KEY_BYTES_MIN: usize = 1 << 12;

/// Takes bytes apart from front to back, and knows where it is when something is wrong.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What the keys of sets may still take: sets inside sets name their members again at each level.
    member_key_bytes: usize,
    /// Keys of the last object: elements of one type have the same.
    last_keys: Option<Arc<Keys>>,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, member_key_bytes: MEMBER_KEY_BYTES_MIN + MEMBER_KEY_FACTOR * bytes.len(), last_keys: None }
    }

    #[cold]
    pub(crate) const fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { at: self.at, kind }
    }

    pub(crate) const fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let Some(taken) = self.bytes[self.at..].get(..count) else { return Err(self.error(DecodeErrorKind::Short)) };
        self.at += count;
        Ok(taken)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        let Some(byte) = self.bytes.get(self.at) else { return Err(self.error(DecodeErrorKind::Short)) };
        self.at += 1;
        Ok(*byte)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, DecodeError> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if (part << shift) >> shift != part {
                break;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                // One number has one form: a trailing zero group would be a second one.
                return if byte == 0 && shift > 0 { Err(self.error(DecodeErrorKind::Varint)) } else { Ok(number) };
            }
        }
        Err(self.error(DecodeErrorKind::Varint))
    }

    /// A count of things that take at least one byte each: never more than there are bytes left.
    pub(crate) fn count(&mut self) -> Result<usize, DecodeError> {
        let count = self.varint()?;
        usize::try_from(count).ok().filter(|count| *count <= self.left()).ok_or_else(|| self.error(DecodeErrorKind::Short))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, DecodeError> {
        let count = self.count()?;
        let bytes = self.take(count)?;
        std::str::from_utf8(bytes).map_err(|_| self.error(DecodeErrorKind::Utf8))
    }

    fn member_key(&mut self, node: &Node) -> Result<Key, DecodeError> {
        let key = node.member_key();
        let left = self.member_key_bytes.checked_sub(key.len());
        self.member_key_bytes = left.ok_or_else(|| {
            self.error(DecodeErrorKind::Limit("the size of all set members as JSON", MEMBER_KEY_FACTOR * self.bytes.len()))
        })?;
        Ok(key)
    }

    pub(crate) fn end(&self) -> Result<(), DecodeError> {
        match self.left() {
            0 => Ok(()),
            left => Err(self.error(DecodeErrorKind::Rest(left))),
        }
    }

    pub(crate) fn node(&mut self) -> Result<Node, DecodeError> {
        let mut node = Node::Null;
        self.node_into(&mut node)?;
        Ok(node)
    }

    /// Reads a node to where it stays, as [`Op::UNFILLED`](crate::patch::Op::UNFILLED) says.
    pub(crate) fn node_into(&mut self, place: &mut Node) -> Result<(), DecodeError> {
        self.node_within(place, limits::DEPTH_MAX)
    }

    fn node_within(&mut self, place: &mut Node, depth: usize) -> Result<(), DecodeError> {
        let tag = self.byte()?;
        if tag >= 7 && depth == 0 {
            return Err(self.error(DecodeErrorKind::Depth));
        }
        match tag {
            0 => *place = Node::Null,
            1 => *place = Node::Bool(false),
            2 => *place = Node::Bool(true),
            3 => *place = Node::Number(self.varint()?.into()),
            4 => {
                let below = i64::try_from(self.varint()?).map_err(|_| self.error(DecodeErrorKind::Varint))?;
                *place = Node::Number((-1 - below).into());
            }
            5 => {
                let float = f64::from_le_bytes(self.array()?);
                *place = Node::Number(Number::from_f64(float).ok_or_else(|| self.error(DecodeErrorKind::Float))?);
            }
            6 => *place = Node::from(self.text()?),
            7 => {
                let count = self.count()?;
                let mut items = Vec::with_capacity(count.min(1024));
                for at in 0..count {
                    items.push(Node::Null);
                    self.node_within(&mut items[at], depth - 1)?;
                }
                *place = Node::list(items);
            }
            8 => *place = Node::object(self.object(depth - 1)?),
            9 => {
                let count = self.count()?;
                let mut members = Object::with_capacity(count.min(1024));
                for _ in 0..count {
                    let mut node = Node::Null;
                    self.node_within(&mut node, depth - 1)?;
                    if members.insert(self.member_key(&node)?, node).is_some() {
                        return Err(self.error(DecodeErrorKind::Twice));
                    }
                }
                *place = Node::Set(members);
            }
            tag => return Err(self.error(DecodeErrorKind::Tag(tag))),
        }
        Ok(())
    }
}

impl Reader<'_> {
    fn object(&mut self, depth: usize) -> Result<Object, DecodeError> {
        let count = self.count()?;
        let (mut keys, mut values) = (SmallVec::<[&str; 16]>::new(), SmallVec::<[Node; 16]>::new());
        for at in 0..count {
            keys.push(self.text()?);
            values.push(Node::Null);
            self.node_within(&mut values[at], depth)?;
        }
        if count > FEW {
            let object: Object = keys.iter().map(|key| Key::from(*key)).zip(values).collect();
            return if object.len() == count { Ok(object) } else { Err(self.error(DecodeErrorKind::Twice)) };
        }
        let keys = match &self.last_keys {
            Some(last) if last.are(keys.iter().copied()) => last,
            _ => match Keys::of_names(&keys) {
                Some(keys) => self.last_keys.insert(keys),
                None => return Err(self.error(DecodeErrorKind::Twice)),
            },
        };
        Ok(Object::of_shared(keys.clone(), values))
    }
}
