use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    map: IndexMap<String, u8>,
    set: Option<indexmap::IndexSet<String>>,
    both: (Vec<IndexMap<String, IndexSet<u8>>>, u8),
    #[sync(unordered)]
    told: IndexMap<String, IndexSet<u8>>,
    #[serde(with = "pairs")]
    with: IndexMap<String, u8>,
    #[serde(skip)]
    local: IndexSet<String>,
}

#[derive(Serialize, Deserialize, Syncable)]
enum Choice {
    One(IndexSet<u8>),
    Two(#[sync(unordered)] IndexSet<u8>),
}

mod pairs {
    pub fn serialize<T, S: serde::Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }

    pub fn deserialize<'de, T: Default, D: serde::Deserializer<'de>>(_: D) -> Result<T, D::Error> {
        Ok(T::default())
    }
}

fn main() {}
