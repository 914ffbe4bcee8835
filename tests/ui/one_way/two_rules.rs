use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"))]
struct State {
    a_field: u32,
}

fn main() {}
