use serde::{Deserialize, Serialize};
use ssync::Syncable;

mod other {
    pub struct Point {
        pub x: u32,
    }
}

#[derive(Serialize, Deserialize, Syncable)]
#[serde(remote = "other::Point")]
struct Point {
    x: u32,
}

fn main() {}
