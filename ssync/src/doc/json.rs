//! Documents and JSON: to and from `serde_json::Value`, canonical text, and `Serialize`.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Node, Number, Object};
use crate::path::Key;

/// Why a JSON value cannot be a node: a number beyond `i64::MIN..=u64::MAX` that is not a finite float either.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the number {0} fits neither 64-bit integers nor a finite float; send it as a string")]
pub struct NumberOutOfRange(pub String);

impl Node {
    /// The node for a JSON value. Arrays become lists.
    ///
    /// # Errors
    /// Only with serde_json's `arbitrary_precision`, for a number that no 64-bit form holds.
    pub fn from_json(value: &Value) -> Result<Self, NumberOutOfRange> {
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => Self::Number(number_from_json(number)?),
            Value::String(text) => Self::from(text.as_str()),
            Value::Array(items) => Self::list(items.iter().map(Self::from_json).collect::<Result<_, _>>()?),
            Value::Object(entries) => {
                let mut object = Object::with_capacity(entries.len());
                for (key, value) in entries {
                    object.insert(Key::from(key.as_str()), Self::from_json(value)?);
                }
                Self::Object(object)
            }
        })
    }

    /// The JSON value of this node. Sets become arrays, sorted by their members' canonical JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(number) => Value::Number((*number).into()),
            Self::String(text) => Value::String(text.to_string()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Self::Object(entries) => Value::Object(entries.iter().map(|(key, node)| (key.to_string(), node.to_json())).collect()),
            Self::Set(members) => Value::Array(members.sorted().into_iter().map(|(_, node)| node.to_json()).collect()),
        }
    }

    /// JSON text with sorted keys and no white space: equal nodes have equal text.
    pub fn canonical_json(&self) -> String {
        let mut text = String::new();
        self.write_canonical(&mut text);
        text
    }

    fn write_canonical(&self, out: &mut String) {
        fn joined<'a>(out: &mut String, ends: [char; 2], nodes: impl Iterator<Item = (Option<&'a Key>, &'a Node)>) {
            out.push(ends[0]);
            for (position, (key, node)) in nodes.enumerate() {
                if position > 0 {
                    out.push(',');
                }
                if let Some(key) = key {
                    write_string(out, key);
                    out.push(':');
                }
                node.write_canonical(out);
            }
            out.push(ends[1]);
        }
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::String(text) => write_string(out, text),
            Self::List(items) => joined(out, ['[', ']'], items.iter().map(|node| (None, node))),
            Self::Object(entries) => joined(out, ['{', '}'], entries.sorted().into_iter().map(|(key, node)| (Some(key), node))),
            Self::Set(members) => joined(out, ['[', ']'], members.sorted().into_iter().map(|(_, node)| (None, node))),
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push_str(&Value::String(text.to_owned()).to_string());
}

fn number_from_json(number: &serde_json::Number) -> Result<Number, NumberOutOfRange> {
    if let Some(number) = number.as_u64() {
        return Ok(number.into());
    }
    if let Some(number) = number.as_i64() {
        return Ok(number.into());
    }
    number.as_f64().and_then(Number::from_f64).ok_or_else(|| NumberOutOfRange(number.to_string()))
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.as_u64(), self.as_i64(), self.as_f64()) {
            (Some(number), _, _) => serializer.serialize_u64(number),
            (_, Some(number), _) => serializer.serialize_i64(number),
            (_, _, float) => serializer.serialize_f64(float.unwrap_or_default()),
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items.iter()),
            Self::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, node) in entries.iter() {
                    map.serialize_entry(&**key, node)?;
                }
                map.end()
            }
            Self::Set(members) => {
                let mut seq = serializer.serialize_seq(Some(members.len()))?;
                for (_, node) in members.sorted() {
                    seq.serialize_element(node)?;
                }
                seq.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: Value, canonical: &str) {
        let node = Node::from_json(&value).expect("in range");
        assert_eq!(node.canonical_json(), canonical);
        assert_eq!(node.to_json(), value);
    }

    #[test]
    fn canonical_text_is_sorted_and_exact() {
        check(json!({"b": 1, "a": [true, null]}), r#"{"a":[true,null],"b":1}"#);
        check(json!([1, 1.0, -1, u64::MAX, i64::MIN]), "[1,1.0,-1,18446744073709551615,-9223372036854775808]");
        check(json!("a\"b\n"), r#""a\"b\n""#);
    }

    #[test]
    fn equal_sets_are_equal_in_any_order() {
        let (a, b) = (Node::from("a"), Node::from("b"));
        let one = Node::set([a.clone(), b.clone()]);
        assert_eq!(one, Node::set([b, a.clone(), a]));
        assert_eq!(one.canonical_json(), r#"["a","b"]"#);
    }
}
