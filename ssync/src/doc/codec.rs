//! The bytes of a node: one tag byte, then what the tag says. Integers are LEB128 varints.
//!
//! | tag | node | follows |
//! |---|---|---|
//! | 0, 1, 2 | null, false, true | |
//! | 3 | integer ≥ 0 | varint |
//! | 4 | integer < 0 | varint of `-1 - n` |
//! | 5 | float | 8 bytes, little endian |
//! | 6 | string | length, UTF-8 |
//! | 7 | list | count, nodes |
//! | 8 | object | count, then key (length, UTF-8) and node each |
//! | 9 | set | count, nodes |

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
        self.node_within(limits::DEPTH_MAX)
    }

    fn node_within(&mut self, depth: usize) -> Result<Node, DecodeError> {
        let tag = self.byte()?;
        if tag >= 7 && depth == 0 {
            return Err(self.error(DecodeErrorKind::Depth));
        }
        Ok(match tag {
            0 => Node::Null,
            1 => Node::Bool(false),
            2 => Node::Bool(true),
            3 => Node::Number(self.varint()?.into()),
            4 => {
                let below = i64::try_from(self.varint()?).map_err(|_| self.error(DecodeErrorKind::Varint))?;
                Node::Number((-1 - below).into())
            }
            5 => {
                let float = f64::from_le_bytes(self.array()?);
                Node::Number(Number::from_f64(float).ok_or_else(|| self.error(DecodeErrorKind::Float))?)
            }
            6 => Node::from(self.text()?),
            7 => {
                let count = self.count()?;
                let mut items = Vec::with_capacity(count.min(1024));
                for _ in 0..count {
                    items.push(self.node_within(depth - 1)?);
                }
                Node::list(items)
            }
            8 => Node::object(self.object(depth - 1)?),
            9 => {
                let count = self.count()?;
                let mut members = Object::with_capacity(count.min(1024));
                for _ in 0..count {
                    let node = self.node_within(depth - 1)?;
                    if members.insert(self.member_key(&node)?, node).is_some() {
                        return Err(self.error(DecodeErrorKind::Twice));
                    }
                }
                Node::Set(members)
            }
            tag => return Err(self.error(DecodeErrorKind::Tag(tag))),
        })
    }
}

impl Reader<'_> {
    fn object(&mut self, depth: usize) -> Result<Object, DecodeError> {
        let count = self.count()?;
        let (mut keys, mut values) = (SmallVec::<[&str; 16]>::new(), SmallVec::<[Node; 16]>::new());
        for _ in 0..count {
            keys.push(self.text()?);
            values.push(self.node_within(depth)?);
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

impl Node {
    /// The bytes of this node.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_len());
        self.encode_into(&mut out);
        out
    }

    /// The node that these bytes are.
    ///
    /// # Errors
    /// Where the bytes are not exactly one node, or it is deeper than [`limits::DEPTH_MAX`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let node = reader.node()?;
        reader.end()?;
        Ok(node)
    }

    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(0),
            Self::Bool(bool) => out.push(1 + u8::from(*bool)),
            Self::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => put_tagged(out, 3, number),
                (_, Some(number)) => put_tagged(out, 4, below_zero(number)),
                _ => {
                    out.push(5);
                    out.extend_from_slice(&number.as_f64().unwrap_or_default().to_le_bytes());
                }
            },
            Self::String(text) => {
                out.push(6);
                put_text(out, text);
            }
            Self::List(items) => {
                put_tagged(out, 7, items.len() as u64);
                items.iter().for_each(|node| node.encode_into(out));
            }
            Self::Object(entries) => {
                put_tagged(out, 8, entries.len() as u64);
                for (key, node) in entries.iter() {
                    put_text(out, key);
                    node.encode_into(out);
                }
            }
            Self::Set(members) => {
                put_tagged(out, 9, members.len() as u64);
                members.iter().for_each(|(_, node)| node.encode_into(out));
            }
        }
    }

    /// How many bytes [`Node::encode`] gives.
    #[inline]
    pub fn encoded_len(&self) -> usize {
        self.scalar_len().unwrap_or_else(|| self.container_len())
    }

    /// The same, if the node is no container.
    #[inline]
    pub(crate) fn scalar_len(&self) -> Option<usize> {
        Some(
            1 + match self {
                Self::Null | Self::Bool(_) => 0,
                Self::Number(number) => match (number.as_u64(), number.as_i64()) {
                    (Some(number), _) => varint_len(number),
                    (_, Some(number)) => varint_len(below_zero(number)),
                    _ => 8,
                },
                Self::String(text) => text_len(text),
                Self::List(_) | Self::Object(_) | Self::Set(_) => return None,
            },
        )
    }

    fn container_len(&self) -> usize {
        let after_tag = match self {
            Self::List(items) => varint_len(items.len() as u64) + items.iter().map(Self::encoded_len).sum::<usize>(),
            Self::Object(entries) => {
                let mut bytes = varint_len(entries.len() as u64) + entries.keys_len();
                entries.each_node(|node| bytes += node.encoded_len());
                bytes
            }
            Self::Set(members) => {
                let mut bytes = varint_len(members.len() as u64);
                members.each_node(|node| bytes += node.encoded_len());
                bytes
            }
            _ => 0,
        };
        1 + after_tag
    }
}

