//! What an edit comes to that was made offline while the log was cut: what others did meanwhile is known as one difference between two documents.

use ssync::limits::Bounds;
use ssync::proto::replica::{KindsOf, Replica, Snapshot};
use ssync::wire::frame::{Author, Hash};
use ssync::{Doc, Patch};

/// The document `now`, with what was made offline on `start` carried over to it; and what changes for who shows `start` with that.
pub fn behind_snapshot(start: Doc, offline: Patch, now: Doc, kinds_of: KindsOf) -> (Doc, Patch) {
    let restored = |seq: u64, doc: Doc| {
        let snapshot = Snapshot { seq, doc, chain: Hash::default(), authors: Vec::new() };
        Replica::restore(snapshot, Author([1; 16]), Bounds::default())
    };
    let mut earlier = restored(1, start);
    earlier.commit(offline);
    let mut newer = restored(2, now);
    let adopted = newer.adopt(earlier, Author([2; 16]), kinds_of);
    (newer.view(), adopted.view)
}
