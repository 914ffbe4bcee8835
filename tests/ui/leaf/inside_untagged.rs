use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum State {
    One {
        #[sync(leaf)]
        field: Vec<u32>,
    },
}

fn main() {}
