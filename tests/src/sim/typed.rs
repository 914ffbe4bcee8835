//! Rooms whose members hold real values: each session has a [`Shared`] beside it that follows what the session says, and whose guards make its
//! commits. Members have different types for one document (`typed/rooms.rs`): another version, a wide struct, a flattened one.
//!
//! **What is judged at the end is what was meant**: sums of counters, tokens in texts and lists, identities and what lies on them, enums as
//! somebody set them (`typed/meaning.rs`); that the document decodes as every type, and that no value and document differ.

mod badges;
mod edits;
mod elements;
mod kinds;
mod meaning;
mod rooms;

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use ssync::proto::replica::KindsOf;
use ssync::{Doc, Node, Op, Patch, Path, Shared, WriteGuard};

use super::below;
pub(crate) use meaning::{Meaning, check};
use rooms::{Flat, Newer, Older, Rest, Room, Wide};

/// A value that follows a session.
pub(crate) trait Follower {
    /// Finds the enums of a document.
    fn kinds_of(&self) -> KindsOf;
    /// Begins again with this document.
    fn begin(&mut self, root: &Node) -> Result<(), String>;
    /// Takes what changes in the view.
    fn show(&mut self, change: &Patch) -> Result<(), String>;
    /// Edits the value as a user would.
    fn commit(&mut self, rng: &mut ChaCha8Rng, token: &str) -> Result<Sent, String>;
    /// The value is what the document says, and a guard that touches nothing sends nothing.
    fn check(&self, view: &Doc) -> Result<(), String>;
}

/// What a guard sent.
pub(crate) struct Sent {
    pub(crate) patch: Patch,
    pub(crate) meaning: Meaning,
    /// It is to take effect only if nobody touches the same places.
    pub(crate) is_transaction: bool,
}

/// How many types there are.
const TYPES: usize = 5;

/// A member's value, of one of the types.
pub(crate) fn follower(number: usize) -> Box<dyn Follower> {
    match number % TYPES {
        0 => Box::new(Typed::<Newer>::new()),
        1 => Box::new(Typed::<Older>::new()),
        2 => Box::new(Typed::<Flat>::new()),
        3 => Box::new(Typed::<Wide>::new()),
        _ => Box::new(Typed::<Rest>::new()),
    }
}

/// What every typed room begins with.
pub(crate) fn first_state() -> Node {
    ssync::document(&Newer::first()).expect("it can be shared").root().clone()
}

/// The document decodes as each of the types.
pub(crate) fn decodes_as_all(doc: &Doc) -> Result<(), String> {
    decodes::<Newer>(doc)?;
    decodes::<Older>(doc)?;
    decodes::<Flat>(doc)?;
    decodes::<Wide>(doc)?;
    decodes::<Rest>(doc)
}

fn decodes<T: Room>(doc: &Doc) -> Result<(), String> {
    let unfit = |unfit| format!("the document does not decode as {}: {unfit}\n{}", T::NAME, doc.root().canonical_json());
    ssync::read::<T>(doc.root()).map(drop).map_err(unfit)
}

struct Typed<T: Room> {
    shared: Shared<T>,
    /// The last commit, if taking it back concerns nobody else.
    last: Option<Meaning>,
}

/// How many commits can be taken back.
const UNDO_COMMITS: usize = 5;

impl<T: Room> Typed<T> {
    fn new() -> Self {
        let shared = Shared::new_local(T::default()).expect("it can be shared");
        shared.keep_undo(UNDO_COMMITS);
        Self { shared, last: None }
    }

    /// Takes the last commit back, over what others did since.
    fn undo(&self, last: Meaning, token: &str) -> Result<Sent, String> {
        let undone = self.shared.undo().map_err(|error| Self::told("takes nothing back", &error))?;
        Ok(Sent { patch: undone.commit.patch().clone(), meaning: Meaning::undoing(token, last), is_transaction: false })
    }

