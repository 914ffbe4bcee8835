use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize)]
struct Foreign(u32);

fn share() {
    let _ = ssync::Shared::new_local(vec![Foreign(1)]);
}

fn main() {}
