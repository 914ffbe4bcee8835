//! Serializers of nothing but a text, or nothing but a short string of bytes.

use arrayvec::ArrayVec;
use serde::ser::{Impossible, Serialize, Serializer};

use super::refused::Stop;
use super::walk::TEXT;

/// Gives the text that a value writes: a string, or the name of a unit variant.
pub(super) struct OnlyText;

/// Gives the bytes that a value writes, if it writes seventeen at most; none for a [`Text`](crate::Text).
pub(super) struct OnlyBytes;

type Bytes = ArrayVec<u8, 17>;

/// Methods that refuse what they get.
macro_rules! refuse {
    ($($method:ident($($arg:ty),*)),* $(,)?) => {
        $(fn $method(self, $(_: $arg),*) -> Result<Self::Ok, Stop> { Err(Stop::NotText) })*
    };
}

/// A serializer of what its own methods take; all that holds other values, and scalars but strings and bytes, is refused.
macro_rules! only {
    ($serializer:ty => $ok:ty { $($own:tt)* }) => {
        impl Serializer for $serializer {
            type Ok = $ok;
            type Error = Stop;
            type SerializeSeq = Impossible<$ok, Stop>;
            type SerializeTuple = Impossible<$ok, Stop>;
            type SerializeTupleStruct = Impossible<$ok, Stop>;
            type SerializeTupleVariant = Impossible<$ok, Stop>;
            type SerializeMap = Impossible<$ok, Stop>;
            type SerializeStruct = Impossible<$ok, Stop>;
            type SerializeStructVariant = Impossible<$ok, Stop>;

            $($own)*
            refuse!(serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64));
            refuse!(serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32), serialize_f64(f64));
            refuse!(serialize_char(char), serialize_none(), serialize_unit(), serialize_unit_struct(&'static str));
            fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<$ok, Stop> {
                Err(Stop::NotText)
            }
            fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<$ok, Stop> {
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
    };
}

only!(OnlyText => String {
    fn serialize_str(self, text: &str) -> Result<String, Stop> {
        Ok(text.to_owned())
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<String, Stop> {
        Ok(variant.to_owned())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<String, Stop> {
        value.serialize(self)
    }
    refuse!(serialize_bytes(&[u8]));
});

only!(OnlyBytes => Bytes {
    fn serialize_bytes(self, bytes: &[u8]) -> Result<Bytes, Stop> {
        Bytes::try_from(bytes).map_err(|_| Stop::NotText)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Bytes, Stop> {
        if name == TEXT { Ok(Bytes::new()) } else { value.serialize(self) }
    }
    refuse!(serialize_str(&str), serialize_unit_variant(&'static str, u32, &'static str));
});
