//! The print of a value, found by serializing it: nothing is built.

use serde::ser::{self, Serialize, Serializer};

use super::build::{NUMBER_TOKEN, RAW_TOKEN, is_set};
use super::compare::KeyText;
use super::refused::Stop;
use super::walk::{COUNTER, Count, looking};
use crate::diff::print::{ListPrint, ObjectPrint, Print, SetPrint};
use crate::doc::Number;

/// What a value is known again by; nothing for what cannot be shared. A counter is known by the number to which was added.
pub(super) fn print_of<T: Serialize + ?Sized>(value: &T) -> Option<Print> {
    looking(|| value.serialize(PrintOf { key: None })).ok()
}

/// The print of what stands under a key of a value's object.
pub(super) fn print_of_key<T: Serialize + ?Sized>(value: &T, key: &'static str) -> Option<Print> {
    looking(|| value.serialize(PrintOf { key: Some(key) })).ok()
}

#[derive(Clone, Copy)]
struct PrintOf {
    /// Only what stands under this key of the object counts.
    key: Option<&'static str>,
}

impl PrintOf {
    /// For what is no object, and so has no key.
    fn whole(self, print: Print) -> Result<Print, Stop> {
        if self.key.is_some() { Err(Stop::Differs) } else { Ok(print) }
    }

    fn object(self) -> Objects {
        Objects { object: ObjectPrint::default(), only: self.key, found: None, key: String::new(), variant: None }
    }
}

macro_rules! integers {
    ($($method:ident($type:ty) as $wide:ty),*) => {
        $(fn $method(self, number: $type) -> Result<Print, Stop> { self.whole(Print::number(<$wide>::from(number).into())) })*
    };
}

impl Serializer for PrintOf {
    type Ok = Print;
    type Error = Stop;
    type SerializeSeq = Lists;
    type SerializeTuple = Lists;
    type SerializeTupleStruct = Lists;
    type SerializeTupleVariant = Lists;
    type SerializeMap = Objects;
    type SerializeStruct = Objects;
    type SerializeStructVariant = Objects;

    integers!(serialize_i8(i8) as i64, serialize_i16(i16) as i64, serialize_i32(i32) as i64, serialize_i64(i64) as i64);
    integers!(serialize_u8(u8) as u64, serialize_u16(u16) as u64, serialize_u32(u32) as u64, serialize_u64(u64) as u64);

