//! automerge 0.12.0: list "players" of maps in an `AutoCommit`, `save_incremental` as the update.
#![allow(missing_docs, unreachable_pub)]

use ::automerge::transaction::Transactable;
use ::automerge::{AutoCommit, ObjId, ROOT, ReadDoc, ScalarValue, hydrate, hydrate_map};

pub struct Peer {
    source: AutoCommit,
    remote: AutoCommit,
    players: ObjId,
    tick: u32,
}

fn prelim(id: u64) -> hydrate::Value {
    let map = hydrate_map! {
        "id" => id,
        "name" => format!("player-{id}").as_str(),
        "x" => id as f64 * 0.5,
        "y" => id as f64 * 0.25,
        "health" => 100_u32,
        "team" => if id % 2 == 0 { "red" } else { "blue" },
        "alive" => ScalarValue::from(true),
    };
    hydrate::Value::from(map)
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let mut source = AutoCommit::new();
        let players: Vec<hydrate::Value> = (0..n as u64).map(prelim).collect();
        let world = hydrate_map! { "round" => 0_u64, "players" => hydrate::Value::from(players) };
        source.init_root_from_hydrate(&world).expect("an empty document");
        source.commit();
        // `save` also moves the cursor that `save_incremental` starts from.
        let state = source.save();
        let remote = AutoCommit::load(&state).expect("a saved document");
        let players = source.get(ROOT, "players").expect("reads").expect("is there").1;
        Self { source, remote, players, tick: 100 }
    }

    fn finish(&mut self) -> Vec<u8> {
        self.source.commit();
        self.source.save_incremental()
    }

    fn set_health(&mut self, index: usize, health: u32) {
        let player = self.source.get(&self.players, index).expect("reads").expect("is there").1;
        self.source.put(&player, "health", health).expect("a map");
    }

    pub fn edit_field(&mut self, index: usize, health: u32) -> Vec<u8> {
        self.set_health(index, health);
        self.finish()
    }

    pub fn edit_many(&mut self, count: usize) -> Vec<u8> {
        self.tick += 1;
        let n = self.source.length(&self.players);
        for index in (0..n).step_by((n / count.max(1)).max(1)).take(count) {
            self.set_health(index, self.tick);
        }
        self.finish()
    }

    pub fn insert_middle(&mut self) -> Vec<u8> {
        self.tick += 1;
        let middle = self.source.length(&self.players) / 2;
        let value = prelim(1_000_000 + u64::from(self.tick));
        // The batch form of `insert_object` and seven `put`s.
        self.source.batch_create_object(&self.players, middle, &value, true).expect("a list");
        self.finish()
    }

    pub fn remove_middle(&mut self) -> Vec<u8> {
        let middle = self.source.length(&self.players) / 2;
        self.source.delete(&self.players, middle).expect("a list");
        self.finish()
    }

    pub fn apply(&mut self, bytes: &[u8]) {
        self.remote.load_incremental(bytes).expect("changes");
    }

    pub fn remote_len(&self) -> usize {
        self.remote.length(&self.players)
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        let player = self.remote.get(&self.players, index).expect("reads").expect("is there").1;
        let health = self.remote.get(&player, "health").expect("reads").expect("is there").0;
        health.as_u64().expect("a number") as u32
    }
}
