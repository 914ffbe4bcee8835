use serde::{Deserialize, Serialize};
use ssync::Syncable;

mod hex {
    pub fn serialize<S: serde::Serializer>(_: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(_: D) -> Result<u32, D::Error> {
        Ok(0)
    }
}

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(typed)]
    #[serde(with = "hex")]
    field: u32,
}

fn main() {}
