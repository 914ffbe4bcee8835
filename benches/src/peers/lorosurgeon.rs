//! lorosurgeon 0.2.1 on loro 1.17.1: mutate the struct, `to_doc` all of it, commit, export.
#![allow(missing_docs, unreachable_pub)]

use ::loro::{ExportMode, LoroDoc, VersionVector};
use ::lorosurgeon::{DocSync, Hydrate, Reconcile};

world! {
    #[derive(Clone, Debug, PartialEq, Hydrate, Reconcile)]
    Player {
        #[key]
        id
    }
    #[derive(Clone, Debug, PartialEq, Hydrate, Reconcile)]
    #[loro(root = "world")]
    World {
        // With `movable` and `#[key]`: field-level edits, but O(n^2) in the length of the list.
        // Without `movable` (the default): a LoroList and Myers, an edited element is replaced as a whole.
        #[loro(movable)]
        players
    }
}

edits!();

pub struct Peer {
    world: World,
    source: LoroDoc,
    sent: VersionVector,
    remote: LoroDoc,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World::new(n);
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

    fn commit(&mut self, edit: impl Fn(&mut World)) -> Vec<u8> {
        edit(&mut self.world);
        self.world.to_doc(&self.source).expect("reconciles");
        self.source.commit();
        let bytes = self.source.export(ExportMode::updates(&self.sent)).expect("exports");
        self.sent = self.source.oplog_vv();
        bytes
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
