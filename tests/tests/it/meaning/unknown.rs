//! A variant of a newer version, which this program reads as the one behind `#[serde(other)]`: whatever is edited beside it, it stays what it was.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ssync::{Counter, Node, Op, Patch, Path, Shared, Syncable};

use super::commit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "type")]
enum Shape {
    Circle {
        radius: u32,
    },
    #[serde(other)]
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat {
    votes: Counter,
    list: Vec<u32>,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Room {
    alone: Shape,
    listed: Vec<Shape>,
    flat: Flat,
    flats: Vec<Flat>,
}

/// What the newer version wrote.
fn star() -> Value {
    json!({"type": "Star", "points": [5, 6]})
}

fn room(shape: &Value, list: &Value) -> Value {
    let mut flat = json!({"votes": 1, "list": list});
    shape.as_object().into_iter().flatten().for_each(|(key, value)| flat[key] = value.clone());
    json!({"alone": shape, "listed": [shape, {"type": "Circle", "radius": 1}], "flat": flat, "flats": [flat]})
}

/// What an edit by this program sends, and what the room then is.
fn check(edit: impl FnOnce(&mut Room), sent: &str, expected: &Value) {
    let circle = || Shape::Circle { radius: 1 };
    let flat = Flat { votes: Counter::new(1), list: Vec::new(), shape: circle() };
    let shared = Shared::new_local(Room { alone: circle(), listed: Vec::new(), flat, flats: Vec::new() }).unwrap();
    let before = Node::from_json(&room(&star(), &json!([1, 2, 3]))).unwrap();
    shared.apply(&Patch::from_op(Op::Set { path: Path::root(), value: before })).unwrap();
    assert_eq!(commit(&shared, |_| ()).to_string(), "[]", "an untouched guard");
    assert_eq!(commit(&shared, edit).to_string(), sent);
    assert_eq!(&shared.to_json(), expected);
}

/// Cause: what the program shows in place of the variant was noted as a switch at the object that the variant is flattened into, and whatever was edited
/// in the object was taken for an edit of that. Effect: a removal in a list beside it set the object, and the newer variant was gone. Fix: a switch is at
/// its keys.
#[test]
fn an_edit_beside_it_leaves_it() {
    let edited = |edit: &dyn Fn(&mut Flat)| {
        let edit = |room: &mut Room| std::iter::once(&mut room.flat).chain(&mut room.flats).for_each(edit);
        check(edit, r#"[["-",["flat","list",0]],["-",["flats",0,"list",0]]]"#, &room(&star(), &json!([2, 3])));
    };
    edited(&|flat| flat.list.retain(|number| *number != 1));
    let mut voted = room(&star(), &json!([1, 2, 3]));
    voted["flat"]["votes"] = json!(3);
    check(|room| room.flat.votes += 2, r#"[["i",["flat","votes"],2]]"#, &voted);
}

#[test]
fn whoever_switches_it_switches_it_alone() {
    let mut switched = room(&star(), &json!([1, 2, 3]));
    switched["alone"] = json!({"type": "Circle", "radius": 2});
    switched["flat"]["type"] = json!("Circle");
    switched["flat"]["radius"] = json!(2);
    let edit = |room: &mut Room| (room.alone, room.flat.shape) = (Shape::Circle { radius: 2 }, Shape::Circle { radius: 2 });
    let sent = r#"[["=",["alone"],{"type":"Circle","radius":2}],["v",["flat"],[["radius","type"],{"type":"Circle","radius":2}]]]"#;
    check(edit, sent, &switched);
}
