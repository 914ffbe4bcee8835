//! What must hold between two values of a type.

use std::fmt::Debug;

use serde::Serialize;
use serde_json::{Value, json};
use ssync::{Node, Op, Patch, Path, Segment, Shared, Syncable, WriteGuard};

use crate::generate::{Dice, Generate};

/// Values of each type, and edits of each value.
const ROUNDS: u64 = 60;

/// Values of each type in which every scalar is set to what may not fit.
const ODD_ROUNDS: u64 = 4;

/// How many pairs could be shared, of those that were tried.
#[derive(Default)]
struct Count {
    shared: u64,
    refused: u64,
}

/// Checks a type; its values must mostly be such that can be shared.
pub(crate) fn check<T: Syncable + Generate + Clone + PartialEq + Debug + Send + Sync + 'static>(name: &str) {
    let mut count = Count::default();
    for seed in 0..ROUNDS {
        let mut dice = Dice::new(name, seed);
        let old = T::generate(&mut dice);
        let mut new = old.clone();
        new.change(&mut dice);
        check_pair(&format!("{name}, seed {seed}"), &old, &new, &mut count);
        check_pair(&format!("{name}, seed {seed}, anew"), &old, &T::generate(&mut dice), &mut count);
        if seed < ODD_ROUNDS {
            check_scalars(&format!("{name}, seed {seed}"), &old);
        }
    }
    // serde itself cannot read back some of them: integer keys inside a tagged enum, wide integers, shadowed variants.
    assert!(count.shared >= 10, "{name}: {} pairs shared, {} refused", count.shared, count.refused);
}

fn check_pair<T: Syncable + Clone + PartialEq + Debug + Send + Sync + 'static>(name: &str, old: &T, new: &T, count: &mut Count) {
    let (Ok(before), refusal) = (ssync::document(old), ssync::check(new)) else {
        count.refused += 1;
        return;
    };
    if ssync::check(old).is_err() {
        count.refused += 1;
        return;
    }
    let shared = Shared::new_local(old.clone()).unwrap();
    let mut guard = shared.write();
    guard.clone_from(new);
    let committed = WriteGuard::commit(guard);
    if let Err(refusal) = refusal {
        count.refused += 1;
        assert!(committed.is_err(), "{name}: {new:?} passes, and the check says {refusal}");
        assert_eq!(shared.to_json(), before.root().to_json(), "{name}: a refusal leaves everything as it was");
        return;
    }
    count.shared += 1;
    let typed = committed.unwrap_or_else(|error| panic!("{name}: {error}: {old:?} to {new:?}")).patch().clone();
    let by_serde = ssync::diff(old, new).unwrap_or_else(|error| panic!("{name}: {error}: {old:?} to {new:?}"));
    let after = ssync::document(new).unwrap();
    assert!(
        says_the_same(after.root(), &serde_json::to_value(new).unwrap()),
        "{name}: {:?} is not what serde writes of {new:?}",
        after.root()
    );
    for (route, patch) in [("typed", &typed), ("serde", &by_serde)] {
        let context = || format!("{name}, {route} route: {patch} from {old:?} to {new:?}");
        let mut value = old.clone();
        let inverse = ssync::apply(&mut value, patch).unwrap_or_else(|error| panic!("{error:?}: {}", context()));
        assert_eq!(&value, new, "{}", context());
        ssync::apply(&mut value, &inverse).unwrap_or_else(|error| panic!("{error:?}: back: {}", context()));
        assert_eq!(&value, old, "back: {}", context());
        let mut doc = before.clone();
        doc.apply(patch).unwrap_or_else(|error| panic!("{error}: {}", context()));
        assert_eq!(doc.root(), after.root(), "{}", context());
        let mut json = before.root().to_json();
        json_patch::patch(&mut json, &patch.to_rfc6902_on(&before).unwrap()).unwrap_or_else(|error| panic!("{error}: {}", context()));
        assert!(says_the_same(after.root(), &json), "as JSON Patch: {}", context());
    }
    assert_eq!(shared.to_json(), after.root().to_json(), "{name}: the document after a commit");
    let again = WriteGuard::commit(shared.write()).unwrap().patch().clone();
    assert!(again.is_empty(), "{name}: {again} from a guard that changed nothing");
    // Receipt in place, and back.
    let receiver = Shared::new_local(old.clone()).unwrap();
    let inverse = receiver.apply(&typed).unwrap();
    assert_eq!(&*receiver.read(), new, "{name}: {typed} received in place by {old:?}");
    let kept = WriteGuard::commit(receiver.write()).unwrap().patch().clone();
    assert!(kept.is_empty(), "{name}: {kept} after {typed} was received by {old:?}");
    receiver.apply(&inverse).unwrap();
    assert_eq!(&*receiver.read(), old, "{name}: {inverse} received in place");
}

