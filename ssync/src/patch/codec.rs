//! The bytes of a patch: a count of ops, then each op.
//!
//! An op is a head byte (its kind in the low 3 bits: 0 `=`, 1 `+`, 2 `-`, 3 `m`, 4 `i`, 5 `s`, 6 `e`, 7 `v`; how many bytes its path has in
//! the high 5, where 31 means that a varint with the rest follows), its path, and what its kind has: `=`, `+` and `e` a node; `m` the gap
//! as a varint; `i` a zigzag varint; `s` offset and count as varints, and a text with its length before it; `v` a count of keys, each a text
//! like that, in their order, and an object as a node. A path is UTF-8, as [`Segments`] says: what is sent is what lies in memory.

use super::{Op, Ops, Patch, SwitchKeys};
use crate::doc::{DecodeError, DecodeErrorKind, Node, Reader, put_text, put_varint, text_len, varint_len};
use crate::limits;
use crate::path::{Key, Path, Segments};

const LONG_PATH: usize = 31;
/// Bytes of a path or a value that are nothing beside a frame.
#[cfg(feature = "client")]
const SMALL: usize = 1 << 10;

/// Bytes around the path of a patch that sets a number: count, head, length of the path, and the longest number with its tag.
const SCALAR_OP_BYTES_MAX: usize = 1 + 1 + 10 + 11;

impl Patch {
    /// The bytes of this patch.
    ///
    /// ```
    /// # use ssync::{Op, Patch, Path, Node};
    /// let patch = Patch::new(vec![Op::Remove { path: Path::from_iter(["a".into(), 3.into()]) }]);
    /// assert_eq!(patch.encode(), [1, 0x1a, 2, b'a', 7]);
    /// assert_eq!(Patch::decode(&patch.encode()), Ok(patch));
    /// ```
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(match &self.ops[..] {
            // The most frequent patch is not worth an exact count.
            [Op::Set { path, value: Node::Null | Node::Bool(_) | Node::Number(_) }] => path.iter().as_text().len() + SCALAR_OP_BYTES_MAX,
            _ => self.encoded_len(),
        });
        self.encode_into(&mut out);
        out
    }

    /// Writes the bytes behind others.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        put_varint(out, self.ops.len() as u64);
        for op in &self.ops {
            let kind = match op {
                Op::Set { .. } => 0,
                Op::Insert { .. } => 1,
                Op::Remove { .. } => 2,
                Op::Move { .. } => 3,
                Op::Increment { .. } => 4,
                Op::Splice { .. } => 5,
                Op::Ensure { .. } => 6,
                Op::Switch { .. } => 7,
            };
            put_path(out, kind, op.path());
            match op {
                Op::Set { value, .. } | Op::Insert { value, .. } | Op::Ensure { value, .. } => value.encode_into(out),
                Op::Remove { .. } => {}
                Op::Move { to, .. } => put_varint(out, u64::from(*to)),
                Op::Increment { by, .. } => put_varint(out, zigzag(*by)),
                Op::Splice { at, delete, insert, .. } => {
                    put_varint(out, u64::from(*at));
                    put_varint(out, u64::from(*delete));
                    put_text(out, insert);
                }
                Op::Switch { keys, value, .. } => {
                    put_varint(out, keys.len() as u64);
                    keys.iter().for_each(|key| put_text(out, key));
                    value.encode_into(out);
                }
            }
        }
    }

    /// Whether it is plainly far from the limit of a frame: one short op.
    #[cfg(feature = "client")]
    #[inline]
    pub(crate) fn is_small(&self) -> bool {
        match &self.ops[..] {
            [op] if op.path().iter().as_text().len() < SMALL => match op {
                Op::Set { value, .. } | Op::Insert { value, .. } => match value {
                    Node::Null | Node::Bool(_) | Node::Number(_) => true,
                    Node::String(text) => text.len() < SMALL,
                    Node::List(_) | Node::Object(_) | Node::Set(_) => false,
                },
                Op::Remove { .. } | Op::Move { .. } | Op::Increment { .. } | Op::Ensure { .. } => true,
                Op::Splice { .. } | Op::Switch { .. } => false,
            },
            _ => false,
        }
    }

    /// How many bytes [`Patch::encode`] gives.
    pub fn encoded_len(&self) -> usize {
        match &self.ops[..] {
            [op] => 1 + op_len(op),
            ops => varint_len(ops.len() as u64) + ops.iter().map(op_len).sum::<usize>(),
        }
    }

    /// The patch that these bytes are.
    ///
    /// # Errors
    /// Where the bytes are not exactly one patch within the [limits].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let patch = Self::read(&mut reader)?;
        reader.end()?;
        Ok(patch)
    }

    /// Reads a patch that others follow.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = reader.count()?;
        if count > limits::PATCH_OPS_MAX {
            return Err(reader.error(DecodeErrorKind::Limit("the count of ops", limits::PATCH_OPS_MAX)));
        }
        let mut ops = Ops::new();
        ops.reserve(count.min(1024));
        for at in 0..count {
            ops.push(Op::UNFILLED);
            read_op(reader, &mut ops[at])?;
        }
        Ok(Self { ops })
    }
}

