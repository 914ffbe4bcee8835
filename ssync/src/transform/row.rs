//! Carrying a small patch over a long one, again and again: what somebody did over thousands of ops that were made offline.
//!
//! **Each op of the row has a span: the places, by their first two steps, that it may touch or move**; ops whose spans do not meet leave
//! each other as they are, and nothing else is looked at.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::{Effect, Order, cross, effect, is_shift, text};
use crate::patch::{Op, Ops, Patch};
use crate::path::Segment;
use crate::planted::{Bug, planted};

/// Spans of the ops of one patch, as far as they are known.
#[derive(Clone, Debug)]
pub(crate) struct Spans {
    known: Vec<Span>,
    /// Rows shorter than this are not worth their spans.
    ops_min: usize,
}

impl Spans {
    /// Of no op yet, for a row of at least so many.
    pub(crate) const fn of_rows(ops_min: usize) -> Self {
        Self { known: Vec::new(), ops_min }
    }

    /// What is known is not so any more.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}

/// Places by the prints of their first two steps: from the first that an op may touch or move to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    low: u64,
    high: u64,
}

impl Span {
    const ALL: Self = Self { low: 0, high: u64::MAX };

    fn of(op: &Op) -> Self {
        let mut steps = op.path().iter();
        let (Some(first), second) = (steps.next(), steps.next()) else { return Self::ALL };
        let shifts = steps.as_text().is_empty() && is_shift(op) && !matches!(op, Op::Splice { .. });
        let below = Self { low: print(first) << SECOND_BITS, high: print(first) << SECOND_BITS | SECOND_MASK };
        match second {
            None if shifts => Self::ALL,
            None => below,
            Some(_) if shifts && matches!(op, Op::Move { .. }) => below,
            Some(second) => {
                let low = below.low | print(second);
                Self { low, high: if shifts { below.high } else { low } }
            }
        }
    }

    const fn meets(self, other: Self) -> bool {
        (self.low <= other.high) & (other.low <= self.high)
    }

    /// The position at which it begins, if it is in a list that is one step below the root.
    const fn index(self) -> Option<u32> {
        let second = self.low & SECOND_MASK;
        if second & 1 == 1 { Some((second >> 1) as u32) } else { None }
    }

    /// The same with another index.
    const fn with_index(self, index: u32) -> Self {
        let low = self.low & !SECOND_MASK | index_print(index);
        Self { low, high: if self.low == self.high { low } else { self.high } }
    }
}

/// One more than the print of a second step has, so that the end of a list is behind all of its positions. Of the print of a first step
/// the highest bits are lost: at worst, spans meet that need not.
const SECOND_BITS: u32 = 34;
const SECOND_MASK: u64 = (1 << SECOND_BITS) - 1;

/// Prints of positions are odd and in their order; those of keys are even, and seldom the same.
fn print(step: Segment<'_>) -> u64 {
    match step {
        Segment::Index(index) => index_print(index),
        Segment::Key(key) => {
            let mut hasher = FxHasher::default();
            hasher.write(key.as_bytes());
            hasher.finish() << 1 & SECOND_MASK
        }
    }
}

const fn index_print(index: u32) -> u64 {
    (index as u64) << 1 | 1
}

/// Carries `change` over `row`, and `row` over it, as [`transform_both`](super::transform_both) does; `change` is the earlier one.
pub(crate) fn carry_over(change: &mut Patch, row: &mut Patch, spans: &mut Spans) {
    if row.ops.len() < spans.ops_min {
        spans.forget();
        super::transform_both(change, row, Order::Earlier);
        return;
    }
    let carried = std::mem::take(&mut change.ops).into_iter().flat_map(|op| carry_one(op, row, spans));
    change.ops = carried.collect();
}

