//! The difference between two documents in ops that others' work can be carried over.
//!
//! Where nobody knows any more what was done one by one, a plain diff would say "this number is now 7" and so end every addition to it.
//! This one says "2 more", "these characters", "this element went there": it means the same, and what is carried over it keeps its meaning.
//! An enum that became another variant is set as a whole, as whoever switched it did.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::{Elements, Kind, Kinds};
use super::print::{IDENTITIES, Print};
use super::sequence::arrange;
use super::{Arranged, diff_at, diff_lists_by, hash_of, replace_run, splices};
use crate::doc::{Node, Object};
use crate::patch::{Op, Patch};
use crate::path::{Key, Trail};

/// What of a document counts for the difference.
pub(crate) struct Document<'a> {
    pub(crate) root: &'a Node,
    /// Its enums and lists.
    pub(crate) kinds: Kinds,
}

/// The patch that makes `new` of `old`, in ops that add to what others do at the same places. Under these keys, where one of them makes an empty
/// value, what is new is put into one too: so both are one.
pub(crate) fn diff_to_merge(old: &Document<'_>, new: &Document<'_>, ensured: &BTreeSet<Key>) -> Patch {
    let mut patch = Patch::default();
    let place = Place { before: &Trail::ROOT, trail: &Trail::ROOT };
    Merge { ensured, old: &old.kinds, new: &new.kinds }.at(place, old.root, new.root, &mut patch);
    patch
}

#[derive(Clone, Copy)]
struct Merge<'a> {
    ensured: &'a BTreeSet<Key>,
    old: &'a Kinds,
    new: &'a Kinds,
}

/// Where a value was in the old document, and where it is in the new one.
#[derive(Clone, Copy)]
struct Place<'a> {
    before: &'a Trail<'a>,
    trail: &'a Trail<'a>,
}

impl Merge<'_> {
    fn at(self, place: Place<'_>, old: &Node, new: &Node, patch: &mut Patch) {
        let trail = place.trail;
        match (old, new) {
            _ if old == new => {}
            (Node::Number(from), Node::Number(to)) if from.as_i64().is_some() && to.as_i64().is_some() => {
                let by = to.as_i64().unwrap_or_default().wrapping_sub(from.as_i64().unwrap_or_default());
                patch.ops.push(Op::Increment { path: trail.to_path(), by });
            }
            (Node::String(from), Node::String(to)) => merge_texts(trail, from, to, patch),
            (Node::Object(from), Node::Object(to)) => {
                let switched = self.new.switched(*trail, new, self.old, *place.before, old);
                self.objects(place, from, to, &switched, patch);
            }
            (Node::List(from), Node::List(to)) => match self.new.switched(*trail, new, self.old, *place.before, old).first() {
                Some(_) => patch.ops.push(Op::Set { path: trail.to_path(), value: new.clone() }),
                None => self.lists(place, from, to, patch),
            },
            _ => diff_at(trail, old, new, patch),
        }
    }

    fn objects(self, place: Place<'_>, old: &Object, new: &Object, kinds: &[Kind], patch: &mut Patch) {
        let path = || place.trail.to_path();
        if kinds.iter().any(|kind| kind.among.is_none()) {
            return patch.ops.push(Op::Set { path: path(), value: Node::Object(new.clone()) });
        }
        // What an enum holds goes with it.
        let is_held = |kind: &Kind| {
            let is_within = |outer: &Kind| kind.keys().all(|key| outer.keys().any(|own| own == key));
            kinds.iter().any(|outer| outer.keys().count() > kind.keys().count() && is_within(outer))
        };
        let outer = kinds.iter().filter(|kind| !is_held(kind));
        patch.ops.extend(outer.map(|kind| Op::switch(path(), kind.keys().cloned(), kind.entries(new))));
        let switched: BTreeSet<&Key> = kinds.iter().flat_map(Kind::keys).collect();
        for (key, _) in old.iter().filter(|(key, _)| new.get(key).is_none() && !switched.contains(key)) {
            patch.ops.push(Op::Remove { path: place.trail.key(key).to_path() });
        }
        for (key, node) in new.iter().filter(|(key, _)| !switched.contains(key)) {
            let (before, trail) = (place.before.key(key), place.trail.key(key));
            match old.get(key) {
                Some(old) => self.at(Place { before: &before, trail: &trail }, old, node, patch),
                None => self.add(key, &trail, node, patch),
            }
        }
    }

    /// Appends a value where there was nothing.
    fn add(self, key: &Key, trail: &Trail<'_>, node: &Node, patch: &mut Patch) {
        let path = trail.to_path();
        match node.emptied().filter(|_| self.ensured.contains(key)) {
            Some(empty) => {
                patch.ops.push(Op::Ensure { path, value: empty.clone() });
                self.at(Place { before: trail, trail }, &empty, node, patch);
            }
            None => patch.ops.push(Op::Set { path, value: node.clone() }),
        }
    }

    /// Elements are known again by a field that tells them apart, or by what they hold and where they stand.
    fn lists(self, place: Place<'_>, old: &[Node], new: &[Node], patch: &mut Patch) {
        let of_elements = |(before, after): (Vec<u64>, Vec<u64>)| {
            let places: BTreeMap<u64, usize> = before.into_iter().zip(0..).collect();
            Arranged::of_elements(old.len(), after.iter().map(|identity| places.get(identity).copied()))
        };
        let element = |origin: usize, position: usize, patch: &mut Patch| {
            let (before, trail) = (place.before.index(origin), place.trail.index(position));
            self.at(Place { before: &before, trail: &trail }, &old[origin], &new[position], patch);
        };
        let identities = match self.new.elements(*place.trail) {
            Some(Elements::Fixed) if old.len() != new.len() => {
                return patch.ops.push(Op::Set { path: place.trail.to_path(), value: Node::list(new.to_vec()) });
            }
            Some(Elements::Fixed | Elements::Slots) => {
                return replace_run(place.trail, (0..old.len(), 0..new.len()), &new.iter().collect::<Vec<_>>(), patch, &element);
            }
            Some(Elements::Keyed(key)) => by_key(old, new, &Key::from_static(key)).or_else(|| identities(old, new)),
            Some(Elements::Merging) if old.len() == new.len() && !has_moved(old, new) => None,
            _ => identities(old, new),
        };
        let Some(arranged) = identities.and_then(of_elements) else {
            return diff_lists_by(place.trail, old, &new.iter().collect::<Vec<_>>(), patch, &element);
        };
        arranged.record_order(place.trail, 0, patch);
        arranged.record_new(place.trail, 0, |position| new[position].clone(), patch);
        arranged.touched().for_each(|(position, origin)| element(origin, position, patch));
    }
}

