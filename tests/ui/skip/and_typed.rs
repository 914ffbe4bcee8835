use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(skip, typed)]
    #[serde(skip)]
    field: u32,
}

fn main() {}
