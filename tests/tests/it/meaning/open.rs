//! Enums whose entries may have any key, flattened beside other fields: those with a map in a variant, and those that only serde knows. One variant
//! wins as a whole all the same, and what stands beside the enum is left alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ssync::{Counter, Json, Node, Op, Patch, Path, Shared, Syncable};

use super::{both, commit, merged, sent};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "type")]
enum Tagged {
    Known { by: u32, also: u32 },
    Any(BTreeMap<String, u32>),
    Foreign(Json<Fields>),
    None,
}

/// Told by its keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum Read {
    Pair { left: u32, right: u32 },
    Long { left: u32, length: u32 },
    Wide { wide: u32 },
    Any(BTreeMap<String, u32>),
}

/// The same without a map: where only serde knows it, nobody tells a map from a struct.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum Fields {
    Pair { left: u32, right: u32 },
    Long { left: u32, length: u32 },
    Wide { wide: u32, length: u32 },
    Deep { deep: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Known { by: u32, also: u32 },
    Text(String),
    Other { by: u32 },
    Unit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
enum External {
    Known { by: u32, also: u32 },
    Text(String),
    Other { by: u32 },
    Unit,
}

/// Where they stand. One type, as each takes its time to compile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Places {
    tagged: Flat<Tagged>,
    read: Flat<Read>,
    json_tagged: Flat<Json<Tagged>>,
    json_fields: Flat<Json<Fields>>,
    json_adjacent: Flat<Json<Adjacent>>,
    json_external: Flat<Json<External>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat<K> {
    before: Counter,
    #[serde(flatten)]
    kind: K,
    #[serde(default)]
    behind: u32,
}

fn any<const N: usize>(entries: [(&str, u32); N]) -> BTreeMap<String, u32> {
    entries.map(|(key, value)| (key.to_owned(), value)).into()
}

fn flat<K>(before: i64, kind: K) -> Flat<K> {
    Flat { before: Counter::new(before), kind, behind: 5 }
}

/// Each enum of the room as its variant of this number.
fn variant(number: usize, before: i64) -> Places {
    let read =
        || [Read::Pair { left: 0, right: 1 }, Read::Long { left: 1, length: 1 }, Read::Wide { wide: 1 }, Read::Any(any([("left", 7)]))];
    let known = Tagged::Known { by: 1, also: 1 };
    let tagged =
        [known, Tagged::Any(any([("by", 2), ("k", 2), ("l", 2)])), Tagged::Foreign(Json(Fields::Pair { left: 1, right: 1 })), Tagged::None];
    let fields = [
        Fields::Pair { left: 0, right: 1 },
        Fields::Long { left: 1, length: 1 },
        Fields::Wide { wide: 1, length: 2 },
        Fields::Deep { deep: 1 },
    ];
    let adjacent = [Adjacent::Known { by: 0, also: 1 }, Adjacent::Text("t".into()), Adjacent::Other { by: 2 }, Adjacent::Unit];
    let external = [External::Known { by: 0, also: 1 }, External::Text("t".into()), External::Other { by: 2 }, External::Unit];
    Places {
        tagged: flat(before, tagged[number].clone()),
        read: flat(before, read()[number].clone()),
        json_tagged: flat(before, Json(tagged[number].clone())),
        json_fields: flat(before, Json(fields[number].clone())),
        json_adjacent: flat(before, Json(adjacent[number].clone())),
        json_external: flat(before, Json(external[number].clone())),
    }
}

/// Sets the enums, and counts beside them.
fn set(number: usize, by: i64) -> impl Fn(&mut Places) {
    move |places| {
        let before = places.tagged.before.value();
        let variant = variant(number, before);
        (places.tagged.kind, places.read.kind, places.json_tagged.kind) =
            (variant.tagged.kind, variant.read.kind, variant.json_tagged.kind);
        (places.json_fields.kind, places.json_adjacent.kind) = (variant.json_fields.kind, variant.json_adjacent.kind);
        places.json_external.kind = variant.json_external.kind;
        for before in [&mut places.tagged.before, &mut places.read.before, &mut places.json_tagged.before] {
            *before += by;
        }
        for before in [&mut places.json_fields.before, &mut places.json_adjacent.before, &mut places.json_external.before] {
            *before += by;
        }
    }
}

#[test]
fn of_two_who_switch_at_once_the_later_wins_as_a_whole() {
    for (start, one, other) in [(0, 1, 2), (1, 2, 0), (2, 0, 1), (1, 0, 3), (3, 1, 2), (0, 3, 1), (2, 3, 1), (3, 0, 1)] {
        let ended = both(&variant(start, 1), set(one, 2), set(other, 3));
        assert_eq!(ended, [variant(other, 6), variant(one, 6)], "{start} to {one} and {other}");
    }
}

#[test]
fn who_edits_a_variant_that_another_leaves_has_edited_nothing() {
    let edit = |places: &mut Places| {
        if let Tagged::Any(entries) = &mut places.tagged.kind {
            entries.insert("new".into(), 9);
            entries.remove("k");
        }
        if let Read::Long { length, .. } = &mut places.read.kind {
            *length = 9;
        }
        if let Tagged::Any(entries) = &mut places.json_tagged.kind.0 {
            entries.insert("l".into(), 9);
        }
        if let Fields::Long { length, .. } = &mut places.json_fields.kind.0 {
            *length = 9;
        }
    };
    for other in [0, 2, 3] {
        assert_eq!(both(&variant(1, 1), edit, set(other, 3)), [variant(other, 4), variant(other, 4)], "to {other}");
    }
}

/// Entries of a map are its own: two who put some in put in both.
#[test]
fn maps_in_variants_merge() {
    let put = |key: &'static str| {
        move |flat: &mut Flat<Tagged>| {
            if let Tagged::Any(entries) = &mut flat.kind {
                entries.insert(key.into(), 3);
                entries.retain(|key, _| key != "k");
            }
        }
    };
    let start = flat(1, Tagged::Any(any([("k", 1)])));
    assert_eq!(sent(&start, put("a")), r#"[["=",["a"],3],["-",["k"]]]"#);
    assert_eq!(merged(&start, put("a"), put("b")).kind, Tagged::Any(any([("a", 3), ("b", 3)])));
}

/// What another version of the struct has beside the enum is not the enum's.
#[test]
fn what_is_not_known_stays_beside_a_switch() {
    let check = |first: Value, edit: &dyn Fn(&mut Flat<Json<Adjacent>>), expected: Value| {
        let shared = Shared::new_local(flat(1, Json(Adjacent::Text("t".into())))).unwrap();
        shared.apply(&Patch::from_op(Op::Set { path: Path::root(), value: Node::from_json(&first).unwrap() })).unwrap();
        commit(&shared, edit);
        assert_eq!(shared.to_json(), expected);
    };
    let text = json!({"before": 1, "behind": 5, "t": "Text", "c": "t", "newer": [1]});
    let known = json!({"before": 1, "behind": 5, "t": "Known", "c": {"by": 1, "also": 1}, "newer": [1]});
    check(text, &|flat| flat.kind = Json(Adjacent::Known { by: 1, also: 1 }), known);
}

/// Entries of a map that is flattened beside it are not those of a type that only serde knows.
#[test]
fn a_flattened_map_beside_a_foreign_struct() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Rest {
        #[serde(flatten)]
        kind: Json<Known>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Known {
        votes: Counter,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    let start = Rest { kind: Json(Known { votes: Counter::new(1), note: None }), rest: [("a".to_owned(), json!(1))].into() };
    let edit = |rest: &mut Rest| {
        rest.kind.0.note = Some("n".into());
        rest.rest = [("b".to_owned(), json!(1))].into();
    };
    let ended = merged(&start, edit, |rest| rest.kind.0.votes += 2);
    assert_eq!(
        ended,
        Rest { kind: Json(Known { votes: Counter::new(3), note: Some("n".into()) }), rest: [("b".to_owned(), json!(1))].into() }
    );
}

/// Where two parts may have entries of any key, nobody tells whose they are: what stands beside a switch stays as it is.
#[test]
fn what_only_serde_knows_is_left_alone_beside_a_switch() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Two {
        #[serde(flatten)]
        kind: Tagged,
        #[serde(flatten)]
        known: Json<Votes>,
        #[serde(flatten)]
        other: Json<Note>,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Votes {
        votes: Counter,
        list: Vec<u32>,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Note {
        count: Counter,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    }
    let two = |kind, votes, list: &[u32], count, note: Option<&str>, title: Option<&str>| Two {
        kind,
        known: Json(Votes { votes: Counter::new(votes), list: list.to_vec() }),
        other: Json(Note { count: Counter::new(count), note: note.map(Into::into), title: title.map(Into::into) }),
    };
    let start = two(Tagged::Known { by: 1, also: 1 }, 1, &[1], 1, Some("n"), None);
    let switch = |two: &mut Two| {
        two.kind = Tagged::None;
        (two.other.0.note, two.other.0.title) = (None, Some("t".into()));
    };
    let edit = |two: &mut Two| {
        two.known.0.votes += 2;
        two.known.0.list.push(2);
        two.other.0.count += 3;
    };
    assert_eq!(merged(&start, switch, edit), two(Tagged::None, 3, &[1, 2], 4, None, Some("t")));
    // What comes key by key and is then no stranger any more is not sent again by a guard that touches nothing.
    let foreign = || Tagged::Foreign(Json(Fields::Deep { deep: 2 }));
    assert_eq!(merged(&start, |two| two.kind = foreign(), edit), two(foreign(), 3, &[1, 2], 4, Some("n"), None));
}

/// What there was none of is set as a whole too.
#[test]
fn an_option_of_what_only_serde_knows() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type")]
    enum Shape {
        One {
            #[serde(default, skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        },
        Two {
            two: u32,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        },
    }
    let one = || Some(Json(Shape::One { note: Some("of one".into()) }));
    let two = || Some(Json(Shape::Two { two: 2, note: None }));
    let set = |kind: fn() -> Option<Json<Shape>>| move |flat: &mut Flat<Option<Json<Shape>>>| flat.kind = kind();
    let one_noted = || Some(Json(Shape::One { note: None }));
    for (start, first, second) in [(one(), two as fn() -> _, (|| None) as fn() -> _), (two(), one, || None), (two(), one, one_noted)] {
        let ended = both(&flat(1, start), set(first), set(second));
        assert_eq!(ended.map(|flat| flat.kind), [second(), first()]);
    }
    let [first, second] = both(&flat(1, None), set(one), set(two)).map(|flat| flat.kind);
    assert!([one(), two()].contains(&first) && [one(), two()].contains(&second), "{first:?} {second:?}");
}
