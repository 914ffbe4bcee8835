//! Takes the bytes of a node apart, which `codec` describes.

use ecow::EcoString;
use smallvec::SmallVec;
use triomphe::Arc;

use super::keys::{FEW, Keys};
use super::packed::{self, Shapes};
use super::text::same_bytes;
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
    #[error("only an empty list, object, set or text, or 0, can be ensured")]
    Ensured,
    #[error("the keys of a switch are not in their order")]
    SwitchOrder,
    #[error("the entries of a switch are no object of its own keys")]
    SwitchEntries,
    #[error("the value is deeper than {} containers", limits::DEPTH_MAX)]
    Depth,
    #[error("{0} is over the limit of {1}")]
    Limit(&'static str, usize),
    #[error("{0} bytes are left over")]
    Rest(usize),
}

pub(super) type Names<'a> = SmallVec<[&'a str; 16]>;

/// Elements for which room is made at once, however few bytes there are, and however many.
const ROOM_MIN: usize = 32;
const ROOM_MAX: usize = 1 << 16;

/// How much larger than the bytes the keys of sets may be.
const MEMBER_KEY_FACTOR: usize = 16;
const MEMBER_KEY_BYTES_MIN: usize = 1 << 12;

/// Takes bytes apart from front to back, and knows where it is when something is wrong.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What the keys of sets may still take: sets inside sets name their members again at each level.
    member_key_bytes: usize,
    /// Elements for which room may still be made before they are read.
    spare: usize,
    /// Keys of the last object at each depth: elements of one list have the same.
    last_keys: Vec<Option<Arc<Keys>>>,
    /// If what is read is packed.
    pub(super) shapes: Option<Shapes>,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        let member_key_bytes = MEMBER_KEY_BYTES_MIN + MEMBER_KEY_FACTOR * bytes.len();
        Self { bytes, at: 0, member_key_bytes, spare: bytes.len(), last_keys: Vec::new(), shapes: None }
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

    /// Goes over a text if it is this one; gives whether it was. A long one is never found to be.
    #[inline]
    fn skip_text(&mut self, text: &str) -> bool {
        let length = text.len();
        let is_text = match self.bytes[self.at..].split_first() {
            Some((first, rest)) if usize::from(*first) == length && length < 0x80 => {
                rest.get(..length).is_some_and(|bytes| same_bytes(bytes, text.as_bytes()))
            }
            _ => false,
        };
        self.at += if is_text { 1 + length } else { 0 };
        is_text
    }

    fn member_key(&mut self, node: &Node) -> Result<Key, DecodeError> {
        let key = node.member_key();
        let left = self.member_key_bytes.checked_sub(key.len());
        self.member_key_bytes = left.ok_or_else(|| {
            self.error(DecodeErrorKind::Limit("the size of all set members as JSON", MEMBER_KEY_FACTOR * self.bytes.len()))
        })?;
        Ok(key)
    }

    /// For how many of these elements room is made at once: however lists lie in one another, in all for not many more than there are bytes.
    fn room_for(&mut self, count: usize) -> usize {
        let room = count.min(self.spare.clamp(ROOM_MIN, ROOM_MAX));
        self.spare -= room.min(self.spare);
        room
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

    /// The same for one of the nodes of a container: most are small scalars, which need no call.
    #[inline(always)]
    pub(super) fn child_into(&mut self, place: &mut Node, depth: usize) -> Result<(), DecodeError> {
        let length = match &self.bytes[self.at..] {
            [1, ..] => fill(place, Node::Bool(false), 1),
            [2, ..] => fill(place, Node::Bool(true), 1),
            [3, number @ ..0x80, ..] => fill(place, Node::Number(u64::from(*number).into()), 2),
            [3, low @ 0x80..=0xff, high @ 1..0x80, ..] => {
                fill(place, Node::Number((u64::from(*high) << 7 | u64::from(*low & 0x7f)).into()), 3)
            }
            [5, rest @ ..] => match rest.first_chunk().and_then(|bytes| Number::from_f64(f64::from_le_bytes(*bytes))) {
                Some(float) => fill(place, Node::Number(float), 9),
                None => return self.node_within(place, depth),
            },
            [6, count @ ..0x80, rest @ ..] => match rest.get(..usize::from(*count)).map(std::str::from_utf8) {
                Some(Ok(text)) => fill_text(place, text),
                _ => return self.node_within(place, depth),
            },
            _ => return self.node_within(place, depth),
        };
        self.at += length;
        Ok(())
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
                let mut items = Vec::with_capacity(self.room_for(count));
                for at in 0..count {
                    items.push(Node::Null);
                    self.child_into(&mut items[at], depth - 1)?;
                }
                *place = Node::list(items);
            }
            8 => *place = Node::object(self.object(depth - 1)?),
            9 => {
                let count = self.count()?;
                let shapes = self.shapes.take();
                let mut members = Object::with_capacity(count.min(1024));
                for _ in 0..count {
                    let mut node = Node::Null;
                    self.node_within(&mut node, depth - 1)?;
                    if members.insert(self.member_key(&node)?, node).is_some() {
                        return Err(self.error(DecodeErrorKind::Twice));
                    }
                }
                self.shapes = shapes;
                *place = Node::Set(members);
            }
            packed::TAG => *place = Node::object(self.packed_object(depth - 1)?),
            tag => return Err(self.error(DecodeErrorKind::Tag(tag))),
        }
        Ok(())
    }
}

