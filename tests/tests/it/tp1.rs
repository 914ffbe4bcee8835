//! TP1, exhaustively: on every small state, every pair of ops and every pair of short patches gives one document in both orders.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::{Value, json};
use ssync::{Doc, Node, Patch};

use super::algebra::{applied, check_tp1, every_op_of, node};

/// Every list of up to `length` of these elements.
fn lists(elements: &[Value], length: usize) -> Vec<Value> {
    let mut all = vec![vec![]];
    let mut longest = all.clone();
    for _ in 0..length {
        longest = longest
            .iter()
            .flat_map(|list: &Vec<Value>| elements.iter().map(|element| [&list[..], std::slice::from_ref(element)].concat()))
            .collect();
        all.extend(longest.iter().cloned());
    }
    all.into_iter().map(Value::from).collect()
}

/// Every map of these values under up to two keys.
fn maps(values: &[Value]) -> Vec<Value> {
    let one = values.iter().map(|value| json!({ "a": value }));
    let two = values.iter().flat_map(|first| values.iter().map(move |second| json!({ "a": first, "b": second })));
    std::iter::once(json!({})).chain(one).chain(two).collect()
}

/// Every text of up to `length` characters of one, two and four bytes.
fn texts(length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..length {
        longest = longest.iter().flat_map(|text| ["a", "é", "𝄞"].map(|char| format!("{text}{char}"))).collect();
        all.extend(longest.iter().cloned());
    }
    all
}

fn sets() -> Vec<Node> {
    let members = [Node::from("x"), Node::from("y"), node(json!([1]))];
    (0..8_usize)
        .map(|chosen| Node::set(members.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, member)| member.clone())))
        .collect()
}

/// Lists to length 5, one level of containers inside containers, maps, sets, texts to length 4.
fn small_states() -> Vec<Doc> {
    let flat = (0..=5).map(|length| Value::from((0..length).collect::<Vec<u8>>()));
    let inner = [json!(1), json!([]), json!([1]), json!([1, 2]), json!({}), json!({"k": 1}), json!("é")];
    let nested: Vec<Value> = lists(&inner, 3).into_iter().chain(maps(&inner)).collect();
    let wide = inner.iter().map(|value| json!({"a": value, "k": value, "new": 1, "other": "é"}));
    let states = flat.chain(nested).chain(wide).chain([json!(7), json!(i64::MAX), json!(1.5), json!({"list": [[1, "ab"], -1]})]);
    let states = states.map(node).chain(texts(4).into_iter().map(|text| Node::from(&*text))).chain(sets());
    states.map(Doc::new).collect()
}

/// Every patch of two ops.
fn two_ops(doc: &Doc, tag: &str) -> Vec<Patch> {
    let then = |first: ssync::Op| {
        let after = applied(doc, &[&Patch::from_op(first.clone())]);
        every_op_of(&after, tag).into_iter().map(move |second| Patch::new(vec![first.clone(), second]))
    };
    every_op_of(doc, tag).into_iter().flat_map(then).collect()
}

fn one_op(doc: &Doc, tag: &str) -> Vec<Patch> {
    every_op_of(doc, tag).into_iter().map(Patch::from_op).collect()
}

/// Checks every pair on every state, in both orders of the log; gives how many cases that were.
fn check_all(states: &[Doc], patches: impl Fn(&Doc, &str) -> Vec<Patch> + Sync) -> u64 {
    let (next, cases) = (AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(doc) = states.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (all_a, all_b) = (patches(doc, "A"), patches(doc, "BB"));
                    for a in &all_a {
                        all_b.iter().for_each(|b| check_tp1(doc, a, b));
                    }
                    cases.fetch_add(2 * (all_a.len() * all_b.len()) as u64, Ordering::Relaxed);
                }
            });
        }
    });
    cases.into_inner()
}

#[test]
fn tp1_holds_in_millions_of_cases_and_fails_in_none() {
    let ops = check_all(&small_states(), one_op);
    let few = [
        json!([]),
        json!([0]),
        json!([0, 1]),
        json!([0, 1, 2]),
        json!([0, 1, 2, 3]),
        json!([[0]]),
        json!([[0, 1], 2]),
        json!([{"k": 1}]),
        json!({"k": 1}),
        json!({"k": [0]}),
        json!({"k": "é"}),
        json!({"a": 1, "k": [0]}),
        json!({"a": {}, "k": 1, "new": "é"}),
        json!([{"a": 1}]),
    ];
    let short: Vec<Doc> =
        few.map(node).into_iter().chain(["é", "a𝄞", "abc"].map(Node::from)).chain([Node::set(["x".into()])]).map(Doc::new).collect();
    let patches = check_all(&short, two_ops);
    println!("TP1: {ops} cases of two ops on {} states, {patches} of two patches on {}, 0 failures", small_states().len(), short.len());
    assert!(ops + patches > 2_000_000, "{ops} and {patches} cases");
}
