//! muon 0.20.1 (the successor of morphix): `observe!` around the edit, its mutations as JSON.
//!
//! muon has no wire format of its own: `Mutation` is neither `Serialize` nor `Deserialize`, so
//! `Wire` below is ours. The replica is a `serde_json::Value`.
#![allow(missing_docs, unreachable_pub, unsafe_code)] // `derive(Observe)` writes unsafe code

use ::muon::adapter::Json;
use ::muon::{Adapter, Mutation, MutationKind, Observe, PathSegment, observe};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Observe)]
pub struct Player {
    pub id: u64,
    pub name: String,
    pub x: f64,
    pub y: f64,
    pub health: u32,
    pub team: String,
    pub alive: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Observe)]
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

#[derive(Serialize, Deserialize)]
struct Wire(Vec<Step>, Kind);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Step {
    Key(String),
    /// Negative: from the end, -1 is the last element.
    Index(i64),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Replace(Value),
    Append(Value),
    Truncate(usize),
    Delete,
    Batch(Vec<Wire>),
}

fn to_wire(mutation: Mutation<Value>) -> Wire {
    // Stored from the leaf to the root.
    let path = mutation.path.iter().rev().map(|segment| match segment {
        PathSegment::String(key) => Step::Key(key.to_string()),
        PathSegment::Positive(index) => Step::Index(*index as i64),
        PathSegment::Negative(index) => Step::Index(-(*index as i64)),
    });
    let path = path.collect();
    let kind = match mutation.kind {
        MutationKind::Replace(value) => Kind::Replace(value),
        MutationKind::Append(value) => Kind::Append(value),
        MutationKind::Truncate(len) => Kind::Truncate(len),
        MutationKind::Delete => Kind::Delete,
        MutationKind::Batch(batch) => Kind::Batch(batch.into_iter().map(to_wire).collect()),
    };
    Wire(path, kind)
}

fn from_wire(wire: Wire) -> Mutation<Value> {
    let Wire(path, kind) = wire;
    let path = path.into_iter().map(|step| match step {
        Step::Key(key) => PathSegment::from(key),
        Step::Index(index) if index < 0 => PathSegment::Negative(index.unsigned_abs() as usize),
        Step::Index(index) => PathSegment::Positive(index as usize),
    });
    let path = path.collect();
    let kind = match kind {
        Kind::Replace(value) => MutationKind::Replace(value),
        Kind::Append(value) => MutationKind::Append(value),
        Kind::Truncate(len) => MutationKind::Truncate(len),
        Kind::Delete => MutationKind::Delete,
        Kind::Batch(batch) => MutationKind::Batch(batch.into_iter().map(from_wire).collect()),
    };
    Mutation { path, kind }
}

fn encode(mutation: Option<Mutation<Value>>) -> Vec<u8> {
    serde_json::to_vec(&mutation.map(to_wire)).expect("serializes")
}

pub struct Peer {
    world: World,
    remote: Value,
    tick: u32,
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let world = World { round: 0, players: (0..n as u64).map(player).collect() };
        let remote = serde_json::to_value(&world).expect("serializes");
        Self { world, remote, tick: 100 }
    }

    pub fn edit_field(&mut self, index: usize, health: u32) -> Vec<u8> {
        let world = &mut self.world;
        let Json(mutation) = observe!(world => {
            world.players[index].health = health;
        })
        .expect("serializes");
        encode(mutation)
    }

    pub fn edit_many(&mut self, count: usize) -> Vec<u8> {
        self.tick += 1;
        let tick = self.tick;
        let n = self.world.players.len();
        let indexes = (0..n).step_by((n / count.max(1)).max(1)).take(count);
        let world = &mut self.world;
        let Json(mutation) = observe!(world => {
            for index in indexes {
                world.players[index].health = tick;
            }
        })
        .expect("serializes");
        encode(mutation)
    }

    /// Seen as a truncation and an append: everything behind the new element is sent again.
    pub fn insert_middle(&mut self) -> Vec<u8> {
        self.tick += 1;
        let element = player(1_000_000 + u64::from(self.tick));
        let middle = self.world.players.len() / 2;
        let world = &mut self.world;
        let Json(mutation) = observe!(world => {
            world.players.insert(middle, element);
        })
        .expect("serializes");
        encode(mutation)
    }

    pub fn remove_middle(&mut self) -> Vec<u8> {
        let middle = self.world.players.len() / 2;
        let world = &mut self.world;
        let Json(mutation) = observe!(world => {
            world.players.remove(middle);
        })
        .expect("serializes");
        encode(mutation)
    }

    pub fn apply(&mut self, bytes: &[u8]) {
        let wire: Option<Wire> = serde_json::from_slice(bytes).expect("a mutation");
        if let Some(wire) = wire {
            Json::mutate(&mut self.remote, from_wire(wire), &mut Default::default()).expect("applies");
        }
    }

    pub fn remote_len(&self) -> usize {
        self.remote["players"].as_array().map_or(0, Vec::len)
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        self.remote["players"][index]["health"].as_u64().expect("a number") as u32
    }
}
