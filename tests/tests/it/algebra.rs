//! The laws of the patch algebra at random; `tp1` checks the most important one exhaustively on small states.

use proptest::prelude::*;
use serde_json::{Value, json};
use ssync::{Doc, Key, Node, Object, Op, Order, Patch, Path, Segment};

pub(super) fn node(value: Value) -> Node {
    Node::from_json(&value).unwrap()
}

pub(super) fn applied(doc: &Doc, patches: &[&Patch]) -> Doc {
    let mut doc = doc.clone();
    for patch in patches {
        doc.apply(patch).unwrap_or_else(|error| panic!("{patch} on {:?}: {error}", doc.root()));
    }
    doc
}

/// TP1: both orders give one document, whichever of the two is earlier in the log.
pub(super) fn check_tp1(doc: &Doc, a: &Patch, b: &Patch) {
    for order in [Order::Earlier, Order::Later] {
        let (a2, b2) = (a.transform(b, order), b.transform(a, order.flip()));
        let (left, right) = (applied(doc, &[a, &b2]), applied(doc, &[b, &a2]));
        assert_eq!(left, right, "{order:?}: {a} and {b} on {:?}: then {b2} and {a2}", doc.root());
    }
}

/// Every op that applies at or under `path`, with values that tell who wrote them.
fn every_op(node: &Node, path: &Path, tag: &str, out: &mut Vec<Op>) {
    let at = |segment: Segment<'_>| path.iter().chain([segment]).collect::<Path>();
    let value = || Node::from(tag);
    match node {
        Node::List(items) => {
            for gap in 0..=items.len() as u32 {
                out.push(Op::Insert { path: at(gap.into()), value: value() });
            }
            for (index, item) in items.iter().enumerate() {
                let path = at((index as u32).into());
                out.push(Op::Set { path: path.clone(), value: value() });
                out.push(Op::Remove { path: path.clone() });
                let gaps = (0..=items.len() as u32).filter(|gap| *gap as usize != index && *gap as usize != index + 1);
                out.extend(gaps.map(|to| Op::Move { path: path.clone(), to }));
                every_op(item, &path, tag, out);
            }
        }
        Node::Number(number) if number.as_i64().is_some() => {
            out.push(Op::Increment { path: path.clone(), by: i64::from(tag.as_bytes()[0]) });
        }
        Node::String(text) if text.chars().count() < 6 => {
            let count = text.chars().count() as u32;
            for at in 0..=count {
                out.extend((0..=count - at).map(|delete| Op::Splice { path: path.clone(), at, delete, insert: tag.into() }));
                out.extend((1..=count - at).map(|delete| Op::Splice { path: path.clone(), at, delete, insert: "".into() }));
            }
        }
        Node::Object(entries) => {
            out.push(Op::Set { path: at("new".into()), value: value() });
            for key in ["k", "new"].into_iter().filter(|key| entries.get(key).is_none()) {
                out.extend([json!([]), json!(0)].map(|value| Op::Ensure { path: at(key.into()), value: self::node(value) }));
            }
            for keys in [["a", "k"], ["k", "new"]] {
                out.push(switch(path.clone(), &keys, &[]));
                out.extend(keys.map(|key| switch(path.clone(), &keys, &[(key, value())])));
            }
            for (key, item) in entries.iter() {
                let path = at(key.into());
                out.push(Op::Set { path: path.clone(), value: value() });
                out.push(Op::Remove { path: path.clone() });
                every_op(item, &path, tag, out);
            }
        }
        Node::Set(members) => {
            let new = value();
            out.push(Op::Set { path: at((&new.member_key()).into()), value: new });
            for (key, member) in members.iter() {
                out.push(Op::Set { path: at(key.into()), value: member.clone() });
                out.push(Op::Remove { path: at(key.into()) });
            }
        }
        _ => {}
    }
}

