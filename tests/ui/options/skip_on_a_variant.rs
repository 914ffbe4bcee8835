use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
enum State {
    #[sync(skip)]
    One,
    Two,
}

fn main() {}
