use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct Item {
    #[serde(rename = "uid")]
    id: u32,
}

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(key = "id")]
    field: Vec<Item>,
}

fn main() {}
