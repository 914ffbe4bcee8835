use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    field: Vec<&'static str>,
}

fn main() {}
