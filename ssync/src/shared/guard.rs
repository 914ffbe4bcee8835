//! The guards.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::{RwLockReadGuard, RwLockWriteGuard};

use super::commit::{Commit, CommitError};
use super::core::{Core, Inner};
use super::held::{Access, Held};
use crate::patch::Patch;
use crate::path::Path;
use crate::state::ApplyToError;
use crate::syncable::Syncable;

/// Lets the value be read. Stays on its thread.
pub struct ReadGuard<'a, T: Syncable + Send + Sync + 'static> {
    core: Option<RwLockReadGuard<'a, Core<T>>>,
    inner: &'a Inner<T>,
    _held: Held,
}

impl<'a, T: Syncable + Send + Sync + 'static> ReadGuard<'a, T> {
    #[track_caller]
    pub(super) fn new(inner: &'a Inner<T>) -> Self {
        let held = Held::new(inner.address(), Access::Read);
        Self { core: Some(inner.core.read_recursive()), inner, _held: held }
    }
}

impl<T: Syncable + Send + Sync + 'static> ReadGuard<'_, T> {
    #[allow(clippy::expect_used, reason = "it is taken in `drop` alone")]
    fn core(&self) -> &Core<T> {
        self.core.as_ref().expect("held until dropped")
    }
}

impl<T: Syncable + Send + Sync + 'static> Deref for ReadGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.core().view.value
    }
}

impl<T: Syncable + Send + Sync + 'static> Drop for ReadGuard<'_, T> {
    fn drop(&mut self) {
        self.core = None;
        self.inner.wake_if_waiting();
    }
}

impl<T: Syncable + Send + Sync + fmt::Debug + 'static> fmt::Debug for ReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Lets the value be changed. Stays on its thread.
///
/// When it drops, what changed is committed as one patch. [`WriteGuard::commit`] does the same and says what came of it. If the
/// value cannot be shared, it becomes what it was before the guard; a plain drop then reports that as
/// [`Event::Refused`](super::Event::Refused). If a panic begins while the guard lives, the value becomes what it was, and nothing is sent.
pub struct WriteGuard<'a, T: Syncable + Send + Sync + 'static> {
    core: Option<RwLockWriteGuard<'a, Core<T>>>,
    inner: &'a Inner<T>,
    was_panicking: bool,
    held: Option<Held>,
}

impl<'a, T: Syncable + Send + Sync + 'static> WriteGuard<'a, T> {
    #[track_caller]
    pub(super) fn new(inner: &'a Inner<T>) -> Self {
        let held = Held::new(inner.address(), Access::Write);
        Self { core: Some(inner.core.write()), inner, was_panicking: std::thread::panicking(), held: Some(held) }
    }

    #[track_caller]
    pub(super) fn try_new(inner: &'a Inner<T>, timeout: Duration) -> Option<Self> {
        let held = Held::new(inner.address(), Access::Write);
        let core = if timeout.is_zero() { inner.core.try_write() } else { inner.core.try_write_for(timeout) }?;
        Some(Self { core: Some(core), inner, was_panicking: std::thread::panicking(), held: Some(held) })
    }

    /// Commits what changed, and says what came of it.
    ///
    /// # Errors
    /// If the value cannot be shared, or this program may not write. The value is then as before the guard.
    pub fn commit(mut guard: Self) -> Result<Commit, CommitError> {
        let Some(mut core) = guard.core.take() else { return Err(CommitError::Left) };
        let outcome = core.commit(true, None, &guard.inner.hub, guard.inner.is_over());
        guard.inner.release(core, guard.held.take());
        outcome
    }

    /// The same, void if somebody touches what is written or one of these places.
    pub(super) fn transact(mut guard: Self, required: Vec<Path>) -> Result<Commit, CommitError> {
        let Some(mut core) = guard.core.take() else { return Err(CommitError::Left) };
        let outcome = core.commit(true, Some(required), &guard.inner.hub, guard.inner.is_over());
        guard.inner.release(core, guard.held.take());
        outcome
    }

    /// Makes the value what it was before the guard, and sends nothing.
    pub fn discard(mut guard: Self) {
        if let Some(mut core) = guard.core.take() {
            core.view.rollback();
            guard.inner.release(core, guard.held.take());
        }
    }
}

