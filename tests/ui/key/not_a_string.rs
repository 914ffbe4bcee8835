use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct Item {
    id: u32,
}

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(key = 1)]
    field: Vec<Item>,
}

fn main() {}
