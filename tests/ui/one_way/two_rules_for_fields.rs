use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
#[serde(rename_all_fields(serialize = "camelCase", deserialize = "snake_case"))]
enum State {
    One { a_field: u32 },
}

fn main() {}