impl<T: Syncable + Send + Sync + 'static> Deref for WriteGuard<'_, T> {
    type Target = T;
    #[allow(clippy::expect_used, reason = "it is taken by what consumes the guard alone")]
    fn deref(&self) -> &T {
        &self.core.as_ref().expect("held until dropped").view.value
    }
}

impl<T: Syncable + Send + Sync + 'static> DerefMut for WriteGuard<'_, T> {
    #[allow(clippy::expect_used, reason = "it is taken by what consumes the guard alone")]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.core.as_mut().expect("held until dropped").view.value
    }
}

impl<T: Syncable + Send + Sync + 'static> Drop for WriteGuard<'_, T> {
    fn drop(&mut self) {
        let Some(mut core) = self.core.take() else { return };
        if std::thread::panicking() && !self.was_panicking {
            core.view.rollback();
        } else if let Err(error) = core.commit(false, None, &self.inner.hub, self.inner.is_over()) {
            core.report_refusal(error, &self.inner.hub);
        }
        self.inner.release(core, self.held.take());
    }
}

impl<T: Syncable + Send + Sync + fmt::Debug + 'static> fmt::Debug for WriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Syncable + Send + Sync + 'static> Inner<T> {
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The state as JSON.
    #[track_caller]
    pub(super) fn to_json(&self) -> serde_json::Value {
        self.look_at_core(|core| core.view.doc().root().to_json())
    }

    /// What is at a path, as JSON.
    #[track_caller]
    pub(super) fn json_at(&self, path: &Path) -> Option<serde_json::Value> {
        self.look_at_core(|core| Some(core.view.doc().root().at(path)?.to_json()))
    }

    /// Looks at what the lock protects, and lets the driver know if that was in its way.
    #[track_caller]
    pub(super) fn look_at_core<R>(&self, look: impl FnOnce(&Core<T>) -> R) -> R {
        look(ReadGuard::new(self).core())
    }

    /// Does something with what the lock protects.
    #[track_caller]
    pub(super) fn with_core<R>(&self, work: impl FnOnce(&mut Core<T>) -> R) -> R {
        let held = Held::new(self.address(), Access::Write);
        let mut core = self.core.write();
        let outcome = work(&mut core);
        self.release(core, Some(held));
        outcome
    }

    /// Gives the lock back, and does what had to wait for that: waking the driver, calling callbacks.
    fn release(&self, mut core: RwLockWriteGuard<'_, Core<T>>, held: Option<Held>) {
        self.settle(&mut core);
        drop(core);
        // A callback may take a guard of its own.
        drop(held);
        if !self.is_local {
            self.driver_waits.store(false, Ordering::Release);
            self.wake.notify_one();
        }
        self.hub.call_back();
    }

    /// Takes a patch that came by another way than a room.
    ///
    /// # Errors
    /// See [`Core::apply`].
    #[track_caller]
    pub(super) fn apply(&self, patch: &Patch) -> Result<Patch, ApplyToError> {
        let mut inverse = Patch::default();
        self.with_core(|core| core.apply(patch, &mut inverse, &self.hub)).map(|()| inverse)
    }

    fn wake_if_waiting(&self) {
        if self.driver_waits.swap(false, Ordering::AcqRel) {
            self.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shared;
    use super::*;
    use futures_util::FutureExt;

    /// Cause: what only looks at the value took the lock without the guard that wakes. Effect: the driver, had it come meanwhile, left what had arrived lying
    /// until its next ping. Fix: looking is a read guard.
    #[test]
    fn a_driver_that_somebody_was_in_the_way_of_is_woken() {
        let shared = Shared::new_local(vec![1]).expect("it can be shared");
        let inner = shared.inner();
        // As the driver does that finds the lock taken.
        let come = || inner.driver_waits.store(true, Ordering::Release);
        let is_woken = || inner.wake.notified().now_or_never().is_some();
        inner.look_at_core(|_| come());
        assert!(is_woken());
        {
            let _read = shared.read();
            come();
            assert!(!is_woken());
        }
        assert!(is_woken());
    }
}
