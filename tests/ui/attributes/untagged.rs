use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum State {
    A {
        #[sync(skip)]
        #[serde(default)]
        hidden: u32,
        #[sync(leaf)]
        whole: Vec<u32>,
    },
}

fn main() {}
