use serde::Serialize;
use ssync::Syncable;

#[derive(Serialize, Syncable)]
struct State {
    field: u32,
}

fn main() {}
