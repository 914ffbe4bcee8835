use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use ssync::{Map, Syncable};

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    hash: HashMap<(u8, u8), u8>,
    tree: Option<BTreeMap<(u8, u8), u8>>,
    #[sync(unordered)]
    index: Vec<IndexMap<(u8, u8), u8>>,
    tracked: ssync::Map<(u8, u8), u8>,
    array: [Map<[u8; 2], u8>; 2],
    #[serde(with = "pairs")]
    with: HashMap<(u8, u8), u8>,
    #[serde(skip)]
    #[sync(skip)]
    local: HashMap<(u8, u8), u8>,
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
