use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(skip)]
    #[serde(default)]
    field: u32,
}

fn main() {}