fn merge_texts(trail: &Trail<'_>, old: &str, new: &str, patch: &mut Patch) {
    let splice = |(at, delete, insert): (u32, u32, String)| Op::Splice { path: trail.to_path(), at, delete, insert: insert.into() };
    patch.ops.extend(splices(old, new).into_iter().map(splice));
}

/// What tells the elements of both lists apart; nothing if they are best known by what they hold and where they stand.
fn identities(old: &[Node], new: &[Node]) -> Option<(Vec<u64>, Vec<u64>)> {
    let by_key = |key: &Key| by_key(old, new, key);
    let keys = |node: &Node| match node {
        Node::Object(entries) => entries.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let candidates = old.first().map(keys).unwrap_or_default();
    let best = |best: (Vec<u64>, Vec<u64>), next: (Vec<u64>, Vec<u64>)| {
        if common(&next.0, &next.1) > common(&best.0, &best.1) { next } else { best }
    };
    // A name that says what it is for is believed; else any other field. Of several, the first of those that find the most elements again.
    if let Some(named) = IDENTITIES.iter().filter_map(|name| by_key(&Key::from(*name))).reduce(best) {
        return Some(named);
    }
    if old.iter().chain(new).all(|node| !matches!(node, Node::Object(_) | Node::List(_) | Node::Set(_))) {
        // Another text is another element: an edit of the one must not fall upon the other.
        return of_both(old, new, |node| Some(hash_of(node)));
    }
    let found = candidates.iter().filter_map(by_key).reduce(best)?;
    (common(&found.0, &found.1) > found_by_content(old, new)).then_some(found)
}

/// Whether an element that differs from what stood at its position is what stood at another.
fn has_moved(old: &[Node], new: &[Node]) -> bool {
    let differing = || old.iter().zip(new).filter(|(old, new)| old != new);
    let gone: BTreeSet<u64> = differing().map(|(old, _)| hash_of(old)).collect();
    differing().any(|(_, new)| gone.contains(&hash_of(new)))
}

/// What stands under a key of the elements; nothing if it does not tell them apart.
fn by_key(old: &[Node], new: &[Node], key: &Key) -> Option<(Vec<u64>, Vec<u64>)> {
    let field = |node: &Node| match node {
        Node::Object(entries) => entries.get(key).map(hash_of),
        _ => None,
    };
    of_both(old, new, field)
}

/// How many elements are known again by what they hold and where they stand.
fn found_by_content(old: &[Node], new: &[Node]) -> usize {
    let prints = |nodes: &[Node]| nodes.iter().map(Print::of).collect::<Vec<_>>();
    let pairs = old.len().min(new.len());
    arrange(&prints(old), &prints(new), false).map_or(pairs, |sequence| sequence.origins.iter().flatten().count())
}

fn of_both(old: &[Node], new: &[Node], identity: impl Fn(&Node) -> Option<u64>) -> Option<(Vec<u64>, Vec<u64>)> {
    let of = |nodes: &[Node]| {
        let identities: Vec<u64> = nodes.iter().map(&identity).collect::<Option<_>>()?;
        let unique: BTreeSet<u64> = identities.iter().copied().collect();
        (unique.len() == identities.len()).then_some(identities)
    };
    Some((of(old)?, of(new)?))
}

fn common(before: &[u64], after: &[u64]) -> usize {
    let known: BTreeSet<u64> = before.iter().copied().collect();
    after.iter().filter(|identity| known.contains(identity)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Doc;
    use serde_json::{Value, json};

    fn check(old: Value, new: Value, expected: &str) {
        check_ensured(&[], old, new, expected);
    }

    fn check_ensured(ensured: &[&str], old: Value, new: Value, expected: &str) {
        let [old, new] = [old, new].map(|value| Node::from_json(&value).expect("in range"));
        let [from, to] = [&old, &new].map(|root| Document { root, kinds: Kinds::none(root) });
        let patch = diff_to_merge(&from, &to, &ensured.iter().map(|key| Key::from(*key)).collect());
        assert_eq!(patch.to_string(), expected);
        let mut doc = Doc::new(old);
        doc.apply(&patch).expect("it applies");
        assert_eq!(doc.root(), &new);
    }

    #[test]
    fn differences_add_to_what_others_do() {
        check(json!({"n": 5}), json!({"n": 7}), r#"[["i",["n"],2]]"#);
        check(json!({"n": 5}), json!({"n": 7.5}), r#"[["=",["n"],7.5]]"#);
        check(json!(u64::MAX), json!(1), r#"[["=",[],1]]"#);
        check(json!(i64::MIN), json!(i64::MAX), r#"[["i",[],-1]]"#);
        check(json!("añb"), json!("axyb"), r#"[["s",[],[1,1,"xy"]]]"#);
        check(json!("aa"), json!("aaa"), r#"[["s",[],[2,0,"a"]]]"#);
        check(json!("one two"), json!("one, two!"), r#"[["s",[],[3,0,","]],["s",[],[8,0,"!"]]]"#);
        check(json!({"a": 1}), json!({"b": 1}), r#"[["-",["a"]],["=",["b"],1]]"#);
        check(json!([1, 2, 3]), json!([3, 1, 2]), r#"[["m",[2],0]]"#);
        check(json!([1, 1]), json!([1, 2]), r#"[["i",[1],1]]"#);
        let (ada, bob) = (json!({"id": 1, "n": 1}), json!({"id": 2, "n": 1}));
        check(json!([ada, bob]), json!([bob, {"id": 1, "n": 4}]), r#"[["m",[1],0],["i",[1,"n"],3]]"#);
        check(json!(["a", "b"]), json!(["a", "c"]), r#"[["-",[1]],["+",[1],"c"]]"#);
        check(
            json!([{"name": "a", "id": 1, "n": 1}]),
            json!([{"name": "b", "id": 1, "n": 3}]),
            r#"[["i",[0,"n"],2],["s",[0,"name"],[0,1,"b"]]]"#,
        );
        let (card, other) = (json!({"title": "a", "n": 1}), json!({"title": "b", "n": 1}));
        check(json!([card, other]), json!([other, {"title": "a", "n": 4}]), r#"[["m",[1],0],["i",[1,"n"],3]]"#);
        check(json!([card, other]), json!([{"title": "a!", "n": 1}, other]), r#"[["s",[0,"title"],[1,0,"!"]]]"#);
        check(json!([ada]), json!([bob]), r#"[["-",[0]],["+",[0],{"id":2,"n":1}]]"#);
    }
    #[test]
    fn where_others_make_an_empty_value_what_is_new_is_put_into_one() {
        let keys = ["n", "list", "map", "text", "none"];
        check_ensured(&keys, json!({}), json!({"n": 2, "other": 2}), r#"[["e",["n"],0],["i",["n"],2],["=",["other"],2]]"#);
        check_ensured(&keys, json!({}), json!({"list": [1, 2]}), r#"[["e",["list"],[]],["+",["list",0],1],["+",["list",1],2]]"#);
        check_ensured(
            &keys,
            json!({}),
            json!({"map": {"n": 1, "o": 2}}),
            r#"[["e",["map"],{}],["e",["map","n"],0],["i",["map","n"],1],["=",["map","o"],2]]"#,
        );
        check_ensured(&keys, json!({}), json!({"text": "ab"}), r#"[["e",["text"],""],["s",["text"],[0,0,"ab"]]]"#);
        check_ensured(&keys, json!({}), json!({"none": null}), r#"[["=",["none"],null]]"#);
    }
}
