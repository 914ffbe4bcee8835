//! A node as a serde value: the deserializer over the document.

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::build::RAW_TOKEN;
use crate::doc::Node;
use crate::path::{Key, Path, Segment};

/// What the document holds does not fit the type: where, and serde's reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
#[non_exhaustive]
pub struct Unfit {
    /// The place.
    pub path: Path,
    /// What serde says.
    pub reason: String,
}

impl Unfit {
    /// The same, seen from further up.
    pub(crate) fn below(mut self, above: &Path) -> Self {
        self.path = above.iter().chain(&self.path).collect();
        self
    }
}

/// Decodes a node.
///
/// # Errors
/// If it does not fit the type, with the path below the node.
pub(crate) fn from_node<T: DeserializeOwned>(node: &Node) -> Result<T, Unfit> {
    // Keeping track of the place costs more than decoding; it is asked for once something does not fit.
    if let Ok(value) = T::deserialize(NodeDecoder(node)) {
        return Ok(value);
    }
    serde_path_to_error::deserialize(NodeDecoder(node)).map_err(|error| {
        let path = error.path().iter().filter_map(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => Some(Segment::Index(u32::try_from(*index).unwrap_or(u32::MAX))),
            serde_path_to_error::Segment::Map { key } => Some(Segment::Key(key)),
            serde_path_to_error::Segment::Enum { variant } => Some(Segment::Key(variant)),
            serde_path_to_error::Segment::Unknown => None,
        });
        Unfit { path: path.collect(), reason: error.inner().to_string() }
    })
}

/// Decodes a map key from its text in JSON.
///
/// # Errors
/// If it does not fit the key's type.
#[doc(hidden)]
pub(crate) fn decode_key<K: DeserializeOwned>(key: &str) -> Result<K, Unfit> {
    K::deserialize(KeyDecoder(key)).map_err(|error| Unfit { path: Path::root(), reason: error.to_string() })
}

type Error = de::value::Error;

struct NodeDecoder<'a>(&'a Node);

impl<'de> NodeDecoder<'de> {
    fn mismatch<T>(&self, visitor: &dyn de::Expected) -> Result<T, Error> {
        Err(de::Error::invalid_type(de::Unexpected::Other(self.0.kind()), visitor))
    }
}

fn visit_all<'de, V: Visitor<'de>>(nodes: impl ExactSizeIterator<Item = &'de Node>, visitor: V) -> Result<V::Value, Error> {
    let mut seq = Nodes(nodes);
    let value = visitor.visit_seq(&mut seq)?;
    match seq.0.len() {
        0 => Ok(value),
        left => Err(de::Error::custom(format_args!("{left} elements too many"))),
    }
}

impl<'de> Deserializer<'de> for NodeDecoder<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::Null => visitor.visit_unit(),
            Node::Bool(bool) => visitor.visit_bool(*bool),
            Node::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, float) => visitor.visit_f64(float.unwrap_or_default()),
            },
            Node::String(text) => visitor.visit_borrowed_str(text),
            Node::List(items) => visit_all(items.iter(), visitor),
            Node::Set(members) => visit_all(members.sorted().into_iter().map(|(_, node)| node), visitor),
            Node::Object(entries) => visitor.visit_map(Entries { entries: entries.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self.0, Node::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == RAW_TOKEN {
            let text = serde_json::to_string(self.0).map_err(de::Error::custom)?;
            return visitor.visit_map(de::value::MapDeserializer::new([(RAW_TOKEN, text)].into_iter()));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Node::String(name) => visitor.visit_enum(Variant { name, node: None }),
            Node::Object(entries) if entries.len() == 1 => match entries.entry(0) {
                Some((name, node)) => visitor.visit_enum(Variant { name, node: Some(node) }),
                None => self.mismatch(&visitor),
            },
            Node::Object(_) => Err(de::Error::invalid_value(de::Unexpected::Map, &"an object with a single key, the variant")),
            _ => self.mismatch(&"a variant's name, or an object with a single key"),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self.0, Node::Null) { visitor.visit_unit() } else { self.mismatch(&visitor) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        seq tuple tuple_struct map struct identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for NodeDecoder<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

struct Nodes<I>(I);

impl<'de, I: ExactSizeIterator<Item = &'de Node>> SeqAccess<'de> for Nodes<I> {
    type Error = Error;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|node| seed.deserialize(NodeDecoder(node))).transpose()
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'de, I> {
    entries: I,
    value: Option<&'de Node>,
}

impl<'de, I: ExactSizeIterator<Item = (&'de Key, &'de Node)>> MapAccess<'de> for Entries<'de, I> {
    type Error = Error;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, node)) = self.entries.next() else { return Ok(None) };
        self.value = Some(node);
        seed.deserialize(KeyDecoder(key)).map(Some)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let node = self.value.take().ok_or_else(|| <Error as de::Error>::custom("a value was asked for before its key"))?;
        seed.deserialize(NodeDecoder(node))
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

struct Variant<'de> {
    name: &'de str,
    node: Option<&'de Node>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name: StrDeserializer<'_, Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self, expected: &'static str) -> Result<NodeDecoder<'de>, Error> {
        self.node.map(NodeDecoder).ok_or_else(|| de::Error::invalid_type(de::Unexpected::UnitVariant, &expected))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;
    fn unit_variant(self) -> Result<(), Error> {
        match self.node {
            None | Some(Node::Null) => Ok(()),
            Some(node) => NodeDecoder(node).mismatch(&"a variant without a value"),
        }
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content("a variant with a value")?)
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content("a variant with values")?.deserialize_any(visitor)
    }
    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.content("a variant with fields")?.deserialize_any(visitor)
    }
}

/// A map key: text, or what a number, a bool or a variant is written as.
struct KeyDecoder<'a>(&'a str);

macro_rules! parsed {
    ($($method:ident => $visit:ident($type:ty)),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::invalid_value(de::Unexpected::Str(self.0), &visitor)),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for KeyDecoder<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.0)
    }
    parsed! {
        deserialize_bool => visit_bool(bool),
        deserialize_i8 => visit_i8(i8), deserialize_i16 => visit_i16(i16), deserialize_i32 => visit_i32(i32),
        deserialize_i64 => visit_i64(i64), deserialize_i128 => visit_i128(i128),
        deserialize_u8 => visit_u8(u8), deserialize_u16 => visit_u16(u16), deserialize_u32 => visit_u32(u32),
        deserialize_u64 => visit_u64(u64), deserialize_u128 => visit_u128(u128),
        deserialize_f32 => visit_f32(f32), deserialize_f64 => visit_f64(f64)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(Variant { name: self.0, node: None })
    }
    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
