//! json-patch 5.0.0: `to_value` of the new state, diff with the old one, RFC 6902 as JSON text.
#![allow(missing_docs, unreachable_pub)]

use ::json_patch::Patch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

world! {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    Player {
        id
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    World {
        players
    }
}

edits!();

pub struct Peer {
    world: World,
    shadow: Value,
    remote: Value,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World::new(n);
        let shadow = serde_json::to_value(&world).expect("serializes");
        let remote = shadow.clone();
        Self { world, shadow, remote, tick: 100 }
    }

    fn commit(&mut self, edit: impl Fn(&mut World)) -> Vec<u8> {
        edit(&mut self.world);
        let now = serde_json::to_value(&self.world).expect("serializes");
        let patch = ::json_patch::diff(&self.shadow, &now);
        let bytes = serde_json::to_vec(&patch).expect("serializes");
        self.shadow = now;
        bytes
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
