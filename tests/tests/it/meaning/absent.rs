//! What is left out of JSON, or filled in by a default, merges as where it stands there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ssync::{Counter, List, Map, Node, Op, Patch, Path, Shared, Syncable, Text};

use super::{commit, merged, sent};

fn is_zero(counter: &Counter) -> bool {
    *counter == 0
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Sparse {
    #[serde(default, skip_serializing_if = "is_zero")]
    votes: Counter,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<String>,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    tracked: List<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    map: BTreeMap<String, Vec<u8>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    set: BTreeSet<u8>,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    notes: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plain: Option<u8>,
}

/// The same by serde alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Flattened {
    name: String,
    #[serde(flatten)]
    sparse: Sparse,
}

/// Both edits merge in a struct of the typed route, and in one that is flattened.
fn check(start: impl Fn(&mut Sparse), here: impl Fn(&mut Sparse), there: impl Fn(&mut Sparse), expected: impl Fn(&mut Sparse)) {
    let (mut began, mut meant) = (Sparse::default(), Sparse::default());
    start(&mut began);
    expected(&mut meant);
    assert_eq!(merged(&began, &here, &there), meant);
    let flattened = |sparse| Flattened { name: "f".into(), sparse };
    let ended = merged(&flattened(began), |value| here(&mut value.sparse), |value| there(&mut value.sparse));
    assert_eq!(ended, flattened(meant));
}

