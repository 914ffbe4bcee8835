use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[sync(leaf)]
struct State {
    field: u32,
}

fn main() {}
