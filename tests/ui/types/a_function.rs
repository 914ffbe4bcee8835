use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    field: fn() -> u32,
}

fn main() {}
