//! Several patches in a row as one.

use crate::patch::{Op, Patch};

impl Patch {
    /// The patch that does what `self` and then `next` does.
    ///
    /// An op that the one right behind it makes void (a set of the same place, a removal of what was just set, a switch of the variant that was) is
    /// dropped, and increments of one place are added; nothing else changes, so that the composed patch transforms as the two would.
    ///
    /// ```
    /// # use ssync::{Node, Op, Patch, Path};
    /// let set = |value: &str| Patch::new(vec![Op::Set { path: Path::from_iter(["name".into()]), value: value.into() }]);
    /// assert_eq!(set("A").compose(&set("Ada")), set("Ada"));
    /// ```
    #[must_use]
    pub fn compose(&self, next: &Patch) -> Patch {
        let mut composed = self.clone();
        composed.append(next);
        composed
    }

    /// Composes in place.
    pub(crate) fn append(&mut self, next: &Patch) {
        for op in &next.ops {
            while self.ops.last().is_some_and(|last| swallows(op, last)) {
                self.ops.pop();
            }
            if let (Some(Op::Increment { path, by }), Op::Increment { path: next, by: more }) = (self.ops.last_mut(), op)
                && path == next
            {
                *by = by.wrapping_add(*more);
                continue;
            }
            self.ops.push(op.clone());
        }
    }
}

/// Whether `op` leaves nothing of `last`, the op right before it, and needs nothing of it.
fn swallows(op: &Op, last: &Op) -> bool {
    match (op, last) {
        (
            Op::Set { path, .. },
            Op::Set { path: before, .. }
            | Op::Increment { path: before, .. }
            | Op::Splice { path: before, .. }
            | Op::Switch { path: before, .. },
        ) => path == before || under(path, before),
        (Op::Switch { path, keys, .. }, Op::Switch { path: before, keys: gone, .. }) if path == before => {
            gone.iter().all(|key| keys.contains(key))
        }
        (Op::Switch { path, keys, .. }, last) => keys.reach(path, last.path().iter()),
        (Op::Set { path, .. } | Op::Remove { path }, last) => under(path, last.path()),
        (Op::Insert { .. } | Op::Move { .. } | Op::Increment { .. } | Op::Splice { .. } | Op::Ensure { .. }, _) => false,
    }
}

/// Whether `inner` lies strictly under `outer`.
fn under(outer: &crate::path::Path, inner: &crate::path::Path) -> bool {
    inner != outer && outer.contains(inner)
}