/// A switch under these keys to these entries.
fn switch(path: Path, keys: &[&str], entries: &[(&str, Node)]) -> Op {
    let entries: Object = entries.iter().map(|(key, node)| (Key::from(*key), node.clone())).collect();
    Op::switch(path, keys.iter().map(|key| Key::from(*key)), entries)
}

pub(super) fn every_op_of(doc: &Doc, tag: &str) -> Vec<Op> {
    let mut ops = vec![Op::Set { path: Path::root(), value: Node::from(tag) }];
    every_op(doc.root(), &Path::root(), tag, &mut ops);
    ops
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(Value::from),
        "[a-c/~é]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A patch of up to `count` ops that apply one after the other, chosen by numbers.
fn patch_on(doc: &Doc, choices: &[u16], tag: &str) -> Patch {
    let mut doc = doc.clone();
    let mut ops = Vec::new();
    for choice in choices {
        let every = every_op_of(&doc, &format!("{tag}{choice}"));
        // The root's replacement would hide everything else: take it rarely.
        let first = usize::from(!choice.is_multiple_of(50) && every.len() > 1);
        let op = every[first + usize::from(*choice) % (every.len() - first)].clone();
        doc.apply(&Patch::new(vec![op.clone()])).unwrap();
        ops.push(op);
    }
    Patch::new(ops)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tp1_holds_for_random_patches(state in any_json(), a in prop::collection::vec(any::<u16>(), 0..5), b in prop::collection::vec(any::<u16>(), 0..5)) {
        let doc = Doc::new(node(state));
        check_tp1(&doc, &patch_on(&doc, &a, "A"), &patch_on(&doc, &b, "B"));
    }

    #[test]
    fn an_inverse_restores_and_sizes_are_kept(state in any_json(), choices in prop::collection::vec(any::<u16>(), 0..8)) {
        let before = Doc::new(node(state));
        let patch = patch_on(&before, &choices, "A");
        let mut doc = before.clone();
        let inverse = doc.apply(&patch).unwrap();
        let slack = 2 * patch.ops().len();
        prop_assert!(doc.size_bytes().abs_diff(doc.root().encoded_len()) <= slack, "{} is not {}", doc.size_bytes(), doc.root().encoded_len());
        doc.apply(&inverse).unwrap();
        prop_assert_eq!(&doc, &before);
    }

    #[test]
    fn apply_is_all_or_nothing(state in any_json(), choices in prop::collection::vec(any::<u16>(), 0..6)) {
        let before = Doc::new(node(state));
        let mut ops = patch_on(&before, &choices, "A").ops().to_vec();
        ops.push(Op::Remove { path: Path::from_iter(["not".into(), "there".into()]) });
        let mut doc = before.clone();
        prop_assert!(doc.apply(&Patch::new(ops)).is_err());
        prop_assert_eq!(doc, before);
    }

    #[test]
    fn a_composed_patch_does_what_the_two_do(state in any_json(), a in prop::collection::vec(any::<u16>(), 0..5), b in prop::collection::vec(any::<u16>(), 0..5)) {
        let doc = Doc::new(node(state));
        let first = patch_on(&doc, &a, "A");
        let between = applied(&doc, &[&first]);
        let second = patch_on(&between, &b, "B");
        let composed = first.compose(&second);
        prop_assert_eq!(applied(&doc, &[&composed]), applied(&between, &[&second]));
        prop_assert!(composed.ops().len() <= first.ops().len() + second.ops().len());
    }

    #[test]
    fn nodes_and_patches_come_back_from_their_bytes(state in any_json(), choices in prop::collection::vec(any::<u16>(), 0..8)) {
        let doc = Doc::new(node(state));
        prop_assert_eq!(&Node::decode(&doc.root().encode()).unwrap(), doc.root());
        prop_assert_eq!(doc.root().encode().len(), doc.root().encoded_len());
        let patch = patch_on(&doc, &choices, "A");
        prop_assert_eq!(patch.encode().len(), patch.encoded_len());
        prop_assert_eq!(Patch::decode(&patch.encode()).unwrap(), patch);
    }

    /// What has two encodings could be told apart by one member and not by another.
    #[test]
    fn random_bytes_decode_to_what_encodes_to_them(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(node) = Node::decode(&bytes) {
            prop_assert_eq!(node.encode(), &bytes[..]);
        }
        if let Ok(patch) = Patch::decode(&bytes) {
            prop_assert_eq!(patch.encode(), &bytes[..]);
        }
    }

    /// One byte of a patch changed: it is refused, or is another patch with these very bytes.
    #[test]
    fn damaged_patches_decode_to_what_encodes_to_them(
        state in any_json(),
        choices in prop::collection::vec(any::<u16>(), 1..8),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = patch_on(&Doc::new(node(state)), &choices, "é").encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(patch) = Patch::decode(&bytes) {
            prop_assert_eq!(patch.encode(), bytes);
        }
    }

    #[test]
    fn diff_makes_the_new_out_of_the_old(old in any_json(), new in any_json()) {
        let patch = ssync::diff(&old, &new).unwrap();
        prop_assert_eq!(applied(&Doc::new(node(old.clone())), &[&patch]), Doc::new(node(new.clone())));
        // Agreement with json_patch, there and back.
        let foreign = patch.to_rfc6902(&old).unwrap();
        let mut patched = old.clone();
        json_patch::patch(&mut patched, &foreign).unwrap();
        prop_assert_eq!(&patched, &new);
        let ours = Patch::from_rfc6902(&foreign, &old).unwrap();
        let mut state = old.clone();
        let inverse = ssync::apply(&mut state, &ours).unwrap();
        prop_assert_eq!(&state, &new);
        ssync::apply(&mut state, &inverse).unwrap();
        prop_assert_eq!(&state, &old);
    }

    #[test]
    fn ops_agree_with_json_patch(state in any_json(), choices in prop::collection::vec(any::<u16>(), 0..6)) {
        let doc = Doc::new(node(state.clone()));
        let patch = patch_on(&doc, &choices, "A");
        let mut patched = state.clone();
        json_patch::patch(&mut patched, &patch.to_rfc6902(&state).unwrap()).unwrap();
        prop_assert_eq!(patched, applied(&doc, &[&patch]).root().to_json());
    }

    #[test]
    fn lists_of_many_changes_diff_right(old in prop::collection::vec(0u8..20, 0..40), new in prop::collection::vec(0u8..20, 0..40)) {
        let patch = ssync::diff(&old, &new).unwrap();
        let mut state = old;
        ssync::apply(&mut state, &patch).unwrap();
        prop_assert_eq!(state, new);
    }
}

/// Plants an index shift in the transform and sees that the law finds it.
#[test]
fn a_planted_index_shift_breaks_tp1() {
    let shifted = |patch: Patch| {
        let ops = patch.ops().iter().map(|op| match op {
            Op::Remove { path } => match path.split_last() {
                Some((list, Segment::Index(index))) if index > 0 => Op::Remove { path: list.chain([Segment::Index(index - 1)]).collect() },
                _ => op.clone(),
            },
            other => other.clone(),
        });
        Patch::new(ops.collect())
    };
    let doc = Doc::new(node(json!([0, 1, 2])));
    let insert = Patch::new(vec![Op::Insert { path: Path::from_iter([0.into()]), value: "A".into() }]);
    let remove = Patch::new(vec![Op::Remove { path: Path::from_iter([1.into()]) }]);
    check_tp1(&doc, &insert, &remove);
    let wrong = shifted(remove.transform(&insert, Order::Later));
    let right_order = applied(&doc, &[&remove, &insert.transform(&remove, Order::Earlier)]);
    assert_ne!(applied(&doc, &[&insert, &wrong]), right_order);
}

fn splice(at: u32, delete: u32, insert: &str) -> Patch {
    Patch::from_op(Op::Splice { path: Path::root(), at, delete, insert: insert.into() })
}

/// What both end with, whichever of the two is first in the log, which are the two results.
fn check_both(before: Node, a: &Patch, b: &Patch, expected: [Value; 2]) {
    let doc = Doc::new(before);
    check_tp1(&doc, a, b);
    let end = |order| applied(&doc, &[a, &b.transform(a, order)]).root().to_json();
    assert_eq!([end(Order::Later), end(Order::Earlier)], expected, "{a} and {b}");
}

#[test]
fn a_sentence_stays_in_the_order_in_which_it_was_written() {
    let check = |before: &str, a: &Patch, b: &Patch, expected: &str| {
        check_both(before.into(), a, b, [expected.into(), expected.into()]);
    };
    check("the 90s.", &splice(7, 1, ", huh?"), &splice(8, 0, " The"), "the 90s, huh? The");
    // What is typed before a region, in it, and where another begins that ends there.
    check("the 90s.", &splice(7, 1, ", huh?"), &splice(7, 0, "!"), "the 90s!, huh?");
    check("abcd", &splice(1, 2, "XY"), &splice(2, 0, "_"), "aXY_d");
    check("abcd", &splice(0, 2, "X"), &splice(2, 2, "Y"), "XY");
    check("abcd", &splice(0, 3, "X"), &splice(1, 3, "Y"), "XY");
    check("abcd", &splice(0, 4, "X"), &splice(1, 2, ""), "X");
}

#[test]
fn texts_that_begin_at_one_place_go_by_the_log() {
    check_both("abcd".into(), &splice(1, 0, "X"), &splice(1, 0, "Y"), [json!("aXYbcd"), json!("aYXbcd")]);
    check_both("abcd".into(), &splice(1, 1, "X"), &splice(1, 1, "Y"), [json!("aXYcd"), json!("aYXcd")]);
    check_both("abcd".into(), &splice(1, 3, "X"), &splice(1, 1, "Y"), [json!("aXY"), json!("aYX")]);
}

fn ensure(key: &str, value: Value, then: Vec<Op>) -> Patch {
    Patch::new([vec![Op::Ensure { path: Path::from_iter([key.into()]), value: node(value) }], then].concat())
}

fn at(steps: &[Segment<'_>]) -> Path {
    steps.iter().copied().collect()
}

#[test]
fn two_who_ensure_one_empty_value_make_one_and_keep_what_both_put_into_it() {
    let push = |value: &str| ensure("l", json!([]), vec![Op::Insert { path: at(&["l".into(), 0.into()]), value: value.into() }]);
    check_both(node(json!({})), &push("A"), &push("B"), [json!({"l": ["A", "B"]}), json!({"l": ["B", "A"]})]);
    let count = ensure("n", json!(0), vec![Op::Increment { path: at(&["n".into()]), by: 1 }]);
    check_both(node(json!({})), &count, &count, [json!({"n": 2}), json!({"n": 2})]);
    let entry = |key: &str| ensure("m", json!({}), vec![Op::Set { path: at(&["m".into(), key.into()]), value: key.into() }]);
    let both = json!({"m": {"a": "a", "b": "b"}});
    check_both(node(json!({})), &entry("a"), &entry("b"), [both.clone(), both]);
    let typed = |text: &str| ensure("t", json!(""), vec![Op::Splice { path: at(&["t".into()]), at: 0, delete: 0, insert: text.into() }]);
    check_both(node(json!({})), &typed("A"), &typed("B"), [json!({"t": "AB"}), json!({"t": "BA"})]);
}

#[test]
fn of_two_different_empty_values_the_later_stands() {
    let push = ensure("k", json!([]), vec![Op::Insert { path: at(&["k".into(), 0.into()]), value: "A".into() }]);
    let count = ensure("k", json!(0), vec![Op::Increment { path: at(&["k".into()]), by: 1 }]);
    check_both(node(json!({})), &push, &count, [json!({"k": 1}), json!({"k": ["A"]})]);
}

#[test]
fn what_is_set_stands_where_something_empty_was_ensured() {
    let push = ensure("k", json!([]), vec![Op::Insert { path: at(&["k".into(), 0.into()]), value: "A".into() }]);
    let set = Patch::from_op(Op::Set { path: at(&["k".into()]), value: "set".into() });
    check_both(node(json!({})), &push, &set, [json!({"k": "set"}), json!({"k": "set"})]);
}

#[test]
fn of_two_switches_the_later_wins_as_a_whole() {
    let before = json!({"name": "x", "kind": "line", "len": 9});
    let to_square = Patch::from_op(switch(Path::root(), &["kind", "len", "side"], &[("kind", "square".into()), ("side", "2".into())]));
    let to_circle = Patch::from_op(switch(Path::root(), &["kind", "len", "r"], &[("kind", "circle".into()), ("r", "3".into())]));
    let (square, circle) = (json!({"name": "x", "kind": "square", "side": "2"}), json!({"name": "x", "kind": "circle", "r": "3"}));
    check_both(node(before), &to_square, &to_circle, [circle, square]);
}

#[test]
fn switches_of_two_enums_in_one_object_are_both() {
    let a = Patch::from_op(switch(Path::root(), &["a", "b"], &[("b", "B".into())]));
    let c = Patch::from_op(switch(Path::root(), &["c", "d"], &[("d", "D".into())]));
    let both = json!({"b": "B", "d": "D"});
    check_both(node(json!({"a": 1, "c": 1})), &a, &c, [both.clone(), both]);
}

#[test]
fn an_edit_inside_a_variant_that_is_switched_away_is_void() {
    let before = json!({"name": 1, "list": [1], "len": 9});
    let switched = Patch::from_op(switch(Path::root(), &["list", "len", "side"], &[("side", "2".into())]));
    let check = |edit: Op, name: u64| {
        let expected = json!({"name": name, "side": "2"});
        check_both(node(before.clone()), &Patch::from_op(edit), &switched, [expected.clone(), expected]);
    };
    check(Op::Increment { path: at(&["len".into()]), by: 1 }, 1);
    check(Op::Set { path: at(&["len".into()]), value: "set".into() }, 1);
    check(Op::Remove { path: at(&["len".into()]) }, 1);
    check(Op::Insert { path: at(&["list".into(), 0.into()]), value: "A".into() }, 1);
    check(Op::Set { path: at(&["list".into(), 0.into()]), value: "A".into() }, 1);
    check(Op::Ensure { path: at(&["side".into()]), value: node(json!(0)) }, 1);
    check(Op::Increment { path: at(&["name".into()]), by: 1 }, 2);
}

/// A switch that takes on the keys of others stays within the limit of keys: it becomes two.
#[test]
fn a_switch_of_too_many_keys_becomes_two() {
    let keys = |letter: &str| -> Vec<String> { (1..ssync::limits::SWITCH_KEYS_MAX).map(|key| format!("{letter}{key}")).collect() };
    let full = |letter: &str| {
        let names = keys(letter);
        let entries: Vec<(&str, Node)> = names.iter().map(|key| (&**key, Node::Null)).collect();
        let all: Vec<&str> = names.iter().map(|key| &**key).chain(["kind"]).collect();
        Patch::from_op(switch(Path::root(), &all, &entries))
    };
    let (a, b, doc) = (full("a"), full("b"), Doc::new(node(json!({"kind": 1}))));
    check_tp1(&doc, &a, &b);
    let carried = b.transform(&a, Order::Later);
    assert_eq!((carried.ops().len(), Patch::decode(&carried.encode())), (2, Ok(carried)));
}
