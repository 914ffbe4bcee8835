//! Splices of one string: each is a cut and then a put, and they go over each other as those.

use ecow::EcoString;
use smallvec::SmallVec;

use super::{Effect, Order};
use crate::patch::{Op, Ops, scalars};

/// Half a splice.
#[derive(Clone, PartialEq)]
enum Part {
    Cut { at: u32, count: u32 },
    Put { at: u32, text: EcoString },
}

type Parts = SmallVec<[Part; 2]>;

/// What `b` does to `a`, both splices of one string. `order` is that of `a`.
pub(super) fn effect(a: &Op, b: &Op, order: Order) -> Effect {
    if let Some(effect) = effect_apart(a, b, order) {
        return effect;
    }
    let (before, mut these, mut those) = (parts(a), parts(a), parts(b));
    cross(&mut these, &mut those, order);
    if these == before {
        // A splice of nothing has no place that could be carried along; it applies nowhere.
        return if before.is_empty() { Effect::Voids } else { Effect::Stays };
    }
    let mut ops = Ops::new();
    for part in these {
        let path = a.path().clone();
        match (part, ops.last_mut()) {
            (Part::Put { at, text }, Some(Op::Splice { at: cut, insert, .. })) if *cut == at && insert.is_empty() => *insert = text,
            (Part::Put { at, text }, _) => ops.push(Op::Splice { path, at, delete: 0, insert: text }),
            (Part::Cut { at, count }, _) => ops.push(Op::Splice { path, at, delete: count, insert: EcoString::default() }),
        }
    }
    Effect::Becomes(ops)
}

/// The same for two that lie apart, which is nearly always.
fn effect_apart(a: &Op, b: &Op, order: Order) -> Option<Effect> {
    let (Op::Splice { at, delete, insert, .. }, Op::Splice { at: from, delete: gone, insert: put, .. }) = (a, b) else { return None };
    let is_put = *delete == 0 && !insert.is_empty();
    if *delete == 0 && !is_put || *gone == 0 && put.is_empty() {
        return None;
    }
    let meet = at == from && is_put && *gone == 0;
    if at.saturating_add(*delete) < *from || (meet && order == Order::Earlier) {
        return Some(Effect::Stays);
    }
    let is_behind = *at > from.saturating_add(*gone) || meet;
    is_behind.then(|| Effect::Slides { to: (at - gone).saturating_add(scalars(put)) })
}

/// Gives a splice another offset.
pub(super) const fn slide(op: &mut Op, to: u32) {
    if let Op::Splice { at, .. } = op {
        *at = to;
    }
}

fn parts(op: &Op) -> Parts {
    let mut parts = Parts::new();
    if let Op::Splice { at, delete, insert, .. } = op {
        if *delete > 0 {
            parts.push(Part::Cut { at: *at, count: *delete });
        }
        if !insert.is_empty() {
            parts.push(Part::Put { at: *at, text: insert.clone() });
        }
    }
    parts
}

/// Carries two rows of parts over each other. `order` is that of `these`.
fn cross(these: &mut Parts, those: &mut Parts, order: Order) {
    if let ([this], [that]) = (&these[..], &those[..]) {
        let (new_these, new_those) = (carried(this, that, order), carried(that, this, order.flip()));
        (*these, *those) = (new_these, new_those);
        return;
    }
    let mut all = Parts::new();
    for this in std::mem::take(these) {
        let (mut pieces, mut passed) = (Parts::from_iter([this]), Parts::new());
        for that in std::mem::take(those) {
            let mut others = Parts::from_iter([that]);
            if !pieces.is_empty() {
                cross(&mut pieces, &mut others, order);
            }
            passed.extend(others);
        }
        *those = passed;
        all.extend(pieces);
    }
    *these = all;
}

/// `a` after `b`. `order` is that of `a`.
fn carried(a: &Part, b: &Part, order: Order) -> Parts {
    match (a, b) {
        (Part::Put { at, text }, Part::Put { at: other, text: put }) => {
            let goes_right = at > other || (at == other && order == Order::Later);
            let at = if goes_right { at.saturating_add(scalars(put)) } else { *at };
            Parts::from_iter([Part::Put { at, text: text.clone() }])
        }
        (Part::Put { at, text }, Part::Cut { at: from, count }) => {
            let at = if at <= from { *at } else { (*from).max(at.saturating_sub(*count)) };
            Parts::from_iter([Part::Put { at, text: text.clone() }])
        }
        (Part::Cut { at, count }, Part::Put { at: gap, text }) => {
            let put = scalars(text);
            if gap <= at {
                return Parts::from_iter([Part::Cut { at: at.saturating_add(put), count: *count }]);
            }
            let left = gap - at;
            if left >= *count {
                return Parts::from_iter([a.clone()]);
            }
            Parts::from_iter([Part::Cut { at: *at, count: left }, Part::Cut { at: at.saturating_add(put), count: count - left }])
        }
        (Part::Cut { at, count }, Part::Cut { at: from, count: gone }) => {
            let (end, gone_end) = (at.saturating_add(*count), from.saturating_add(*gone));
            let both = end.min(gone_end).saturating_sub(*at.max(from));
            if both == *count {
                return Parts::new();
            }
            let at = if at <= from { *at } else { (*from).max(at.saturating_sub(*gone)) };
            Parts::from_iter([Part::Cut { at, count: count - both }])
        }
    }
}
