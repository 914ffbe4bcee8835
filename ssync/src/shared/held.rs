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

/// Entries that cost no more than a look: hardly any thread holds more guards at a time.
const FEW: usize = 4;

thread_local! {
    static HELD: [Cell<Option<Entry>>; FEW] = const { [const { Cell::new(None) }; FEW] };
    static MORE: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    static MORE_COUNT: Cell<usize> = const { Cell::new(0) };
}

/// One guard of this thread; gone with it.
pub(super) struct Held {
    /// Its place among the few; nothing if it is one of more.
    slot: Option<usize>,
    entry: Entry,
    /// Guards stay on their thread.
    _not_send: PhantomData<*const ()>,
}

impl Held {
    /// Notes that this thread asks for access to the lock.
    ///
    /// # Panics
    /// If the thread holds what it would wait for.
    #[track_caller]
    pub(super) fn new(lock: usize, access: Access) -> Self {
        let entry = (lock, access, Location::caller());
        let slot = HELD.with(|held| {
            held.iter().filter_map(Cell::get).for_each(|other| refuse_waiting(entry, other));
            if MORE_COUNT.get() > 0 {
                MORE.with_borrow(|more| more.iter().for_each(|other| refuse_waiting(entry, *other)));
            }
            let slot = held.iter().position(|slot| slot.get().is_none());
            slot.inspect(|slot| held[*slot].set(Some(entry)))
        });
        if slot.is_none() {
            MORE.with_borrow_mut(|more| more.push(entry));
            MORE_COUNT.set(MORE_COUNT.get() + 1);
        }
        Self { slot, entry, _not_send: PhantomData }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            HELD.with(|held| held[slot].set(None));
            return;
        }
        // A thread that is ending has no list any more, and no need of it.
        let _ = MORE.try_with(|more| {
            let mut more = more.borrow_mut();
            if let Some(position) = more.iter().rposition(|other| *other == self.entry) {
                more.remove(position);
                MORE_COUNT.set(MORE_COUNT.get() - 1);
            }
        });
    }
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
