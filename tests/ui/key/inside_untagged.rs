use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct Item {
    id: u32,
}

#[derive(Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum State {
    Items {
        #[sync(key = "id")]
        items: Vec<Item>,
    },
}

fn main() {}