/// Sets each scalar of the document to others: taken in place, on one way down value and document, it must do what it does alone.
fn check_scalars<T: Syncable + Clone + PartialEq + Debug + Send + Sync + 'static>(name: &str, old: &T) {
    if ssync::check(old).is_err() {
        return;
    }
    let before = ssync::document(old).unwrap();
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(7),
        json!(300),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("a"),
        json!("9"),
    ];
    let odd = odd.map(|value| Node::from_json(&value).unwrap());
    let mut paths = Vec::new();
    scalars(before.root(), &Path::root(), &mut paths);
    for path in paths {
        for value in &odd {
            let patch = Patch::from_op(Op::Set { path: path.clone(), value: value.clone() });
            let context = || format!("{name}: {patch} received by {old:?}");
            let (mut alone, mut doc) = (old.clone(), before.clone());
            let expected = ssync::apply(&mut alone, &patch);
            let receiver = Shared::new_local(old.clone()).unwrap();
            let received = receiver.apply(&patch);
            assert_eq!(received.is_ok(), expected.is_ok(), "{}: {received:?}, and alone {expected:?}", context());
            assert_eq!(&*receiver.read(), &alone, "{}", context());
            let Ok(inverse) = received else {
                assert_eq!(receiver.to_json(), before.root().to_json(), "{}", context());
                continue;
            };
            assert_eq!(inverse, doc.apply(&patch).unwrap(), "{}", context());
            assert_eq!(receiver.to_json(), doc.root().to_json(), "{}", context());
            let again = WriteGuard::commit(receiver.write()).unwrap().patch().clone();
            // The value may leave out what it says now: the next guard takes that out of the document.
            let is_left_out = |op: &Op| matches!(op, Op::Remove { path: gone } if gone.contains(&path));
            assert!(again.ops().iter().all(is_left_out), "{again} after {}", context());
            if !again.is_empty() {
                assert_eq!(receiver.to_json(), ssync::document(&alone).unwrap().root().to_json(), "{again} after {}", context());
                continue;
            }
            receiver.apply(&inverse).unwrap_or_else(|error| panic!("{error:?}: back: {}", context()));
            assert_eq!((&*receiver.read(), receiver.to_json()), (old, before.root().to_json()), "back: {}", context());
            let again = WriteGuard::commit(receiver.write()).unwrap().patch().clone();
            assert!(again.is_empty(), "back: {again} after {}", context());
        }
    }
}

/// The paths of the first scalars of a node, those in sets excepted: their keys are what they say.
fn scalars(node: &Node, path: &Path, paths: &mut Vec<Path>) {
    const FIRST: usize = 12;
    let below = |segment| path.iter().chain([segment]).collect::<Path>();
    match node {
        Node::List(items) => (0..).zip(items.iter()).for_each(|(at, node)| scalars(node, &below(Segment::Index(at)), paths)),
        Node::Object(entries) => entries.iter().for_each(|(key, node)| scalars(node, &below(key.into()), paths)),
        Node::Set(_) => {}
        _ if paths.len() < FIRST => paths.push(path.clone()),
        _ => {}
    }
}

/// Whether a node and a JSON value are the same, where the members of a set may come in any order.
fn says_the_same(node: &Node, value: &impl Serialize) -> bool {
    fn same(node: &Node, value: &Value) -> bool {
        match (node, value) {
            (Node::List(items), Value::Array(values)) => {
                items.len() == values.len() && items.iter().zip(values).all(|(node, value)| same(node, value))
            }
            (Node::Object(entries), Value::Object(values)) => {
                // What is left out of JSON because it is empty stands in the document as empty.
                let is_blank = |node: &Node| [json!([]), json!({}), json!(""), json!(0)].contains(&node.to_json());
                values.keys().all(|key| entries.get(key).is_some())
                    && entries.iter().all(|(key, node)| values.get(&**key).map_or_else(|| is_blank(node), |value| same(node, value)))
            }
            (Node::Set(members), Value::Array(values)) => {
                members.len() == values.len() && members.iter().all(|(_, member)| values.iter().any(|value| same(member, value)))
            }
            (Node::List(_) | Node::Object(_) | Node::Set(_), _) => false,
            (scalar, value) => {
                // With `arbitrary_precision` serde_json writes an `f32` shorter than the number it is; it reads back as the same.
                let as_f32 = |value: &Value| value.as_f64().map(|float| float as f32);
                let short = cfg!(feature = "json-features") && value.is_f64() && as_f32(value) == as_f32(&scalar.to_json());
                short || scalar.to_json() == *value || Node::from_json(value).is_ok_and(|node| node == *scalar)
            }
        }
    }
    same(node, &serde_json::to_value(value).unwrap())
}
