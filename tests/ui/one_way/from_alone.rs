use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[serde(from = "u32")]
struct State {
    field: u32,
}

impl From<u32> for State {
    fn from(field: u32) -> Self {
        Self { field }
    }
}

fn main() {}
