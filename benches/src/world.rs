//! The state that is edited: players in a world, as plain Rust and with a tracked list.

use serde::{Deserialize, Serialize};
use ssync::{List, Map, Syncable};

/// About 95 bytes of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub struct Player {
    pub id: u64,
    pub name: String,
    pub x: f64,
    pub y: f64,
    pub health: u32,
    pub team: String,
    pub alive: bool,
}

impl Player {
    pub fn new(number: usize) -> Self {
        Self {
            id: number as u64,
            name: format!("player-{number}"),
            x: number as f64 * 0.5,
            y: number as f64 * 0.25,
            health: 100,
            team: if number % 2 == 0 { "red" } else { "blue" }.into(),
            alive: true,
        }
    }

    pub fn hit(&mut self) {
        self.health = self.health.wrapping_add(1) % 200;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub struct World {
    pub round: u64,
    pub players: Vec<Player>,
}

impl World {
    pub fn new(count: usize) -> Self {
        Self { round: 0, players: (0..count).map(Player::new).collect() }
    }

    /// A method that knows nothing of being shared.
    pub fn play(&mut self) {
        self.round += 1;
        if let Some(player) = self.players.last_mut() {
            player.hit();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub struct TrackedWorld {
    pub round: u64,
    pub players: List<Player>,
}

impl TrackedWorld {
    pub fn new(count: usize) -> Self {
        Self { round: 0, players: (0..count).map(Player::new).collect() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub struct Scores {
    pub scores: Map<u32, u64>,
}

impl Scores {
    pub fn new(count: usize) -> Self {
        Self { scores: (0..count as u32).map(|number| (number, 0)).collect() }
    }
}

/// A value ten structs down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub struct Nest {
    pub value: u64,
    pub inner: Option<Box<Nest>>,
    pub players: Vec<Player>,
}

impl Nest {
    pub fn new(depth: usize) -> Self {
        let inner = depth.checked_sub(1).map(|less| Box::new(Self::new(less)));
        Self { value: 0, inner, players: (0..10).map(Player::new).collect() }
    }

    pub fn innermost(&mut self) -> &mut u64 {
        match &mut self.inner {
            Some(inner) => inner.innermost(),
            None => &mut self.value,
        }
    }
}