/// Puts a node where it stays, and passes on how many bytes it was.
#[inline(always)]
fn fill(place: &mut Node, node: Node, length: usize) -> usize {
    let unfilled = std::mem::replace(place, node);
    debug_assert_eq!(unfilled, Node::Null);
    // Nothing, and the compiler cannot know it.
    std::mem::forget(unfilled);
    length
}

/// The same for a text of less than 128 bytes; a short one is put together where it stays.
#[inline(always)]
fn fill_text(place: &mut Node, text: &str) -> usize {
    if text.len() <= EcoString::INLINE_LIMIT {
        fill(place, Node::String(EcoString::new()), 0);
        if let Node::String(put) = place {
            put.push_str(text);
        }
    } else {
        fill(place, Node::from(text), 0);
    }
    2 + text.len()
}

impl<'a> Reader<'a> {
    fn object(&mut self, depth: usize) -> Result<Object, DecodeError> {
        let count = self.count()?;
        match self.last_keys.get(limits::DEPTH_MAX - depth) {
            Some(Some(last)) if last.len() == count => self.object_like(last.clone(), depth),
            _ => self.object_of(count, Names::new(), SmallVec::new(), depth),
        }
    }

    /// An object that may well have these keys, as many as it has: where it does, they need not be read.
    fn object_like(&mut self, keys: Arc<Keys>, depth: usize) -> Result<Object, DecodeError> {
        let mut object = Object::unfilled(keys);
        let Some((keys, values)) = object.few_mut() else { unreachable!("only few keys are kept") };
        for at in 0..keys.len() {
            if !self.skip_text(&keys[at]) {
                let names = keys[..at].iter().map(|key| &**key).collect();
                let read = values[..at].iter_mut().map(std::mem::take).collect();
                return self.object_of(keys.len(), names, read, depth);
            }
            self.child_into(&mut values[at], depth)?;
        }
        Ok(object)
    }

    /// An object of so many entries, of which the first were read.
    fn object_of<'k>(
        &mut self,
        count: usize,
        mut keys: Names<'k>,
        mut values: SmallVec<[Node; 16]>,
        depth: usize,
    ) -> Result<Object, DecodeError>
    where
        'a: 'k,
    {
        for at in keys.len()..count {
            keys.push(self.text()?);
            values.push(Node::Null);
            self.node_within(&mut values[at], depth)?;
        }
        if count > FEW {
            let object: Object = keys.iter().map(|key| Key::from(*key)).zip(values).collect();
            return if object.len() == count { Ok(object) } else { Err(self.error(DecodeErrorKind::Twice)) };
        }
        let Some(keys) = Keys::of_names(&keys) else { return Err(self.error(DecodeErrorKind::Twice)) };
        let level = limits::DEPTH_MAX - depth;
        if self.last_keys.len() <= level {
            self.last_keys.resize(level + 1, None);
        }
        self.last_keys[level] = Some(keys.clone());
        Ok(Object::of_shared(keys, values))
    }
}