impl Path {
    /// Writes the path behind other bytes: as an op has it, with no kind.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        put_path(out, 0, self);
    }

    /// Reads what [`Path::encode_into`] wrote.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = reader.byte()?;
        if head & 7 != 0 {
            return Err(reader.error(DecodeErrorKind::Tag(head)));
        }
        let mut path = Self::root();
        read_path(reader, usize::from(head >> 3), &mut path)?;
        Ok(path)
    }
}

#[inline]
fn op_len(op: &Op) -> usize {
    let own = match op {
        Op::Set { value, .. } | Op::Insert { value, .. } | Op::Ensure { value, .. } => value.encoded_len(),
        Op::Remove { .. } => 0,
        Op::Move { to, .. } => varint_len(u64::from(*to)),
        Op::Increment { by, .. } => varint_len(zigzag(*by)),
        Op::Splice { at, delete, insert, .. } => varint_len(u64::from(*at)) + varint_len(u64::from(*delete)) + text_len(insert),
        Op::Switch { keys, value, .. } => {
            varint_len(keys.len() as u64) + keys.iter().map(|key| text_len(key)).sum::<usize>() + value.encoded_len()
        }
    };
    path_len(op.path()) + own
}

#[inline]
fn path_len(path: &Path) -> usize {
    let length = path.iter().as_text().len();
    let rest = length.checked_sub(LONG_PATH).map_or(0, |rest| varint_len(rest as u64));
    1 + rest + length
}

#[inline]
fn put_path(out: &mut Vec<u8>, kind: u8, path: &Path) {
    let text = path.iter().as_text();
    let short = text.len().min(LONG_PATH);
    out.push(kind | (short as u8) << 3);
    if short == LONG_PATH {
        put_varint(out, (text.len() - LONG_PATH) as u64);
    }
    out.extend_from_slice(text.as_bytes());
}

/// Reads an op to where it stays, which is [`Op::UNFILLED`].
fn read_op(reader: &mut Reader<'_>, op: &mut Op) -> Result<(), DecodeError> {
    let head = reader.byte()?;
    let short = usize::from(head >> 3);
    let mut path = Path::root();
    if let (0, Op::Set { path, value }) = (head & 7, &mut *op) {
        read_path(reader, short, path)?;
        return reader.node_into(value);
    }
    read_path(reader, short, &mut path)?;
    *op = match head & 7 {
        1 => Op::Insert { path, value: reader.node()? },
        2 => Op::Remove { path },
        3 => Op::Move { path, to: read_u32(reader)? },
        4 => Op::Increment { path, by: unzigzag(reader.varint()?) },
        5 => Op::Splice { path, at: read_u32(reader)?, delete: read_u32(reader)?, insert: reader.text()?.into() },
        6 => Op::Ensure { path, value: read_empty(reader)? },
        7 => {
            let keys = read_keys(reader)?;
            Op::Switch { path, value: read_entries(reader, &keys)?, keys }
        }
        tag => return Err(reader.error(DecodeErrorKind::Tag(tag))),
    };
    Ok(())
}

fn read_empty(reader: &mut Reader<'_>) -> Result<Node, DecodeError> {
    let value = reader.node()?;
    if value.is_blank() { Ok(value) } else { Err(reader.error(DecodeErrorKind::Ensured)) }
}

/// Keys in their order, each once: any other order would be a second form of the same.
fn read_keys(reader: &mut Reader<'_>) -> Result<SwitchKeys, DecodeError> {
    let count = reader.count()?;
    if count > limits::SWITCH_KEYS_MAX {
        return Err(reader.error(DecodeErrorKind::Limit("the count of keys of a switch", limits::SWITCH_KEYS_MAX)));
    }
    let mut keys: Vec<Key> = Vec::with_capacity(count);
    for _ in 0..count {
        let key = reader.text()?;
        if keys.last().is_some_and(|last| **last >= *key) {
            return Err(reader.error(DecodeErrorKind::SwitchOrder));
        }
        keys.push(key.into());
    }
    Ok(keys.into_iter().collect())
}

fn read_entries(reader: &mut Reader<'_>, keys: &SwitchKeys) -> Result<Node, DecodeError> {
    let value = reader.node()?;
    if keys.hold(&value).is_some() { Ok(value) } else { Err(reader.error(DecodeErrorKind::SwitchEntries)) }
}

/// Small numbers of both signs become small ones without.
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn read_u32(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
    u32::try_from(reader.varint()?).map_err(|_| reader.error(DecodeErrorKind::Varint))
}

/// Bytes that begin at a word's boundary, where checking UTF-8 goes word by word.
#[repr(align(8))]
struct Aligned([u8; ALIGNED]);

const ALIGNED: usize = 48;

