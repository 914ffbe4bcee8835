use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(key = "id")]
    field: Vec<u32>,
}

fn main() {}
