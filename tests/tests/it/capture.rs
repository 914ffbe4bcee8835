//! What a struct's changes become: exactly the ops that changed, whatever Rust and serde features made them.

mod lists;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use ssync::{Json, Shared, Syncable};

fn check<T: Syncable + Clone + PartialEq + Debug>(value: T, edit: impl FnOnce(&mut T), expected: &str) {
    let mut edited = value.clone();
    edit(&mut edited);
    let patch = ssync::diff(&value, &edited).unwrap();
    assert_eq!(patch.to_string(), expected);
    let mut state = value.clone();
    let inverse = ssync::apply(&mut state, &patch).unwrap();
    assert_eq!(state, edited);
    ssync::apply(&mut state, &inverse).unwrap();
    assert_eq!(state, value);
}

fn check_refused<T: Syncable>(value: T, expected: &str) {
    assert_eq!(ssync::check(&value).unwrap_err().to_string(), expected);
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Player {
    name: String,
    score: u32,
    tags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
enum Phase {
    Lobby,
    Playing { round: u32, turn: String },
    Over(String),
    Paused { by: String },
    Pair(u8, u8),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Game {
    left: Player,
    right: Player,
    board: [[Option<u8>; 3]; 3],
    phase: Phase,
    history: Vec<u32>,
}

impl Game {
    fn play(&mut self, row: usize, column: usize, mark: u8) {
        self.board[row][column] = Some(mark);
        self.history.push((row * 3 + column) as u32);
    }
}

fn game() -> Game {
    let player = |name: &str| Player { name: name.into(), score: 1, tags: vec!["a".into()] };
    let phase = Phase::Playing { round: 1, turn: "left".into() };
    Game { left: player("Ada"), right: player("Bob"), board: [[None; 3]; 3], phase, history: vec![1, 2, 3] }
}

#[test]
fn plain_rust_is_captured() {
    check(game(), |_| {}, "[]");
    check(game(), |game| game.play(1, 1, 7), r#"[["=",["board",1,1],7],["+",["history",3],4]]"#);
    check(game(), |game| std::mem::swap(&mut game.left, &mut game.right), r#"[["=",["left","name"],"Bob"],["=",["right","name"],"Ada"]]"#);
    check(
        game(),
        |game| game.history.iter_mut().for_each(|number| *number *= 2),
        r#"[["=",["history",0],2],["=",["history",1],4],["=",["history",2],6]]"#,
    );
    let next_round = |game: &mut Game| {
        if let Phase::Playing { round, .. } = &mut game.phase {
            *round += 1;
        }
    };
    check(game(), next_round, r#"[["=",["phase","Playing","round"],2]]"#);
    check(game(), |game| game.phase = Phase::Over("Ada".into()), r#"[["=",["phase"],{"Over":"Ada"}]]"#);
    check(game(), |game| game.phase = Phase::Lobby, r#"[["=",["phase"],"Lobby"]]"#);
    check(game(), |game| game.left = Player { score: 2, ..game.left.clone() }, r#"[["=",["left","score"],2]]"#);
    check(game(), |game| drop(game.history.remove(0)), r#"[["-",["history",0]]]"#);
    check(game(), |game| game.history.clear(), r#"[["-",["history",2]],["-",["history",1]],["-",["history",0]]]"#);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "type")]
enum Shape {
    Circle { radius: f64 },
    Rect { width: f64, height: f64 },
    Unit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Number(i32),
    Pair(i32, i32),
    Fields { a: i32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Text(String),
    Fields { x: i32 },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Position {
    x: i32,
    y: i32,
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{number:x}"))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    #[serde(flatten)]
    position: Position,
    #[serde(flatten)]
    extra: BTreeMap<String, i32>,
    main_shape: Shape,
    #[serde(with = "hex")]
    colour: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    by_number: HashMap<i32, String>,
    members: HashSet<String>,
    #[serde(rename = "short")]
    a_longer_name: bool,
    #[serde(skip)]
    cache: u64,
    adjacent: Adjacent,
    untagged: Untagged,
}

fn attributes() -> Attributes {
    Attributes {
        position: Position { x: 1, y: 2 },
        extra: [("k".into(), 1)].into(),
        main_shape: Shape::Circle { radius: 1.5 },
        colour: 0xff,
        label: Some("l".into()),
        by_number: [(-1, "minus".into()), (2, "two".into())].into(),
        members: ["a".into(), "b".into(), "c".into()].into(),
        a_longer_name: false,
        cache: 7,
        adjacent: Adjacent::Number(1),
        untagged: Untagged::Number(1),
    }
}

#[test]
fn serde_attributes_are_captured() {
    let set = |edit: fn(&mut Attributes), expected: &str| check(attributes(), edit, expected);
    set(|_| {}, "[]");
    set(|a| a.position.x = 5, r#"[["=",["x"],5]]"#);
    set(|a| drop(a.extra.insert("n".into(), 2)), r#"[["=",["n"],2]]"#);
    set(|a| drop(a.extra.remove("k")), r#"[["-",["k"]]]"#);
    set(|a| a.main_shape = Shape::Circle { radius: 2.0 }, r#"[["=",["mainShape","radius"],2.0]]"#);
    set(|a| a.main_shape = Shape::Rect { width: 1.0, height: 2.0 }, r#"[["=",["mainShape"],{"type":"Rect","width":1.0,"height":2.0}]]"#);
    set(|a| a.main_shape = Shape::Unit, r#"[["=",["mainShape"],{"type":"Unit"}]]"#);
    set(|a| a.colour = 0x10, r#"[["=",["colour"],"10"]]"#);
    set(|a| a.label = None, r#"[["-",["label"]]]"#);
    set(|a| a.label = Some("m".into()), r#"[["=",["label"],"m"]]"#);
    set(|a| drop(a.by_number.insert(3, "three".into())), r#"[["=",["byNumber","3"],"three"]]"#);
    set(|a| drop(a.by_number.remove(&-1)), r#"[["-",["byNumber","-1"]]]"#);
    set(|a| drop(a.members.insert("d".into())), r#"[["=",["members","\"d\""],"d"]]"#);
    set(|a| drop(a.members.remove("b")), r#"[["-",["members","\"b\""]]]"#);
    set(|a| a.a_longer_name = true, r#"[["=",["short"],true]]"#);
    set(|a| a.adjacent = Adjacent::Number(2), r#"[["=",["adjacent","c"],2]]"#);
    set(|a| a.adjacent = Adjacent::Pair(1, 2), r#"[["=",["adjacent"],{"t":"Pair","c":[1,2]}]]"#);
    set(|a| a.adjacent = Adjacent::Fields { a: 1 }, r#"[["=",["adjacent"],{"t":"Fields","c":{"a":1}}]]"#);
    set(|a| a.untagged = Untagged::Text("t".into()), r#"[["=",["untagged"],"t"]]"#);
    set(|a| a.untagged = Untagged::Fields { x: 1 }, r#"[["=",["untagged"],{"x":1}]]"#);
}

#[test]
fn local_fields_neither_leave_nor_get_lost() {
    let before = attributes();
    let mut after = before.clone();
    after.cache = 8;
    assert_eq!(ssync::diff(&before, &after).unwrap().to_string(), "[]");
    after.colour = 1;
    let patch = ssync::diff(&before, &after).unwrap();
    let mut state = before;
    ssync::apply(&mut state, &patch).unwrap();
    assert_eq!((state.colour, state.cache), (1, 7));
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Options {
    #[sync(skip)]
    #[serde(skip)]
    window: (u32, u32),
    #[sync(leaf)]
    position: Position,
    nested: Vec<Inner>,
    maybe: Option<Box<Inner>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Inner {
    #[sync(skip)]
    #[serde(skip)]
    secret: String,
    shown: i32,
}

#[test]
fn sync_attributes_are_honoured_at_every_depth() {
    let options = Options { nested: vec![Inner::default()], ..Options::default() };
    check(options.clone(), |options| options.position.x = 1, r#"[["=",["position"],{"x":1,"y":0}]]"#);
    check(options.clone(), |options| options.nested[0].shown = 1, r#"[["=",["nested",0,"shown"],1]]"#);
    let mut local = options.clone();
    local.window = (1, 2);
    local.nested[0].secret = "hidden".into();
    assert_eq!(ssync::diff(&options, &local).unwrap().to_string(), "[]");
    let mut more = local.clone();
    more.nested.push(Inner { secret: "hidden".into(), shown: 2 });
    more.maybe = Some(Box::new(Inner { secret: "hidden".into(), shown: 3 }));
    let patch = ssync::diff(&local, &more).unwrap();
    assert!(!patch.to_string().contains("hidden"), "{patch}");
    ssync::apply(&mut local, &patch).unwrap();
    assert_eq!((local.window, &*local.nested[0].secret), ((1, 2), "hidden"));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Tree<T> {
    value: T,
    children: Vec<Tree<T>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Tuple(i32, Position);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Newtype(Position);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Unit;

#[test]
fn every_shape_of_type_is_captured() {
    let leaf = |value| Tree { value, children: vec![] };
    check(Tree { value: 1, children: vec![leaf(2)] }, |tree| tree.children[0].value = 3, r#"[["=",["children",0,"value"],3]]"#);
    check(Tuple(1, Position::default()), |tuple| tuple.1.y = 2, r#"[["=",[1,"y"],2]]"#);
    check(Newtype(Position::default()), |newtype| newtype.0.y = 2, r#"[["=",["y"],2]]"#);
    check(Unit, |_| {}, "[]");
    check((1u8, "a".to_owned()), |tuple| tuple.1.push('b'), r#"[["=",[1],"ab"]]"#);
    check(Json(std::time::Duration::new(1, 2)), |duration| duration.0 = std::time::Duration::new(1, 3), r#"[["=",["nanos"],3]]"#);
    check(BTreeMap::from([(1, Some(2))]), |map| drop(map.insert(1, None)), r#"[["=",["1"],null]]"#);
    check(serde_json::json!({"a": [1, 2]}), |value| value["a"][1] = "x".into(), r#"[["=",["a",1],"x"]]"#);
    check(f32::MIN_POSITIVE, |float| *float = 0.1, r#"[["=",[],0.10000000149011612]]"#);
    check('a', |char| *char = 'é', r#"[["=",[],"é"]]"#);
    check(Json(HashSet::from([1, 2, 3])), |set| drop(set.0.remove(&2)), r#"[["-",["2"]]]"#);
}

#[test]
fn an_enum_never_holds_two_variants() {
    // A switch of variants sets the whole place, so that two of them at once end in one of the two.
    check(game(), |game| game.phase = Phase::Paused { by: "Ada".into() }, r#"[["=",["phase"],{"Paused":{"by":"Ada"}}]]"#);
    check(game(), |game| game.phase = Phase::Pair(1, 2), r#"[["=",["phase"],{"Pair":[1,2]}]]"#);
    let many: Vec<Phase> = (0..20).map(|round| Phase::Playing { round, turn: String::new() }).collect();
    let all_paused = |list: &mut Vec<Phase>| list.iter_mut().for_each(|phase| *phase = Phase::Paused { by: String::new() });
    let mut paused = many.clone();
    all_paused(&mut paused);
    let patch = ssync::diff(&many, &paused).unwrap();
    assert!(patch.ops().iter().all(|op| op.sign() == "=" && op.path().len() == 1), "{patch}");
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Foreign(u32);
mod foreign {
    use super::Foreign;
    use serde::{Deserialize, Deserializer, Serializer};
    pub(super) fn serialize<S: Serializer>(value: &Foreign, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(value.0)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Foreign, D::Error> {
        u32::deserialize(deserializer).map(Foreign)
    }
}

#[test]
fn with_needs_no_traits_of_its_type() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct Holder {
        #[serde(with = "foreign")]
        foreign: Foreign,
        plain: u8,
    }
    check(Holder::default(), |holder| holder.foreign.0 = 5, r#"[["=",["foreign"],5]]"#);
}

#[test]
fn a_key_that_is_written_twice_is_refused() {
    #[derive(Clone, Serialize, Deserialize, Syncable)]
    struct Clash {
        id: u32,
        #[serde(flatten)]
        extra: BTreeMap<String, u32>,
    }
    let fine = Clash { id: 1, extra: BTreeMap::new() };
    let mut clash = fine.clone();
    clash.extra.insert("id".into(), 5);
    let expected = "/id: the key occurs twice; a map needs keys that differ in JSON";
    assert_eq!(ssync::diff(&fine, &clash).unwrap_err().to_string(), expected);
    check_refused(clash, expected);
}

#[test]
fn what_cannot_round_trip_is_refused_with_its_path() {
    #[derive(Serialize, Deserialize, Syncable)]
    struct Doubtful {
        float: f64,
        nested: Option<Option<i32>>,
        wide: i128,
    }
    let fine = || Doubtful { float: 0.0, nested: None, wide: 0 };
    check_refused(
        Doubtful { float: f64::NAN, ..fine() },
        "/float: NaN is not a number that JSON can hold; use an Option, or keep the float finite",
    );
    check_refused(
        Doubtful { nested: Some(None), ..fine() },
        "/nested: `Some` of a value that is null in JSON would come back as `None`; use an enum of your own instead of a nested Option",
    );
    check_refused(
        Doubtful { wide: i128::MAX, ..fine() },
        &format!("/wide: the integer {} is outside i64::MIN..=u64::MAX; keep it as a string", i128::MAX),
    );
    check_refused(
        Json(BTreeMap::from([((1, 2), 3)])),
        "/: a tuple cannot be the key of a JSON object; use a string, an integer, a bool or a unit variant",
    );

    #[derive(Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Shadowed {
        Wide { x: i32 },
        Narrow { x: i32, y: i32 },
    }
    check_refused(
        vec![Shadowed::Wide { x: 1 }, Shadowed::Narrow { x: 1, y: 2 }],
        "/1/y: what serde writes here reads back as something else; check untagged variants and `with` functions",
    );

    // One field of a variant, read back alone, would still seem right.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Outgrown {
        Low { x: u8 },
        High { x: i64, y: i64 },
    }
    let shared = Shared::new_local(Outgrown::High { x: 300, y: 1 }).unwrap();
    let refused = shared.update(|outgrown| *outgrown = Outgrown::High { x: 5, y: 1 }).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "/y: what serde writes here reads back as something else; check untagged variants and `with` functions"
    );
    assert_eq!(*shared.read(), Outgrown::High { x: 300, y: 1 });
    shared.update(|outgrown| *outgrown = Outgrown::Low { x: 5 }).unwrap();

    #[derive(Serialize, Deserialize, Syncable)]
    struct NoDefault {
        #[serde(skip_serializing_if = "String::is_empty")]
        text: String,
    }
    check_refused(
        NoDefault { text: String::new() },
        "/: what serde writes here, it cannot read back: missing field `text`; check the field's serde attributes",
    );

    let mut deep = serde_json::json!(1);
    (0..101).for_each(|_| deep = serde_json::json!([deep]));
    assert!(ssync::check(&deep).unwrap_err().to_string().ends_with("the value nests deeper than the limit of 100 containers"));
}
