//! Transactions: all that a closure did, or nothing, on every replica alike.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::Shared;
use super::commit::{CommitError, Outcome};
use super::guard::WriteGuard;
use crate::limits;
use crate::path::Path;
use crate::place::Located;
use crate::proto::replica::Void;
use crate::syncable::Syncable;

/// The value inside a [`Shared::transaction`].
pub struct Transaction<'a, T: Syncable + Send + Sync + 'static> {
    guard: WriteGuard<'a, T>,
    required: Vec<Path>,
}

impl<T: Syncable + Send + Sync + 'static> Transaction<'_, T> {
    /// Makes the transaction void if somebody else changes this place, something in it, or what it lies in. What the transaction
    /// itself writes needs no mention. One that writes nothing is never sent, and so never void: it requires nothing. A place
    /// counts once for each name that its fields have ([`Located::paths`]).
    ///
    /// ```
    /// # use ssync::{Shared, place};
    /// # use std::collections::BTreeMap;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let stock: Shared<BTreeMap<String, u32>> = Shared::new_local([("apples".to_owned(), 3)].into()).unwrap();
    /// let sold = stock.transaction(|stock| {
    ///     stock.require(place!(BTreeMap<String, u32>, ["apples".to_owned()]));
    ///     let enough = stock["apples"] >= 2;
    ///     if enough {
    ///         stock.insert("order".into(), 2);
    ///     }
    ///     enough
    /// });
    /// assert_eq!(sold.await, Ok(true));
    /// # }
    /// ```
    pub fn require(&mut self, place: impl Located) {
        self.required.extend_from_slice(place.paths());
    }
}

impl<T: Syncable + Send + Sync + 'static> Deref for Transaction<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: Syncable + Send + Sync + 'static> DerefMut for Transaction<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T: Syncable + Send + Sync + fmt::Debug + 'static> fmt::Debug for Transaction<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Why a transaction did not take effect. The value is as if it had never been.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// Somebody else changed what it wrote or required, after its closure had read it. Read again, and retry if that still makes sense.
    #[error("somebody else changed what the transaction wrote or required; read again and retry")]
    Conflict,
    /// The changed value cannot be shared, or this program may not write.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// It is in the log without effect, for another reason.
    #[error("the transaction is void: {0}")]
    Void(Void),
    /// The connection ended for good before it was decided.
    #[error("the transaction was not decided: {0}")]
    Ended(String),
}

impl<T: Syncable + Send + Sync + 'static> Shared<T> {
    /// Changes the value in a closure, and waits until it is decided: all of it takes effect, or nothing, on every replica alike.
    ///
    /// It is void if anything that it wrote, or named with [`Transaction::require`], was touched by somebody else after the closure read it: the place
    /// itself, something in it, or what it lies in. That positions in a list shift does not count. Until then the change is seen here like any
    /// other, and taken back if it is void. Offline it waits.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # use ssync::{Shared, TransactionError};
    /// # let cell: Shared<Option<char>> = Shared::new_local(None).unwrap();
    /// let won = cell.transaction(|cell| if cell.is_none() { **cell = Some('X'); true } else { false });
    /// match won.await {
    ///     Ok(won) => println!("{}", if won { "mine" } else { "taken" }),
    ///     Err(TransactionError::Conflict) => println!("somebody was faster"),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`TransactionError::Conflict`] if somebody else was faster; else what kept it from being decided.
    ///
    /// # Panics
    /// As [`Shared::write`].
    pub async fn transaction<R>(&self, change: impl FnOnce(&mut Transaction<'_, T>) -> R) -> Result<R, TransactionError> {
        // The guard stays on this thread: it is gone before anything is waited for.
        let (outcome, commit) = {
            let mut transaction = Transaction { guard: self.write(), required: Vec::new() };
            let outcome = change(&mut transaction);
            let Transaction { guard, required } = transaction;
            (outcome, WriteGuard::transact(guard, required)?)
        };
        match commit.accepted().await {
            Outcome::Accepted(_) | Outcome::Local | Outcome::Unchanged => Ok(outcome),
            Outcome::Void(Void::Conflict) => Err(TransactionError::Conflict),
            Outcome::Void(void) => Err(TransactionError::Void(void)),
            Outcome::Refused(why) => Err(TransactionError::Ended(why)),
        }
    }
}

/// Checks that the places can be named in one frame beside a patch of this many bytes.
///
/// # Errors
/// If they cannot.
pub(super) fn check_required(required: &[Path], patch_bytes: usize) -> Result<(), CommitError> {
    let bytes = patch_bytes + required.iter().map(|path| path.iter().as_text().len() + 12).sum::<usize>() + limits::SEAL_BYTES;
    if required.len() > limits::REQUIRED_MAX || bytes > limits::FRAME_BYTES_MAX {
        return Err(CommitError::Required { places: required.len(), bytes });
    }
    Ok(())
}
