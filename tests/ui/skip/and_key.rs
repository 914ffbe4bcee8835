use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(skip, key = "id")]
    #[serde(skip)]
    field: Vec<u32>,
}

fn main() {}
