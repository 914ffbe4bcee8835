//! A serde type of another crate, made syncable.

use std::ops::{Deref, DerefMut};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::route::FOREIGN;
use super::{Change, Refused, Route, Syncable, Unfit, ViaSerde};

/// Makes any serde type [`Syncable`], as a root or as an element. In JSON it is what it holds.
///
/// ```
/// use ssync::{Json, Shared};
/// let shared = Shared::new_local(Json(std::time::Duration::from_secs(1))).unwrap();
/// *shared.write() = Json(std::time::Duration::from_secs(2));
/// assert_eq!(shared.read().as_secs(), 2);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Serialize + DeserializeOwned> Syncable for Json<T> {
    const WEAKER: Option<&'static str> = Some(FOREIGN);
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        (&Route::<T>::new()).receive(&mut self.0, change)
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        (&Route::<T>::new()).verify(change)
    }
}
