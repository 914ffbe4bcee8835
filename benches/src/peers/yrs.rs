//! yrs 0.28.1: `Array` "players" of `Map`s, one transaction per edit, v1 updates.
#![allow(missing_docs, unreachable_pub)]

use ::yrs::updates::decoder::Decode;
use ::yrs::{Array, ArrayRef, Doc, In, Map, MapPrelim, MapRef, Out, ReadTxn, StateVector, Transact, TransactionMut, Update};

pub struct Peer {
    source: Doc,
    players: ArrayRef,
    remote: Doc,
    remote_players: ArrayRef,
    tick: u32,
}

fn prelim(id: usize) -> MapPrelim {
    MapPrelim::from([
        ("id", In::from(id as i64)),
        ("name", In::from(format!("player-{id}"))),
        ("x", In::from(id as f64 * 0.5)),
        ("y", In::from(id as f64 * 0.25)),
        ("health", In::from(100_u32)),
        ("team", In::from(if id % 2 == 0 { "red" } else { "blue" })),
        ("alive", In::from(true)),
    ])
}

fn element<T: ReadTxn>(players: &ArrayRef, txn: &T, index: usize) -> MapRef {
    match players.get(txn, index as u32) {
        Some(Out::YMap(map)) => map,
        _ => panic!("no player at {index}"),
    }
}

/// Commit first: that squashes and collects garbage, so these are the bytes `observe_update_v1`
/// would emit.
fn finish(mut txn: TransactionMut<'_>) -> Vec<u8> {
    txn.commit();
    txn.encode_update_v1()
}

impl Peer {
    pub fn new(n: usize) -> Self {
        // 53-bit ids as `Doc::new()` would draw them, fixed so that the sizes are reproducible.
        let source = Doc::with_client_id(0x000F_5A17_C0DE_1234);
        let players = source.get_or_insert_array("players");
        {
            let mut txn = source.transact_mut();
            // Always at the front: `push_back` walks the list from its start, which is O(n) each.
            for id in (0..n).rev() {
                players.insert(&mut txn, 0, prelim(id));
            }
        }
        let state = source.transact().encode_state_as_update_v1(&StateVector::default());
        let remote = Doc::with_client_id(0x000B_ADC0_FFEE_4321);
        let remote_players = remote.get_or_insert_array("players");
        let mut peer = Self { source, players, remote, remote_players, tick: 100 };
        peer.apply(&state);
        peer
    }

    pub fn edit_field(&mut self, index: usize, health: u32) -> Vec<u8> {
        let mut txn = self.source.transact_mut();
        let player = element(&self.players, &txn, index);
        player.insert(&mut txn, "health", health);
        finish(txn)
    }

    pub fn edit_many(&mut self, count: usize) -> Vec<u8> {
        self.tick += 1;
        let mut txn = self.source.transact_mut();
        let n = self.players.len(&txn) as usize;
        let step = (n / count.max(1)).max(1);
        // One walk over the list; `get(i)` in a loop would walk it `count` times.
        let targets: Vec<MapRef> =
            self.players.iter(&txn).step_by(step).take(count).filter_map(|value| value.cast::<MapRef>().ok()).collect();
        for player in targets {
            player.insert(&mut txn, "health", self.tick);
        }
        finish(txn)
    }

    pub fn insert_middle(&mut self) -> Vec<u8> {
        self.tick += 1;
        let mut txn = self.source.transact_mut();
        let middle = self.players.len(&txn) / 2;
        self.players.insert(&mut txn, middle, prelim(1_000_000 + self.tick as usize));
        finish(txn)
    }

    pub fn remove_middle(&mut self) -> Vec<u8> {
        let mut txn = self.source.transact_mut();
        let middle = self.players.len(&txn) / 2;
        self.players.remove(&mut txn, middle);
        finish(txn)
    }

    pub fn apply(&mut self, bytes: &[u8]) {
        let update = Update::decode_v1(bytes).expect("a v1 update");
        self.remote.transact_mut().apply_update(update).expect("applies");
    }

    pub fn remote_len(&self) -> usize {
        self.remote_players.len(&self.remote.transact()) as usize
    }

    pub fn remote_health(&self, index: usize) -> u32 {
        let txn = self.remote.transact();
        match element(&self.remote_players, &txn, index).get(&txn, "health") {
            Some(Out::Any(any)) => any.cast::<u32>().ok().expect("a number"),
            _ => panic!("no health"),
        }
    }
}
