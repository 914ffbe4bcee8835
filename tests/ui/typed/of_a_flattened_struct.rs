use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct Item {
    id: u32,
}

#[derive(Serialize, Deserialize, Syncable)]
struct Flat {
    #[serde(flatten)]
    item: Item,
}

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(typed)]
    flat: Flat,
}

fn main() {}
