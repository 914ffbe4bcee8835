use serde::{Deserialize, Serialize};
use ssync::Syncable;

struct NoSerde;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    field: NoSerde,
}

fn main() {}