    fn told(what: &str, error: &dyn std::error::Error) -> String {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("{} {what}: {error}{cause}", T::NAME)
    }

    /// Uses of a live value that must change nothing in it.
    fn look(value: &T) -> Result<(), String> {
        ssync::check(value).map_err(|error| Self::told("is refused by `check`", &error))?;
        let copy = value.clone();
        ssync::document(value).map_err(|error| Self::told("has no document", &error))?;
        let patch = ssync::diff(value, &copy).map_err(|error| Self::told("has no difference", &error))?;
        if patch.is_empty() { Ok(()) } else { Err(format!("{} differs from its clone: {patch}", T::NAME)) }
    }
}

impl<T: Room> Follower for Typed<T> {
    fn kinds_of(&self) -> KindsOf {
        ssync::kinds_of::<T>
    }

    fn begin(&mut self, root: &Node) -> Result<(), String> {
        *self = Self::new();
        self.show(&Patch::from_op(Op::Set { path: Path::root(), value: root.clone() }))
    }

    fn show(&mut self, change: &Patch) -> Result<(), String> {
        let applied = self.shared.apply(change).map(drop);
        applied.map_err(|error| format!("{}\nat {change}", Self::told("does not take a change", &error)))
    }

    fn commit(&mut self, rng: &mut ChaCha8Rng, token: &str) -> Result<Sent, String> {
        if below(rng, 3) == 0 {
            Self::look(&self.shared.read())?;
        }
        if let Some(last) = self.last.take().filter(|_| below(rng, 4) == 0) {
            return self.undo(last, token);
        }
        if below(rng, 300) == 0 {
            meet_other_keys(token);
        }
        let mut guard = self.shared.write();
        if below(rng, 6) == 0 {
            Self::look(&guard)?;
        }
        let meaning = edits::edit(rng, &mut guard.parts(), token);
        if below(rng, 6) == 0 {
            Self::look(&guard)?;
        }
        // A copy of a text does not know what was typed.
        if below(rng, 20) == 0 && !meaning.types() {
            let copy = guard.clone();
            *guard = copy;
        }
        let commit = WriteGuard::commit(guard).map_err(|error| Self::told("is refused", &error))?;
        let is_transaction = below(rng, 8) == 0 && meaning.is_no_ground_for_others();
        // What somebody takes back that he made where nothing was is gone, with what others put into it.
        let is_first_use = commit.patch().ops().iter().any(|op| matches!(op, Op::Ensure { .. }));
        self.last = Some(meaning.clone()).filter(|meaning| !is_transaction && !is_first_use && meaning.is_own_affair());
        Ok(Sent { patch: commit.patch().clone(), meaning, is_transaction })
    }

    fn check(&self, view: &Doc) -> Result<(), String> {
        let (json, name) = (view.root().to_json(), T::NAME);
        if self.shared.to_json() != json {
            return Err(format!("the document of {name} differs:\n{}\n{json}", self.shared.to_json()));
        }
        if !self.shared.status().unfit.is_empty() {
            return Err(format!("{:?} of {name} does not fit", self.shared.status().unfit));
        }
        let read = ssync::read::<T>(view.root()).map_err(|unfit| Self::told("does not read its document", &unfit))?;
        if read != *self.shared.read() {
            return Err(format!("the value of {name} is not its document:\n{:?}\n{read:?}", *self.shared.read()));
        }
        let left = WriteGuard::commit(self.shared.write()).map_err(|error| Self::told("is refused untouched", &error))?;
        if left.patch().is_empty() { Ok(()) } else { Err(format!("an untouched guard of {name} sent {}", left.patch())) }
    }
}

/// The process meets objects of very many other shapes.
fn meet_other_keys(token: &str) {
    for number in 0..1_200 {
        let other: BTreeMap<String, u32> = (0..3).map(|key| (format!("{token} {number} {key}"), key)).collect();
        drop(ssync::document(&other));
    }
}
