//! Transforming ops over concurrent ops, so that both orders give one document (TP1).
//!
//! An op sends every element of a list to a place or nowhere, and every gap between elements to a gap. Any other op's
//! indices and gap go through these two maps. Everything else is decided by paths: what lies at or under a place
//! that was removed or replaced is void. Ties go by the order of the log alone.
//!
//! Source: the rules of Ellis and Gibbs's dOPT with the two-map form of the list transform; the grid over patches is that of
//! Jupiter (Nichols et al., UIST 1995).

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::patch::{Op, Patch};
use crate::path::{Path, Segment};
use crate::planted::{Bug, planted};

/// Which of two concurrent patches is earlier in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The patch that is transformed is earlier.
    Earlier,
    /// The patch that is transformed is later.
    Later,
}

impl Order {
    /// The same order as the other patch sees it.
    pub const fn flip(self) -> Self {
        match self {
            Self::Earlier => Self::Later,
            Self::Later => Self::Earlier,
        }
    }
}

impl Patch {
    /// This patch as it must be applied after `other`, where both were made on the same document.
    ///
    /// TP1 holds: `self` then `other.transform(self, order.flip())` gives the same document as
    /// `other` then `self.transform(other, order)`.
    ///
    /// ```
    /// # use ssync::{Op, Order, Patch, Path};
    /// let insert = Patch::new(vec![Op::Insert { path: Path::from_iter([0.into()]), value: "new".into() }]);
    /// let remove = Patch::new(vec![Op::Remove { path: Path::from_iter([2.into()]) }]);
    /// let moved = remove.transform(&insert, Order::Later);
    /// assert_eq!(moved.ops(), [Op::Remove { path: Path::from_iter([3.into()]) }]);
    /// ```
    #[must_use]
    pub fn transform(&self, other: &Patch, order: Order) -> Patch {
        let mut over = other.clone();
        let mut this = self.clone();
        transform_both(&mut this, &mut over, order);
        this
    }
}

/// Carries two concurrent patches over each other: afterwards `a` applies after the old `b`, and `b` after the old `a`.
/// `order` is that of `a`.
pub(crate) fn transform_both(a: &mut Patch, b: &mut Patch, order: Order) {
    if a.is_empty() || b.is_empty() {
        return;
    }
    let mut row: Vec<Option<Op>> = std::mem::take(&mut b.ops).into_iter().map(Some).collect();
    let ops = std::mem::take(&mut a.ops);
    a.ops = if shifts(&ops) || row.iter().flatten().any(is_shift) {
        ops.into_iter().filter_map(|op| carry(op, &mut row, order)).collect()
    } else {
        carry_by_path(ops, &mut row, order)
    };
    b.ops = row.into_iter().flatten().collect();
}

/// How many pairs of ops [`transform_both`] looks at, at most; 0 where it goes by path.
pub(crate) fn pairs(a: &Patch, b: &Patch) -> u64 {
    if shifts(&a.ops) || shifts(&b.ops) { a.ops.len() as u64 * b.ops.len() as u64 } else { 0 }
}

fn shifts(ops: &[Op]) -> bool {
    ops.iter().any(is_shift)
}

/// Whether the op changes the positions of other elements.
fn is_shift(op: &Op) -> bool {
    matches!(op, Op::Insert { .. }) || (matches!(op, Op::Remove { .. }) && matches!(op.path().last(), Some(Segment::Index(_))))
}

/// Carries one op over a row of ops, and each of the row over it.
fn carry(op: Op, row: &mut [Option<Op>], order: Order) -> Option<Op> {
    let mut this = Some(op);
    for cell in row {
        meet(&mut this, cell, order);
    }
    this
}

/// The same for whole patches in which nothing shifts: only ops at one path, or one under the other, have to meet.
fn carry_by_path(ops: Vec<Op>, row: &mut [Option<Op>], order: Order) -> Vec<Op> {
    let mut places: BTreeMap<Path, Vec<usize>> = BTreeMap::new();
    for (position, op) in row.iter().enumerate() {
        if let Some(op) = op {
            places.entry(op.path().clone()).or_default().push(position);
        }
    }
    let carried = ops.into_iter().filter_map(|op| {
        let path = op.path();
        let mut concerned: Vec<usize> = Vec::new();
        for length in 0..path.len() {
            concerned.extend(places.get(&path[..length]).into_iter().flatten());
        }
        let from_here = places.range::<[Segment], _>((Bound::Included(&path[..]), Bound::Unbounded));
        concerned.extend(from_here.take_while(|(under, _)| path.contains(under)).flat_map(|(_, positions)| positions));
        concerned.sort_unstable();
        let mut this = Some(op);
        for position in concerned {
            meet(&mut this, &mut row[position], order);
        }
        this
    });
    carried.collect()
}

