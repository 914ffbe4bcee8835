//! The patch from one node to another.
//!
//! Objects and sets are compared by key, lists by one plan of which element was which ([`sequence`]).

use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::FxHasher;

use crate::doc::{Node, Object};
use crate::patch::{Op, Patch, scalars};
use crate::path::Trail;

mod anchored;
mod arrange;
mod few;
mod kinds;
mod merge;
pub(crate) mod print;
pub(crate) mod sequence;
mod text;

pub(crate) use arrange::{Arranged, Run};
pub(crate) use kinds::{Among, Elements, Kind, Told};
pub use kinds::{Kinds, KindsOf};
pub(crate) use merge::{Document, diff_to_merge};
use print::Print;
use sequence::{Sequence, arrange};
pub(crate) use text::splices;

/// Elements that a list may lose one by one; when it loses more, it is set as a whole.
pub(crate) const BULK_REMOVALS_MAX: usize = 4_096;

/// The patch that makes `new` of `old`.
pub(crate) fn diff_nodes(old: &Node, new: &Node) -> Patch {
    let mut patch = Patch::default();
    diff_at(&Trail::ROOT, old, new, &mut patch);
    patch
}

/// Appends to `patch` what makes `new` of `old`, both at `trail`.
pub(crate) fn diff_at(trail: &Trail<'_>, old: &Node, new: &Node, patch: &mut Patch) {
    match (old, new) {
        (Node::Object(from), Node::Object(to)) if other_variant(from, to) => {
            patch.ops.push(Op::Set { path: trail.to_path(), value: new.clone() })
        }
        (Node::Object(old), Node::Object(new)) => diff_entries(trail, old, new, patch),
        // A member is its key: where both have it, they have the same.
        (Node::Set(old), Node::Set(new)) => diff_members(trail, old, new, patch),
        (Node::List(old), Node::List(new)) => {
            let new: Vec<&Node> = new.iter().collect();
            diff_lists(trail, old, &new, patch);
        }
        _ if old == new => {}
        _ => patch.ops.push(Op::Set { path: trail.to_path(), value: new.clone() }),
    }
}

/// Appends what empties a value of a kind that merges inside: each part that is there goes, and what others put there meanwhile stays.
pub(crate) fn diff_to_empty(trail: &Trail<'_>, old: &Node, empty: &Node, patch: &mut Patch) {
    match old {
        Node::Number(number) => {
            let by = number.as_i64().unwrap_or_default().wrapping_neg();
            patch.ops.push(Op::Increment { path: trail.to_path(), by });
        }
        Node::String(text) => patch.ops.push(Op::Splice { path: trail.to_path(), at: 0, delete: scalars(text), insert: "".into() }),
        Node::Object(entries) => patch.ops.extend(entries.iter().map(|(key, _)| Op::Remove { path: trail.key(key).to_path() })),
        _ => diff_at(trail, old, empty, patch),
    }
}

fn diff_entries(trail: &Trail<'_>, old: &Object, new: &Object, patch: &mut Patch) {
    for (key, _) in old.iter().filter(|(key, _)| new.get(key).is_none()) {
        patch.ops.push(Op::Remove { path: trail.key(key).to_path() });
    }
    for (key, node) in new.iter() {
        let trail = trail.key(key);
        match old.get(key) {
            Some(old) => diff_at(&trail, old, node, patch),
            None => patch.ops.push(Op::Set { path: trail.to_path(), value: node.clone() }),
        }
    }
}

/// Whether this may be an enum that became another variant: two variants must never stand beside each other.
fn other_variant(old: &Object, new: &Object) -> bool {
    old.len() == 1 && new.len() == 1 && new.iter().all(|(key, _)| old.get(key).is_none())
}

fn diff_members(trail: &Trail<'_>, old: &Object, new: &Object, patch: &mut Patch) {
    for (key, _) in old.iter().filter(|(key, _)| new.get(key).is_none()) {
        patch.ops.push(Op::Remove { path: trail.key(key).to_path() });
    }
    for (key, node) in new.iter().filter(|(key, _)| old.get(key).is_none()) {
        patch.ops.push(Op::Set { path: trail.key(key).to_path(), value: node.clone() });
    }
}

/// Appends to `patch` what makes `new` of `old`, two lists at `trail`.
pub(crate) fn diff_lists(trail: &Trail<'_>, old: &[Node], new: &[&Node], patch: &mut Patch) {
    diff_lists_by(trail, old, new, patch, &|origin, position, patch| diff_at(&trail.index(position), &old[origin], new[position], patch));
}

/// The same, where `element` appends what makes an element of what it was; it is given both positions.
fn diff_lists_by(trail: &Trail<'_>, old: &[Node], new: &[&Node], patch: &mut Patch, element: &dyn Fn(usize, usize, &mut Patch)) {
    let replace = |patch: &mut Patch| {
        let items = new.iter().map(|node| (*node).clone()).collect();
        patch.ops.push(Op::Set { path: trail.to_path(), value: Node::list(items) });
    };
    if old.len() > new.len() + BULK_REMOVALS_MAX {
        return replace(patch);
    }
    let start = old.iter().zip(new).take_while(|(old, new)| old == *new).count();
    let same_end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(old, new)| old == *new).count();
    let (old_end, new_end) = (old.len() - same_end, new.len() - same_end);
    let prints: Vec<Print> = new[start..new_end].iter().map(|node| Print::of(node)).collect();
    let planned = arrange(&old[start..old_end].iter().map(Print::of).collect::<Vec<_>>(), &prints, false);
    let Some(Sequence { arranged, origins, .. }) = planned else {
        return replace_run(trail, (start..old_end, start..new_end), new, patch, element);
    };
    if arranged.gone_count() > BULK_REMOVALS_MAX {
        return replace(patch);
    }
    arranged.record_order(trail, start, patch);
    for (origin, position) in origins.into_iter().zip(start..) {
        match origin {
            Some(origin) => element(start + origin, position, patch),
            None => patch.ops.push(Op::Insert { path: trail.index(position).to_path(), value: new[position].clone() }),
        }
    }
}

/// Makes one run of a list of another that begins at the same position: pairs are compared, the rest is removed or inserted.
fn replace_run(
    trail: &Trail<'_>,
    (before, after): (Range<usize>, Range<usize>),
    new: &[&Node],
    patch: &mut Patch,
    element: &dyn Fn(usize, usize, &mut Patch),
) {
    let common = before.end.min(after.end);
    (before.start..common).for_each(|position| element(position, position, patch));
    // From the back, so that nothing has to move up for each.
    for position in (common..before.end).rev() {
        patch.ops.push(Op::Remove { path: trail.index(position).to_path() });
    }
    for (position, node) in (common..after.end).zip(&new[common..]) {
        patch.ops.push(Op::Insert { path: trail.index(position).to_path(), value: (*node).clone() });
    }
}

fn hash_of(node: &Node) -> u64 {
    let mut hasher = FxHasher::default();
    node.hash(&mut hasher);
    hasher.finish()
}
