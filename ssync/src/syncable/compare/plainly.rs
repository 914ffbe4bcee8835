//! The serde route's first look: whether a value is plainly what its node says, with nothing but branches.
//!
//! It goes by position and knows no plan. What it does not see to be the same, such as a map in another order, the comparison proper decides.

use std::fmt;
use std::slice;

use serde::ser::{self, Serialize, Serializer};

use super::is_key;
use crate::doc::{Keys, Name, Node, Object, same_text};
use crate::syncable::walk::{COUNTER, Count, is_committing};

/// Whether the value is the same by position. `false` says nothing.
#[inline]
pub(super) fn is_plainly_same<T: Serialize + ?Sized>(value: &T, node: &Node) -> bool {
    value.serialize(Plainly { node, in_some: false }).is_ok()
}

/// It may differ.
#[derive(Debug)]
pub(super) struct Unsure;

impl fmt::Display for Unsure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("they may differ")
    }
}

impl std::error::Error for Unsure {}

impl ser::Error for Unsure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Seen = Result<(), Unsure>;

#[inline]
const fn sure(same: bool) -> Seen {
    if same { Ok(()) } else { Err(Unsure) }
}

#[derive(Clone, Copy)]
struct Plainly<'a> {
    node: &'a Node,
    in_some: bool,
}

impl<'a> Plainly<'a> {
    #[inline]
    fn items(self) -> Result<PlainItems<'a>, Unsure> {
        match self.node {
            Node::List(items) => Ok(PlainItems { rest: items.iter() }),
            _ => Err(Unsure),
        }
    }

    #[inline]
    fn fields(self, count: usize) -> Result<PlainFields<'a>, Unsure> {
        let Node::Object(object) = self.node else { return Err(Unsure) };
        let Some((keys, values)) = object.few() else { return Err(Unsure) };
        // What has one length as the compiler sees it needs no look at its end for each field.
        match (keys.names().get(..count), values.get(..count)) {
            (Some(names), Some(nodes)) if values.len() == count => Ok(PlainFields { keys, names, nodes, at: 0 }),
            _ => Err(Unsure),
        }
    }

    /// Inside `{variant: …}`.
    fn inside(self, variant: &str) -> Result<Self, Unsure> {
        match self.node {
            Node::Object(object) if object.len() == 1 => match object.entry(0) {
                Some((key, node)) if **key == *variant => Ok(Self { node, in_some: false }),
                _ => Err(Unsure),
            },
            _ => Err(Unsure),
        }
    }
}

