//! serde-diff 0.4.1: derive `SerdeDiff`, diff of the old and the new struct, postcard.
#![allow(missing_docs, unreachable_pub)]

use ::serde_diff::{Apply, Diff, SerdeDiff};
use serde::{Deserialize, Serialize};

world! {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SerdeDiff)]
    Player {
        id
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SerdeDiff)]
    World {
        players
    }
}

edits!();

pub struct Peer {
    world: World,
    shadow: World,
    remote: World,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World::new(n);
        Self { shadow: world.clone(), remote: world.clone(), world, tick: 100 }
    }

    /// The edit, the diff and the bytes. The shadow is brought up to date by repeating the edit,
    /// which is in favour of the crate: a program would clone the world, O(n).
    fn commit(&mut self, edit: impl Fn(&mut World)) -> Vec<u8> {
        edit(&mut self.world);
        // The crate compares twice for a binary format (first to count the commands), once for JSON.
        let diff = Diff::serializable(&self.shadow, &self.world);
        let bytes = postcard::to_allocvec(&diff).expect("serializes");
        edit(&mut self.shadow);
        bytes
    }

    pub fn apply(&mut self, bytes: &[u8]) {
        let mut deserializer = postcard::Deserializer::from_bytes(bytes);
        Apply::apply(&mut deserializer, &mut self.remote).expect("applies");
    }

    pub fn remote_len(&self) -> usize {
        self.remote.players.len()
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        self.remote.players[index].health
    }
}
