//! Inserts, removes and moves in a list, as maps of its elements and of the gaps between them.

use super::{Effect, Order};
use crate::patch::{Op, Ops, place_after};
use crate::path::Segment;
use crate::planted::{Bug, planted};

/// What an op does to the elements and gaps of its list.
#[derive(Clone, Copy)]
enum Change {
    Insert(u32),
    Remove(u32),
    /// An element to a gap.
    Move(u32, u32),
}

impl Change {
    /// Where an element is afterwards. A removed one was dealt with before: its place is asked for by nobody.
    fn element(self, index: u32) -> u32 {
        match self {
            Self::Insert(gap) => index.saturating_add((index >= gap) as u32),
            Self::Remove(gone) => index - (index > gone) as u32,
            Self::Move(from, gap) => u32::try_from(place_after(index as usize, from as usize, gap as usize)).unwrap_or(u32::MAX),
        }
    }

    /// Where a gap is afterwards; `after` says on which side of what was put into it.
    fn gap(self, gap: u32, after: bool) -> u32 {
        match self {
            Self::Insert(at) => gap.saturating_add(u32::from(gap > at || (gap == at && (after || planted(Bug::IndexShift))))),
            Self::Remove(gone) => gap - u32::from(gap > gone),
            Self::Move(from, to) => {
                let closed = |gap: u32| gap - u32::from(gap > from);
                let (here, there) = (closed(gap), closed(to));
                // Two gaps may become one around the element that left; then they keep their order.
                let goes_right = if gap == to {
                    after
                } else if here == there {
                    gap > to
                } else {
                    here > there
                };
                here.saturating_add(u32::from(goes_right))
            }
        }
    }
}

/// What `b`, an op on a list, does to `a`, which it does not void. `order` is that of `a`.
pub(super) fn effect(a: &Op, b: &Op, order: Order) -> Effect {
    let Some((list, Segment::Index(at))) = b.path().split_last() else { return Effect::Stays };
    if !a.path().iter().starts_with(list) {
        return Effect::Stays;
    }
    let above = list.as_text().len();
    let mut below = a.path().iter().below_byte(above).unwrap_or_default();
    let Some(Segment::Index(index)) = below.next() else { return Effect::Stays };
    let change = match b {
        Op::Insert { .. } => Change::Insert(at),
        Op::Move { to, .. } => Change::Move(at, *to),
        _ => Change::Remove(at),
    };
    let in_list = below.as_text().is_empty();
    let later = order == Order::Later;
    match a {
        Op::Insert { .. } if in_list => shifted(above, index, change.gap(index, later)),
        Op::Move { to, .. } if in_list => {
            let same_element = matches!(b, Op::Move { .. }) && index == at;
            if same_element && !later {
                return Effect::Voids;
            }
            moved(a, change.element(index), change.gap(*to, later || same_element))
        }
        _ => shifted(above, index, change.element(index)),
    }
}

fn shifted(above: usize, from: u32, to: u32) -> Effect {
    if from == to { Effect::Stays } else { Effect::Shifts { above, to } }
}

/// A move with other numbers; nothing if it would leave the element where it is.
fn moved(a: &Op, from: u32, to: u32) -> Effect {
    if to == from || Some(to) == from.checked_add(1) {
        return Effect::Voids;
    }
    let mut path = a.path().clone();
    path.pop();
    path.push(from);
    Effect::Becomes(Ops::from_buf([Op::Move { path, to }]))
}
