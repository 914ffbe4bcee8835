//! Which guards a thread holds: waiting for a lock that the same thread holds would be for ever, and is a panic instead.

use std::cell::RefCell;
use std::panic::Location;

/// What a guard allows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

type Place = &'static Location<'static>;

thread_local! {
    static HELD: RefCell<Vec<(usize, Access, Place)>> = const { RefCell::new(Vec::new()) };
}

/// One guard of this thread; gone with it.
pub(super) struct Held {
    lock: usize,
    access: Access,
    place: Place,
    /// Guards stay on their thread.
    _not_send: std::marker::PhantomData<*const ()>,
}

impl Held {
    /// Notes that this thread asks for access to the lock.
    ///
    /// # Panics
    /// If the thread holds what it would wait for.
    #[track_caller]
    pub(super) fn new(lock: usize, access: Access) -> Self {
        let place = Location::caller();
        let conflict = HELD.with_borrow_mut(|held| {
            let conflict = held.iter().find(|(other, held, _)| *other == lock && (access == Access::Write || *held == Access::Write)).copied();
            if conflict.is_none() {
                held.push((lock, access, place));
            }
            conflict
        });
        if let Some((_, held, earlier)) = conflict {
            let (wants, has) = (name(access), name(held));
            panic!("{wants} at {place} would wait for ever: this thread still holds the guard of {has} at {earlier}; drop that one first");
        }
        Self { lock, access, place, _not_send: std::marker::PhantomData }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let this = (self.lock, self.access, self.place);
        // A thread that is ending has no list any more, and no need of it.
        let _ = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            match held.last() {
                Some(last) if *last == this => drop(held.pop()),
                // Guards may be dropped in any order.
                _ => {
                    if let Some(position) = held.iter().rposition(|other| *other == this) {
                        held.remove(position);
                    }
                }
            }
        });
    }
}

const fn name(access: Access) -> &'static str {
    match access {
        Access::Read => "`read()`",
        Access::Write => "`write()`",
    }
}
