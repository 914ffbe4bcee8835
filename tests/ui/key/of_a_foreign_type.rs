use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize)]
struct Foreign {
    id: u32,
}

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(key = "id")]
    field: Vec<Foreign>,
}

fn main() {}
