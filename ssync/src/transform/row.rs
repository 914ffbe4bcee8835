//! Carrying a small patch over a long one, again and again: what somebody did over thousands of ops that were made offline.
//!
//! **Each op of the row has a sign of its first two steps**; where signs show that two places lie apart, nothing else is looked at.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::{Effect, Order, cross, effect, is_shift, text};
use crate::patch::{Op, Ops, Patch};
use crate::path::Segment;

/// Rows shorter than this are not worth their signs.
const SIGNED_MIN: usize = 16;

/// Signs of the ops of one patch, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signs(Vec<Sign>);

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
    if row.ops.len() < SIGNED_MIN {
        signs.0.clear();
        super::transform_both(change, row, Order::Earlier);
        return;
    }
    if signs.0.len() != row.ops.len() {
        signs.0 = row.ops.iter().map(Sign::of).collect();
    }
    let carried = std::mem::take(&mut change.ops).into_iter().flat_map(|op| carry_one(op, row, signs));
    change.ops = carried.collect();
}

fn carry_one(op: Op, row: &mut Patch, signs: &mut Signs) -> Ops {
    let mut sign = Sign::of(&op);
    let mut these = Ops::from_buf([op]);
    let mut resized: Vec<(usize, Ops)> = Vec::new();
    let mut at = 0;
    while let Some(found) = signs.0[at..].iter().position(|other| !sign.is_apart(*other)) {
        at += found;
        if cross_in_place(&mut these, &mut row.ops[at], &mut sign, &mut signs.0[at]) {
            at += 1;
            continue;
        }
        let mut cell = Ops::from_buf([std::mem::replace(&mut row.ops[at], Op::UNFILLED)]);
        cross(&mut these, &mut cell, Order::Earlier);
        match &mut cell[..] {
            [same] => {
                std::mem::swap(&mut row.ops[at], same);
                signs.0[at] = Sign::of(&row.ops[at]);
            }
            _ => resized.push((at, cell)),
        }
        at += 1;
        match &these[..] {
            [] => break,
            [this] => sign = Sign::of(this),
            // Pieces of a cut: they stay where the whole was.
            [..] => {}
        }
    }
    if !resized.is_empty() {
        put_back(row, resized);
        signs.0.clear();
        signs.0.extend(row.ops.iter().map(Sign::of));
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

    /// Paths alone decide, so ops that no document would take will do.
    #[test]
    fn a_signed_row_is_carried_as_any_other() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for round in 0..300 {
            let mut row = Patch::new((0..SIGNED_MIN + round % 40).map(|_| op(&mut rng)).collect());
            let (mut plain, mut signs) = (row.clone(), Signs::default());
            for _ in 0..10 {
                let mut change = Patch::new((0..=rng.next_u32() % 3).map(|_| op(&mut rng)).collect());
                let mut same = change.clone();
                carry_over(&mut change, &mut row, &mut signs);
                super::super::transform_both(&mut same, &mut plain, Order::Earlier);
                assert_eq!((&change, &row), (&same, &plain), "round {round}");
            }
        }
    }
}
