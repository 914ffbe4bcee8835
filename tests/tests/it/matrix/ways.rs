//! The types in which the struct stands, each declared in the shape that gives its way.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use ssync::{List, Syncable};

macro_rules! types {
    ($($item:item)*) => {
        $(
            #[derive(Clone, Serialize, Deserialize, Syncable)]
            $item
        )*
    };
}

types! {
    /// Something before it and something behind it.
    pub(super) struct Beside<F> { pub(super) before: u32, pub(super) held: F, pub(super) behind: String }

    pub(super) struct Newtype<I>(pub(super) I);

    #[serde(transparent)]
    pub(super) struct Transparent<I> { pub(super) only: I }

    pub(super) struct Tuple<I>(pub(super) u32, pub(super) I);

    pub(super) struct WithId<I> { pub(super) id: u32, pub(super) inner: I }

    pub(super) struct Keyed<I> {
        pub(super) before: u32,
        #[sync(key = "id")]
        pub(super) list: Vec<WithId<I>>,
    }

    pub(super) struct Flat<I> {
        pub(super) before: u32,
        #[serde(flatten)]
        pub(super) inner: I,
        pub(super) behind: String,
    }

    pub(super) struct FlatTwice<I> {
        pub(super) first: u32,
        #[serde(flatten)]
        pub(super) flat: Flat<I>,
    }

    pub(super) enum External<I> {
        Unit,
        Newtype(I),
        Struct { number: u32, inner: I },
        Tuple(u32, I),
    }

    #[serde(tag = "type")]
    pub(super) enum Internal<I> {
        Unit,
        Newtype(I),
        Struct { number: u32, inner: I },
    }

    #[serde(tag = "t", content = "c")]
    pub(super) enum Adjacent<I> {
        Unit,
        Newtype(I),
        Struct { number: u32, inner: I },
        Tuple(u32, I),
    }

    #[serde(untagged)]
    pub(super) enum Untagged<I> {
        Number(u32),
        Struct { number: u32, inner: I },
        Tuple(u32, I),
        Newtype(I),
    }

    pub(super) struct FlatEnum<E> {
        pub(super) before: u32,
        #[serde(flatten)]
        pub(super) held: E,
    }

    #[serde(bound = "I: Syncable")]
    pub(super) struct With<I> {
        #[serde(with = "as_it_is")]
        pub(super) inner: I,
        pub(super) behind: u32,
    }

    #[serde(bound = "")]
    pub(super) struct Skipping<I: Syncable + Default + PartialEq> {
        pub(super) before: u32,
        #[serde(default, skip_serializing_if = "is_default")]
        pub(super) inner: I,
    }

    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    pub(super) struct Renamed<I> {
        pub(super) first_number: u32,
        #[serde(alias = "inside", alias = "within")]
        pub(super) inner_struct: I,
        #[serde(rename = "sync")]
        pub(super) behind: String,
    }

    pub(super) struct InResult<I> { pub(super) before: u32, pub(super) result: Result<I, String> }

    pub(super) struct InForeignList<I> {
        pub(super) before: u32,
        pub(super) list: List<Foreign<I>>,
    }

    #[derive(Default)]
    pub(super) struct Wide<I> {
        f00: u8, f01: u8, f02: u8, f03: u8, f04: u8, f05: u8, f06: u8, f07: u8, f08: u8, f09: u8,
        f10: u8, f11: u8, f12: u8, f13: u8, f14: u8, f15: u8, f16: u8, f17: u8, f18: u8, f19: u8,
        f20: u8, f21: u8, f22: u8, f23: u8, f24: u8, f25: u8, f26: u8, f27: u8, f28: u8, f29: u8,
        f30: u8, f31: u8, f32: u8, pub(super) inner: I, f33: u8, f34: u8,
    }
}

/// Somebody else's: it has serde's traits alone.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Foreign<I> {
    pub(super) name: String,
    pub(super) inner: I,
}

pub(super) type ByName<I> = HashMap<String, I>;

fn is_default<I: Default + PartialEq>(inner: &I) -> bool {
    *inner == I::default()
}

/// An adapter that changes nothing.
mod as_it_is {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<I: Serialize, S: Serializer>(inner: &I, serializer: S) -> Result<S::Ok, S::Error> {
        inner.serialize(serializer)
    }
    pub(super) fn deserialize<'de, I: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<I, D::Error> {
        I::deserialize(deserializer)
    }
}

impl<I: Default> Wide<I> {
    pub(super) fn around(inner: I) -> Self {
        Self { inner, ..Self::default() }
    }
}