fn carry_one(op: Op, row: &mut Patch, spans: &mut Spans) -> Ops {
    if spans.known.len() != row.ops.len() {
        spans.known = row.ops.iter().map(Span::of).collect();
    }
    let mut span = Span::of(&op);
    let mut these = Ops::from_buf([op]);
    let mut resized: Vec<(usize, Ops)> = Vec::new();
    let mut at = 0;
    while let Some(found) = spans.known[at..].iter().position(|other| span.meets(*other)) {
        at += found;
        if cross_in_place(&mut these, &mut row.ops[at], &mut span, &mut spans.known[at]) {
            at += 1;
            continue;
        }
        let mut cell = Ops::from_buf([std::mem::replace(&mut row.ops[at], Op::UNFILLED)]);
        cross(&mut these, &mut cell, Order::Earlier);
        match &mut cell[..] {
            [same] => {
                std::mem::swap(&mut row.ops[at], same);
                spans.known[at] = Span::of(&row.ops[at]);
            }
            _ => resized.push((at, cell)),
        }
        at += 1;
        match &these[..] {
            [] => break,
            [_, _, ..] if planted(Bug::PiecesAstray) => {}
            // Pieces of a cut are in one text: what moves one moves all.
            [this, ..] => span = Span::of(this),
        }
    }
    if !resized.is_empty() {
        put_back(row, resized);
        spans.forget();
    }
    these
}

/// Carries two single ops over each other where no more than positions change, which is nearly always; gives whether it was that.
#[inline]
fn cross_in_place(these: &mut Ops, own: &mut Op, span: &mut Span, own_span: &mut Span) -> bool {
    let [this] = &mut these[..] else { return false };
    if let (Some(index), Some(own_index)) = (span.index(), own_span.index())
        && index != own_index
    {
        return if index < own_index { shift(this, own, own_index, own_span) } else { shift(own, this, index, span) };
    }
    let (on_this, on_own) = (effect(this, own, Order::Earlier), effect(own, this, Order::Later));
    let moves_only = |effect: &Effect| matches!(effect, Effect::Stays | Effect::Shifts { .. } | Effect::Slides { .. });
    if !moves_only(&on_this) || !moves_only(&on_own) {
        return false;
    }
    for (op, effect, span) in [(this, on_this, span), (own, on_own, own_span)] {
        match effect {
            Effect::Shifts { above, to } => {
                op.path_mut().set_index(above, to);
                *span = Span::of(op);
            }
            Effect::Slides { to } => text::slide(op, to),
            _ => {}
        }
    }
    true
}

/// What an op whose span meets that of another does to it, at or in a later element of the same list: puts one in before it, or takes one
/// out. The other does nothing to it. Gives whether it was that.
#[inline]
fn shift(lower: &Op, upper: &mut Op, index: u32, span: &mut Span) -> bool {
    let shifted = match lower {
        Op::Insert { .. } => index.saturating_add(1),
        Op::Remove { .. } => index - 1,
        _ => return false,
    };
    let mut below = lower.path().iter();
    below.next();
    let above = lower.path().iter().as_text().len() - below.as_text().len();
    if upper.path().iter().above_byte(above) != lower.path().iter().above_byte(above) {
        return false;
    }
    upper.path_mut().set_index(above, shifted);
    *span = span.with_index(shifted);
    true
}

