//! autosurgeon 0.14.0 on automerge 0.12.0: mutate the struct, reconcile all of it, `save_incremental`.
#![allow(missing_docs, unreachable_pub)]

use ::automerge::AutoCommit;
use ::autosurgeon::{Hydrate, Reconcile, hydrate, reconcile};

// Written out: its derive does not see its own names in what a macro wrote.
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

edits!();

pub struct Peer {
    world: World,
    source: AutoCommit,
    remote: AutoCommit,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World::new(n);
        let mut source = AutoCommit::new();
        reconcile(&mut source, &world).expect("reconciles");
        source.commit();
        let remote = AutoCommit::load(&source.save()).expect("a saved document");
        Self { world, source, remote, tick: 100 }
    }

    fn commit(&mut self, edit: impl Fn(&mut World)) -> Vec<u8> {
        edit(&mut self.world);
        reconcile(&mut self.source, &self.world).expect("reconciles");
        self.source.commit();
        self.source.save_incremental()
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
