use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State(#[sync(skip)] u32, u32);

fn main() {}
