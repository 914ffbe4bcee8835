use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
enum State {
    #[serde(rename(serialize = "a", deserialize = "b"))]
    One,
}

fn main() {}