/// The varint form of a negative integer: 0 is -1, 1 is -2.
const fn below_zero(number: i64) -> u64 {
    !number.cast_unsigned()
}

fn put_tagged(out: &mut Vec<u8>, tag: u8, number: u64) {
    out.push(tag);
    put_varint(out, number);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[inline]
pub(crate) const fn varint_len(number: u64) -> usize {
    // The bits over 7, rounded up, for up to 64 of them.
    let bits = 64 - (number | 1).leading_zeros() as usize;
    (bits * 9 + 64) / 64
}

pub(super) fn text_len(text: &str) -> usize {
    varint_len(text.len() as u64) + text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(node: Node, hex: &str) {
        let bytes = node.encode();
        let shown: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(shown, hex);
        assert_eq!(node.encoded_len(), bytes.len());
        assert_eq!(Node::decode(&bytes), Ok(node));
    }

    fn json(value: serde_json::Value) -> Node {
        Node::from_json(&value).expect("in range")
    }

    #[test]
    fn golden_bytes() {
        check(json(json!(null)), "00");
        check(json(json!([false, true])), "07020102");
        check(json(json!([0, 127, 128])), "07030300037f038001");
        check(json(json!([-1, i64::MIN])), "0702040004ffffffffffffffff7f");
        check(json(json!(1.5)), "05000000000000f83f");
        check(json(json!({"a": "b"})), "08010161060162");
        check(Node::set([json(json!("x"))]), "0901060178");
    }

    #[test]
    fn bad_bytes_say_what_and_where() {
        fn check(bytes: &[u8], expected: &str) {
            let error = Node::decode(bytes).expect_err("bad bytes");
            assert_eq!(error.to_string(), expected);
        }
        check(&[], "byte 0: the bytes end too early");
        check(&[42], "byte 1: 42 is not a known tag");
        check(&[3, 0x80, 0], "byte 3: a varint is longer than its type");
        check(&[6, 1, 0xff], "byte 3: a string is not UTF-8");
        check(&[7, 0xff, 0xff, 0x7f], "byte 4: the bytes end too early");
        check(&[8, 2, 1, b'a', 0, 1, b'a', 0], "byte 8: a key occurs twice");
        check(&[0, 0], "byte 1: 1 bytes are left over");
        check(&[[7, 1].repeat(101), vec![0]].concat(), "byte 201: the value is deeper than 100 containers");
        check(&[5, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f], "byte 9: a float is not finite");
    }
}
