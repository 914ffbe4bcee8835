use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
enum State {
    #[serde(skip_deserializing)]
    One,
    Two,
}

fn main() {}
