use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct Seat {
    id: u32,
}

#[derive(Serialize, Deserialize, Syncable)]
struct Table {
    #[sync(slots, key = "id")]
    seats: Vec<Seat>,
}

fn main() {}
