use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[sync(key = "id")]
struct State {
    id: u32,
}

fn main() {}
