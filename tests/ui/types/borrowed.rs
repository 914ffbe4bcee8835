use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State<'a> {
    name: &'a str,
}

fn main() {}
