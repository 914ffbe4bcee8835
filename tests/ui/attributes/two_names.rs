use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    a: u32,
}

fn main() {}
