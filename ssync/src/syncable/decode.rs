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
    if let Ok(value) = T::deserialize(NodeDecoder { node, by_place: true }) {
        return Ok(value);
    }
    if let Ok(value) = T::deserialize(NodeDecoder { node, by_place: false }) {
        return Ok(value);
    }
    serde_path_to_error::deserialize(NodeDecoder { node, by_place: false }).map_err(|error| {
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

/// Decodes a node.
#[derive(Clone, Copy)]
struct NodeDecoder<'a> {
    node: &'a Node,
    /// Whether an object that has exactly the keys of a struct, in its order, is given as their values alone, as postcard and bincode do. What
    /// serde derives takes both for the same; who writes only `visit_map` refuses, and is asked again with the keys.
    by_place: bool,
}

impl<'de> NodeDecoder<'de> {
    /// A decoder of a part of the node.
    const fn of(self, node: &'de Node) -> Self {
        Self { node, ..self }
    }

    fn visit_all<V: Visitor<'de>>(self, nodes: impl ExactSizeIterator<Item = &'de Node>, visitor: V) -> Result<V::Value, Error> {
        let mut seq = Nodes { nodes, whole: self };
        let value = visitor.visit_seq(&mut seq)?;
        match seq.nodes.len() {
            0 => Ok(value),
            left => Err(de::Error::custom(format_args!("{left} elements too many"))),
        }
    }

    fn mismatch<T>(&self, visitor: &dyn de::Expected) -> Result<T, Error> {
        Err(de::Error::invalid_type(de::Unexpected::Other(self.node.kind()), visitor))
    }
}

impl<'de> Deserializer<'de> for NodeDecoder<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(bool) => visitor.visit_bool(*bool),
            Node::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, float) => visitor.visit_f64(float.unwrap_or_default()),
            },
            Node::String(text) => visitor.visit_borrowed_str(text),
            Node::List(items) => self.visit_all(items.iter(), visitor),
            Node::Set(members) => self.visit_all(members.sorted().into_iter().map(|(_, node)| node), visitor),
            Node::Object(entries) => visitor.visit_map(Entries { entries: entries.iter(), value: None, whole: self }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self.node, Node::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == RAW_TOKEN {
            let text = serde_json::to_string(self.node).map_err(de::Error::custom)?;
            return visitor.visit_map(de::value::MapDeserializer::new([(RAW_TOKEN, text)].into_iter()));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Object(entries) if self.by_place => match entries.few() {
                Some((keys, nodes)) if keys.are_fields(fields) => self.visit_all(nodes.iter(), visitor),
                _ => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Node::Object(entries) if entries.len() == 1 => match entries.entry(0) {
                Some((name, node)) => visitor.visit_enum(Variant { name, content: Some(self.of(node)) }),
                None => self.mismatch(&visitor),
            },
            Node::Object(_) => Err(de::Error::invalid_value(de::Unexpected::Map, &"an object with a single key, the variant")),
            _ => self.mismatch(&"a variant's name, or an object with a single key"),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self.node, Node::Null) { visitor.visit_unit() } else { self.mismatch(&visitor) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    /// Of keys that are equal for the map, all programs then keep the same one.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Object(entries) if !entries.iter().is_sorted_by(|(key, _), (next, _)| key < next) => {
                visitor.visit_map(Entries { entries: entries.sorted().into_iter(), value: None, whole: self })
            }
            _ => self.deserialize_any(visitor),
        }
    }

    /// A name is a text: serde's derive would take a number for the variant or field at that place.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::String(name) => visitor.visit_borrowed_str(name),
            _ => self.mismatch(&visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        seq tuple tuple_struct
    }
}

impl<'de> IntoDeserializer<'de, Error> for NodeDecoder<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

struct Nodes<'de, I> {
    nodes: I,
    whole: NodeDecoder<'de>,
}

