//! Splices of one string: each puts a text in the place of a region of the string, and is carried as that.
//!
//! **A splice's text stands at the start of its region.** So what somebody typed at the end of a region, or inside it, stands behind the text that
//! replaces the region, and what was typed at its start before it: the sentence stays in the order in which it was written. Only where
//! two begin at one place, and both or none of them replace something, does the log decide.

use ecow::EcoString;

use super::{Effect, Order};
use crate::patch::{Op, Ops, scalars};

/// What `b` does to `a`, both splices of one string. `order` is that of `a`.
pub(super) fn effect(a: &Op, b: &Op, order: Order) -> Effect {
    let (Op::Splice { at, delete, insert, .. }, Op::Splice { at: from, delete: gone, insert: put, .. }) = (a, b) else {
        return Effect::Stays;
    };
    // A splice of nothing by nothing has no place that could be carried along; it applies nowhere.
    if *delete == 0 && insert.is_empty() {
        return Effect::Voids;
    }
    if *gone == 0 && put.is_empty() {
        return Effect::Stays;
    }
    let (end, gone_end) = (at.saturating_add(*delete), from.saturating_add(*gone));
    let goes_right = match (*delete > 0, *gone > 0) {
        // What is only typed stands before what is put in the place of a region that begins there.
        (true, false) => true,
        (false, true) => false,
        _ => order == Order::Later,
    };
    if (at < from && end <= *from) || (at == from && !goes_right && (*delete == 0 || *gone == 0)) {
        return Effect::Stays;
    }
    let behind = from.saturating_add(scalars(put));
    if at >= &gone_end && (at > from || goes_right) {
        return Effect::Slides { to: behind.saturating_add(at - gone_end) };
    }
    // The regions overlap: what is left of that of `a` before the text of `b`, and behind it.
    let (before, after) = (from.saturating_sub(*at), end.saturating_sub(gone_end.max(*at)));
    let mut ops = Ops::new();
    let mut splice = |at, delete, insert: EcoString| {
        if delete > 0 || !insert.is_empty() {
            ops.push(Op::Splice { path: a.path().clone(), at, delete, insert });
        }
    };
    if at > from || (at == from && goes_right) {
        splice(behind, after, insert.clone());
    } else {
        splice(*at, before, insert.clone());
        splice(at.saturating_add(scalars(insert)).saturating_add(scalars(put)), after, EcoString::new());
    }
    Effect::Becomes(ops)
}

/// Gives a splice another offset.
pub(super) const fn slide(op: &mut Op, to: u32) {
    if let Op::Splice { at, .. } = op {
        *at = to;
    }
}
