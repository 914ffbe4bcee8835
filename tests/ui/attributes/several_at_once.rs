use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[sync(leaf)]
struct State {
    #[sync(skip)]
    no_value: u32,
    #[sync(skip, leaf)]
    #[serde(skip)]
    both: u32,
    #[serde(skip_serializing)]
    never_written: u32,
    #[serde(default, skip_deserializing)]
    never_read: u32,
}

fn main() {}
