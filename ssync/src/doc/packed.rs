//! The bytes of a whole document, in which objects of the same keys name them once: what a snapshot has.
//!
//! They are those of its root as `codec` describes, with one tag more. An object of few keys is tag 10 and a number: of the keys in the
//! order in which they were first named, from 0; or how many were named so far, and then a count and the keys (length, UTF-8) of a new
//! number. Its nodes follow. What comes when [`SHAPES_MAX`] are named is tag 8, and so is what lies in a set: how large the keys of its members
//! may be depends on their bytes.
//!
//! - **What is packed reads as what it was made of**, its size as a plain node included.
//! - **Nothing unpacks to more than the reader allows**, however short it is.

use std::collections::BTreeMap;

use triomphe::Arc;

use super::codec::{put_tagged, put_text};
use super::keys::{FEW, Keys};
use super::reader::{Names, Reader};
use super::{DecodeError, DecodeErrorKind, Doc, Node, Object, put_varint, varint_len};
use crate::path::Key;

pub(super) const TAG: u8 = 10;
/// How many different objects are told apart.
const SHAPES_MAX: usize = 256;

/// The keys that were named, and what naming them once has spared.
pub(super) struct Shapes {
    named: Vec<Arc<Keys>>,
    spared: i64,
    /// What the reader had left at the beginning.
    left: usize,
    bytes_max: usize,
}

impl Doc {
    /// The packed bytes of the document: what a snapshot has.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.pack_into(&mut out);
        out
    }

    /// Adds the packed bytes.
    pub(crate) fn pack_into(&self, out: &mut Vec<u8>) {
        pack(self.root(), &mut BTreeMap::new(), out);
    }
}

/// Objects of equal keys get one number.
fn pack<'a>(node: &'a Node, shapes: &mut BTreeMap<&'a [Key], u64>, out: &mut Vec<u8>) {
    match node {
        Node::List(items) => {
            put_tagged(out, 7, items.len() as u64);
            items.iter().for_each(|node| pack(node, shapes, out));
        }
        Node::Object(object) => match object.few() {
            Some((keys, nodes)) if shapes.len() < SHAPES_MAX || shapes.contains_key(&keys[..]) => {
                let next = shapes.len() as u64;
                let number = *shapes.entry(&keys[..]).or_insert(next);
                put_tagged(out, TAG, number);
                if number == next {
                    put_varint(out, keys.len() as u64);
                    keys.iter().for_each(|key| put_text(out, key));
                }
                nodes.iter().for_each(|node| pack(node, shapes, out));
            }
            _ => {
                put_tagged(out, 8, object.len() as u64);
                for (key, node) in object.iter() {
                    put_text(out, key);
                    pack(node, shapes, out);
                }
            }
        },
        Node::Set(members) => {
            put_tagged(out, 9, members.len() as u64);
            members.iter().for_each(|(_, node)| node.encode_into(out));
        }
        scalar => scalar.encode_into(out),
    }
}

