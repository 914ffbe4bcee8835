//! lorosurgeon 0.2.1 on loro 1.17.1: mutate the struct, `to_doc` all of it, commit, export.
#![allow(missing_docs, unreachable_pub)]

use ::loro::{ExportMode, LoroDoc, VersionVector};
use ::lorosurgeon::{DocSync, Hydrate, Reconcile};

#[derive(Clone, Debug, PartialEq, Hydrate, Reconcile)]
pub struct Player {
    #[key]
    pub id: u64,
    pub name: String,
    pub x: f64,
    pub y: f64,
    pub health: u32,
    pub team: String,
    pub alive: bool,
}

#[derive(Clone, Debug, PartialEq, Hydrate, Reconcile)]
#[loro(root = "world")]
pub struct World {
    pub round: u64,
    // With `movable` and `#[key]`: field-level edits, but O(n^2) in the length of the list.
    // Without `movable` (the default): a LoroList and Myers, an edited element is replaced as a whole.
    #[loro(movable)]
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
    source: LoroDoc,
    sent: VersionVector,
    remote: LoroDoc,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World { round: 0, players: (0..n as u64).map(player).collect() };
        let source = LoroDoc::new();
        source.set_peer_id(0x5EED_0000_0000_0001).expect("no pending edits");
        world.to_doc(&source).expect("reconciles");
        source.commit();
        let sent = source.oplog_vv();
        let remote = LoroDoc::new();
        remote.set_peer_id(0x5EED_0000_0000_0002).expect("no pending edits");
        let state = source.export(ExportMode::all_updates()).expect("exports");
        remote.import(&state).expect("imports");
        Self { world, source, sent, remote, tick: 100 }
    }

    /// From the edited struct to the bytes.
    fn capture(&mut self) -> Vec<u8> {
        self.world.to_doc(&self.source).expect("reconciles");
        self.source.commit();
        let bytes = self.source.export(ExportMode::updates(&self.sent)).expect("exports");
        self.sent = self.source.oplog_vv();
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

    /// Into the remote document only, see `apply_and_hydrate`.
    pub fn apply(&mut self, bytes: &[u8]) {
        self.remote.import(bytes).expect("imports");
    }

    /// What a program needs to get back to its struct: O(n) for any update.
    pub fn apply_and_hydrate(&mut self, bytes: &[u8]) -> World {
        self.apply(bytes);
        self.remote_world()
    }

    pub fn remote_len(&self) -> usize {
        self.remote_world().players.len()
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        self.remote_world().players[index].health
    }

    fn remote_world(&self) -> World {
        World::from_doc(&self.remote).expect("hydrates")
    }
}