    fn serialize_bool(self, bool: bool) -> Result<Print, Stop> {
        self.whole(Print::bool(bool))
    }
    fn serialize_f32(self, float: f32) -> Result<Print, Stop> {
        self.serialize_f64(f64::from(float))
    }
    fn serialize_f64(self, float: f64) -> Result<Print, Stop> {
        self.whole(Number::from_f64(float).map(Print::number).ok_or(Stop::Differs)?)
    }
    fn serialize_char(self, char: char) -> Result<Print, Stop> {
        self.serialize_str(char.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, text: &str) -> Result<Print, Stop> {
        self.whole(Print::text(text))
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Result<Print, Stop> {
        self.collect_seq(bytes)
    }
    fn serialize_none(self) -> Result<Print, Stop> {
        self.whole(Print::null())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Print, Stop> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Print, Stop> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Print, Stop> {
        self.serialize_none()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Print, Stop> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Print, Stop> {
        match (name == COUNTER).then(|| Count::read(value)).flatten() {
            Some(Count { value, base, .. }) => self.whole(Print::number(base.unwrap_or(value).into())),
            None => value.serialize(self),
        }
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Print, Stop> {
        let mut object = self.object();
        object.put(variant, value)?;
        object.finish()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Lists, Stop> {
        self.whole(Print::null())?;
        Ok(Lists::default())
    }
    fn serialize_tuple(self, length: usize) -> Result<Lists, Stop> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Lists, Stop> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, length: usize) -> Result<Lists, Stop> {
        Ok(Lists { variant: Some(variant), ..self.serialize_seq(Some(length))? })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Objects, Stop> {
        Ok(self.object())
    }
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Objects, Stop> {
        // serde_json's own way to pass a number or raw text through: it is compared where it stands.
        if name == NUMBER_TOKEN || name == RAW_TOKEN { Err(Stop::Differs) } else { Ok(self.object()) }
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Objects, Stop> {
        Ok(Objects { variant: Some(variant), ..self.object() })
    }
    fn collect_seq<I>(self, iter: I) -> Result<Print, Stop>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let inner = Self { key: None };
        self.whole(Print::null())?;
        let items = iter.into_iter().map(|item| item.serialize(inner));
        if is_set::<I>() {
            let mut set = SetPrint::default();
            { items }.try_for_each(|member| member.map(|member| set.add(member)))?;
            return Ok(set.finish());
        }
        let mut list = ListPrint::default();
        { items }.try_for_each(|item| item.map(|item| list.add(item)))?;
        Ok(list.finish())
    }
}

/// Inside `{variant: …}`.
fn wrapped(variant: Option<&'static str>, print: Print) -> Print {
    let Some(variant) = variant else { return print };
    let mut object = ObjectPrint::default();
    object.add(variant, print);
    object.finish()
}

#[derive(Default)]
struct Lists {
    list: ListPrint,
    variant: Option<&'static str>,
}

struct Objects {
    object: ObjectPrint,
    only: Option<&'static str>,
    /// The print under that key.
    found: Option<Print>,
    key: String,
    variant: Option<&'static str>,
}

impl Objects {
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Stop> {
        match self.only {
            Some(only) if only != key => {}
            Some(_) => self.found = Some(value.serialize(PrintOf { key: None })?.as_key()),
            None => self.object.add(key, value.serialize(PrintOf { key: None })?),
        }
        Ok(())
    }

    fn finish(self) -> Result<Print, Stop> {
        match self.only {
            Some(_) => self.found.ok_or(Stop::Differs),
            None => Ok(wrapped(self.variant, self.object.finish())),
        }
    }
}

macro_rules! list_traits {
    ($($trait:ident $method:ident),*) => {
        $(impl ser::$trait for Lists {
            type Ok = Print;
            type Error = Stop;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.list.add(value.serialize(PrintOf { key: None })?);
                Ok(())
            }
            fn end(self) -> Result<Print, Stop> {
                Ok(wrapped(self.variant, self.list.finish()))
            }
        })*
    };
}

list_traits!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

impl ser::SerializeMap for Objects {
    type Ok = Print;
    type Error = Stop;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        self.key.clear();
        key.serialize(KeyText(&mut self.key))
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let key = std::mem::take(&mut self.key);
        self.put(&key, value)?;
        self.key = key;
        Ok(())
    }
    fn end(self) -> Result<Print, Stop> {
        self.finish()
    }
}

macro_rules! struct_traits {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Objects {
            type Ok = Print;
            type Error = Stop;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Stop> {
                self.put(key, value)
            }
            fn end(self) -> Result<Print, Stop> {
                self.finish()
            }
        })*
    };
}

struct_traits!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Node;
    use crate::path::Trail;
    use crate::syncable::{Plan, build};
    use serde::Serialize;
    use serde_json::{Value, json};
    use std::collections::{BTreeMap, BTreeSet};

    fn check<T: Serialize>(value: T) {
        let node = build(&value, &Trail::ROOT, Plan::Plain).expect("it can be shared");
        assert_eq!(print_of(&value), Some(Print::of(&node)), "{}", node.to_json());
    }

    #[derive(Serialize)]
    enum Kind {
        Unit,
        One(u8),
        Two(u8, &'static str),
        Named { a: u8, b: Option<bool> },
    }

    #[test]
    fn a_value_has_the_print_of_its_node() {
        [json!(null), json!([]), json!({}), json!(""), json!(0), json!(-1), json!(1.5), json!([1, [2, "x"]])]
            .into_iter()
            .for_each(check::<Value>);
        check(json!({"id": 7, "name": "Ada", "n": 0, "tags": [], "in": {"x": null}}));
        [Kind::Unit, Kind::One(1), Kind::Two(2, "b"), Kind::Named { a: 1, b: None }].into_iter().for_each(check);
        check(BTreeSet::from(["b", "a"]));
        check(BTreeMap::from([(2, 'x'), (1, 'y')]));
        check((1_u8, -1_i64, "é", [true; 3], Some(2.5_f32)));
        assert_ne!(print_of(&[1, 2]), print_of(&[2, 1]));
    }

    #[test]
    fn a_key_is_what_stands_under_it() {
        let node = Node::from_json(&json!({"id": 7, "n": 1})).expect("in range");
        assert_eq!(print_of_key(&json!({"n": 2, "id": 7}), "id"), Print::of_key(&node, "id"));
        assert_eq!(print_of_key(&json!([7]), "id"), None);
        assert_eq!(print_of_key(&json!({"n": 7}), "id"), None);
    }
}
