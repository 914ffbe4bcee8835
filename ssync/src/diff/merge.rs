//! The difference between two documents in ops that others' work can be carried over.
//!
//! Where nobody knows any more what was done one by one, a plain diff would say "this number is now 7" and so end every addition to it.
//! This one says "2 more", "these characters", "this element went there": it means the same, and what is carried over it keeps its meaning.

use std::collections::{BTreeMap, BTreeSet};

use super::print::IDENTITIES;
use super::{Arranged, diff_at, diff_lists, hash_of, splices};
use crate::doc::Node;
use crate::patch::{Op, Patch};
use crate::path::{Key, Trail};

/// The patch that makes `new` of `old`, in ops that add to what others do at the same places. Under these keys, where one of them makes an empty
/// value, what is new is put into one too: so both are one.
pub(crate) fn diff_to_merge(old: &Node, new: &Node, ensured: &BTreeSet<Key>) -> Patch {
    let mut merge = Merge { ensured, patch: Patch::default() };
    merge.at(&Trail::ROOT, old, new);
    merge.patch
}

struct Merge<'a> {
    ensured: &'a BTreeSet<Key>,
    patch: Patch,
}

impl Merge<'_> {
    fn at(&mut self, trail: &Trail<'_>, old: &Node, new: &Node) {
        let patch = &mut self.patch;
        match (old, new) {
            _ if old == new => {}
            (Node::Number(from), Node::Number(to)) if from.as_i64().is_some() && to.as_i64().is_some() => {
                let by = to.as_i64().unwrap_or_default().wrapping_sub(from.as_i64().unwrap_or_default());
                patch.ops.push(Op::Increment { path: trail.to_path(), by });
            }
            (Node::String(from), Node::String(to)) => merge_texts(trail, from, to, patch),
            // Also if it may be an enum: who switches it meanwhile sets it as a whole, and this is a map just as well.
            (Node::Object(from), Node::Object(to)) => {
                for (key, _) in from.iter().filter(|(key, _)| to.get(key).is_none()) {
                    patch.ops.push(Op::Remove { path: trail.key(key).to_path() });
                }
                for (key, node) in to.iter() {
                    match from.get(key) {
                        Some(old) => self.at(&trail.key(key), old, node),
                        None => self.add(key, &trail.key(key), node),
                    }
                }
            }
            (Node::List(from), Node::List(to)) => self.lists(trail, from, to),
            _ => diff_at(trail, old, new, patch),
        }
    }

    /// Appends a value where there was nothing.
    fn add(&mut self, key: &Key, trail: &Trail<'_>, node: &Node) {
        let path = trail.to_path();
        match node.emptied().filter(|_| self.ensured.contains(key)) {
            Some(empty) => {
                self.patch.ops.push(Op::Ensure { path, value: empty.clone() });
                self.at(trail, &empty, node);
            }
            None => self.patch.ops.push(Op::Set { path, value: node.clone() }),
        }
    }

    /// Elements are known again by a field that tells them apart, or by being the same.
    fn lists(&mut self, trail: &Trail<'_>, old: &[Node], new: &[Node]) {
        let patch = &mut self.patch;
        let Some((before, after)) = identities(old, new) else {
            return diff_lists(trail, old, &new.iter().collect::<Vec<_>>(), patch);
        };
        let places: BTreeMap<u64, usize> = before.into_iter().zip(0..).collect();
        let origins = after.iter().map(|identity| places.get(identity).copied());
        let Some(arranged) = Arranged::of_elements(old.len(), origins) else {
            return diff_lists(trail, old, &new.iter().collect::<Vec<_>>(), patch);
        };
        arranged.record_order(trail, 0, patch);
        arranged.record_new(trail, 0, |position| new[position].clone(), patch);
        for (position, origin) in arranged.touched() {
            self.at(&trail.index(position), &old[origin], &new[position]);
        }
    }
}

fn merge_texts(trail: &Trail<'_>, old: &str, new: &str, patch: &mut Patch) {
    let splice = |(at, delete, insert): (u32, u32, String)| Op::Splice { path: trail.to_path(), at, delete, insert: insert.into() };
    patch.ops.extend(splices(old, new).into_iter().map(splice));
}

/// What tells the elements of both lists apart; nothing if nothing does.
fn identities(old: &[Node], new: &[Node]) -> Option<(Vec<u64>, Vec<u64>)> {
    let by_key = |key: &Key| {
        let field = |node: &Node| match node {
            Node::Object(entries) => entries.get(key).map(hash_of),
            _ => None,
        };
        of_both(old, new, field)
    };
    let keys = |node: &Node| match node {
        Node::Object(entries) => entries.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let candidates = old.first().map(keys).unwrap_or_default();
    let whole = of_both(old, new, |node| Some(hash_of(node)));
    // A name that says what it is for is believed; else the first of those that find the most elements again.
    if let Some(named) = candidates.iter().filter(|key| IDENTITIES.contains(&&***key)).find_map(by_key) {
        return Some(named);
    }
    let best = |best: (Vec<u64>, Vec<u64>), next: (Vec<u64>, Vec<u64>)| {
        if common(&next.0, &next.1) > common(&best.0, &best.1) { next } else { best }
    };
    candidates.iter().map(by_key).chain([whole]).flatten().reduce(best)
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
        let patch = diff_to_merge(&old, &new, &ensured.iter().map(|key| Key::from(*key)).collect());
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
        check(json!([1, 1]), json!([1, 2]), r#"[["=",[1],2]]"#);
        let (ada, bob) = (json!({"id": 1, "n": 1}), json!({"id": 2, "n": 1}));
        check(json!([ada, bob]), json!([bob, {"id": 1, "n": 4}]), r#"[["m",[1],0],["i",[1,"n"],3]]"#);
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
