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

use super::{DecodeError, Node, Reader};
use crate::path::Key;

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
    /// Where the bytes are not exactly one node, or it is deeper than [`limits::DEPTH_MAX`](crate::limits::DEPTH_MAX).
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let node = reader.node()?;
        reader.end()?;
        Ok(node)
    }

    /// The same bytes for equal nodes, whatever order their keys and members came in: what hashes are over.
    pub(crate) fn encode_sorted(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_len());
        self.encode_ordered(&mut out, true);
        out
    }

    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        self.encode_ordered(out, false);
    }

    fn encode_ordered(&self, out: &mut Vec<u8>, sorted: bool) {
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
                items.iter().for_each(|node| node.encode_ordered(out, sorted));
            }
            Self::Object(entries) => {
                put_tagged(out, 8, entries.len() as u64);
                let mut put = |(key, node): (&Key, &Self)| {
                    put_text(out, key);
                    node.encode_ordered(out, sorted);
                };
                if sorted { entries.sorted().into_iter().for_each(&mut put) } else { entries.iter().for_each(&mut put) }
            }
            Self::Set(members) => {
                put_tagged(out, 9, members.len() as u64);
                let mut put = |(_, node): (&Key, &Self)| node.encode_ordered(out, sorted);
                if sorted { members.sorted().into_iter().for_each(&mut put) } else { members.iter().for_each(&mut put) }
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

pub(super) fn put_tagged(out: &mut Vec<u8>, tag: u8, number: u64) {
    out.push(tag);
    put_varint(out, number);
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
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

pub(crate) fn text_len(text: &str) -> usize {
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
