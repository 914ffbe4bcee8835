use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
enum State {
    Two,
    #[serde(untagged)]
    One {
        #[sync(leaf)]
        field: Vec<u32>,
    },
}

fn main() {}
