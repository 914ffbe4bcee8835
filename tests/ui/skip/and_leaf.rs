use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(skip, leaf)]
    #[serde(skip)]
    field: u32,
}

fn main() {}
