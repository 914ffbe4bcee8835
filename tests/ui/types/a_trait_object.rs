use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    field: Box<dyn Fn() -> u32>,
}

fn main() {}
