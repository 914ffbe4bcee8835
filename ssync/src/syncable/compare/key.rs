//! Map keys as JSON writes them: as text.

use serde::ser::{Impossible, Serialize, Serializer};

use crate::syncable::refused::{RefusedReason, Stop};

/// Writes a map key into a buffer, by serde_json's rules.
pub(in crate::syncable) struct KeyText<'a>(pub(in crate::syncable) &'a mut String);

fn refuse<T>(what: &'static str) -> Result<T, Stop> {
    Err(Stop::Refused(Box::new((None, RefusedReason::Key(what)))))
}

macro_rules! displayed {
    ($($method:ident($type:ty)),*) => {
        $(fn $method(self, value: $type) -> Result<(), Stop> {
            use std::fmt::Write;
            write!(self.0, "{value}").map_err(serde::ser::Error::custom)
        })*
    };
}

impl Serializer for KeyText<'_> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Impossible<(), Stop>;
    type SerializeTuple = Impossible<(), Stop>;
    type SerializeTupleStruct = Impossible<(), Stop>;
    type SerializeTupleVariant = Impossible<(), Stop>;
    type SerializeMap = Impossible<(), Stop>;
    type SerializeStruct = Impossible<(), Stop>;
    type SerializeStructVariant = Impossible<(), Stop>;

    displayed!(serialize_bool(bool), serialize_char(char), serialize_str(&str));
    displayed!(serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_i128(i128));
    displayed!(serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_u128(u128));

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
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Stop> {
        value.serialize(self)
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
