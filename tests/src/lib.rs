//! What the tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod behind;
pub mod gate;
pub mod process;
pub mod sim;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

pub use behind::behind_snapshot;
use serde::{Deserialize, Serialize};
use ssync::Syncable;

/// What the processes of a test write into.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub struct Journal {
    /// One for each commit.
    pub entries: Vec<String>,
    /// How many each process made.
    pub counts: BTreeMap<String, u32>,
    /// Who has finished.
    pub done: BTreeSet<String>,
}

/// Waits for something that must happen soon.
///
/// # Panics
/// If it does not within 30 s.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.unwrap_or_else(|_| panic!("waited 30 s for {what}"))
}

/// Waits until a condition holds.
///
/// # Panics
/// If it does not within 30 s.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    soon(what, waiting).await;
}
