//! Tracked containers: what they say was done to them, and that they hold what plain ones would.

mod rounds;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ssync::{Counter, List, Map, Node, Op, Patch, Path, Shared, Syncable, Text, WriteGuard};

/// The same struct of tracked and of plain containers, so that the same code runs on both.
macro_rules! twins {
    ($(struct $tracked:ident | $plain:ident { $($(#[sync $sync:tt])? $(#[serde $serde:tt])? $field:ident: $type:ty | $twin:ty,)* })*) => {
        $(#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
        struct $tracked { $($(#[sync $sync])? $(#[serde $serde])? $field: $type,)* }
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        struct $plain { $($(#[serde $serde])? $field: $twin,)* })*
    };
}

twins! {
    struct Row | PlainRow {
        id: u32 | u32,
        tags: List<u8> | Vec<u8>,
        cells: Map<u16, i64> | BTreeMap<u16, i64>,
        note: Text | String,
    }
    struct Flat | PlainFlat {
        extra: List<u8> | Vec<u8>,
        memo: Text | String,
    }
    struct State | PlainState {
        list: List<Row> | Vec<PlainRow>,
        other: List<Row> | Vec<PlainRow>,
        map: Map<u16, List<Row>> | BTreeMap<u16, Vec<PlainRow>>,
        plain: Vec<List<u8>> | Vec<Vec<u8>>,
        maybe: Option<Row> | Option<PlainRow>,
        #[sync(key = "id")]
        keyed: Vec<Row> | Vec<PlainRow>,
        #[serde(flatten)]
        flat: Flat | PlainFlat,
    }
}

fn check<T: Syncable + Send + Sync + Clone + 'static>(value: T, edit: impl FnOnce(&mut T), expected: &str) {
    let shared = Shared::new_local(value.clone()).unwrap();
    let mut guard = shared.write();
    edit(&mut guard);
    let patch = WriteGuard::commit(guard).unwrap().patch().clone();
    assert_eq!(patch.to_string(), expected);
    let mut other = value;
    ssync::apply(&mut other, &patch).unwrap();
    assert_eq!(serde_json::to_value(&other).unwrap(), serde_json::to_value(&*shared.read()).unwrap());
}

fn rows(count: u32) -> List<Row> {
    (0..count).map(|id| Row { id, ..Row::default() }).collect()
}

#[test]
fn tracked_lists_say_what_was_done() {
    check(rows(100), |list| list[50].id = 7, r#"[["=",[50,"id"],7]]"#);
    check(rows(100), |list| drop(list.remove(3)), r#"[["-",[3]]]"#);
    check(rows(100), |list| list.swap(3, 90), r#"[["m",[90],3],["m",[4],91]]"#);
    check(rows(100), |list| list.move_to(90, 0), r#"[["m",[90],0]]"#);
    check(rows(100), |list| list[5].tags.push(1), r#"[["+",[5,"tags",0],1]]"#);
    check(List::from([3, 1, 2]), List::sort, r#"[["m",[0],3]]"#);
    check(List::from([1, 2, 3, 4]), |list| list.retain(|number| number % 2 == 0), r#"[["-",[2]],["-",[0]]]"#);
    check(List::from([1, 2]), |list| list.extend([3, 4]), r#"[["+",[2],3],["+",[3],4]]"#);
    check(List::from([1, 2]), |list| list.iter_mut().for_each(|number| *number += 1), r#"[["=",[0],2],["=",[1],3]]"#);
    check(List::from([1, 2]), |list| drop(list.drain(..)), r#"[["-",[1]],["-",[0]]]"#);
    check(List::from([1, 2]), |_| {}, "[]");
}

#[test]
fn texts_and_counters_say_what_was_done() {
    check(Text::from("añb"), |text| text.push('!'), r#"[["s",[],[3,0,"!"]]]"#);
    check(Text::from("añb"), |text| drop(text.remove(1)), r#"[["s",[],[1,1,""]]]"#);
    check(Text::from("hello"), |text| text.set("hallo"), r#"[["s",[],[1,1,"a"]]]"#);
    check(Text::from("hello"), |text| *text = "help".into(), r#"[["s",[],[3,2,"p"]]]"#);
    check(Text::from("ab"), |text| text.extend(["c", "d"]), r#"[["s",[],[2,0,"cd"]]]"#);
    check(Counter::new(1), |counter| *counter -= 3, r#"[["i",[],-3]]"#);
    check(Counter::new(1), |counter| *counter = Counter::new(9), r#"[["=",[],9]]"#);
    check(Counter::new(i64::MAX), Counter::increment, r#"[["i",[],1]]"#);
}

#[test]
fn a_plain_list_with_a_key_follows_its_elements() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Keyed {
        #[sync(key = "id")]
        rows: Vec<Row>,
    }
    let thousand = Keyed { rows: rows(1_000).into_vec() };
    let insert = |keyed: &mut Keyed| keyed.rows.insert(0, Row { id: 5_000, ..Row::default() });
    check(thousand.clone(), insert, r#"[["+",["rows",0],{"id":5000,"tags":[],"cells":{},"note":""}]]"#);
    check(thousand.clone(), |keyed| keyed.rows.swap(3, 900), r#"[["m",["rows",900],3],["m",["rows",4],901]]"#);
    let edit_and_move = |keyed: &mut Keyed| {
        let mut row = keyed.rows.remove(10);
        row.note = "moved".into();
        keyed.rows.insert(500, row);
    };
    check(thousand, edit_and_move, r#"[["m",["rows",10],501],["s",["rows",500,"note"],[0,0,"moved"]]]"#);
}

/// An element that is sent as a copy of its neighbour. Had the document held one node for both, a list inside would have taken the
/// neighbour's for its own after one of them changed: the swap below would have been seen by half.
#[test]
fn copies_of_an_element_are_elements_of_their_own() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Row {
        id: u32,
        list: List<u8>,
    }
    let row = |id| Row { id, list: vec![1, 2, 3].into() };
    let shared = Shared::new_local((0..40).map(row).collect::<Vec<Row>>()).unwrap();
    // So many differ that they are looked for elsewhere, and found one further; behind them all is in its place but the copy.
    shared
        .update(|rows| {
            rows.remove(10);
            rows.insert(0, row(99));
            rows.insert(25, rows[24].clone());
            rows.remove(36);
        })
        .unwrap();
    shared.update(|_| ()).unwrap();
    let path = Path::from_iter([25.into(), "list".into(), 0.into()]);
    shared.apply(&Patch::new(vec![Op::Set { path, value: Node::Number(9u64.into()) }])).unwrap();
    shared.update(|rows| rows.swap(24, 25)).unwrap();
    let guard = shared.read();
    assert_eq!(guard[24].list[0], 9);
    assert_eq!(serde_json::to_value(&*guard).unwrap(), shared.to_json());
}

/// Among many edited elements, one was looked for among its neighbours by a comparison that made a counter forget that it was set: it
/// left as an increment, which what others add meanwhile survives.
#[test]
fn a_look_at_its_neighbours_changes_no_element() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Cell {
        hits: Counter,
        name: String,
    }
    let cell = |number: i64| Cell { hits: Counter::from(number % 2 * 5), name: number.to_string() };
    let shared = Shared::new_local((0..30).map(cell).collect::<Vec<Cell>>()).unwrap();
    let mut guard = shared.write();
    guard.iter_mut().take(8).for_each(|cell| cell.name.push('!'));
    guard[9].hits.set(0);
    let commit = WriteGuard::commit(guard).unwrap();
    assert_eq!(
        commit.patch().ops().last().unwrap(),
        &Op::Set { path: Path::from_iter([9.into(), "hits".into()]), value: Node::Number(0u64.into()) }
    );
}
