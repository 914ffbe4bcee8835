//! Carrying a small patch over a long one, again and again: what somebody did over thousands of ops that were made offline.
//!
//! **Each op of the row has a sign of its first two steps**; where signs show that two places lie apart, nothing else is looked at.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::{Effect, Order, cross, effect, is_shift, text};
use crate::patch::{Op, Ops, Patch};
use crate::path::Segment;
use crate::planted::{Bug, planted};

/// Signs of the ops of one patch, as far as they are known.
#[derive(Clone, Debug)]
pub(crate) struct Signs {
    known: Vec<Sign>,
    /// Rows shorter than this are not worth their signs.
    ops_min: usize,
}

impl Signs {
    /// Of no op yet, for a row of at least so many.
    pub(crate) const fn of_rows(ops_min: usize) -> Self {
        Self { known: Vec::new(), ops_min }
    }

    /// What is known is not so any more.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}

/// What is seen of an op at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sign {
    first: u32,
    second: u32,
    /// How many of the two steps there are.
    steps: u8,
    /// The step at which it shifts other elements; 0 if it does not, or further down.
    shifts_at: u8,
    /// It shifts only what stands at its place and behind it.
    shifts_up: bool,
}

impl Sign {
    fn of(op: &Op) -> Self {
        let mut steps = op.path().iter();
        let (first, second) = (steps.next(), steps.next());
        let count = u8::from(first.is_some()) + u8::from(second.is_some());
        let ends_here = steps.as_text().is_empty() && is_shift(op) && !matches!(op, Op::Splice { .. });
        Self {
            first: print(first),
            second: print(second),
            steps: count,
            shifts_at: if ends_here { count } else { 0 },
            shifts_up: !matches!(op, Op::Move { .. }),
        }
    }

    /// Whether neither op can do anything to the other.
    const fn is_apart(self, other: Self) -> bool {
        if self.steps == 0 || other.steps == 0 {
            return false;
        }
        if self.first != other.first {
            return self.shifts_at != 1 && other.shifts_at != 1;
        }
        if self.steps != 2 || other.steps != 2 || self.second == other.second {
            return false;
        }
        // Prints of positions are in their order.
        match (self.shifts_at == 2, other.shifts_at == 2) {
            (false, false) => true,
            (true, false) => self.shifts_up && other.second < self.second,
            (false, true) => other.shifts_up && self.second < other.second,
            (true, true) => false,
        }
    }
}

/// Different prints are of different steps.
fn print(step: Option<Segment<'_>>) -> u32 {
    match step {
        None => 0,
        Some(Segment::Index(index)) => index.wrapping_mul(2).wrapping_add(1),
        Some(Segment::Key(key)) => {
            let mut hasher = FxHasher::default();
            hasher.write(key.as_bytes());
            (hasher.finish() as u32) & !1
        }
    }
}

/// Carries `change` over `row`, and `row` over it, as [`transform_both`](super::transform_both) does; `change` is the earlier one.
pub(crate) fn carry_over(change: &mut Patch, row: &mut Patch, signs: &mut Signs) {
    if row.ops.len() < signs.ops_min {
        signs.forget();
        super::transform_both(change, row, Order::Earlier);
        return;
    }
    if signs.known.len() != row.ops.len() {
        signs.known = row.ops.iter().map(Sign::of).collect();
    }
    let carried = std::mem::take(&mut change.ops).into_iter().flat_map(|op| carry_one(op, row, signs));
    change.ops = carried.collect();
}

fn carry_one(op: Op, row: &mut Patch, signs: &mut Signs) -> Ops {
    let mut sign = Sign::of(&op);
    let mut these = Ops::from_buf([op]);
    let mut resized: Vec<(usize, Ops)> = Vec::new();
    let mut at = 0;
    while let Some(found) = signs.known[at..].iter().position(|other| !sign.is_apart(*other)) {
        at += found;
        if cross_in_place(&mut these, &mut row.ops[at], &mut sign, &mut signs.known[at]) {
            at += 1;
            continue;
        }
        let mut cell = Ops::from_buf([std::mem::replace(&mut row.ops[at], Op::UNFILLED)]);
        cross(&mut these, &mut cell, Order::Earlier);
        match &mut cell[..] {
            [same] => {
                std::mem::swap(&mut row.ops[at], same);
                signs.known[at] = Sign::of(&row.ops[at]);
            }
            _ => resized.push((at, cell)),
        }
        at += 1;
        match &these[..] {
            [] => break,
            [_, _, ..] if planted(Bug::PiecesAstray) => {}
            // Pieces of a cut are in one text: what moves one moves all.
            [this, ..] => sign = Sign::of(this),
        }
    }
    if !resized.is_empty() {
        put_back(row, resized);
        signs.forget();
        signs.known.extend(row.ops.iter().map(Sign::of));
    }
    these
}

/// Carries two single ops over each other where no more than positions change, which is nearly always; gives whether it was that.
#[inline]
fn cross_in_place(these: &mut Ops, own: &mut Op, sign: &mut Sign, own_sign: &mut Sign) -> bool {
    let [this] = &mut these[..] else { return false };
    let (on_this, on_own) = (effect(this, own, Order::Earlier), effect(own, this, Order::Later));
    let moves_only = |effect: &Effect| matches!(effect, Effect::Stays | Effect::Shifts { .. } | Effect::Slides { .. });
    if !moves_only(&on_this) || !moves_only(&on_own) {
        return false;
    }
    if let Effect::Shifts { above, to } = on_this {
        this.path_mut().set_index(above, to);
        *sign = Sign::of(this);
    } else if let Effect::Slides { to } = on_this {
        text::slide(this, to);
    }
    if let Effect::Shifts { above, to } = on_own {
        own.path_mut().set_index(above, to);
        *own_sign = Sign::of(own);
    } else if let Effect::Slides { to } = on_own {
        text::slide(own, to);
    }
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
    use crate::path::Path;
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
            path.push(below(6));
            match below(6) {
                0 => return Op::Insert { path, value: Node::Null },
                1 => return Op::Remove { path },
                2 => return Op::Move { path, to: below(7) },
                _ => {}
            }
        }
        if below(3) == 0 {
            path.push(["x", "y"][below(2) as usize]);
        }
        match below(4) {
            0 => Op::Increment { path, by: 1 },
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
        let (mut plain, mut signs) = (row.clone(), Signs::of_rows(1));
        for mut change in changes {
            let mut same = change.clone();
            carry_over(&mut change, &mut row, &mut signs);
            super::super::transform_both(&mut same, &mut plain, Order::Earlier);
            assert_eq!((&change, &row), (&same, &plain));
        }
    }

    #[test]
    fn a_signed_row_is_carried_as_any_other() {
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

    /// Cause: a cut that fell into pieces kept the sign of the whole, although what came next in the row moved the pieces to another element.
    /// Effect: they passed by what was typed there later, which then did not fit or stood elsewhere. Fix: pieces have the sign of the first.
    #[test]
    fn pieces_of_a_cut_are_signed_where_they_are() {
        let at = |index: u32| Path::from_iter(["list".into(), index.into()]);
        let splice = |index, at_char, delete, insert: &str| Op::Splice { path: at(index), at: at_char, delete, insert: insert.into() };
        let row = vec![splice(3, 2, 0, "X"), Op::Insert { path: at(0), value: Node::Null }, splice(4, 5, 0, "Y")];
        check(Patch::new(row), [Patch::from_op(splice(3, 0, 4, ""))]);
    }
}
