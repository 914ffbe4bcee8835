use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[serde(tag = "kind")]
struct State {
    kind: u32,
}

fn main() {}
