//! What the members say of themselves as long as they are here: a cursor, a name, "typing …".

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::Shared;
use crate::limits;
use crate::syncable::Syncable;
use crate::wire::frame::Author;

/// Who is here, as the session tells: the last word of each.
pub(crate) type Board = BTreeMap<Author, Bytes>;

/// Somebody else came, said something else, or went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresenceEvent<P> {
    /// A member is here that was not.
    Joined(Author, P),
    /// A member says something else.
    Changed(Author, P),
    /// A member has gone, or says nothing any more.
    Left(Author),
}

/// What this member says of itself cannot be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresenceError {
    /// It cannot be written as JSON.
    #[error("the presence cannot be written as JSON: {0}")]
    Json(String),
    /// It is too large.
    #[error("the presence takes {bytes} bytes, over the limit of {}", limits::PRESENCE_BYTES_MAX / 2)]
    TooLarge {
        /// How many bytes of JSON it takes.
        bytes: usize,
    },
}

/// What the members of a room say of themselves: the last value of each, never in the log, gone when its program is.
///
/// Sealed like everything else. Only who has said something hears the others. What is said in quick succession may be left out but for the last; nothing
/// of it is kept. All programs of a room use one type `P`; what does not read as one is passed over.
///
/// ```no_run
/// # use ssync::{Secret, Shared};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let doc: Shared<Vec<String>> = Shared::join("ws://127.0.0.1:7171", &Secret::generate()).await?;
/// let mut cursors = doc.presence::<(u32, u32)>();
/// cursors.set(&(3, 4))?;
/// while let Some(event) = cursors.next().await {
///     println!("{event:?}; here are {:?}", cursors.others());
/// }
/// # Ok(()) }
/// ```
pub struct Presence<P> {
    board: watch::Receiver<Board>,
    own: Arc<dyn Fn(Option<Bytes>) + Send + Sync>,
    /// What was told so far.
    told: Board,
    events: VecDeque<PresenceEvent<P>>,
    _type: PhantomData<fn() -> P>,
}

impl<P> fmt::Debug for Presence<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("others", &self.board.borrow().len()).finish_non_exhaustive()
    }
}

impl<T: Syncable + Send + Sync + 'static> Shared<T> {
    /// What the members of the room say of themselves.
    pub fn presence<P: Serialize + DeserializeOwned>(&self) -> Presence<P> {
        let inner = Arc::downgrade(&self.inner);
        let own = move |what: Option<Bytes>| {
            if let Some(inner) = inner.upgrade() {
                inner.present(what);
            }
        };
        let (board, events) = (self.inner.board.subscribe(), VecDeque::new());
        Presence { board, own: Arc::new(own), told: Board::new(), events, _type: PhantomData }
    }
}

impl<P: Serialize + DeserializeOwned> Presence<P> {
    /// Says something of this member, in place of what it said before.
    ///
    /// # Errors
    /// If it cannot be written as JSON, or is too large.
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn set(&self, value: &P) -> Result<(), PresenceError> {
        let json = serde_json::to_vec(value).map_err(|error| PresenceError::Json(error.to_string()))?;
        if json.len() > limits::PRESENCE_BYTES_MAX / 2 {
            return Err(PresenceError::TooLarge { bytes: json.len() });
        }
        (self.own)(Some(json.into()));
        Ok(())
    }

    /// Says nothing of this member any more.
    ///
    /// # Panics
    /// As [`Shared::write`].
    #[track_caller]
    pub fn clear(&self) {
        (self.own)(None);
    }

    /// Who else is here, and what they say.
    pub fn others(&self) -> BTreeMap<Author, P> {
        self.board.borrow().iter().filter_map(|(member, what)| Some((*member, read(what)?))).collect()
    }

    /// Waits until somebody comes, says something else or goes; nothing once the value is gone. Somebody who comes and goes before anybody asks
    /// is not told of.
    pub async fn next(&mut self) -> Option<PresenceEvent<P>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            self.tell_news();
            if self.events.is_empty() {
                self.board.changed().await.ok()?;
            }
        }
    }

    fn tell_news(&mut self) {
        let board = self.board.borrow_and_update().clone();
        for member in self.told.keys().filter(|member| !board.contains_key(member)) {
            self.events.push_back(PresenceEvent::Left(*member));
        }
        for (member, what) in &board {
            let Some(value) = read(what) else { continue };
            match self.told.get(member) {
                None => self.events.push_back(PresenceEvent::Joined(*member, value)),
                Some(told) if told != what => self.events.push_back(PresenceEvent::Changed(*member, value)),
                Some(_) => {}
            }
        }
        self.told = board;
        self.told.retain(|_, what| read::<P>(what).is_some());
    }
}

fn read<P: DeserializeOwned>(what: &Bytes) -> Option<P> {
    serde_json::from_slice(what).ok()
}
