//! The patch from one node to another.
//!
//! Objects and sets are compared by key. Lists of equal length with few differences are compared by position; otherwise
//! by a sequence diff over hashes (histogram, falling back to Myers with a bounded search: never quadratic), and elements
//! that stand where others were are compared with those, so that an edit inside an element stays an edit inside.

use std::hash::{Hash, Hasher};

use imara_diff::{Algorithm, Diff, InternedInput, Interner, Token};
use rustc_hash::FxHasher;

use crate::doc::{Node, Object};
use crate::patch::{Op, Patch};
use crate::path::Trail;

mod arrange;
mod merge;

pub(crate) use arrange::{Arranged, Run};
pub(crate) use merge::diff_to_merge;

/// Positional differences in a list up to which it is compared by position.
pub(crate) const POSITIONAL_MISMATCHES_MAX: usize = 8;

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
    if old.len() > new.len() + BULK_REMOVALS_MAX {
        let items = new.iter().map(|node| (*node).clone()).collect();
        patch.ops.push(Op::Set { path: trail.to_path(), value: Node::list(items) });
        return;
    }
    let few = old.len() == new.len()
        && old.iter().zip(new).filter(|(old, new)| old != *new).take(POSITIONAL_MISMATCHES_MAX + 1).count() <= POSITIONAL_MISMATCHES_MAX;
    if few {
        replace_run(trail, 0, old, new, patch);
        return;
    }
    let start = old.iter().zip(new).take_while(|(old, new)| old == *new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let same_end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == *new).count();
    let (old, new) = (&old[..old.len() - same_end], &new[..new.len() - same_end]);
    diff_middles(trail, start, old, new, patch);
}

/// The same for lists whose elements are told apart by what stands under a key of each: one that is elsewhere was moved.
/// Where keys are missing or occur twice, and where too much moved, as [`diff_lists`].
pub(crate) fn diff_keyed(trail: &Trail<'_>, old: &[Node], new: &[&Node], key: &str, patch: &mut Patch) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == *new).count();
    let same_end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(old, new)| old == *new).count();
    let (before, after) = (&old[start..old.len() - same_end], &new[start..new.len() - same_end]);
    let Some(arranged) = arrange_by_key(before, after, key) else { return diff_lists(trail, old, new, patch) };
    arranged.record_order(trail, start, patch);
    arranged.record_new(trail, start, |position| after[position].clone(), patch);
    for (position, origin) in arranged.touched() {
        diff_at(&trail.index(start + position), &before[origin], after[position], patch);
    }
}

fn arrange_by_key(before: &[Node], after: &[&Node], key: &str) -> Option<Arranged> {
    let identity = |node: &Node| match node {
        Node::Object(entries) => entries.get(key).map(hash_of),
        _ => None,
    };
    // Two keys of one hash are one key twice: the plain diff is right for any list.
    let before: Vec<u64> = before.iter().map(identity).collect::<Option<_>>()?;
    let after: Vec<u64> = after.iter().map(|node| identity(node)).collect::<Option<_>>()?;
    let mut places: Vec<(u64, usize)> = before.iter().copied().zip(0..).collect();
    places.sort_unstable();
    let origin = |id: &u64| places.binary_search_by_key(id, |(id, _)| *id).ok().map(|place| places[place].1);
    let is_unique = places.windows(2).all(|pair| pair[0].0 != pair[1].0);
    let arranged = Arranged::of_elements(before.len(), after.iter().map(origin)).filter(|_| is_unique)?;
    (arranged.gone_count() <= BULK_REMOVALS_MAX).then_some(arranged)
}

/// The sequence diff of what is left between an equal start and an equal end.
fn diff_middles(trail: &Trail<'_>, start: usize, old: &[Node], new: &[&Node], patch: &mut Patch) {
    if old.is_empty() || new.is_empty() {
        replace_run(trail, start, old, new, patch);
        return;
    }
    let mut interner = Interner::new(old.len() + new.len());
    let before: Vec<Token> = old.iter().map(|node| interner.intern(hash_of(node))).collect();
    let after: Vec<Token> = new.iter().map(|node| interner.intern(hash_of(node))).collect();
    let input = InternedInput { before, after, interner };
    let (mut at, mut seen_old, mut seen_new) = (start, 0, 0);
    for hunk in Diff::compute(Algorithm::Histogram, &input).hunks() {
        let (gone, come) = (hunk.before.start as usize..hunk.before.end as usize, hunk.after.start as usize..hunk.after.end as usize);
        // Equal hashes are checked like everything else: a collision costs an edit, never a wrong patch.
        replace_run(trail, at, &old[seen_old..gone.start], &new[seen_new..come.start], patch);
        at += come.start - seen_new;
        replace_run(trail, at, &old[gone.clone()], &new[come.clone()], patch);
        at += come.len();
        (seen_old, seen_new) = (gone.end, come.end);
    }
    replace_run(trail, at, &old[seen_old..], &new[seen_new..], patch);
}

/// Makes the run `new` of the run `old` at position `at`: pairs are compared, the rest is removed or inserted.
fn replace_run(trail: &Trail<'_>, at: usize, old: &[Node], new: &[&Node], patch: &mut Patch) {
    let pairs = old.len().min(new.len());
    for (offset, (old, new)) in old.iter().zip(new).enumerate() {
        diff_at(&trail.index(at + offset), old, new, patch);
    }
    // From the back, so that nothing has to move up for each.
    for offset in (pairs..old.len()).rev() {
        patch.ops.push(Op::Remove { path: trail.index(at + offset).to_path() });
    }
    for (offset, node) in new.iter().enumerate().skip(pairs) {
        patch.ops.push(Op::Insert { path: trail.index(at + offset).to_path(), value: (*node).clone() });
    }
}

fn hash_of(node: &Node) -> u64 {
    let mut hasher = FxHasher::default();
    node.hash(&mut hasher);
    hasher.finish()
}