impl Reader<'_> {
    /// The document that was packed here, if it takes no more than so many bytes as a plain node.
    pub(crate) fn packed(&mut self, bytes_max: usize) -> Result<Doc, DecodeError> {
        let left = self.left();
        self.shapes = Some(Shapes { named: Vec::new(), spared: 0, left, bytes_max });
        let root = self.node()?;
        let spared = self.shapes.take().map_or(0, |shapes| shapes.spared);
        let size_bytes = (left - self.left()).saturating_add_signed(spared as isize);
        debug_assert_eq!(size_bytes, root.encoded_len());
        Ok(Doc { root, size_bytes })
    }

    /// An object behind its tag.
    pub(super) fn packed_object(&mut self, depth: usize) -> Result<Object, DecodeError> {
        let left = self.left();
        let number = self.varint()?;
        let keys = self.shape(number)?;
        let plain = varint_len(keys.len() as u64) + keys.encoded_len();
        let packed = left - self.left();
        if let Some(shapes) = &mut self.shapes {
            shapes.spared += plain as i64 - packed as i64;
            let (bytes_max, read) = (shapes.bytes_max, shapes.left - left);
            if shapes.spared + read as i64 > bytes_max as i64 {
                return Err(self.error(DecodeErrorKind::Limit("the size of the document", bytes_max)));
            }
        }
        let mut object = Object::unfilled(keys);
        let Some((_, nodes)) = object.few_mut() else { unreachable!("only few keys have a number") };
        nodes.iter_mut().try_for_each(|node| self.child_into(node, depth))?;
        Ok(object)
    }

    /// The keys of a number, which may be a new one.
    fn shape(&mut self, number: u64) -> Result<Arc<Keys>, DecodeError> {
        let Some(shapes) = &self.shapes else { return Err(self.error(DecodeErrorKind::Tag(TAG))) };
        let next = shapes.named.len();
        match usize::try_from(number).ok().map(|number| (number, shapes.named.get(number))) {
            Some((_, Some(keys))) => return Ok(keys.clone()),
            Some((number, None)) if number == next && next < SHAPES_MAX => {}
            _ => return Err(self.error(DecodeErrorKind::Limit("the number of an object's keys", next.min(SHAPES_MAX - 1)))),
        }
        let count = self.count()?;
        if count > FEW {
            return Err(self.error(DecodeErrorKind::Limit("the count of an object's packed keys", FEW)));
        }
        let names = (0..count).map(|_| self.text()).collect::<Result<Names<'_>, _>>()?;
        let keys = Keys::of_names(&names).ok_or_else(|| self.error(DecodeErrorKind::Twice))?;
        if let Some(shapes) = &mut self.shapes {
            shapes.named.push(keys.clone());
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};
    use serde_json::{Value, json};

    fn unpack(bytes: &[u8]) -> Result<Doc, DecodeError> {
        let mut reader = Reader::new(bytes);
        let doc = reader.packed(limits::SNAPSHOT_BYTES_MAX)?;
        reader.end().map(|()| doc)
    }

    fn check_back(root: Node) -> Vec<u8> {
        let doc = Doc::new(root);
        let bytes = doc.pack();
        let unpacked = unpack(&bytes).expect("it was packed");
        assert_eq!((unpacked.root(), unpacked.size_bytes()), (doc.root(), doc.size_bytes()));
        assert_eq!(unpacked.root().encode(), doc.root().encode(), "the order of keys is kept");
        bytes
    }

    fn check(json: Value, hex: &str) {
        let bytes = check_back(Node::from_json(&json).expect("in range"));
        assert_eq!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), hex);
    }

    #[test]
    fn golden_bytes() {
        check(json!([1, "a"]), "07020301060161");
        check(json!({"a": {}}), "0a000101610a0100");
        check(json!([{"a": 1, "b": 2}, {"a": 3, "b": 4}]), "07020a000201610162030103020a0003030304");
        check(json!([{"a": [{"a": null}]}, {"b": null}]), "07020a0001016107010a00000a0101016200");
    }

    #[test]
    fn bad_bytes_say_what_and_where() {
        fn check(bytes: &[u8], expected: &str) {
            assert_eq!(unpack(bytes).expect_err("bad bytes").to_string(), expected);
        }
        check(&[TAG], "byte 1: the bytes end too early");
        check(&[TAG, 1], "byte 2: the number of an object's keys is over the limit of 0");
        check(&[TAG, 0, 2, 1, b'a', 1, b'a', 0, 0], "byte 7: a key occurs twice");
        check(&[TAG, 0, 1, 1, b'a'], "byte 5: the bytes end too early");
        check(&[&[TAG, 0, 33][..], &[0; 33]].concat(), "byte 3: the count of an object's packed keys is over the limit of 32");
        let deep = [vec![TAG, 0, 1, 1, b'a'], [TAG, 0].repeat(100)].concat();
        check(&deep, "byte 204: the value is deeper than 100 containers");
        assert_eq!(Node::decode(&[TAG, 0, 0]).expect_err("not packed").to_string(), "byte 2: 10 is not a known tag");
    }

    /// A key is named once, and would be there a thousand times.
    #[test]
    fn nothing_unpacks_to_more_than_is_allowed() {
        let key = "k".repeat(1000);
        let item = Node::object([(Key::from(&*key), Node::Null)].into_iter().collect());
        let doc = Doc::new(Node::list(vec![item; 1000]));
        let bytes = doc.pack();
        assert!(bytes.len() < 5_000 && doc.size_bytes() > 1_000_000);
        let error = Reader::new(&bytes).packed(500_000).expect_err("too large");
        assert!(error.to_string().ends_with("the size of the document is over the limit of 500000"), "{error}");
        assert_eq!(Reader::new(&bytes).packed(1_100_000), Ok(doc));
    }

    /// Cause: the keys of a set's members, their JSON, may take so many times the bytes of the members, and these were packed. Effect: no member could
    /// open a snapshot with a set of structs. Fix: what lies in a set is not packed.
    #[test]
    fn a_set_of_structs_with_long_names_comes_back() {
        let member = |number: u64| {
            let field = |place: u64| (Key::from(format!("a rather long name of field {place}")), Node::Bool(number >> place & 1 == 1));
            Node::object((0..12).map(field).collect())
        };
        let of = |node: Node| Node::object([(Key::from("set"), node)].into_iter().collect());
        check_back(of(Node::set((0..1000).map(member))));
        assert!(unpack(&[9, 1, TAG, 0, 0]).expect_err("it is not packed").to_string().ends_with("10 is not a known tag"));
    }

    /// What is behind the last number is written out.
    #[test]
    fn more_kinds_of_objects_than_have_a_number() {
        let object = |number: usize| Node::object([(Key::from(format!("k{number}")), Node::from("value"))].into_iter().collect());
        check_back(Node::list((0..3 * SHAPES_MAX).map(|number| object(number % (2 * SHAPES_MAX))).collect()));
    }

    fn node(rng: &mut ChaCha8Rng, depth: u32) -> Node {
        let mut below = |bound: u32| rng.next_u32() % bound;
        let count = below(5);
        match below(if depth == 0 { 3 } else { 8 }) {
            0 => Node::Null,
            1 => Node::Number((i64::from(below(1000)) - 500).into()),
            2 => Node::from(["", "a", "ä"][below(3) as usize]),
            3 | 4 => Node::list((0..count).map(|_| node(rng, depth - 1)).collect()),
            5 => Node::set((0..count).map(|_| node(rng, depth - 1)).collect::<Vec<_>>()),
            kind => {
                let (count, kinds) = if kind == 6 && below(4) == 0 { (FEW as u32 + 8, 1000) } else { (count, 3) };
                let entry = |rng: &mut ChaCha8Rng| (Key::from(format!("k{}", rng.next_u32() % kinds)), node(rng, depth - 1));
                Node::object((0..count).map(|_| entry(rng)).collect())
            }
        }
    }

    #[test]
    fn every_document_comes_back() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..2_000 {
            let root = node(&mut rng, 5);
            check_back(root.clone());
            assert_eq!(Node::decode(&root.encode()), Ok(root));
        }
    }
}
