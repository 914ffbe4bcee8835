//! The struct that lives in many programs: a lock around the user's value, and what happens when a guard drops.
//!
//! - **Neither reading nor writing touches the network**, and the network never waits for a guard: it tries the lock, and the
//!   dropping guard wakes it.
//! - **A guard's changes leave as one patch or not at all.** After a panic or a refusal the value is what it was.
//! - **Callbacks run with no lock held.**

mod commit;
mod core;
mod driven;
mod events;
mod guard;
mod held;
mod presence;
mod status;
mod transaction;
mod undo;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use commit::{Commit, CommitError, Outcome};
pub(crate) use core::{Core, Inner};
pub use events::{Change, Changes, Cursor, Event, Origin, Subscription};
pub use guard::{ReadGuard, WriteGuard};
pub use presence::{Presence, PresenceError, PresenceEvent};
pub use status::{Link, Problem, Status, Statuses};
pub use transaction::{Transaction, TransactionError};
pub use undo::{UndoError, Undone};
pub use watch::{Watch, Watchable};

use crate::Secret;
use crate::client::{Builder, JoinError};
use crate::patch::Patch;
use crate::state::ApplyToError;
use crate::syncable::{Refused, Syncable};
use crate::view::View;

/// A value that every program with the same secret sees and may change.
///
/// Clones are the same value. It is read and written as plain Rust through guards; a write guard's changes leave as one
/// atomic patch when it drops.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use ssync::{Secret, Shared};
/// let secret = Secret::generate();
/// let here: Shared<Vec<String>> = Shared::join("ws://127.0.0.1:7171", &secret).await?;
/// let there: Shared<Vec<String>> = Shared::join("ws://127.0.0.1:7171", &secret).await?;
/// let mut seen = there.subscribe();
/// here.write().push("hello".into());
/// seen.changed().await;
/// assert_eq!(there.read()[0], "hello");
/// # Ok(()) }
/// ```
pub struct Shared<T: Syncable + Send + Sync + 'static> {
    inner: Arc<Inner<T>>,
    /// The driver ends when the last handle is gone.
    _alive: Arc<Alive>,
}

/// Tells the driver that nobody is interested any more.
pub(crate) struct Alive(pub(crate) tokio::sync::watch::Sender<bool>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

impl<T: Syncable + Send + Sync + 'static> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), _alive: self._alive.clone() }
    }
}

impl<T: Syncable + Send + Sync + 'static> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl<T: Syncable + Send + Sync + 'static> Shared<T> {
    /// Joins the room of this secret through the relay at this address (`ws://…` or `wss://…`), and returns once the room's state is
    /// here. If the room is empty, its first state is `T::default()`.
    ///
    /// Runs on the tokio runtime it is called in. For a program without one there is [`Shared::join_blocking`]; for everything else
    /// [`Shared::builder`].
    ///
    /// # Errors
    /// If the relay is not reached within 10 s, it refuses, or the room's state does not fit `T`.
    pub async fn join(relay: &str, secret: &Secret) -> Result<Self, JoinError>
    where
        T: Default,
    {
        Self::builder(secret).relay(relay).initial(T::default()).join().await
    }

    /// The same for a program without tokio: the connection runs on a thread of its own.
    ///
    /// # Errors
    /// As [`Shared::join`].
    ///
    /// # Panics
    /// If it is called inside a tokio runtime, which it would block.
    pub fn join_blocking(relay: &str, secret: &Secret) -> Result<Self, JoinError>
    where
        T: Default,
    {
        Self::builder(secret).relay(relay).initial(T::default()).join_blocking()
    }

    /// Sets up how to join.
    pub fn builder(secret: &Secret) -> Builder<T> {
        Builder::new(secret.clone())
    }

