use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State<'a> {
    text: &'a str,
}

fn main() {}
