use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[serde(rename(serialize = "a", deserialize = "b"))]
    field: u32,
}

fn main() {}
