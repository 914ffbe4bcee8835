//! Undo and redo of this program's own commits.

use super::commit::{Commit, CommitError, Later};
use super::core::Core;
use super::events::Hub;
use super::{Outcome, Shared};
use crate::state::ApplyToError;
use crate::syncable::Syncable;
use crate::undo::{Step, Undo, Way};

/// A commit that took another one back, or back again.
#[derive(Debug)]
#[non_exhaustive]
pub struct Undone {
    /// The commit.
    pub commit: Commit,
    /// Others took away something that it would have changed: what could still be done is done. With nothing left, the commit's patch is empty.
    pub is_partial: bool,
}

/// Why nothing was undone or redone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// Nobody asked for commits to be kept.
    #[error("no commits are kept to be undone; call `keep_undo(100)` before the first of them")]
    NotKept,
    /// There is nothing left.
    #[error("there is nothing to {0}")]
    Nothing(&'static str),
    /// This program may not write, or what comes out is over a limit: what went in one commit may have come in many.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// What comes out does not fit the type.
    #[error(transparent)]
    Apply(#[from] ApplyToError),
}

impl<T: Syncable + Send + Sync + 'static> Shared<T> {
    /// Keeps this many of the last commits of this handle and its clones, so that they can be undone; 0 keeps none, as it is unless this is called. What was kept
    /// before is forgotten.
    ///
    /// Keeping costs each commit what it replaced, and each change of others a look at what is kept.
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn keep_undo(&self, commits: usize) {
        self.inner.with_core(|core| core.keep_undo(commits));
    }

    /// Takes the last own commit back that was not undone yet, over whatever others did since. It is a commit like any other.
    ///
    /// Others' work stays: where they changed the same place since, theirs is left, and [`Undone::is_partial`] says so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # use ssync::Shared;
    /// let list = Shared::new_local(vec![1, 2]).unwrap();
    /// list.keep_undo(100);
    /// list.write().push(3);
    /// list.undo().unwrap();
    /// assert_eq!(*list.read(), [1, 2]);
    /// list.redo().unwrap();
    /// assert_eq!(*list.read(), [1, 2, 3]);
    /// # }
    /// ```
    ///
    /// # Errors
    /// If nothing is kept, this program may not write, or what comes out does not fit the type or a limit. The commit can then still be undone, once that is mended.
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn undo(&self) -> Result<Undone, UndoError> {
        self.inner.with_core(|core| core.step_back(Way::Undo, &self.inner.hub, self.inner.is_over()))
    }

    /// Does again what was undone last, if nothing was committed since.
    ///
    /// # Errors
    /// As [`Shared::undo`].
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn redo(&self) -> Result<Undone, UndoError> {
        self.inner.with_core(|core| core.step_back(Way::Redo, &self.inner.hub, self.inner.is_over()))
    }

    /// How many commits can be undone, and how many redone.
    ///
    /// # Panics
    /// As [`Shared::read`].
    #[track_caller]
    pub fn undo_lengths(&self) -> (usize, usize) {
        self.inner.look_at_core(Core::undo_lengths)
    }
}

impl<T: Syncable> Core<T> {
    /// Keeps this many of the next commits to be undone.
    pub(super) fn keep_undo(&mut self, commits: usize) {
        self.undo = (commits > 0).then(|| Undo::new(commits));
        self.view.keep_inverses(commits > 0);
        if let Some(session) = &mut self.session {
            session.keep_inverses(commits > 0);
        }
    }

    pub(super) fn undo_lengths(&self) -> (usize, usize) {
        self.undo.as_ref().map_or((0, 0), Undo::lengths)
    }

    /// Takes a commit back, or back again.
    ///
    /// # Errors
    /// If there is none, this program may not write, or it does not fit. All is then as it was.
    pub(super) fn step_back(&mut self, way: Way, hub: &Hub, over: bool) -> Result<Undone, UndoError> {
        match &self.session {
            Some(_) if over => return Err(CommitError::Left.into()),
            Some(session) if !session.can_write() => return Err(CommitError::ReadOnly.into()),
            _ => {}
        }
        let undo = self.undo.as_mut().ok_or(UndoError::NotKept)?;
        let nothing = UndoError::Nothing(if way == Way::Undo { "undo" } else { "redo" });
        let Step { patch, is_partial, .. } = undo.next(way).ok_or(nothing)?.clone();
        if patch.is_empty() {
            undo.done(way, None);
            return Ok(Undone::of(Commit { patch, outcome: Later::Now(Outcome::Unchanged) }, is_partial));
        }
        let inverse = self.view.apply_own(&patch).map_err(|error| match error {
            ApplyToError::Refused(refused) => CommitError::Refused(refused).into(),
            other => UndoError::Apply(other),
        })?;
        undo.done(way, Some(inverse));
        Ok(Undone::of(self.publish(patch, true, None, hub)?, is_partial))
    }
}

impl Undone {
    pub(super) const fn of(commit: Commit, is_partial: bool) -> Self {
        Self { commit, is_partial }
    }

    /// Waits for what comes of it.
    pub async fn accepted(self) -> Outcome {
        self.commit.accepted().await
    }
}
