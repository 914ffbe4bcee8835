use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize)]
struct Foreign(u32);

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    list: ssync::List<Foreign>,
}

fn share() {
    let _ = ssync::Shared::new_local(ssync::List::from([Foreign(1)]));
}

fn main() {}
