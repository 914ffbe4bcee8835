use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[serde(rename(serialize = "a"))]
    field: u32,
}

fn main() {}