fn read_path(reader: &mut Reader<'_>, short: usize, path: &mut Path) -> Result<(), DecodeError> {
    let length = if short == LONG_PATH { LONG_PATH.saturating_add(reader.count()?) } else { short };
    let bytes = reader.take(length)?;
    let mut aligned = Aligned([0; ALIGNED]);
    let bytes = match aligned.0.get_mut(..length) {
        Some(place) => {
            place.copy_from_slice(bytes);
            &*place
        }
        None => bytes,
    };
    let text = std::str::from_utf8(bytes).map_err(|_| reader.error(DecodeErrorKind::Utf8))?;
    let (segments, count) = Segments::of_text(text).ok_or_else(|| reader.error(DecodeErrorKind::Path))?;
    if count > limits::PATH_SEGMENTS_MAX {
        return Err(reader.error(DecodeErrorKind::Limit("the length of a path", limits::PATH_SEGMENTS_MAX)));
    }
    path.push_all(segments);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::Segment;

    #[test]
    fn long_paths_and_every_op_come_back() {
        let deep: Path = (0..60).map(Segment::from).collect();
        let patch = Patch::new(vec![
            Op::Set { path: deep, value: Node::Null },
            Op::Insert { path: Path::from_iter(["schlüssel".into(), u32::MAX.into()]), value: "v".into() },
            Op::Set { path: Path::root(), value: Node::Bool(true) },
            Op::Move { path: Path::from_iter([3.into()]), to: 300 },
            Op::Increment { path: Path::root(), by: i64::MIN },
            Op::Increment { path: Path::root(), by: i64::MAX },
            Op::Splice { path: Path::root(), at: 1, delete: 200, insert: "é".into() },
            Op::Ensure { path: Path::from_iter(["a".into()]), value: Node::set([]) },
            Op::switch(Path::root(), ["side", "len", "größe"].map(Key::from), [(Key::from("len"), Node::Null)].into_iter().collect()),
        ]);
        assert_eq!(patch.encode().len(), patch.encoded_len());
        assert_eq!(Patch::decode(&patch.encode()), Ok(patch));
    }

    #[test]
    fn bad_bytes_say_what_and_where() {
        fn check(bytes: &[u8], expected: &str) {
            let error = Patch::decode(bytes).expect_err("bad bytes");
            assert_eq!(error.to_string(), expected);
        }
        /// A removal at a path with these bytes.
        fn check_path(path: &[u8], expected: &str) {
            check(&[&[1, 2 | (path.len() as u8) << 3], path].concat(), &format!("byte {}: {expected}", 2 + path.len()));
        }
        const STEPS: &str = "a path is not made of whole steps";
        // A number with a last character that says nothing would be a second form of the same.
        check_path(&[0x41, 0], STEPS);
        check_path(&[0x42, 0, b'a'], STEPS);
        check_path(&[0x7f, 0x40, 0], STEPS);
        // Ends inside a number, a number without end, an index and a key's length over 32 bits.
        check_path(&[0x41], STEPS);
        check_path(&[0x7f; 7], STEPS);
        check_path(&[0x41, 0x40, 0x40, 0x40, 0x40, 8], STEPS);
        check_path(&[0x7e, 0x7f, 0x7f, 0x7f, 0x7f, 0x3f], STEPS);
        // A key that is cut, and one that ends within a character.
        check_path(&[4, b'a'], STEPS);
        check_path(&[2, 0xc3, 0xa9], STEPS);
        check_path(&[1, 0xc3, 0xa9], STEPS);
        check_path(&[2, 0xc3], "a string is not UTF-8");
        check(&[&[1, 2 | 31 << 3, 101 - 31][..], &[1; 101]].concat(), "byte 104: the length of a path is over the limit of 100");
        check(&[1, 6, 7, 1, 0], "byte 5: only an empty list, object, set or text, or 0, can be ensured");
        check(&[1, 6, 3, 1], "byte 4: only an empty list, object, set or text, or 0, can be ensured");
        check(&[1, 7, 2, 1, b'b', 1, b'a', 8, 0], "byte 7: the keys of a switch are not in their order");
        check(&[1, 7, 2, 1, b'a', 1, b'a', 8, 0], "byte 7: the keys of a switch are not in their order");
        check(&[1, 7, 1, 1, b'a', 7, 0], "byte 7: the entries of a switch are no object of its own keys");
        check(&[1, 7, 1, 1, b'a', 8, 1, 1, b'b', 0], "byte 10: the entries of a switch are no object of its own keys");
        check(&[&[1, 7, 0x81, 8][..], &[0; 2_000]].concat(), "byte 4: the count of keys of a switch is over the limit of 1024");
        check(&[1, 2, 0], "byte 2: 1 bytes are left over");
        check(&[2, 2], "byte 1: the bytes end too early");
    }

    #[test]
    fn one_field_takes_at_most_19_bytes() {
        let path = Path::from_iter(["players".into(), 3.into(), "name".into()]);
        let patch = Patch::new(vec![Op::Set { path, value: Node::Number(7u64.into()) }]);
        assert_eq!(patch.encode().len(), 18);
    }
}
