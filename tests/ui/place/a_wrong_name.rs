use serde::{Deserialize, Serialize};
use ssync::{Syncable, place};

#[derive(Default, Serialize, Deserialize, Syncable)]
struct Game {
    score: u32,
    players: Vec<Player>,
}

#[derive(Default, Serialize, Deserialize, Syncable)]
struct Player {
    name: String,
}

fn main() {
    place!(Game, scores);
    place!(Game, players[0].nick);
    place!(Game, score["key"]);
    let _: ssync::Place<Game, String> = place!(Game, score);
}
