use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
enum State {
    #[sync(leaf)]
    One(u32),
}

fn main() {}
