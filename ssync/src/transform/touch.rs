//! Whether somebody else's patch touches what a transaction wrote or named.
//!
//! Two ops touch where the place of one is that of the other, contains it or lies under it. That positions shift does not count:
//! an element that is put into a list touches who wrote or named the list, and nobody who is concerned with its other elements. And a switch
//! touches what its keys name, and not what else is in its object.

use super::{Order, cross};
use crate::doc::Node;
use crate::patch::{Op, Ops, Patch};
use crate::path::{Path, Segments};
use crate::planted::{Bug, planted};

/// Whether `foreign`, made on the document that `patch` was made on, touches what the patch writes or one of the `named` places of that
/// document, which are afterwards where they are once `foreign` is there too.
pub(crate) fn touches(patch: &Patch, named: &mut [Path], foreign: &Patch) -> bool {
    let mut written: Vec<Ops> = patch.ops.iter().map(|op| Ops::from_buf([op.clone()])).collect();
    for op in &foreign.ops {
        // Named places are those of the document before the patch, as the foreign op's is.
        for place in named.iter_mut() {
            if !planted(Bug::RequiredIgnored) && meet(&Op::Remove { path: place.clone() }, op) {
                return true;
            }
            carry_place(place, op);
        }
        let mut these = Ops::from_buf([op.clone()]);
        for cell in &mut written {
            if these.iter().any(|this| cell.iter().any(|own| meet(own, this))) {
                return true;
            }
            cross(&mut these, cell, Order::Earlier);
        }
    }
    false
}

/// Carries places of a document over what changes there; those that it touches stay as they are.
pub(crate) fn carry_places(places: &mut [Path], change: &Patch) {
    change.ops.iter().for_each(|op| places.iter_mut().for_each(|place| carry_place(place, op)));
}

/// A place goes along with what stands there, as a value set there would.
fn carry_place(place: &mut Path, op: &Op) {
    let mut set = Ops::from_buf([Op::Set { path: place.clone(), value: Node::Null }]);
    cross(&mut set, &mut Ops::from_buf([op.clone()]), Order::Later);
    if let Some(carried) = set.pop() {
        *place = carried.path().clone();
    }
}

/// Whether one op's place is the other's, contains it or lies under it.
fn meet(a: &Op, b: &Op) -> bool {
    match (a, b) {
        (Op::Switch { path, keys, .. }, Op::Switch { path: other, keys: others, .. }) if path == other => return keys.meet(others),
        (Op::Switch { path, keys, .. }, Op::Switch { path: other, keys: others, .. }) => {
            return keys.reach(path, other.iter()) || others.reach(other, path.iter());
        }
        (Op::Switch { path, keys, .. }, other) | (other, Op::Switch { path, keys, .. }) => {
            return match list_of(other) {
                Some(list) => keys.reach(path, list),
                None => other.path().contains(path) || keys.reach(path, other.path().iter()),
            };
        }
        _ => {}
    }
    match (list_of(a), list_of(b)) {
        (Some(_), Some(_)) => false,
        (Some(list), None) => list.starts_with(b.path().iter()),
        (None, Some(list)) => list.starts_with(a.path().iter()),
        (None, None) => a.path().contains(b.path()) || b.path().contains(a.path()),
    }
}

/// The list that an insert goes into.
fn list_of(op: &Op) -> Option<Segments<'_>> {
    match op {
        Op::Insert { path, .. } => path.split_last().map(|(list, _)| list),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Object;
    use crate::path::{Key, Segment};

    fn path(text: &str) -> Path {
        let steps = text.split('/').filter(|step| !step.is_empty());
        steps.map(|step| step.parse().map_or(Segment::Key(step), Segment::Index)).collect()
    }

    fn op(text: &str) -> Op {
        let (sign, place) = text.split_at(1);
        match sign {
            "=" => Op::Set { path: path(place), value: Node::Null },
            "+" => Op::Insert { path: path(place), value: Node::Null },
            "m" => Op::Move { path: path(place), to: 9 },
            "i" => Op::Increment { path: path(place), by: 1 },
            "e" => Op::Ensure { path: path(place), value: Node::list(Vec::new()) },
            "v" => {
                let (place, keys) = place.split_once(':').expect("keys");
                Op::switch(path(place), keys.split(',').map(Key::from), Object::default())
            }
            _ => Op::Remove { path: path(place) },
        }
    }

    fn patch(text: &str) -> Patch {
        Patch::new(text.split_whitespace().map(op).collect())
    }

    fn check(own: &str, named: &str, foreign: &str, expected: bool) {
        let mut places: Vec<Path> = named.split_whitespace().map(path).collect();
        assert_eq!(touches(&patch(own), &mut places, &patch(foreign)), expected, "{own} naming {named} against {foreign}");
    }

    #[test]
    fn the_same_place_above_and_below_touch() {
        check("=a", "", "=a", true);
        check("=a", "", "=b", false);
        check("=a", "", "=a/x", true);
        check("=a/x", "", "-a", true);
        check("=a/x", "", "=a/y", false);
        check("=b", "a", "ia", true);
        check("=b", "a/x", "=a/y", false);
    }

    #[test]
    fn a_switch_touches_what_its_keys_name() {
        check("vo:a,b", "", "=o/a", true);
        check("vo:a,b", "", "=o/b/x", true);
        check("vo:a,b", "", "=o/c", false);
        check("vo:a,b", "", "+o/b/0", true);
        check("vo:a,b", "", "+o/c/0", false);
        check("=o/c", "", "vo:a,b", false);
        check("=o", "", "vo:a,b", true);
        check("-l/0", "", "vl/0:a,b", true);
        check("+l/0", "", "vl/0:a,b", false);
        check("vo:a,b", "", "vo:b,c", true);
        check("vo:a,b", "", "vo:c", false);
        check("vo:a,b", "", "vo/a:x", true);
        check("vo/c:x", "", "vo:a,b", false);
        check("=x", "o", "vo:a", true);
        check("=x", "o/a/x", "vo:a", true);
        check("=x", "o/c", "vo:a", false);
    }

    #[test]
    fn what_is_ensured_is_written() {
        check("ea", "", "ea", true);
        check("=x", "a", "ea", true);
        check("ea", "", "eb", false);
    }

    #[test]
    fn shifted_positions_do_not_count_and_are_followed() {
        check("=l/2", "", "+l/0", false);
        check("+l/2", "", "+l/2", false);
        check("=l", "", "+l/0", true);
        check("=x", "l", "+l/0", true);
        check("=x", "l/1", "+l/0", false);
        // What stood at 1 stands at 2 after the insert.
        check("=x", "l/1", "+l/0 =l/1", false);
        check("=x", "l/1", "+l/0 =l/2", true);
        check("=l/1", "", "+l/0 =l/2", true);
        check("=l/1", "", "+l/0 =l/1", false);
        check("+l/0 =l/2", "", "=l/1", true);
        check("+l/0 =l/2", "", "=l/2", false);
        check("=l/1", "", "-l/1", true);
        check("=l/1", "", "ml/0", false);
        check("=l/0/x", "", "ml/0", true);
    }
}
