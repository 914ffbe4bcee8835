use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State(u32, #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<u32>);

#[derive(Serialize, Deserialize, Syncable)]
enum Kind {
    Of(u32, #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<u32>),
}

fn main() {}
