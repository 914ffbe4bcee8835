//! Ties a tracked container to its place in a document.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that a tracked container and the node it was compared with have in common; 0 is none.
///
/// **A number is given out once in a process**: two marks are equal only if one comparison set both. It is never
/// part of what a node is: equality, hash and bytes know nothing of it.
#[derive(Debug, Default)]
pub(crate) struct Mark(AtomicU64);

static LAST: AtomicU64 = AtomicU64::new(0);

impl Mark {
    /// No mark.
    pub(crate) const fn none() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Whether both were set by one comparison, and by none since.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        let mark = self.0.load(Ordering::Relaxed);
        mark != 0 && mark == other.0.load(Ordering::Relaxed)
    }

    /// Whether a comparison has set it.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Ties the two together, and to nothing else.
    pub(crate) fn tie(&self, other: &Self) {
        let mark = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.store(mark, Ordering::Relaxed);
        other.0.store(mark, Ordering::Relaxed);
    }

    /// Unties it, and gives what it was.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Unties it.
    pub(crate) fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A copy of a document is compared with the same containers.
impl Clone for Mark {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.0.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_tie_holds() {
        let (a, b, c) = (Mark::default(), Mark::default(), Mark::default());
        assert!(!a.fits(&b), "unset marks fit nothing");
        a.tie(&b);
        assert!(a.fits(&b) && !a.fits(&c));
        c.tie(&b);
        assert!(!a.fits(&b) && c.fits(&b));
    }
}