    /// A value that is shared with nobody, by the same rules: guards, changes, refusals. It needs no relay and no runtime.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub fn new_local(value: T) -> Result<Self, Refused> {
        let view = View::new(value)?;
        let (stop, _) = tokio::sync::watch::channel(false);
        Ok(Self::from_core(Core::local(view), stop))
    }

    pub(crate) fn from_core(core: Core<T>, stop: tokio::sync::watch::Sender<bool>) -> Self {
        Self { inner: Arc::new(Inner::new(core)), _alive: Arc::new(Alive(stop)) }
    }

    pub(crate) fn inner(&self) -> &Arc<Inner<T>> {
        &self.inner
    }

    /// The value, to be read. Several reads may nest.
    ///
    /// # Panics
    /// If this thread holds a write guard of the same value: it would wait for itself for ever.
    #[track_caller]
    pub fn read(&self) -> ReadGuard<'_, T> {
        ReadGuard::new(&self.inner)
    }

    /// The value, to be changed. What changed leaves when the guard drops; see [`WriteGuard`].
    ///
    /// # Panics
    /// If this thread holds any guard of the same value: it would wait for itself for ever.
    #[track_caller]
    pub fn write(&self) -> WriteGuard<'_, T> {
        WriteGuard::new(&self.inner)
    }

    /// The value, to be changed, if nobody else holds it now.
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn try_write(&self) -> Option<WriteGuard<'_, T>> {
        WriteGuard::try_new(&self.inner, Duration::ZERO)
    }

    /// The value, to be changed, if it gets free within this time.
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn write_timeout(&self, timeout: Duration) -> Option<WriteGuard<'_, T>> {
        WriteGuard::try_new(&self.inner, timeout)
    }

    /// Changes the value in a closure, and commits.
    ///
    /// # Errors
    /// If the changed value cannot be shared. It is then as before.
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R, CommitError> {
        let mut guard = self.write();
        let outcome = change(&mut guard);
        WriteGuard::commit(guard)?;
        Ok(outcome)
    }

    /// A copy of the value.
    ///
    /// # Panics
    /// As [`Shared::read`].
    #[track_caller]
    pub fn read_clone(&self) -> T
    where
        T: Clone,
    {
        self.read().clone()
    }

    /// A cursor that knows what was seen: it waits for the next remote change, and misses none.
    pub fn subscribe(&self) -> Cursor {
        self.inner.hub.cursor()
    }

    /// All changes from now on, local and remote told apart. It holds 1,024; a slower reader is told how many it missed.
    pub fn changes(&self) -> Changes {
        self.inner.hub.changes()
    }

    /// Calls a function for every event from now on, until the subscription is dropped. No lock is held during the call; a panic
    /// in it ends this subscription only.
    pub fn on_change(&self, callback: impl FnMut(&Event) + Send + 'static) -> Subscription {
        self.inner.hub.on_change(callback)
    }

    /// How things stand.
    pub fn status(&self) -> Status {
        self.inner.status.borrow().clone()
    }

    /// How things stand, each time it changes, beginning with now.
    pub fn statuses(&self) -> Statuses {
        Statuses::new(self.inner.status.subscribe())
    }

    /// Waits until everything committed so far is in the log. Offline it waits.
    ///
    /// # Errors
    /// If that will never be: the connection ended for good.
    pub async fn flush(&self) -> Result<(), Problem> {
        let mut status = self.inner.status.subscribe();
        let settled = status.wait_for(|status| status.pending == 0 || status.is_over()).await;
        match settled {
            Ok(status) if status.pending > 0 => Err(status.problem.clone().unwrap_or_else(Problem::left)),
            _ => Ok(()),
        }
    }

    /// Flushes, and leaves the room for good: the value stays readable, and later commits are refused.
    ///
    /// # Errors
    /// If the connection had ended before everything was in the log. It has left all the same.
    pub async fn leave(&self) -> Result<(), Problem> {
        let flushed = self.flush().await;
        self._alive.0.send_replace(true);
        self.inner.end_if_local();
        let mut status = self.inner.status.subscribe();
        let _ = status.wait_for(Status::is_over).await;
        flushed
    }

    /// Applies a patch that came by another way than a relay to a local value, in place; gives the patch that takes it back.
    ///
    /// # Errors
    /// If the value is in a room, the patch does not fit, or what comes out does not fit the type. The value is then as it was.
    ///
    /// # Panics
    /// If this thread holds a guard of the same value.
    ///
    /// ```
    /// # use ssync::Shared;
    /// let shared = Shared::new_local(vec![1, 2]).unwrap();
    /// let patch = ssync::diff(&vec![1, 2], &vec![1, 2, 3]).unwrap();
    /// let inverse = shared.apply(&patch).unwrap();
    /// assert_eq!(*shared.read(), [1, 2, 3]);
    /// assert_eq!(inverse.to_string(), r#"[["-",[2]]]"#);
    /// ```
    #[track_caller]
    pub fn apply(&self, patch: &Patch) -> Result<Patch, ApplyToError> {
        self.inner().apply(patch)
    }

    /// The state as JSON, as every program of the room sees it: fields that this program's struct does not know included.
    ///
    /// # Panics
    /// As [`Shared::read`].
    #[track_caller]
    pub fn to_json(&self) -> serde_json::Value {
        self.inner.to_json()
    }
}
