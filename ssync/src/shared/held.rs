//! Which guards a thread holds: waiting for a lock that the same thread holds would be for ever, and is a panic instead.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::panic::Location;

/// What a guard allows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

type Place = &'static Location<'static>;

/// Which lock, how, and where in the program it was asked for.
type Entry = (usize, Access, Place);

thread_local! {
    /// The first guard, which most threads have no other beside.
    static FIRST: Cell<Option<Entry>> = const { Cell::new(None) };
    static MORE: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    static MORE_COUNT: Cell<usize> = const { Cell::new(0) };
}

/// One guard of this thread; gone with it.
pub(super) struct Held {
    is_first: bool,
    entry: Entry,
    /// Guards stay on their thread.
    _not_send: PhantomData<*const ()>,
}

impl Held {
    /// Notes that this thread asks for access to the lock.
    ///
    /// # Panics
    /// If the thread holds what it would wait for.
    #[inline]
    #[track_caller]
    pub(super) fn new(lock: usize, access: Access) -> Self {
        let entry = (lock, access, Location::caller());
        let is_first = FIRST.get().is_none() && MORE_COUNT.get() == 0;
        if is_first {
            FIRST.set(Some(entry));
        } else {
            add(entry);
        }
        Self { is_first, entry, _not_send: PhantomData }
    }
}

/// Notes a guard beside others.
#[cold]
#[track_caller]
fn add(entry: Entry) {
    FIRST.get().into_iter().for_each(|other| refuse_waiting(entry, other));
    // A thread that is ending has no list any more, and no need of it.
    let _ = MORE.try_with(|more| {
        more.borrow().iter().for_each(|other| refuse_waiting(entry, *other));
        more.borrow_mut().push(entry);
        MORE_COUNT.set(MORE_COUNT.get() + 1);
    });
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if self.is_first { FIRST.set(None) } else { remove(self.entry) }
    }
}

#[cold]
fn remove(entry: Entry) {
    let _ = MORE.try_with(|more| {
        let mut more = more.borrow_mut();
        if let Some(position) = more.iter().rposition(|other| *other == entry) {
            more.remove(position);
            MORE_COUNT.set(MORE_COUNT.get() - 1);
        }
    });
}

/// Panics if a thread that holds `other` would wait for itself.
#[inline]
#[track_caller]
fn refuse_waiting((lock, access, place): Entry, (other, held, earlier): Entry) {
    if other == lock && (access == Access::Write || held == Access::Write) {
        let (wants, has) = (name(access), name(held));
        panic!("{wants} at {place} would wait for ever: this thread still holds the guard of {has} at {earlier}; drop that one first");
    }
}

const fn name(access: Access) -> &'static str {
    match access {
        Access::Read => "`read()`",
        Access::Write => "`write()`",
    }
}
