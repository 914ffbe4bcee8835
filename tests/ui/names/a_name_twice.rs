use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    one: u32,
    #[serde(rename = "one")]
    two: u32,
}

fn main() {}
