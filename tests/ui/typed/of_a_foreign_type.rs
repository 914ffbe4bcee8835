use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize)]
struct Foreign(u32);

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[sync(typed)]
    field: Foreign,
}

fn main() {}
