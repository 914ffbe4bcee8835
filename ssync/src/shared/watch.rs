//! One place of the value, each time it changes.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;

use super::core::Inner;
use super::events::{Changes, Event};
use super::{Alive, Shared};
use crate::path::Path;
use crate::place::{Located, Place};
use crate::syncable::Syncable;

/// What [`Shared::watch`] can watch: a [`Place`], which gives its value, or a [`Path`], which gives JSON.
pub trait Watchable<T>: Located {
    /// What is seen there.
    type Value: Clone + PartialEq;

    /// What is there now.
    fn seen(&self, shared: &Shared<T>) -> Option<Self::Value>
    where
        T: Syncable + Send + Sync + 'static;
}

impl<T: 'static, V: Clone + PartialEq + 'static> Watchable<T> for Place<T, V> {
    type Value = V;
    fn seen(&self, shared: &Shared<T>) -> Option<V>
    where
        T: Syncable + Send + Sync + 'static,
    {
        self.of(&shared.read()).cloned()
    }
}

impl<T> Watchable<T> for Path {
    type Value = serde_json::Value;
    fn seen(&self, shared: &Shared<T>) -> Option<serde_json::Value>
    where
        T: Syncable + Send + Sync + 'static,
    {
        shared.inner.json_at(self)
    }
}

/// A stream of what is at one place: first what is there now, then each other value, `None` while there is nothing.
///
/// A reader that is slower than the changes sees the newest. What changes elsewhere is not noticed, and neither is a change that is taken
/// back before anybody looks.
#[must_use = "a stream does nothing until it is polled"]
pub struct Watch<T: Syncable + Send + Sync + 'static, W: Watchable<T>> {
    /// A stream keeps nobody in the room.
    inner: Weak<Inner<T>>,
    alive: Weak<Alive>,
    place: W,
    changes: Changes,
    /// What was given last.
    given: Option<Option<W::Value>>,
}

impl<T: Syncable + Send + Sync + 'static, W: Watchable<T>> fmt::Debug for Watch<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("paths", &self.place.paths()).finish_non_exhaustive()
    }
}

impl<T: Syncable + Send + Sync + 'static> Shared<T> {
    /// What is at a place of the value, each time it changes: through this program, through others, and when something is taken back.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # use serde::{Deserialize, Serialize};
    /// use ssync::{Shared, Syncable, place};
    ///
    /// #[derive(Default, Serialize, Deserialize, Syncable)]
    /// struct Game { score: u32, chat: Vec<String> }
    ///
    /// let game = Shared::new_local(Game::default()).unwrap();
    /// let mut score = game.watch(place!(Game, score));
    /// assert_eq!(score.next().await, Some(Some(0)));
    /// game.write().chat.push("hello".into());
    /// game.write().score = 3;
    /// assert_eq!(score.next().await, Some(Some(3)));
    /// # }
    /// ```
    pub fn watch<W: Watchable<T>>(&self, place: W) -> Watch<T, W> {
        let changes = self.changes();
        Watch { inner: Arc::downgrade(&self.inner), alive: Arc::downgrade(&self._alive), place, changes, given: None }
    }
}

impl<T: Syncable + Send + Sync + 'static, W: Watchable<T>> Watch<T, W> {
    /// Waits for the next value; nothing once every handle of the value is gone.
    ///
    /// # Panics
    /// If this thread holds a write guard of the same value.
    pub async fn next(&mut self) -> Option<Option<W::Value>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Whether something happened at the place, or where nobody knows.
    fn concerns(&self, event: &Event) -> bool {
        match event {
            Event::Changed(change) => change.patch.ops().iter().any(|op| {
                // An element that comes, goes or moves takes others of its list along.
                let shifts = matches!(op.sign(), "+" | "-" | "m");
                let above = op.path().split_last().filter(|_| shifts).map(|(list, _)| list);
                self.place.paths().iter().any(|path| {
                    op.path().contains(path) || path.contains(op.path()) || above.is_some_and(|list| path.iter().starts_with(list))
                })
            }),
            Event::Lagged(_) | Event::Unfit(_) => true,
            Event::Refused(_) => false,
        }
    }
}

// Nothing in it is pinned.
impl<T: Syncable + Send + Sync + 'static, W: Watchable<T>> Unpin for Watch<T, W> {}

impl<T: Syncable + Send + Sync + 'static, W: Watchable<T>> Stream for Watch<T, W> {
    type Item = Option<W::Value>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let is_first = self.given.is_none();
            if !is_first {
                match Pin::new(&mut self.changes).poll_next(context) {
                    Poll::Ready(Some(event)) if !self.concerns(&event) => continue,
                    Poll::Ready(Some(_)) => {}
                    Poll::Ready(None) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                }
            }
            let (Some(inner), Some(alive)) = (self.inner.upgrade(), self.alive.upgrade()) else { return Poll::Ready(None) };
            let shared = Shared { inner, _alive: alive };
            let seen = self.place.seen(&shared);
            if self.given.as_ref() != Some(&seen) {
                self.given = Some(seen.clone());
                return Poll::Ready(Some(seen));
            }
        }
    }
}
