use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
enum State {
    One {
        #[sync(skip)]
        local: u32,
    },
}

fn main() {}