/// Puts what became of single ops in their places.
fn put_back(row: &mut Patch, resized: Vec<(usize, Ops)>) {
    let mut resized = resized.into_iter().peekable();
    let ops = std::mem::take(&mut row.ops);
    for (at, op) in ops.into_iter().enumerate() {
        match resized.next_if(|(place, _)| *place == at) {
            Some((_, cell)) => row.ops.extend(cell),
            None => row.ops.push(op),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Node;
    use crate::path::{Key, Path};
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    fn op(rng: &mut ChaCha8Rng) -> Op {
        let mut below = |bound: u32| rng.next_u32() % bound;
        let key = ["a", "b", "list"][below(3) as usize];
        let mut path = Path::root();
        if below(30) > 0 {
            path.push(key);
        }
        if key == "list" && below(8) > 0 {
            // Around where an index takes another character.
            path.push(below(6) + [0, 28][below(2) as usize]);
            if below(6) == 0 {
                path.push(below(3));
            }
            match below(6) {
                0 => return Op::Insert { path, value: Node::Null },
                1 => return Op::Remove { path },
                2 => return Op::Move { path, to: below(7) + [0, 28][below(2) as usize] },
                _ => {}
            }
        }
        if below(3) == 0 {
            path.push(["x", "y"][below(2) as usize]);
        }
        match below(6) {
            0 => Op::Increment { path, by: 1 },
            2 => Op::Ensure { path, value: [Node::list(Vec::new()), "".into()][below(2) as usize].clone() },
            3 => {
                let key = || Key::from(["a", "list", "x", "y"][below(4) as usize]);
                let keys: Vec<Key> = std::iter::repeat_with(key).take(2).collect();
                Op::switch(path, keys.clone(), keys.into_iter().skip(1).map(|key| (key, Node::Null)).collect())
            }
            1 => Op::Splice { path, at: below(4), delete: 1 + below(3), insert: ["", "new"][below(2) as usize].into() },
            _ => Op::Set { path, value: Node::Bool(true) },
        }
    }

    /// What is typed and cut in the texts of a list while its elements come, go and move.
    fn text_op(rng: &mut ChaCha8Rng) -> Op {
        let mut below = |bound: u32| rng.next_u32() % bound;
        let path = Path::from_iter(["list".into(), below(3).into()]);
        match below(8) {
            0 => Op::Insert { path, value: Node::Null },
            1 => Op::Remove { path },
            2 => Op::Move { path, to: below(4) },
            _ => Op::Splice { path, at: below(8), delete: below(5), insert: ["", "new"][below(2) as usize].into() },
        }
    }

    /// Carries as many changes over a row in both ways. Paths alone decide, so ops that no document would take will do.
    fn check(mut row: Patch, changes: impl IntoIterator<Item = Patch>) {
        let (mut plain, mut spans) = (row.clone(), Spans::of_rows(1));
        for mut change in changes {
            let mut same = change.clone();
            carry_over(&mut change, &mut row, &mut spans);
            super::super::transform_both(&mut same, &mut plain, Order::Earlier);
            assert_eq!((&change, &row), (&same, &plain));
        }
    }

    #[test]
    fn a_row_with_spans_is_carried_as_any_other() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for op in [op, text_op] {
            for round in 0..300 {
                let row = Patch::new((0..16 + round % 40).map(|_| op(&mut rng)).collect());
                let change = |_| Patch::new((0..=rng.next_u32() % 3).map(|_| op(&mut rng)).collect());
                let changes: Vec<Patch> = (0..10).map(change).collect();
                check(row, changes);
            }
        }
    }

    #[test]
    fn lists_that_seem_to_be_one_are_two() {
        let at = |first: u32, second: u32| Path::from_iter([first.into(), second.into()]);
        let row = Patch::from_op(Op::Remove { path: at(1 << 30, 5) });
        let change = Patch::from_op(Op::Insert { path: at(0, 0), value: Node::Null });
        assert!(Span::of(&row.ops[0]).meets(Span::of(&change.ops[0])));
        check(row, [change]);
    }

    #[test]
    fn what_shifts_the_last_position_shifts_the_one_before() {
        let at = |index: u32| Path::from_iter(["list".into(), index.into()]);
        let remove = || Op::Remove { path: at(0) };
        let row = vec![remove(), remove(), Op::Set { path: at(u32::MAX - 1), value: Node::Null }];
        check(Patch::new(row), [Patch::from_op(Op::Insert { path: at(u32::MAX), value: Node::Null })]);
    }

    /// Cause: a cut that fell into pieces kept the span of the whole, although what came next in the row moved the pieces to another element.
    /// Effect: they passed by what was typed there later, which then did not fit or stood elsewhere. Fix: pieces have the span of the first.
    #[test]
    fn pieces_of_a_cut_have_a_span_where_they_are() {
        let at = |index: u32| Path::from_iter(["list".into(), index.into()]);
        let splice = |index, at_char, delete, insert: &str| Op::Splice { path: at(index), at: at_char, delete, insert: insert.into() };
        let row = vec![splice(3, 2, 0, "X"), Op::Insert { path: at(0), value: Node::Null }, splice(4, 5, 0, "Y")];
        check(Patch::new(row), [Patch::from_op(splice(3, 0, 4, ""))]);
    }
}
