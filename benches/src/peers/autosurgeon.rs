//! autosurgeon 0.14.0 on automerge 0.12.0: mutate the struct, reconcile all of it, `save_incremental`.
#![allow(missing_docs, unreachable_pub)]

use ::automerge::AutoCommit;
use ::autosurgeon::{Hydrate, Reconcile, hydrate, reconcile};

#[derive(Clone, Debug, PartialEq, Reconcile, Hydrate)]
pub struct Player {
    // Without `#[key]` a list is reconciled by position: an insert in the middle would rewrite the
    // rest of the list.
    #[key]
    pub id: u64,
    pub name: String,
    pub x: f64,
    pub y: f64,
    pub health: u32,
    pub team: String,
    pub alive: bool,
}

#[derive(Clone, Debug, PartialEq, Reconcile, Hydrate)]
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
    source: AutoCommit,
    remote: AutoCommit,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World { round: 0, players: (0..n as u64).map(player).collect() };
        let mut source = AutoCommit::new();
        reconcile(&mut source, &world).expect("reconciles");
        source.commit();
        let remote = AutoCommit::load(&source.save()).expect("a saved document");
        Self { world, source, remote, tick: 100 }
    }

    /// From the edited struct to the bytes.
    fn capture(&mut self) -> Vec<u8> {
        reconcile(&mut self.source, &self.world).expect("reconciles");
        self.source.commit();
        self.source.save_incremental()
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

    /// Into the remote document only; a program that works on the struct must hydrate it as well,
    /// see `apply_and_hydrate`.
    pub fn apply(&mut self, bytes: &[u8]) {
        self.remote.load_incremental(bytes).expect("changes");
    }

    /// What a program needs to get back to its struct: O(n) for any update.
    pub fn apply_and_hydrate(&mut self, bytes: &[u8]) -> World {
        self.apply(bytes);
        hydrate(&self.remote).expect("hydrates")
    }

    pub fn remote_len(&self) -> usize {
        self.remote_world().players.len()
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        self.remote_world().players[index].health
    }

    fn remote_world(&self) -> World {
        hydrate(&self.remote).expect("hydrates")
    }
}
