//! What a replica knows of each author, and the author's lane.

use std::collections::VecDeque;

use crate::patch::Patch;
use crate::wire::frame::Author;

/// **The lane holds foreign patches carried into the author's own context; past `lane_to` they are the canonical ones.**
#[derive(Clone, Default)]
pub(super) struct AuthorState {
    /// The number of the author's last commit in the log.
    pub(super) last: u64,
    /// The base of its last frame that is not void.
    pub(super) base: u64,
    /// The seq of its last void frame: anything built below that is void too.
    pub(super) barrier: u64,
    pub(super) lane: Vec<(u64, Patch)>,
    pub(super) lane_to: u64,
}

impl AuthorState {
    /// The foreign patches after `base`, in the context of the author's next frame.
    pub(super) fn lane_after(&self, author: Author, base: u64, canon: &VecDeque<(u64, Author, Patch)>) -> Vec<(u64, Patch)> {
        let carried = self.lane.iter().filter(|(seq, _)| *seq > base).cloned();
        let start = canon.partition_point(|(seq, ..)| *seq <= self.lane_to.max(base));
        let since = canon.range(start..).filter(|(_, by, _)| *by != author);
        carried.chain(since.map(|(seq, _, patch)| (*seq, patch.clone()))).collect()
    }
}
