//! Transforming ops over concurrent ops, so that both orders give one document (TP1).
//!
//! An op sends every element of a list to a place or nowhere, and every gap between elements to a gap. Any other op's
//! indices and gap go through these two maps. Everything else is decided by paths: what lies at or under a place
//! that was removed or replaced is void. Ties go by the order of the log alone. A splice puts its text at the start of the region that
//! it replaces; around what somebody put into the middle of the region it becomes two.
//!
//! Source: the rules of Ellis and Gibbs's dOPT with the two-map form of the list transform; the grid over patches is that of
//! Jupiter (Nichols et al., UIST 1995).

mod fresh;
mod list;
mod row;
mod text;
mod touch;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::patch::{Op, Ops, Patch};
use crate::path::{Key, Segment, Segments};
pub(crate) use row::{Spans, carry_over};
pub(crate) use touch::{carry_places, touches};

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
    /// let insert = Patch::from_op(Op::Insert { path: Path::from_iter([0.into()]), value: "new".into() });
    /// let remove = Patch::from_op(Op::Remove { path: Path::from_iter([2.into()]) });
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
    let mut row: Vec<Ops> = std::mem::take(&mut b.ops).into_iter().map(|op| Ops::from_buf([op])).collect();
    let ops = std::mem::take(&mut a.ops);
    a.ops = if shifts(&ops) || row.iter().flatten().any(is_shift) {
        ops.into_iter().flat_map(|op| carry(op, &mut row, order)).collect()
    } else {
        carry_by_path(ops, &mut row, order)
    };
    b.ops = row.into_iter().flatten().collect();
}

/// Pairs up to which it is worth to look first whether anything changes.
const APART_PAIRS_MAX: usize = 256;

/// Whether two small patches leave each other as they are, so that [`transform_both`] would change nothing. `order` is that of `a`.
pub(crate) fn are_apart(a: &Patch, b: &Patch, order: Order) -> bool {
    let stays = |op: &Op, other: &Op, order: Order| matches!(effect(op, other, order), Effect::Stays);
    let pairs = a.ops.len().saturating_mul(b.ops.len());
    pairs <= APART_PAIRS_MAX && a.ops.iter().all(|a| b.ops.iter().all(|b| stays(a, b, order) && stays(b, a, order.flip())))
}

/// How many pairs of ops [`transform_both`] looks at, at most; 0 where it goes by path.
pub(crate) fn pairs(a: &Patch, b: &Patch) -> u64 {
    let splices = |patch: &Patch| patch.ops.iter().filter(|op| matches!(op, Op::Splice { .. })).count() as u64;
    let (ours, theirs) = (splices(a), splices(b));
    // A cut around many puts falls into as many, each of which meets those that follow.
    let pieces = if ours > 0 && theirs > 0 { (ours + theirs).pow(2) / 2 } else { 0 };
    let keys = switch_keys(a, b);
    if !shifts(&a.ops) && !shifts(&b.ops) {
        let pairs = (a.ops.len() as u64 * b.ops.len() as u64).saturating_mul(keys);
        return if pairs > PLAIN_PAIRS_MIN { nested_pairs(a, b).saturating_mul(keys) } else { 0 };
    }
    // A pair costs a look at both paths, of which hardly any is longer than this.
    let longest = a.ops.iter().chain(&b.ops).map(|op| op.path().iter().as_text().len()).max().unwrap_or(0);
    ((a.ops.len() as u64 * b.ops.len() as u64 + pieces) * (1 + longest as u64 / 64)).saturating_mul(keys)
}

/// How many pairs of paths two switches are worth that meet: one, and one more for every 64 keys that they may have, as each takes on those of others.
fn switch_keys(a: &Patch, b: &Patch) -> u64 {
    let has_switch = |patch: &Patch| patch.ops.iter().any(|op| matches!(op, Op::Switch { .. }));
    if !has_switch(a) || !has_switch(b) {
        return 1;
    }
    let switches = a.ops.iter().chain(&b.ops).filter_map(|op| if let Op::Switch { keys, .. } = op { Some(keys) } else { None });
    let distinct: BTreeSet<&Key> = switches.flat_map(|keys| keys.iter()).collect();
    1 + distinct.len() as u64 / 64
}

/// Pairs of which nobody counts how many lie at or under one place.
const PLAIN_PAIRS_MIN: u64 = 1 << 20;

/// How many pairs lie at one place, or one under the other, at most: each op of one patch with those of the other at and above its place, and the reverse.
fn nested_pairs(a: &Patch, b: &Patch) -> u64 {
    let above = |these: &Patch, those: &Patch| {
        let mut places: BTreeMap<&str, u64> = BTreeMap::new();
        those.ops.iter().for_each(|op| *places.entry(op.path().iter().as_text()).or_default() += 1);
        let count = |op: &Op| {
            let (here, mut below) = (op.path().iter().as_text(), op.path().iter());
            let mut pairs = places.get(here).copied().unwrap_or_default();
            while !below.as_text().is_empty() {
                pairs += places.get(&here[..here.len() - below.as_text().len()]).copied().unwrap_or_default();
                below.next();
            }
            pairs
        };
        these.ops.iter().map(count).sum::<u64>()
    };
    above(a, b) + above(b, a)
}

fn shifts(ops: &[Op]) -> bool {
    ops.iter().any(is_shift)
}

/// Whether the op changes the positions of other elements, or may fall into several that change offsets.
fn is_shift(op: &Op) -> bool {
    match op {
        Op::Insert { .. } | Op::Move { .. } | Op::Splice { .. } => true,
        Op::Remove { path } => matches!(path.last(), Some(Segment::Index(_))),
        Op::Set { .. } | Op::Increment { .. } | Op::Ensure { .. } | Op::Switch { .. } => false,
    }
}

