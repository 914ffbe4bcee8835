//! What an older program takes for nothing, or for the same, may hold something for others.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ssync::{Doc, List, Node, Op, Patch, Path, Shared, Syncable, WriteGuard};

/// All that this program knows of an element.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(default)]
struct Known {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    list: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Numbered {
    id: u32,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Keyed {
    #[sync(key = "id")]
    items: Vec<Numbered>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat {
    #[serde(flatten)]
    keyed: Keyed,
}

/// What a room holds after an edit in a program that does not know all of it.
fn check<T: Syncable + Send + Sync + 'static>(empty: T, before: Value, edit: impl FnOnce(&mut T), after: Value) {
    let shared = Shared::new_local(empty).unwrap();
    let root = Node::from_json(&before).unwrap();
    shared.apply(&Patch::new(vec![Op::Set { path: Path::root(), value: root.clone() }])).unwrap();
    let mut guard = shared.write();
    edit(&mut guard);
    let patch = WriteGuard::commit(guard).unwrap().patch().clone();
    let mut doc = Doc::new(root);
    doc.apply(&patch).unwrap();
    assert_eq!(doc.root().to_json(), after, "{patch}");
    assert_eq!(shared.to_json(), after);
}

#[test]
fn null_and_empty_elements_do_not_keep_the_others_in_place() {
    let [a, b] = [json!({"name": "a", "tag": 1}), json!({"name": "b", "tag": 2})];
    let known = json!([null, a, b]);
    check(List::<Option<Known>>::new(), known.clone(), |list| list.move_to(0, 2), json!([a, b, null]));
    check(Vec::<Option<Known>>::new(), known, |list| list.rotate_left(1), json!([a, b, null]));
    check(Vec::<Option<Known>>::new(), json!([a, null, b]), |list| list.reverse(), json!([b, null, a]));
    check(List::<List<Known>>::new(), json!([[], [a]]), |list| list.move_to(0, 1), json!([[a], []]));
    check(Vec::<Vec<Known>>::new(), json!([[b], [], [a]]), |list| list.rotate_left(1), json!([[], [a], [b]]));
}

#[test]
fn what_looks_empty_takes_along_what_it_holds() {
    let (full, bare) = (json!({"name": "a", "tag": 1}), json!({"tag": 2}));
    check(List::<Known>::new(), json!([full, bare]), |list| list.swap(0, 1), json!([bare, full]));
    check(Vec::<Known>::new(), json!([full, bare]), |list| list.reverse(), json!([bare, full]));
    check(Vec::<Known>::new(), json!([bare, full]), |list| drop(list.remove(0)), json!([full]));
    check(Vec::<Option<Known>>::new(), json!([bare, null]), |list| list.reverse(), json!([null, bare]));
    check(List::<Option<Known>>::new(), json!([null, bare, null]), |list| list.move_to(1, 2), json!([null, null, bare]));
}

#[test]
fn elements_of_one_key_are_told_apart_by_what_is_in_them() {
    let [a, b, c] = ["a", "b", "c"].map(|name| json!({"id": 0, "name": name, "tag": name}));
    let second = |items: &mut Vec<Numbered>| {
        let first = items.remove(0);
        items.insert(1, first);
    };
    let room = |items: Value| json!({ "items": items });
    let before = || room(json!([a, b, c]));
    check(Keyed { items: Vec::new() }, before(), |keyed| second(&mut keyed.items), room(json!([b, a, c])));
    check(Keyed { items: Vec::new() }, before(), |keyed| keyed.items.rotate_left(1), room(json!([b, c, a])));
    let flat = || Flat { keyed: Keyed { items: Vec::new() } };
    check(flat(), before(), |flat| second(&mut flat.keyed.items), room(json!([b, a, c])));
    check(flat(), before(), |flat| flat.keyed.items.reverse(), room(json!([c, b, a])));
}
