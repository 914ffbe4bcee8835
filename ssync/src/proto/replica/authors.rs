//! What a replica knows of each author, and the author's lane.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Canonical;
use crate::patch::Patch;
use crate::planted::{Bug, planted};
use crate::wire::frame::Author;

/// **The lane holds foreign patches carried into the author's own context; past `lane_to` they are the canonical ones.** Those that nothing
/// changed on the way are shared with the others'.
#[derive(Clone, Default)]
pub(super) struct AuthorState {
    pub(super) record: Record,
    pub(super) lane: Vec<(u64, Arc<Patch>)>,
    pub(super) lane_to: u64,
}

/// What a snapshot keeps of an author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The number of the author's last commit in the log.
    pub last: u64,
    /// The number of its last commit that took effect.
    pub accepted: u64,
    /// The base of its last frame that is not void.
    pub base: u64,
    /// The seq of its last void frame: anything built below that is void too.
    pub barrier: u64,
}

impl AuthorState {
    /// The foreign patches after `base`, in the context of the author's next frame.
    pub(super) fn lane_after(&self, author: Author, base: u64, canon: &VecDeque<Canonical>) -> Vec<(u64, Arc<Patch>)> {
        let carried = self.lane.iter().filter(|(seq, _)| *seq > base || planted(Bug::LaneUntrimmed)).cloned();
        let start = canon.partition_point(|(seq, ..)| *seq <= self.lane_to.max(base));
        let since = canon.range(start..).filter(|(_, by, _)| *by != author);
        carried.chain(since.map(|(seq, _, patch)| (*seq, patch.clone()))).collect()
    }
}
