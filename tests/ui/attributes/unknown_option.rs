use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(ignore)]
    a: u32,
    #[sync(key = "id")]
    b: Vec<u32>,
}

fn main() {}