macro_rules! integers {
    ($is:ident: $($method:ident($type:ty) as $wide:ty),*) => {
        $(#[inline] fn $method(self, number: $type) -> Seen { sure(self.node.$is(<$wide>::from(number))) })*
    };
}

impl<'a> Serializer for Plainly<'a> {
    type Ok = ();
    type Error = Unsure;
    type SerializeSeq = PlainItems<'a>;
    type SerializeTuple = PlainItems<'a>;
    type SerializeTupleStruct = PlainItems<'a>;
    type SerializeTupleVariant = PlainItems<'a>;
    type SerializeMap = PlainEntries<'a>;
    type SerializeStruct = PlainFields<'a>;
    type SerializeStructVariant = PlainFields<'a>;

    integers!(is_signed: serialize_i8(i8) as i64, serialize_i16(i16) as i64, serialize_i32(i32) as i64, serialize_i64(i64) as i64);
    integers!(is_unsigned: serialize_u8(u8) as u64, serialize_u16(u16) as u64, serialize_u32(u32) as u64, serialize_u64(u64) as u64);

    #[inline]
    fn serialize_bool(self, bool: bool) -> Seen {
        sure(matches!(self.node, Node::Bool(own) if *own == bool))
    }
    #[inline]
    fn serialize_f32(self, float: f32) -> Seen {
        self.serialize_f64(f64::from(float))
    }
    #[inline]
    fn serialize_f64(self, float: f64) -> Seen {
        sure(self.node.is_float(float))
    }
    fn serialize_char(self, char: char) -> Seen {
        self.serialize_str(char.encode_utf8(&mut [0; 4]))
    }
    #[inline]
    fn serialize_str(self, text: &str) -> Seen {
        sure(matches!(self.node, Node::String(own) if same_text(own, text)))
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Seen {
        self.collect_seq(bytes)
    }
    #[inline]
    fn serialize_none(self) -> Seen {
        sure(matches!(self.node, Node::Null) && !self.in_some)
    }
    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Seen {
        value.serialize(Self { in_some: true, ..self })
    }
    fn serialize_unit(self) -> Seen {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Seen {
        self.serialize_none()
    }
    #[inline]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Seen {
        self.serialize_str(variant)
    }
    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Seen {
        match (name == COUNTER).then(|| Count::read(value)).flatten() {
            // A counter that was set says so even where it has the same number.
            Some(Count { value, base, .. }) => sure(self.node.is_signed(value) && (base.is_some() || !is_committing())),
            None => value.serialize(self),
        }
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, variant: &'static str, value: &T) -> Seen {
        value.serialize(self.inside(variant)?)
    }
    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<PlainItems<'a>, Unsure> {
        self.items()
    }
    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<PlainItems<'a>, Unsure> {
        self.items()
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<PlainItems<'a>, Unsure> {
        self.items()
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<PlainItems<'a>, Unsure> {
        self.inside(variant)?.items()
    }
    fn serialize_map(self, _: Option<usize>) -> Result<PlainEntries<'a>, Unsure> {
        match self.node {
            Node::Object(object) => Ok(PlainEntries { object, at: 0 }),
            _ => Err(Unsure),
        }
    }
    #[inline]
    fn serialize_struct(self, _: &'static str, count: usize) -> Result<PlainFields<'a>, Unsure> {
        self.fields(count)
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, count: usize) -> Result<PlainFields<'a>, Unsure> {
        self.inside(variant)?.fields(count)
    }
}

/// The nodes of a list that are still to be met.
struct PlainItems<'a> {
    rest: slice::Iter<'a, Node>,
}

impl PlainItems<'_> {
    #[inline]
    fn next<T: Serialize + ?Sized>(&mut self, value: &T) -> Seen {
        match self.rest.next() {
            Some(node) => value.serialize(Plainly { node, in_some: false }),
            None => Err(Unsure),
        }
    }

    #[inline]
    fn finish(self) -> Seen {
        sure(self.rest.len() == 0)
    }
}

/// The fields of a struct that are still to be met.
struct PlainFields<'a> {
    keys: &'a Keys,
    names: &'a [Name],
    nodes: &'a [Node],
    at: usize,
}

impl PlainFields<'_> {
    #[inline(always)]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Seen {
        let at = self.at;
        self.at += 1;
        match (self.names.get(at), self.nodes.get(at)) {
            (Some(known), Some(node)) if known.is(name) || self.keys.learn(at, name) => value.serialize(Plainly { node, in_some: false }),
            _ => Err(Unsure),
        }
    }
}

/// The entries of a map that are still to be met.
struct PlainEntries<'a> {
    object: &'a Object,
    at: usize,
}

macro_rules! list_traits {
    ($($trait:ident $method:ident),*) => {
        $(impl ser::$trait for PlainItems<'_> {
            type Ok = ();
            type Error = Unsure;
            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Seen {
                self.next(value)
            }
            #[inline]
            fn end(self) -> Seen {
                self.finish()
            }
        })*
    };
}

list_traits!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

macro_rules! struct_traits {
    ($($trait:ident),*) => {
        $(impl ser::$trait for PlainFields<'_> {
            type Ok = ();
            type Error = Unsure;
            #[inline(always)]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Seen {
                self.field(key, value)
            }
            #[inline]
            fn end(self) -> Seen {
                sure(self.at == self.nodes.len())
            }
        })*
    };
}

struct_traits!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for PlainEntries<'_> {
    type Ok = ();
    type Error = Unsure;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Seen {
        sure(self.object.entry(self.at).is_some_and(|(text, _)| is_key(key, text)))
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Seen {
        let Some((_, node)) = self.object.entry(self.at) else { return Err(Unsure) };
        self.at += 1;
        value.serialize(Plainly { node, in_some: false })
    }
    fn end(self) -> Seen {
        sure(self.at == self.object.len())
    }
}