/// Carries two ops over each other; one that has no effect any more is gone. `order` is that of `a`.
fn meet(a: &mut Option<Op>, b: &mut Option<Op>, order: Order) {
    if let (Some(first), Some(second)) = (&*a, &*b) {
        let (on_first, on_second) = (effect(first, second, order), effect(second, first, order.flip()));
        on_first.apply(a);
        on_second.apply(b);
    }
}

/// What one op does to another.
#[derive(Clone, Copy)]
enum Effect {
    Stays,
    /// Leaves it without effect.
    Voids,
    /// Gives it another index or gap at this depth of its path.
    Shifts {
        depth: usize,
        to: u32,
    },
}

impl Effect {
    fn apply(self, op: &mut Option<Op>) {
        match self {
            Self::Stays => {}
            Self::Voids => *op = None,
            Self::Shifts { depth, to } => {
                if let Some(Segment::Index(index)) = op.as_mut().and_then(|op| op.path_mut().segments_mut().get_mut(depth)) {
                    *index = to;
                }
            }
        }
    }
}

/// What `b` does to `a`. `order` is that of `a`.
fn effect(a: &Op, b: &Op, order: Order) -> Effect {
    match b {
        Op::Set { .. } | Op::Remove { .. } if voids(a, b, order) => Effect::Voids,
        Op::Set { .. } => Effect::Stays,
        // Elements and gaps behind the removed element move up alike.
        Op::Remove { path } => shift(a, path, |index, removed, _| if index > removed { index - 1 } else { index }),
        Op::Insert { path, .. } => shift(a, path, |index, at, is_gap| {
            let goes_right =
                if is_gap { index > at || (index == at && (order == Order::Later || planted(Bug::IndexShift))) } else { index >= at };
            if goes_right { index.saturating_add(1) } else { index }
        }),
    }
}

/// The element or container that the op needs to be there: for an insert the list, else the place itself.
fn anchor(op: &Op) -> &[Segment] {
    let path: &[Segment] = op.path();
    match op {
        Op::Insert { .. } => path.split_last().map_or(path, |(_, list)| list),
        Op::Set { .. } | Op::Remove { .. } => path,
    }
}

/// Whether `b`, which sets or removes a place, leaves `a` without effect. `order` is that of `a`.
fn voids(a: &Op, b: &Op, order: Order) -> bool {
    let (place, anchor) = (b.path(), anchor(a));
    if !place.contains(anchor) {
        return false;
    }
    if anchor.len() > place.len() || matches!(a, Op::Insert { .. }) {
        return true;
    }
    match (a, b, place.last()) {
        // In a list `-` beats `=`, whatever the order.
        (Op::Remove { .. }, Op::Set { .. }, Some(Segment::Index(_))) => false,
        // At a key or the root the later of `=` and `-` wins.
        (_, Op::Set { .. }, _) | (Op::Set { .. }, _, Some(Segment::Key(_)) | None) => order == Order::Earlier,
        // Two removes are one.
        _ => true,
    }
}

/// Sends the one number in the path of `a` that counts positions of the list in `place` through a map, which is told the
/// number, the position in `place`, and whether the number is a gap.
fn shift(a: &Op, place: &Path, map: impl Fn(u32, u32, bool) -> u32) -> Effect {
    let Some((list, Segment::Index(at))) = place.split_last() else { return Effect::Stays };
    let (path, depth) = (a.path(), list.len());
    match path.get(depth) {
        Some(Segment::Index(index)) if path.starts_with(list) => {
            let is_gap = matches!(a, Op::Insert { .. }) && path.len() == depth + 1;
            Effect::Shifts { depth, to: map(*index, *at, is_gap) }
        }
        _ => Effect::Stays,
    }
}
