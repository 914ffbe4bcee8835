//! Transforming ops over concurrent ops, so that both orders give one document (TP1).
//!
//! An op sends every element of a list to a place or nowhere, and every gap between elements to a gap. Any other op's
//! indices and gap go through these two maps. Everything else is decided by paths: what lies at or under a place
//! that was removed or replaced is void. Ties go by the order of the log alone.
//!
//! Source: the rules of Ellis and Gibbs's dOPT with the two-map form of the list transform; the grid over patches is that of
//! Jupiter (Nichols et al., UIST 1995).

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
    if a.is_empty() || b.is_empty() || apart(a, b) {
        return;
    }
    let mut over: Vec<Option<Op>> = std::mem::take(&mut b.ops).into_iter().map(Some).collect();
    a.ops = std::mem::take(&mut a.ops).into_iter().filter_map(|op| carry(op, &mut over, order)).collect();
    b.ops = over.into_iter().flatten().collect();
}

/// Carries one op over a row of ops, and each of the row over it.
fn carry(op: Op, row: &mut [Option<Op>], order: Order) -> Option<Op> {
    let mut this = Some(op);
    for cell in row {
        let (Some(a), Some(b)) = (&this, &*cell) else { continue };
        let next = (transform_op(a, b, order), transform_op(b, a, order.flip()));
        (this, *cell) = next;
    }
    this
}

/// Whether all of `a` and all of `b` lie under different keys of one object: then neither touches the other.
fn apart(a: &Patch, b: &Patch) -> bool {
    fn first_keys(patch: &Patch) -> Option<Vec<&Segment>> {
        patch.ops.iter().map(|op| op.path().first().filter(|step| matches!(step, Segment::Key(_)))).collect()
    }
    match (first_keys(a), first_keys(b)) {
        (Some(mut a), Some(b)) => {
            a.sort_unstable();
            a.dedup();
            b.iter().all(|key| a.binary_search(key).is_err())
        }
        _ => false,
    }
}

/// `a` as it must be applied after `b`; nothing if `b` leaves it without effect. `order` is that of `a`.
pub(crate) fn transform_op(a: &Op, b: &Op, order: Order) -> Option<Op> {
    match b {
        Op::Set { path: place, .. } => (!voided_by_set(a, place, order)).then(|| a.clone()),
        Op::Remove { path: place } => {
            if voided_by_remove(a, place, order) {
                return None;
            }
            Some(shifted(
                a,
                place,
                |index, removed| if index > removed { index - 1 } else { index },
                |gap, removed| if gap > removed { gap - 1 } else { gap },
            ))
        }
        Op::Insert { path: place, .. } => {
            let goes_right = |gap, at| gap > at || (gap == at && (order == Order::Later || planted(Bug::IndexShift)));
            Some(shifted(
                a,
                place,
                |index, at| if index >= at { index.saturating_add(1) } else { index },
                |gap, at| if goes_right(gap, at) { gap.saturating_add(1) } else { gap },
            ))
        }
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

fn voided_by_set(a: &Op, place: &Path, order: Order) -> bool {
    let anchor = anchor(a);
    if !place.contains(anchor) {
        return false;
    }
    if anchor.len() > place.len() || matches!(a, Op::Insert { .. }) {
        return true;
    }
    match (a, place.last()) {
        // In a list `-` beats `=`, whatever the order.
        (Op::Remove { .. }, Some(Segment::Index(_))) => false,
        _ => order == Order::Earlier,
    }
}

fn voided_by_remove(a: &Op, place: &Path, order: Order) -> bool {
    let anchor = anchor(a);
    if !place.contains(anchor) {
        return false;
    }
    if anchor.len() > place.len() || matches!(a, Op::Insert { .. }) {
        return true;
    }
    match (a, place.last()) {
        // At a key the later of `=` and `-` wins; two removes are one.
        (Op::Set { .. }, Some(Segment::Key(_)) | None) => order == Order::Earlier,
        _ => true,
    }
}

/// `a` with the one number in its path that counts positions of the list in `place` sent through the right map.
fn shifted(a: &Op, place: &Path, element: impl Fn(u32, u32) -> u32, gap: impl Fn(u32, u32) -> u32) -> Op {
    let mut a = a.clone();
    let Some((list, Segment::Index(at))) = place.split_last() else { return a };
    let is_gap = matches!(a, Op::Insert { .. }) && a.path().len() == place.len();
    let path = a.path_mut();
    if path.len() > list.len()
        && path.starts_with(list)
        && let Segment::Index(index) = &mut path.segments_mut()[list.len()]
    {
        *index = if is_gap { gap(*index, *at) } else { element(*index, *at) };
    }
    a
}
