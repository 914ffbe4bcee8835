use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[serde(skip_serializing)]
    field: u32,
}

fn main() {}
