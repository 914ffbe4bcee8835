//! Members of sets and keys of maps that are equal by another rule than their JSON.

use std::cmp::Ordering;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use ssync::Syncable;

use super::super::below;

/// A text that is known by its first letter alone.
#[derive(Clone, Debug, Serialize, Deserialize, Syncable)]
pub(super) struct Badge(pub(super) String);

impl Badge {
    /// One of three kinds.
    pub(super) fn new(rng: &mut ChaCha8Rng, token: &str) -> Self {
        Self(format!("{}{token}", ["a", "b", "c"][below(rng, 3)]))
    }

    fn letter(&self) -> Option<char> {
        self.0.chars().next()
    }
}

impl PartialEq for Badge {
    fn eq(&self, other: &Self) -> bool {
        self.letter() == other.letter()
    }
}

impl Eq for Badge {}

impl PartialOrd for Badge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Badge {
    fn cmp(&self, other: &Self) -> Ordering {
        self.letter().cmp(&other.letter())
    }
}
