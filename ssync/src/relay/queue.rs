//! What waits to be sent to one member: bounded in bytes, so that a slow one costs no more than this.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::wire::codec::{RelayMessage, encode};

/// Bytes that may wait for one member.
pub(super) const QUEUE_BYTES_MAX: usize = 1 << 20;

/// Methods: rooms [`offer`](Queue::offer) what can be fetched again, [`offer_present`](Queue::offer_present) what members say of
/// themselves, and [`push`](Queue::push) answers; the connection [`pop`](Queue::pop)s.
///
/// - **Of what a member says of itself only the last waits**, and it is the first that is dropped.
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
    messages: VecDeque<(Bytes, Class)>,
    bytes: usize,
    closed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Answer,
    Offer,
    /// Of this member.
    Present(u64),
}

impl Waiting {
    fn keep(&mut self, is_kept: impl Fn(Class) -> bool) {
        self.messages.retain(|(_, class)| is_kept(*class));
        self.bytes = self.messages.iter().map(|(message, _)| message.len()).sum();
    }

    fn fits(&self, message: &Bytes) -> bool {
        self.bytes + message.len() <= QUEUE_BYTES_MAX || self.messages.is_empty()
    }

    fn put(&mut self, message: Bytes, class: Class) {
        self.bytes += message.len();
        self.messages.push_back((message, class));
    }
}

impl Queue {
    /// Queues a part of the log; false if the member is too slow for it, and has been told.
    pub(super) fn offer(&self, message: Bytes) -> bool {
        let mut waiting = self.waiting.lock();
        if !waiting.fits(&message) {
            waiting.keep(|class| !matches!(class, Class::Present(_)));
        }
        let fits = waiting.fits(&message);
        if fits {
            waiting.put(message, Class::Offer);
        } else {
            waiting.keep(|class| class == Class::Answer);
            waiting.put(encode(&RelayMessage::Lagged), Class::Answer);
        }
        drop(waiting);
        self.changed.notify_one();
        fits
    }

    /// Queues what a member says of itself, in place of what it said before; drops it if the queue is full.
    pub(super) fn offer_present(&self, member: u64, message: &RelayMessage) {
        let message = encode(message);
        let mut waiting = self.waiting.lock();
        if waiting.messages.iter().any(|(_, class)| *class == Class::Present(member)) {
            waiting.keep(|class| class != Class::Present(member));
        }
        if waiting.fits(&message) {
            waiting.put(message, Class::Present(member));
        }
        drop(waiting);
        self.changed.notify_one();
    }

    /// Queues an answer.
    pub(super) fn push(&self, message: &RelayMessage) {
        self.push_encoded(encode(message));
    }

    pub(super) fn push_encoded(&self, message: Bytes) {
        let mut waiting = self.waiting.lock();
        waiting.put(message, Class::Answer);
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

    async fn left(queue: &Queue) -> Vec<RelayMessage> {
        queue.close();
        let mut left = Vec::new();
        while let Some(message) = queue.pop().await {
            left.push(crate::wire::codec::decode(&message).unwrap());
        }
        left
    }

    #[tokio::test]
    async fn of_what_a_member_says_of_itself_the_last_waits_and_goes_first() {
        let says = |member, word: &'static [u8]| RelayMessage::Present { member, sealed: Bytes::from_static(word) };
        let queue = Queue::default();
        for (member, word) in [(1, b"a"), (2, b"b"), (1, b"c")] {
            queue.offer_present(member, &says(member, word));
        }
        assert_eq!(left(&queue).await, [says(2, b"b"), says(1, b"c")]);
        let queue = Queue::default();
        let pong = encode(&RelayMessage::Pong);
        queue.offer_present(1, &says(1, b"a"));
        queue.push_encoded(Bytes::from(vec![0; QUEUE_BYTES_MAX - 2 * pong.len()]));
        assert!(queue.offer(pong.clone()) && queue.offer(pong), "who is here makes room for the log");
        queue.offer_present(1, &says(1, b"d"));
        let _ = queue.pop().await;
        assert_eq!(left(&queue).await, [RelayMessage::Pong, RelayMessage::Pong]);
    }

    #[tokio::test]
    async fn a_slow_member_is_told_and_keeps_its_answers() {
        let queue = Queue::default();
        let big = Bytes::from(vec![0; QUEUE_BYTES_MAX / 2]);
        assert!(queue.offer(big.clone()));
        queue.push(&RelayMessage::Pong);
        assert!(queue.offer(big.slice(16..)));
        assert!(!queue.offer(big));
        assert_eq!(left(&queue).await, [RelayMessage::Pong, RelayMessage::Lagged]);
    }
}
