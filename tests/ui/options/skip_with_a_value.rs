use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(skip = true)]
    field: u32,
}

fn main() {}
