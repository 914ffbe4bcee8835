use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum State {
    A {
        #[sync(leaf)]
        whole: Vec<u32>,
        #[sync(key = "id")]
        new: u32,
    },
}

fn main() {}
