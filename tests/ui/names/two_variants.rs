use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
enum State {
    One,
    #[serde(rename = "One")]
    Two,
}

fn main() {}
