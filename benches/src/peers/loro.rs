//! loro 1.17.1: `LoroList` "players" of `LoroMap`s, commit, export of the updates since the last export.
#![allow(missing_docs, unreachable_pub)]

use ::loro::{Container, ExportMode, LoroDoc, LoroList, LoroMap, LoroValue, ValueOrContainer, VersionVector};

pub struct Peer {
    source: LoroDoc,
    players: LoroList,
    sent: VersionVector,
    remote: LoroDoc,
    tick: u32,
}

fn insert_player(list: &LoroList, index: usize, id: usize) {
    let map = list.insert_container(index, LoroMap::new()).expect("inserts");
    map.insert("id", id as i64).expect("sets");
    map.insert("name", format!("player-{id}")).expect("sets");
    map.insert("x", id as f64 * 0.5).expect("sets");
    map.insert("y", id as f64 * 0.25).expect("sets");
    map.insert("health", 100_u32).expect("sets");
    map.insert("team", if id % 2 == 0 { "red" } else { "blue" }).expect("sets");
    map.insert("alive", true).expect("sets");
}

fn element(list: &LoroList, index: usize) -> LoroMap {
    match list.get(index) {
        Some(ValueOrContainer::Container(Container::Map(map))) => map,
        _ => panic!("no player at {index}"),
    }
}

impl Peer {
    pub fn new(n: usize) -> Self {
        let source = LoroDoc::new();
        source.set_peer_id(0x5EED_0000_0000_0001).expect("no pending edits");
        let players = source.get_list("players");
        for id in 0..n {
            insert_player(&players, id, id);
        }
        source.commit();
        let sent = source.oplog_vv();
        let remote = LoroDoc::new();
        remote.set_peer_id(0x5EED_0000_0000_0002).expect("no pending edits");
        // All updates rather than a snapshot: a snapshot is decoded lazily, and the first `apply`
        // would pay for that.
        let state = source.export(ExportMode::all_updates()).expect("exports");
        remote.import(&state).expect("imports");
        Self { source, players, sent, remote, tick: 100 }
    }

    fn finish(&mut self) -> Vec<u8> {
        self.source.commit();
        let bytes = self.source.export(ExportMode::updates(&self.sent)).expect("exports");
        self.sent = self.source.oplog_vv();
        bytes
    }

    pub fn edit_field(&mut self, index: usize, health: u32) -> Vec<u8> {
        element(&self.players, index).insert("health", health).expect("sets");
        self.finish()
    }

    pub fn edit_many(&mut self, count: usize) -> Vec<u8> {
        self.tick += 1;
        let n = self.players.len();
        for index in (0..n).step_by((n / count.max(1)).max(1)).take(count) {
            element(&self.players, index).insert("health", self.tick).expect("sets");
        }
        self.finish()
    }

    pub fn insert_middle(&mut self) -> Vec<u8> {
        self.tick += 1;
        insert_player(&self.players, self.players.len() / 2, 1_000_000 + self.tick as usize);
        self.finish()
    }

    pub fn remove_middle(&mut self) -> Vec<u8> {
        self.players.delete(self.players.len() / 2, 1).expect("deletes");
        self.finish()
    }

    pub fn apply(&mut self, bytes: &[u8]) {
        self.remote.import(bytes).expect("imports");
    }

    pub fn remote_len(&self) -> usize {
        self.remote.get_list("players").len()
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        match element(&self.remote.get_list("players"), index).get("health") {
            Some(ValueOrContainer::Value(LoroValue::I64(health))) => health as u32,
            _ => panic!("no health"),
        }
    }
}
