//! Ops that put an empty value where nothing is, and switches of the variant of an enum.

use super::{Effect, Order};
use crate::doc::{Node, Object};
use crate::limits::SWITCH_KEYS_MAX;
use crate::patch::{Op, Ops, SwitchKeys};
use crate::path::{Key, Path};

/// What `b`, which ensures an empty value, does to `a`. `order` is that of `a`.
pub(super) fn ensure(a: &Op, b: &Op, order: Order) -> Effect {
    match (a, b) {
        (Op::Ensure { path, value }, Op::Ensure { path: other, value: there }) if path == other => {
            if value == there || order == Order::Earlier {
                return Effect::Voids;
            }
            // The later of two different containers stands, without what was put into the earlier one.
            Effect::Becomes(Ops::from_buf([Op::Set { path: path.clone(), value: value.clone() }]))
        }
        _ => Effect::Stays,
    }
}

/// What `b`, a switch, does to `a`. `order` is that of `a`.
pub(super) fn switch(a: &Op, b: &Op, order: Order) -> Effect {
    let Op::Switch { path: object, keys: gone, value: put } = b else { return Effect::Stays };
    match a {
        Op::Switch { path, keys, .. } if path == object => {
            if !keys.meet(gone) {
                return Effect::Stays;
            }
            match order {
                Order::Earlier => without(a, gone),
                Order::Later => over(a, entered(put).filter(|key| !keys.contains(key)).cloned().collect()),
            }
        }
        _ if gone.reach(object, a.path().iter()) => Effect::Voids,
        _ => Effect::Stays,
    }
}

/// The keys of the entries that a switch brings.
fn entered(value: &Node) -> impl Iterator<Item = &Key> {
    let entries = if let Node::Object(entries) = value { Some(entries) } else { None };
    entries.into_iter().flat_map(|entries| entries.iter().map(|(key, _)| key))
}

/// A switch of which a later one takes these keys: it clears those that are left.
fn without(switch: &Op, gone: &SwitchKeys) -> Effect {
    let Op::Switch { path, keys, .. } = switch else { return Effect::Stays };
    let left = keys.without(gone);
    if left.is_empty() {
        return Effect::Voids;
    }
    Effect::Becomes(Ops::from_buf([clear(path, left)]))
}

fn clear(path: &Path, keys: SwitchKeys) -> Op {
    Op::Switch { path: path.clone(), keys, value: Node::Object(Object::default()) }
}

/// A switch that clears these keys too, which an earlier one put there. **No switch has more keys than an op may have**: where one would, there are two.
fn over(switch: &Op, more: SwitchKeys) -> Effect {
    let Op::Switch { path, keys, value } = switch else { return Effect::Stays };
    if more.is_empty() {
        return Effect::Stays;
    }
    if keys.len() + more.len() > SWITCH_KEYS_MAX {
        return Effect::Becomes([clear(path, more), switch.clone()].into_iter().collect());
    }
    let keys = keys.iter().chain(more.iter()).cloned().collect();
    Effect::Becomes(Ops::from_buf([Op::Switch { path: path.clone(), keys, value: value.clone() }]))
}
