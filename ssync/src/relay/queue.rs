//! What waits to be sent to one member: bounded in bytes, so that a slow one costs no more than this.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::wire::codec::{RelayMessage, encode};

/// Bytes that may wait for one member.
pub(super) const QUEUE_BYTES_MAX: usize = 1 << 20;

/// Methods: rooms [`offer`](Queue::offer) what can be fetched again, and [`push`](Queue::push) answers; the connection
/// [`pop`](Queue::pop)s.
///
/// - **What was offered is never dropped in part**: the member is told `Lagged`, and then fetches from where it is.
/// - **An answer is never dropped**; who asks without reading is not listened to ([`Queue::has_room`]).
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
    emptied: Notify,
}

#[derive(Default)]
struct Waiting {
    messages: VecDeque<(Bytes, bool)>,
    bytes: usize,
    closed: bool,
}

impl Queue {
    /// Queues a part of the log; false if the member is too slow for it, and has been told.
    pub(super) fn offer(&self, message: Bytes) -> bool {
        let mut waiting = self.waiting.lock();
        let fits = waiting.bytes + message.len() <= QUEUE_BYTES_MAX || waiting.messages.is_empty();
        if fits {
            waiting.bytes += message.len();
            waiting.messages.push_back((message, true));
        } else {
            waiting.messages.retain(|(_, is_offer)| !is_offer);
            waiting.bytes = waiting.messages.iter().map(|(message, _)| message.len()).sum();
            let lagged = encode(&RelayMessage::Lagged);
            waiting.bytes += lagged.len();
            waiting.messages.push_back((lagged, false));
        }
        drop(waiting);
        self.changed.notify_one();
        fits
    }

    /// Queues an answer.
    pub(super) fn push(&self, message: &RelayMessage) {
        self.push_encoded(encode(message));
    }

    pub(super) fn push_encoded(&self, message: Bytes) {
        let mut waiting = self.waiting.lock();
        waiting.bytes += message.len();
        waiting.messages.push_back((message, false));
        drop(waiting);
        self.changed.notify_one();
    }

    /// Lets [`Queue::pop`] end once everything is sent.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.changed.notify_one();
    }

    /// The next message, as soon as there is one; nothing once the queue is closed and empty.
    pub(super) async fn pop(&self) -> Option<Bytes> {
        loop {
            {
                let mut waiting = self.waiting.lock();
                if let Some((message, _)) = waiting.messages.pop_front() {
                    waiting.bytes -= message.len();
                    self.emptied.notify_one();
                    return Some(message);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Waits until little enough is queued to take another question.
    pub(super) async fn has_room(&self) {
        while self.waiting.lock().bytes > QUEUE_BYTES_MAX {
            self.emptied.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_member_is_told_and_keeps_its_answers() {
        let queue = Queue::default();
        let big = Bytes::from(vec![0; QUEUE_BYTES_MAX / 2]);
        assert!(queue.offer(big.clone()));
        queue.push(&RelayMessage::Pong);
        assert!(queue.offer(big.slice(16..)));
        assert!(!queue.offer(big));
        queue.close();
        let mut left = Vec::new();
        while let Some(message) = queue.pop().await {
            left.push(crate::wire::codec::decode::<RelayMessage>(&message).unwrap());
        }
        assert_eq!(left, [RelayMessage::Pong, RelayMessage::Lagged]);
    }
}
