//! Who wants to know of changes: cursors, streams and callbacks.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::commit::CommitError;
use crate::patch::Patch;
use crate::syncable::Unfit;
use crate::wire::frame::Author;

/// Events that wait for a slow reader.
const EVENTS_MAX: usize = 1_024;

/// Who changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A guard in this program.
    Local,
    /// Another program; each of its runs has a name of its own.
    Remote(Author),
    /// Any number of programs, while this one was away for longer than the relay keeps what happened one by one.
    Several,
}

/// A change of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Who made it.
    pub origin: Origin,
    /// What it did to the value here.
    pub patch: Patch,
    /// Its place in the room's log. A local change has none yet.
    pub seq: Option<u64>,
}

/// What [`Shared::changes`](super::Shared::changes) and [`Shared::on_change`](super::Shared::on_change) tell.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The value changed.
    Changed(Change),
    /// A guard was dropped, and its changes were refused; the value is what it was before.
    Refused(CommitError),
    /// The room holds something that the type cannot read; the last fitting value stays in its place.
    Unfit(Unfit),
    /// This many events were missed: read the value instead.
    Lagged(u64),
}

/// Everybody who wants to know.
pub(crate) struct Hub {
    remote: watch::Sender<u64>,
    /// Somebody has asked for events: until then nobody makes any of what happens here.
    is_heard: AtomicBool,
    boxes: Mutex<Vec<Weak<Mutex<Mailbox>>>>,
    callbacks: Mutex<Callbacks>,
}

#[derive(Default)]
struct Mailbox {
    events: VecDeque<Event>,
    missed: u64,
    waker: Option<Waker>,
    closed: bool,
}

/// **One thread at a time calls back, in the order of the events**; what happens meanwhile is left to it.
#[derive(Default)]
struct Callbacks {
    waiting: VecDeque<Event>,
    calling: bool,
    all: Vec<Weak<Callback>>,
}

type Function = Box<dyn FnMut(&Event) + Send>;

struct Callback(Mutex<Option<Function>>);

impl Hub {
    pub(super) fn new() -> Self {
        Self { remote: watch::Sender::new(0), is_heard: AtomicBool::new(false), boxes: Mutex::default(), callbacks: Mutex::default() }
    }

    /// Whether anybody has ever asked for events.
    pub(super) fn is_heard(&self) -> bool {
        self.is_heard.load(Ordering::Acquire)
    }

    /// Queues events for everybody. Calls nobody: see [`Hub::call_back`].
    pub(super) fn publish(&self, events: Vec<Event>) {
        for event in events {
            if matches!(&event, Event::Changed(Change { origin: Origin::Remote(_) | Origin::Several, .. })) {
                self.remote.send_modify(|version| *version += 1);
            }
            if !self.is_heard() {
                continue;
            }
            self.boxes.lock().retain(|mailbox| {
                mailbox.upgrade().is_some_and(|mailbox| {
                    mailbox.lock().put(event.clone());
                    true
                })
            });
            let mut callbacks = self.callbacks.lock();
            if !callbacks.all.is_empty() {
                callbacks.waiting.push_back(event);
            }
        }
    }

    /// Calls the callbacks. No lock of the value may be held.
    pub(crate) fn call_back(&self) {
        while self.is_heard() {
            let (event, all) = {
                let mut callbacks = self.callbacks.lock();
                if callbacks.calling {
                    return;
                }
                let Some(event) = callbacks.waiting.pop_front() else { return };
                callbacks.calling = true;
                callbacks.all.retain(|callback| callback.strong_count() > 0);
                (event, callbacks.all.clone())
            };
            all.iter().filter_map(Weak::upgrade).for_each(|callback| callback.call(&event));
            self.callbacks.lock().calling = false;
        }
    }

    pub(super) fn cursor(&self) -> Cursor {
        Cursor(self.remote.subscribe())
    }

    pub(super) fn changes(&self) -> Changes {
        let mailbox = Arc::new(Mutex::new(Mailbox::default()));
        self.is_heard.store(true, Ordering::Release);
        self.boxes.lock().push(Arc::downgrade(&mailbox));
        Changes(mailbox)
    }

    pub(super) fn on_change(&self, callback: impl FnMut(&Event) + Send + 'static) -> Subscription {
        let callback = Arc::new(Callback(Mutex::new(Some(Box::new(callback)))));
        self.is_heard.store(true, Ordering::Release);
        self.callbacks.lock().all.push(Arc::downgrade(&callback));
        Subscription { _callback: callback }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        for mailbox in self.boxes.get_mut().iter().filter_map(Weak::upgrade) {
            mailbox.lock().close();
        }
    }
}

impl Callback {
    fn call(&self, event: &Event) {
        let Some(mut function) = self.0.lock().take() else { return };
        match catch_unwind(AssertUnwindSafe(|| function(event))) {
            Ok(()) => *self.0.lock() = Some(function),
            Err(_) => tracing::error!("a callback panicked; its subscription is over"),
        }
    }
}

impl Mailbox {
    fn put(&mut self, event: Event) {
        if self.events.len() == EVENTS_MAX {
            self.missed += self.events.len() as u64;
            self.events.clear();
        }
        self.events.push_back(event);
        self.wake();
    }

    fn close(&mut self) {
        self.closed = true;
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// Knows which remote changes were seen.
#[derive(Clone, Debug)]
pub struct Cursor(watch::Receiver<u64>);

impl Cursor {
    /// Waits until there is a remote change that this cursor has not seen, and has seen it then. False once the value is gone
    /// and nothing will change any more.
    pub async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }

    /// Whether there is a remote change that this cursor has not seen.
    pub fn has_changed(&self) -> bool {
        self.0.has_changed().unwrap_or(false)
    }
}

/// A stream of events.
pub struct Changes(Arc<Mutex<Mailbox>>);

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changes")
    }
}

impl Changes {
    /// Waits for the next event; nothing once the value is gone.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Changes {
    type Item = Event;
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut mailbox = self.0.lock();
        if mailbox.missed > 0 {
            return Poll::Ready(Some(Event::Lagged(std::mem::take(&mut mailbox.missed))));
        }
        match mailbox.events.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if mailbox.closed => Poll::Ready(None),
            None => {
                mailbox.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// A callback that is called as long as this lives.
#[must_use = "the callback is called only as long as its subscription lives"]
pub struct Subscription {
    _callback: Arc<Callback>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
