//! json-patch 5.0.0: `to_value` of the new state, diff with the old one, RFC 6902 as JSON text.
#![allow(missing_docs, unreachable_pub)]

use ::json_patch::Patch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    pub round: u64,
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
    shadow: Value,
    remote: Value,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World { round: 0, players: (0..n as u64).map(player).collect() };
        let shadow = serde_json::to_value(&world).expect("serializes");
        let remote = shadow.clone();
        Self { world, shadow, remote, tick: 100 }
    }

    /// From the edited struct to the bytes.
    fn capture(&mut self) -> Vec<u8> {
        let now = serde_json::to_value(&self.world).expect("serializes");
        let patch = ::json_patch::diff(&self.shadow, &now);
        let bytes = serde_json::to_vec(&patch).expect("serializes");
        self.shadow = now;
        bytes
    }

    pub fn edit_field(&mut self, index: usize, health: u32) -> Vec<u8> {
        self.world.players[index].health = health;
        self.capture()
    }

    pub fn edit_many(&mut self, count: usize) -> Vec<u8> {
        self.tick += 1;
        let step = (self.world.players.len() / count.max(1)).max(1);
        for player in self.world.players.iter_mut().step_by(step).take(count) {
            player.health = self.tick;
        }
        self.capture()
    }

    pub fn insert_middle(&mut self) -> Vec<u8> {
        self.tick += 1;
        let middle = self.world.players.len() / 2;
        self.world.players.insert(middle, player(1_000_000 + u64::from(self.tick)));
        self.capture()
    }

    pub fn remove_middle(&mut self) -> Vec<u8> {
        let middle = self.world.players.len() / 2;
        self.world.players.remove(middle);
        self.capture()
    }

    /// Into the `Value` of the replica; a struct would need `serde_json::from_value` of all of it.
    pub fn apply(&mut self, bytes: &[u8]) {
        let patch: Patch = serde_json::from_slice(bytes).expect("a patch");
        ::json_patch::patch(&mut self.remote, &patch).expect("applies");
    }

    pub fn remote_len(&self) -> usize {
        self.remote["players"].as_array().map_or(0, Vec::len)
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        self.remote["players"][index]["health"].as_u64().expect("a number") as u32
    }
}
