//! structdiff 0.7.3: derive `Difference`, diff of the old and the new struct, postcard.
#![allow(missing_docs, unreachable_pub)]

use ::structdiff::{Difference, StructDiff};
use serde::{Deserialize, Serialize};

world! {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    Player {
        id
    }
    #[derive(Clone, Debug, PartialEq, Difference)]
    World {
        // Hirschberg over whole elements, O(n^2): keep n at or below 10_000. `recurse` does not exist
        // for array-like fields. Without the attribute the whole Vec would be the update.
        #[difference(collection_strategy = "ordered_array_like")]
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
        let bytes = {
            let diffs = self.shadow.diff_ref(&self.world);
            postcard::to_allocvec(&diffs).expect("serializes")
        };
        edit(&mut self.shadow);
        bytes
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
