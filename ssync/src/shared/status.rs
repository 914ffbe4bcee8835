//! How things stand with a shared value.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::watch;

use crate::path::Path;
pub use crate::proto::session::Link;

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The connection.
    pub link: Link,
    /// Own commits that are not in the log yet.
    pub pending: usize,
    /// The seq of the last own commit in the log; 0 if there was none.
    pub accepted: u64,
    /// The seq of the last frame received.
    pub received: u64,
    /// Attempts to connect since the last that succeeded.
    pub attempt: u32,
    /// What went wrong last; nothing while all is well.
    pub problem: Option<Problem>,
    /// Where the room holds what this program's type cannot read.
    pub unfit: Vec<Path>,
    /// Whether the connection has ended for good.
    pub(super) over: bool,
}

/// Something that went wrong with the connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
#[non_exhaustive]
pub struct Problem {
    /// What, and what to do.
    pub text: String,
    /// Whether it is tried again.
    pub is_retryable: bool,
}

impl Problem {
    pub(crate) const fn new(text: String, is_retryable: bool) -> Self {
        Self { text, is_retryable }
    }

    pub(super) fn left() -> Self {
        Self::new("this program has left the room".into(), false)
    }
}

impl Status {
    /// Whether the connection has ended for good: the room was left, or something is wrong that no other attempt mends.
    pub const fn is_over(&self) -> bool {
        self.over
    }
}

/// A stream of each [`Status`], beginning with the present one; a slow reader sees the newest.
pub struct Statuses(Pin<Box<dyn Stream<Item = Status> + Send>>);

impl Statuses {
    pub(super) fn new(mut receiver: watch::Receiver<Status>) -> Self {
        receiver.mark_changed();
        Self(Box::pin(futures_util::stream::unfold(receiver, |mut receiver| async move {
            receiver.changed().await.ok()?;
            let status = receiver.borrow_and_update().clone();
            Some((status, receiver))
        })))
    }
}

impl fmt::Debug for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Statuses")
    }
}

impl Stream for Statuses {
    type Item = Status;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Status>> {
        self.0.as_mut().poll_next(context)
    }
}
