use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[serde(default, skip_deserializing)]
    field: u32,
}

fn main() {}
