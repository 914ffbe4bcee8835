use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize)]
struct Foreign(u32);

#[derive(Serialize, Deserialize, Syncable)]
#[sync(typed)]
struct State {
    fine: u32,
    foreign: ssync::Json<Foreign>,
}

fn main() {}
