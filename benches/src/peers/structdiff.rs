//! structdiff 0.7.3: derive `Difference`, diff of the old and the new struct, postcard.
#![allow(missing_docs, unreachable_pub)]

use ::structdiff::{Difference, StructDiff};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Player {
    pub id: u64,
    pub name: String,
    pub x: f64,
    pub y: f64,
    pub health: u32,
    pub team: String,
    pub alive: bool,
}

#[derive(Clone, Debug, PartialEq, Difference)]
pub struct World {
    pub round: u64,
    // Hirschberg over whole elements, O(n^2): keep n at or below 10_000. `recurse` does not exist
    // for array-like fields. Without the attribute the whole Vec would be the update.
    #[difference(collection_strategy = "ordered_array_like")]
    pub players: Vec<Player>,
}

fn player(id: u64) -> Player {
    Player {
        id,
        name: format!("player-{id}"),
        x: id as f64 * 0.5,
        y: id as f64 * 0.25,
        health: 100,
        team: if id % 2 == 0 { "red".into() } else { "blue".into() },
        alive: true,
    }
}

pub struct Peer {
    world: World,
    shadow: World,
    remote: World,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World { round: 0, players: (0..n as u64).map(player).collect() };
        Self { shadow: world.clone(), remote: world.clone(), world, tick: 100 }
    }

    /// The edit, the diff and the bytes. The shadow is brought up to date by repeating the edit,
    /// which is in favour of the crate: a program would clone the world, O(n).
    fn commit(&mut self, edit: impl Fn(&mut World)) -> Vec<u8> {
        edit(&mut self.world);
        let bytes = {
            let diffs = self.shadow.diff_ref(&self.world);
            postcard::to_allocvec(&diffs).expect("serializes")
        };
        edit(&mut self.shadow);
        bytes
    }

    pub fn edit_field(&mut self, index: usize, health: u32) -> Vec<u8> {
        self.commit(|world| world.players[index].health = health)
    }

    pub fn edit_many(&mut self, count: usize) -> Vec<u8> {
        self.tick += 1;
        let tick = self.tick;
        self.commit(|world| {
            let step = (world.players.len() / count.max(1)).max(1);
            for player in world.players.iter_mut().step_by(step).take(count) {
                player.health = tick;
            }
        })
    }

    pub fn insert_middle(&mut self) -> Vec<u8> {
        self.tick += 1;
        let id = 1_000_000 + u64::from(self.tick);
        self.commit(|world| {
            let middle = world.players.len() / 2;
            world.players.insert(middle, player(id));
        })
    }

    pub fn remove_middle(&mut self) -> Vec<u8> {
        self.commit(|world| {
            let middle = world.players.len() / 2;
            world.players.remove(middle);
        })
    }

    pub fn apply(&mut self, bytes: &[u8]) {
        let diffs: Vec<<World as StructDiff>::Diff> = postcard::from_bytes(bytes).expect("diffs");
        self.remote.apply_mut(diffs);
    }

    pub fn remote_len(&self) -> usize {
        self.remote.players.len()
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        self.remote.players[index].health
    }
}
