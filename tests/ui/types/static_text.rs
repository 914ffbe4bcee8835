use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    field: &'static str,
}

fn main() {}