/// A counter that was left out at 0 was not asked by that commit, and so took what it had added to since for another number: the next addition was sent
/// as a number, which ended what others added. A counter remembers that it was 0.
#[test]
fn a_counter_that_was_left_out_at_0_still_adds() {
    let mut start = Flattened::default();
    start.sparse.votes.set(8);
    let shared = Shared::new_local(start).unwrap();
    assert_eq!(commit(&shared, |it| it.sparse.votes -= 8).to_string(), r#"[["i",["votes"],-8]]"#);
    assert_eq!(commit(&shared, |it| it.sparse.votes += 7).to_string(), r#"[["i",["votes"],7]]"#);
    assert_eq!(commit(&shared, |it| it.sparse.votes -= 7).to_string(), r#"[["i",["votes"],-7]]"#);
    let copied = |it: &mut Flattened| {
        *it = it.clone();
        it.sparse.votes += 2;
        *it = it.clone();
    };
    assert_eq!(commit(&shared, copied).to_string(), r#"[["i",["votes"],2]]"#);
    assert_eq!(commit(&shared, |it| it.sparse.votes.set(3)).to_string(), r#"[["=",["votes"],3]]"#);
}

#[test]
fn the_first_into_what_was_left_out_merge() {
    check(|_| (), |it| it.votes += 1, |it| it.votes += 1, |it| it.votes.set(2));
    check(
        |_| (),
        |it| it.map.entry("k".into()).or_default().push(1),
        |it| drop(it.map.insert("l".into(), vec![2])),
        |it| {
            it.map = [("k".to_owned(), vec![1]), ("l".to_owned(), vec![2])].into();
        },
    );
    check(|_| (), |it| drop(it.set.insert(1)), |it| drop(it.set.insert(2)), |it| it.set = [1, 2].into());
    let [first, second] = super::both(&Sparse::default(), |it| it.list.push("a".into()), |it| it.list.push("b".into()));
    assert_eq!((first.list, second.list), (vec!["a".to_owned(), "b".to_owned()], vec!["b".to_owned(), "a".to_owned()]));
    let [first, second] = super::both(&Sparse::default(), |it| it.tracked.push("a".into()), |it| it.tracked.push("b".into()));
    assert_eq!((first.tracked.len(), second.tracked.len()), (2, 2));
    let [first, second] = super::both(&Sparse::default(), |it| it.notes.push_str("ab"), |it| it.notes.push_str("cd"));
    assert_eq!((first.notes.as_str(), second.notes.as_str()), ("abcd", "cdab"));
}

#[test]
fn the_last_out_of_what_is_then_left_out_leaves_the_rest() {
    let one = |it: &mut Sparse| it.list = vec!["a".into()];
    check(one, |it| drop(it.list.pop()), |it| it.list.push("b".into()), |it| it.list = vec!["b".into()]);
    let tracked = |it: &mut Sparse| it.tracked.push("a".into());
    check(tracked, |it| drop(it.tracked.pop()), |it| it.tracked.push("b".into()), |it| it.tracked.push("b".into()));
    check(|it| it.votes.set(1), |it| it.votes -= 1, |it| it.votes += 1, |it| it.votes.set(1));
    check(|it| drop(it.set.insert(1)), |it| it.set.clear(), |it| drop(it.set.insert(2)), |it| it.set = [2].into());
    check(|it| it.notes.push_str("ab"), |it| it.notes.clear(), |it| it.notes.push('c'), |it| it.notes.push('c'));
    let from_number = Sparse { votes: Counter::from(0), ..Sparse::default() };
    assert_eq!(merged(&from_number, |it| it.votes += 1, |it| it.votes += 1).votes.value(), 2);
    let keyed = |it: &mut Sparse| drop(it.map.insert("k".into(), vec![1]));
    check(keyed, |it| it.map.clear(), |it| drop(it.map.insert("l".into(), vec![2])), |it| drop(it.map.insert("l".into(), vec![2])));
}

/// What is no container is left out of the document too: a program that joins sees what serde writes.
#[test]
fn a_plain_value_that_is_left_out_is_not_in_the_document() {
    let start = Sparse { plain: Some(1), ..Sparse::default() };
    assert_eq!(sent(&start, |it| it.plain = None), r#"[["-",["plain"]]]"#);
}

/// A default that serde fills in where the room has nothing yet is not sent; two who add to it both do.
#[test]
fn what_a_default_filled_in_merges() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct Newer {
        name: String,
        #[serde(default)]
        votes: Counter,
        #[serde(default)]
        list: Vec<u8>,
        #[serde(default)]
        notes: Text,
    }
    let older = || {
        let shared = Shared::new_local(Newer::default()).unwrap();
        let room = Node::from_json(&serde_json::json!({"name": "n"})).unwrap();
        shared.apply(&Patch::from_op(Op::Set { path: Path::root(), value: room })).unwrap();
        shared
    };
    let (here, there) = (older(), older());
    let edit = |number: u8| {
        move |it: &mut Newer| {
            it.votes += i64::from(number);
            it.list.push(number);
            it.notes.push_str(&number.to_string());
        }
    };
    let (ours, theirs) = (commit(&here, edit(1)), commit(&there, edit(2)));
    here.apply(&theirs.transform(&ours, ssync::Order::Later)).unwrap();
    there.apply(&ours.transform(&theirs, ssync::Order::Earlier)).unwrap();
    assert_eq!(here.to_json(), serde_json::json!({"name": "n", "votes": 3, "list": [1, 2], "notes": "12"}));
    assert_eq!((here.to_json(), here.read_clone()), (there.to_json(), there.read_clone()));
}

#[test]
fn two_who_make_one_container_under_a_key_make_one() {
    type Lists = BTreeMap<String, List<u8>>;
    let [first, _] =
        super::both(&Lists::default(), |map| map.entry("k".into()).or_default().push(1), |map| map.entry("k".into()).or_default().push(2));
    assert_eq!(first["k"], [1, 2]);
    let ended = merged(
        &Map::<String, Counter>::default(),
        |map| *map.entry("k".into()).or_default() += 1,
        |map| *map.entry("k".into()).or_default() += 10,
    );
    assert_eq!(ended["k"].value(), 11);
    let ended = merged(
        &BTreeMap::<u8, BTreeMap<u8, BTreeSet<u8>>>::default(),
        |map| drop(map.entry(1).or_default().entry(2).or_default().insert(3)),
        |map| drop(map.entry(1).or_default().entry(2).or_default().insert(4)),
    );
    assert_eq!(ended[&1][&2], [3, 4].into());
}

/// A counter says what its documentation says: what was added, or the number that it was set to.
#[test]
fn a_counter_that_is_set_swapped_or_taken_says_so() {
    type Two = (Counter, Counter);
    let two = || (Counter::new(5), Counter::new(3));
    let check = |edit: fn(&mut Two), expected: &str| assert_eq!(sent(&two(), edit), expected);
    check(|two| two.0 += 2, r#"[["i",[0],2]]"#);
    check(|two| two.0.set(5), r#"[["=",[0],5]]"#);
    check(|two| std::mem::swap(&mut two.0, &mut two.1), r#"[["=",[0],3],["=",[1],5]]"#);
    check(|two| _ = std::mem::take(&mut two.0), r#"[["=",[0],0]]"#);
    check(|two| two.0 = Counter::from(7), r#"[["=",[0],7]]"#);
    check(|two| *two = (two.0.clone(), two.1.clone()), "[]");
    check(
        |two| {
            let mut copy = two.0.clone();
            copy += 4;
            two.0 = copy;
        },
        r#"[["i",[0],4]]"#,
    );
    let shared = Shared::new_local(two()).unwrap();
    assert_eq!(commit(&shared, |two| two.0.set(9)).to_string(), r#"[["=",[0],9]]"#);
    assert_eq!(commit(&shared, |two| two.0 += 1).to_string(), r#"[["i",[0],1]]"#, "the set was sent before");
}

/// Cause: what takes an empty value back that was made for the first element takes everything in it along. Effect: the undo of a first push
/// took away what somebody else had pushed too. Fix: the empty value stays.
#[test]
fn an_undo_of_the_first_push_leaves_what_others_pushed() {
    let [here, there] = [(); 2].map(|()| Shared::new_local(Sparse::default()).unwrap());
    here.keep_undo(10);
    let (ours, theirs) = (commit(&here, |it| it.list.push("a".into())), commit(&there, |it| it.list.push("b".into())));
    here.apply(&theirs.transform(&ours, ssync::Order::Later)).unwrap();
    assert!(!here.undo().unwrap().is_partial);
    assert_eq!(here.read().list, ["b"]);
    here.redo().unwrap();
    assert_eq!(here.read().list.len(), 2);
}
