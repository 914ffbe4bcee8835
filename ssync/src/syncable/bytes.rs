//! A serializer of nothing but a short string of bytes.

use arrayvec::ArrayVec;
use serde::ser::{Impossible, Serialize, Serializer};

use super::refused::Stop;
use super::walk::TEXT;

/// Gives the bytes that a value writes, if it writes seventeen at most; none for a [`Text`](crate::Text).
pub(super) struct ByteText;

type Bytes = ArrayVec<u8, 17>;

macro_rules! refuse {
    ($($method:ident($($arg:ty),*)),*) => {
        $(fn $method(self, $(_: $arg),*) -> Result<Bytes, Stop> { Err(Stop::NotText) })*
    };
}

impl Serializer for ByteText {
    type Ok = Bytes;
    type Error = Stop;
    type SerializeSeq = Impossible<Bytes, Stop>;
    type SerializeTuple = Impossible<Bytes, Stop>;
    type SerializeTupleStruct = Impossible<Bytes, Stop>;
    type SerializeTupleVariant = Impossible<Bytes, Stop>;
    type SerializeMap = Impossible<Bytes, Stop>;
    type SerializeStruct = Impossible<Bytes, Stop>;
    type SerializeStructVariant = Impossible<Bytes, Stop>;

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Bytes, Stop> {
        Bytes::try_from(bytes).map_err(|_| Stop::NotText)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Bytes, Stop> {
        if name == TEXT { Ok(Bytes::new()) } else { value.serialize(self) }
    }
    refuse!(serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64));
    refuse!(serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32), serialize_f64(f64));
    refuse!(serialize_char(char), serialize_str(&str), serialize_none(), serialize_unit(), serialize_unit_struct(&'static str));
    refuse!(serialize_unit_variant(&'static str, u32, &'static str));
    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Bytes, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<Bytes, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeStructVariant, Stop> {
        Err(Stop::NotText)
    }
}
