//! Map keys as JSON writes them: as text.

use std::fmt::Write;

use serde::ser::{Impossible, Serialize, Serializer};

use crate::syncable::refused::{RefusedReason, Stop};
use crate::syncable::walk::{COUNTER, Count};

/// Writes a map key, by serde_json's rules.
pub(in crate::syncable) struct KeyText<'a, W>(pub(in crate::syncable) &'a mut W);

/// Whether a map key is written as this text. Allocates nothing for strings and integers.
pub(in crate::syncable) fn is_key<K: Serialize + ?Sized>(key: &K, text: &str) -> bool {
    let mut rest = Rest(text);
    key.serialize(KeyText(&mut rest)).is_ok() && rest.0.is_empty()
}

/// What is left of a text after what was written against it.
struct Rest<'a>(&'a str);

impl Write for Rest<'_> {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(std::fmt::Error)?;
        Ok(())
    }
}

fn refuse<T>(what: &'static str) -> Result<T, Stop> {
    Err(Stop::Refused(Box::new((None, RefusedReason::Key(what)))))
}

macro_rules! displayed {
    ($($method:ident($type:ty)),*) => {
        $(fn $method(self, value: $type) -> Result<(), Stop> {
            write!(self.0, "{value}").map_err(serde::ser::Error::custom)
        })*
    };
}

impl<W: Write> Serializer for KeyText<'_, W> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Impossible<(), Stop>;
    type SerializeTuple = Impossible<(), Stop>;
    type SerializeTupleStruct = Impossible<(), Stop>;
    type SerializeTupleVariant = Impossible<(), Stop>;
    type SerializeMap = Impossible<(), Stop>;
    type SerializeStruct = Impossible<(), Stop>;
    type SerializeStructVariant = Impossible<(), Stop>;

    displayed!(serialize_bool(bool), serialize_char(char));
    displayed!(serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_i128(i128));
    displayed!(serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_u128(u128));

    fn serialize_str(self, text: &str) -> Result<(), Stop> {
        self.0.write_str(text).map_err(serde::ser::Error::custom)
    }
    fn serialize_f32(self, float: f32) -> Result<(), Stop> {
        self.serialize_f64(f64::from(float))
    }
    fn serialize_f64(self, float: f64) -> Result<(), Stop> {
        match serde_json::Number::from_f64(float) {
            Some(number) => self.serialize_str(&number.to_string()),
            None => refuse("a float that is not finite"),
        }
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Stop> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Stop> {
        match (name == COUNTER).then(|| Count::read(value)).flatten() {
            Some(count) => self.serialize_i64(count.value),
            None => value.serialize(self),
        }
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<(), Stop> {
        refuse("a byte string")
    }
    fn serialize_none(self) -> Result<(), Stop> {
        refuse("an Option")
    }
    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), Stop> {
        refuse("an Option")
    }
    fn serialize_unit(self) -> Result<(), Stop> {
        refuse("`()`")
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Stop> {
        refuse("a unit struct")
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<(), Stop> {
        refuse("an enum variant with a value")
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Stop> {
        refuse("a sequence")
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Stop> {
        refuse("a tuple")
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Stop> {
        refuse("a tuple struct")
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, Stop> {
        refuse("an enum variant with values")
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Stop> {
        refuse("a map")
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Stop> {
        refuse("a struct")
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeStructVariant, Stop> {
        refuse("an enum variant with fields")
    }
}
