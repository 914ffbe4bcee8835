use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct Item {
    id: u32,
}

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(key = "uid")]
    field: Vec<Item>,
}

fn main() {}