/// Carries one op over a row of ops, and each of the row over it.
fn carry(op: Op, row: &mut [Ops], order: Order) -> Ops {
    let mut these = Ops::from_buf([op]);
    for cell in row {
        cross(&mut these, cell, order);
    }
    these
}

/// The same for whole patches in which nothing shifts: only ops at one path, or one under the other, have to meet.
fn carry_by_path(ops: Ops, row: &mut [Ops], order: Order) -> Ops {
    let mut places: BTreeMap<Box<str>, Vec<usize>> = BTreeMap::new();
    for (position, op) in row.iter().enumerate() {
        if let Some(op) = op.first() {
            places.entry(op.path().iter().as_text().into()).or_default().push(position);
        }
    }
    let carried = ops.into_iter().flat_map(|op| {
        let (here, mut below) = (op.path().iter().as_text(), op.path().iter());
        let mut concerned: Vec<usize> = Vec::new();
        while !below.as_text().is_empty() {
            concerned.extend(places.get(&here[..here.len() - below.as_text().len()]).into_iter().flatten());
            below.next();
        }
        let from_here = places.range::<str, _>((Bound::Included(here), Bound::Unbounded));
        concerned.extend(from_here.take_while(|(under, _)| under.starts_with(here)).flat_map(|(_, positions)| positions));
        concerned.sort_unstable();
        let mut these = Ops::from_buf([op]);
        for position in concerned {
            cross(&mut these, &mut row[position], order);
        }
        these
    });
    carried.collect()
}

/// Carries two short rows of ops over each other. `order` is that of `these`.
fn cross(these: &mut Ops, those: &mut Ops, order: Order) {
    if let ([this], [that]) = (&these[..], &those[..]) {
        let (on_this, on_that) = (effect(this, that, order), effect(that, this, order.flip()));
        on_this.apply(these);
        on_that.apply(those);
        return;
    }
    if these.is_empty() || those.is_empty() {
        return;
    }
    // One of them fell into several: each goes over all of the others in turn.
    let mut carried = Ops::new();
    for this in std::mem::take(these) {
        let mut pieces = Ops::from_buf([this]);
        let mut passed = Ops::new();
        for that in std::mem::take(those) {
            let mut others = Ops::from_buf([that]);
            cross(&mut pieces, &mut others, order);
            passed.extend(others);
        }
        *those = passed;
        carried.extend(pieces);
    }
    *these = carried;
}

/// What one op does to another.
enum Effect {
    Stays,
    /// Leaves it without effect.
    Voids,
    /// Gives it another index or gap behind this much of its path's text.
    Shifts {
        above: usize,
        to: u32,
    },
    /// Gives a splice another offset.
    Slides {
        to: u32,
    },
    /// Makes these of it.
    Becomes(Ops),
}

impl Effect {
    /// On a single op.
    fn apply(self, ops: &mut Ops) {
        match self {
            Self::Stays => {}
            Self::Voids => ops.clear(),
            Self::Shifts { above, to } => {
                if let Some(op) = ops.first_mut() {
                    op.path_mut().set_index(above, to);
                }
            }
            Self::Slides { to } => {
                if let Some(op) = ops.first_mut() {
                    text::slide(op, to);
                }
            }
            Self::Becomes(new) => *ops = new,
        }
    }
}

/// What `b` does to `a`. `order` is that of `a`.
fn effect(a: &Op, b: &Op, order: Order) -> Effect {
    match (a, b) {
        (_, Op::Set { .. } | Op::Remove { .. }) if voids(a, b, order) => Effect::Voids,
        (_, Op::Set { .. } | Op::Increment { .. }) => Effect::Stays,
        (_, Op::Insert { .. } | Op::Remove { .. } | Op::Move { .. }) => list::effect(a, b, order),
        (Op::Splice { path, .. }, Op::Splice { path: other, .. }) if path == other => text::effect(a, b, order),
        (_, Op::Splice { .. }) => Effect::Stays,
        (_, Op::Ensure { .. }) => fresh::ensure(a, b, order),
        (_, Op::Switch { .. }) => fresh::switch(a, b, order),
    }
}

/// The element or container that the op needs to be there: for an insert the list, else the place itself.
fn anchor(op: &Op) -> Segments<'_> {
    match op {
        Op::Insert { path, .. } => path.split_last().map_or_else(|| path.iter(), |(list, _)| list),
        _ => op.path().iter(),
    }
}

/// Whether `b`, which sets or removes a place, leaves `a` without effect. `order` is that of `a`.
fn voids(a: &Op, b: &Op, order: Order) -> bool {
    let (place, anchor) = (b.path(), anchor(a));
    if !anchor.starts_with(place.iter()) {
        return false;
    }
    // An increment, a splice and a switch are inside the value; and where somebody set one, nothing needs to be ensured.
    let is_inside = matches!(a, Op::Insert { .. } | Op::Increment { .. } | Op::Splice { .. } | Op::Ensure { .. } | Op::Switch { .. });
    if anchor != place.iter() || is_inside {
        return true;
    }
    match (a, b, place.last()) {
        // In a list `-` beats `=`, whatever the order; and what was set anew still moves.
        (Op::Remove { .. }, Op::Set { .. }, Some(Segment::Index(_))) | (Op::Move { .. }, Op::Set { .. }, _) => false,
        // At a key or the root the later of `=` and `-` wins.
        (_, Op::Set { .. }, _) | (Op::Set { .. }, _, Some(Segment::Key(_)) | None) => order == Order::Earlier,
        // Two removes are one.
        _ => true,
    }
}
