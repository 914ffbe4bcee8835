use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync = "leaf"]
    field: u32,
}

fn main() {}
