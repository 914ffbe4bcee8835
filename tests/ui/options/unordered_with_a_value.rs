use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(unordered = "yes")]
    one: Vec<u8>,
    #[sync(unordered, unordered)]
    two: Vec<u8>,
}

fn main() {}