impl<'de, I: ExactSizeIterator<Item = &'de Node>> SeqAccess<'de> for Nodes<'de, I> {
    type Error = Error;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.nodes.next().map(|node| seed.deserialize(self.whole.of(node))).transpose()
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.nodes.len())
    }
}

struct Entries<'de, I> {
    entries: I,
    value: Option<&'de Node>,
    whole: NodeDecoder<'de>,
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
        seed.deserialize(self.whole.of(node))
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

struct Variant<'de> {
    name: &'de str,
    content: Option<NodeDecoder<'de>>,
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
        self.content.ok_or_else(|| de::Error::invalid_type(de::Unexpected::UnitVariant, &expected))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;
    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            None | Some(NodeDecoder { node: Node::Null, .. }) => Ok(()),
            Some(content) => content.mismatch(&"a variant without a value"),
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
        visitor.visit_enum(Variant { name: self.0, content: None })
    }
    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use std::fmt;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Derived {
        a: u8,
        #[serde(default)]
        b: Option<String>,
    }

    /// Reads itself from keys and values alone.
    #[derive(Debug, PartialEq)]
    struct ByKeys(u8);

    impl<'de> Deserialize<'de> for ByKeys {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Keyed;
            impl<'de> Visitor<'de> for Keyed {
                type Value = ByKeys;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("keys")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByKeys, A::Error> {
                    let entry = map.next_entry::<String, u8>()?;
                    entry.map(|(_, number)| ByKeys(number)).ok_or_else(|| de::Error::missing_field("only"))
                }
            }
            deserializer.deserialize_struct("ByKeys", &["only"], Keyed)
        }
    }

    fn check<T: DeserializeOwned + fmt::Debug + PartialEq>(json: Value, expected: Result<T, &str>) {
        let read = from_node::<T>(&Node::from_json(&json).expect("in range"));
        assert_eq!(read.map_err(|unfit| unfit.to_string()), expected.map_err(str::to_owned), "{json}");
    }

    #[test]
    fn fields_are_read_by_place_or_by_key() {
        let both = || Derived { a: 1, b: Some("x".into()) };
        check(json!({"a": 1, "b": "x"}), Ok(both()));
        check(json!({"b": "x", "a": 1}), Ok(both()));
        check(json!({"a": 1, "other": true, "b": "x"}), Ok(both()));
        check(json!({"a": 1}), Ok(Derived { a: 1, b: None }));
        check(json!([{"a": 1, "b": "x"}, {"b": "x", "a": 1}]), Ok([both(), both()]));
        check(json!({"only": 7}), Ok(ByKeys(7)));
        check(json!([{"a": 1, "b": null}, {"only": 7}]), Ok((Derived { a: 1, b: None }, ByKeys(7))));
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", content = "with")]
    enum Adjacent {
        One(Derived),
        #[serde(other)]
        Other,
    }

    #[test]
    fn a_tag_is_a_name() {
        let one = || Adjacent::One(Derived { a: 1, b: None });
        check(json!({"kind": "One", "with": {"a": 1, "b": null}}), Ok(one()));
        check(json!({"kind": "Two"}), Ok(Adjacent::Other));
        check::<Adjacent>(
            json!({"kind": 0, "with": {"a": 1, "b": null}}),
            Err("/kind: invalid type: a number, expected a variant's name, or an object with a single key"),
        );
        check::<Adjacent>(json!([0, {"a": 1, "b": null}]), Err("/0: invalid type: a number, expected variant identifier"));
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_key() {
        check::<Derived>(json!({"a": 300, "b": "x"}), Err("/a: invalid value: integer `300`, expected u8"));
        check::<Vec<Derived>>(json!([{"a": 1, "b": "x"}, {"a": 1, "b": 2}]), Err("/1/b: invalid type: integer `2`, expected a string"));
        check::<ByKeys>(json!({"only": "x"}), Err("/only: invalid type: string \"x\", expected u8"));
    }
}
