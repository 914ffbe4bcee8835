//! What one program wrote, taken into the value and the document of another on one way down both, and what is not taken so.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use serde_json::json;
use ssync::{Json, List, Map, Node, Op, Patch, Path, Segment, Shared, Syncable, WriteGuard};

/// A constant with a likely name: no item of the derive stands before it where the type of a field is named.
const NAME: usize = 2;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Sized<const COUNT: usize>
where
    [u8; COUNT]: Serialize + serde::de::DeserializeOwned,
{
    of_its_own: [u8; COUNT],
    of_the_module: [u8; NAME],
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Inner {
    pair: (u32, String),
    #[serde(rename = "a name that takes more than thirty bytes")]
    long: Option<i64>,
    #[serde(rename = "имя")]
    other: Vec<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Outer {
    small: u8,
    inner: Inner,
    rows: List<Inner>,
    by_key: Map<String, Inner>,
    deep: Option<Box<Outer>>,
}

impl Outer {
    fn new(depth: usize) -> Self {
        let inner = Inner { pair: (1, "one".into()), long: Some(-1), other: vec![true, false] };
        Self {
            small: 1,
            inner: inner.clone(),
            rows: [(); 3].map(|()| inner.clone()).into(),
            by_key: Map::from_iter([("key".to_owned(), inner)]),
            deep: depth.checked_sub(1).map(|less| Box::new(Self::new(less))),
        }
    }

    fn at_depth(&mut self, depth: usize) -> &mut Self {
        (0..depth).fold(self, |outer, _| outer.deep.as_mut().unwrap())
    }
}

fn set(path: &[Segment<'_>], value: &serde_json::Value) -> Op {
    Op::Set { path: path.iter().copied().collect(), value: Node::from_json(value).unwrap() }
}

/// Edits one program's value and takes the patch into another's; both say the same then, and go on doing so.
fn check<T: Syncable + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static>(value: T, edit: impl Fn(&mut T), expected: &Op) {
    let (here, there) = (Shared::new_local(value.clone()).unwrap(), Shared::new_local(value.clone()).unwrap());
    let mut guard = here.write();
    edit(&mut guard);
    let patch = WriteGuard::commit(guard).unwrap().patch().clone();
    assert_eq!(patch, Patch::from_op(expected.clone()));
    let inverse = there.apply(&patch).unwrap();
    let mut edited = value.clone();
    edit(&mut edited);
    for shared in [&here, &there] {
        assert_eq!((&*shared.read(), shared.to_json()), (&edited, serde_json::to_value(&edited).unwrap()), "{patch}");
        assert!(WriteGuard::commit(shared.write()).unwrap().patch().is_empty(), "{patch}");
    }
    for shared in [&here, &there] {
        shared.apply(&inverse).unwrap();
        assert_eq!((&*shared.read(), shared.to_json()), (&value, serde_json::to_value(&value).unwrap()), "{patch}");
        assert!(WriteGuard::commit(shared.write()).unwrap().patch().is_empty(), "{inverse}");
    }
}

#[test]
fn a_scalar_arrives_wherever_it_stands() {
    let long = Segment::from("a name that takes more than thirty bytes");
    let outer = Outer::new(0);
    check(outer.clone(), |outer| outer.small = 9, &set(&["small".into()], &json!(9)));
    check(outer.clone(), |outer| outer.inner.pair.0 = 9, &set(&["inner".into(), "pair".into(), 0.into()], &json!(9)));
    check(outer.clone(), |outer| outer.inner.long = Some(9), &set(&["inner".into(), long], &json!(9)));
    check(outer.clone(), |outer| outer.inner.long = None, &set(&["inner".into(), long], &json!(null)));
    check(outer.clone(), |outer| outer.inner.other[1] = true, &set(&["inner".into(), "имя".into(), 1.into()], &json!(true)));
    fn row<'a>(steps: &[Segment<'a>]) -> Vec<Segment<'a>> {
        [&["rows".into(), 2.into()], steps].concat()
    }
    check(outer.clone(), |outer| outer.rows[2].pair.1.push('!'), &set(&row(&["pair".into(), 1.into()]), &json!("one!")));
    check(outer.clone(), |outer| outer.rows[2].long = Some(0), &set(&row(&[long]), &json!(0)));
    let by_key = |outer: &mut Outer| outer.by_key.get_mut("key").unwrap().pair.0 = 0;
    check(outer, by_key, &set(&["by_key".into(), "key".into(), "pair".into(), 0.into()], &json!(0)));
    check(7_u8, |number| *number = 8, &set(&[], &json!(8)));
    check(
        Sized::<3> { of_its_own: [0; 3], of_the_module: [0; 2] },
        |sized| sized.of_its_own[2] = 1,
        &set(&["of_its_own".into(), 2.into()], &json!(1)),
    );
    check(
        Sized::<1> { of_its_own: [0], of_the_module: [0; 2] },
        |sized| sized.of_the_module[1] = 1,
        &set(&["of_the_module".into(), 1.into()], &json!(1)),
    );
}

/// Some depths at which all positions are known, and some at which they are not.
#[test]
fn a_scalar_arrives_however_deep_it_is() {
    for depth in [1, 6, 7, 8, 9, 15, 16, 17, 30] {
        let path: Vec<Segment<'_>> = std::iter::repeat_n("deep".into(), depth).chain(["small".into()]).collect();
        check(Outer::new(depth), |outer| outer.at_depth(depth).small = 5, &set(&path, &json!(5)));
        let path: Vec<Segment<'_>> = path[..depth].iter().copied().chain(["rows".into(), 1.into(), "имя".into(), 0.into()]).collect();
        check(Outer::new(depth), |outer| outer.at_depth(depth).rows[1].other[0] = false, &set(&path, &json!(false)));
    }
}

/// The first op is taken at once; a later one has no place, or does not fit.
#[test]
fn a_patch_that_fails_later_leaves_everything_as_it_was() {
    let outer = Outer::new(1);
    let shared = Shared::new_local(outer.clone()).unwrap();
    let fine = [
        set(&["small".into()], &json!(2)),
        set(&["rows".into(), 0.into(), "pair".into(), 1.into()], &json!("two")),
        set(&["deep".into(), "inner".into(), "имя".into(), 1.into()], &json!(true)),
    ];
    let wrong = [
        set(&["inner".into(), "pair".into(), 0.into()], &json!(-1)),
        set(&["rows".into(), 0.into(), "pair".into(), 0.into()], &json!("two")),
        set(&["rows".into(), 3.into(), "pair".into(), 0.into()], &json!(2)),
        set(&["small".into(), "smaller".into()], &json!(2)),
        Op::Remove { path: Path::from_iter(["by_key".into(), "no".into()]) },
    ];
    for wrong in &wrong {
        for count in 0..=fine.len() {
            let ops = fine[..count].iter().chain([wrong]).chain(&fine[count..]).cloned();
            shared.apply(&Patch::new(ops.collect())).unwrap_err();
            assert_eq!((&*shared.read(), shared.to_json()), (&outer, serde_json::to_value(&outer).unwrap()), "{count} before {wrong:?}");
            assert!(WriteGuard::commit(shared.write()).unwrap().patch().is_empty(), "{count} before {wrong:?}");
        }
    }
    let inverse = shared.apply(&Patch::new(fine.to_vec())).unwrap();
    assert_eq!((shared.read().small, shared.read().deep.as_ref().unwrap().inner.other[1]), (2, true));
    shared.apply(&inverse).unwrap();
    assert_eq!(*shared.read(), outer);
}

/// What serde reads as a whole is read once for ops that follow each other, and is as before if one of them does not fit.
#[test]
fn what_is_read_as_a_whole_is_read_once() {
    thread_local!(static READ: Cell<usize> = const { Cell::new(0) });
    #[derive(Clone, Debug, PartialEq, Serialize)]
    struct Foreign(Vec<u32>);
    impl<'de> Deserialize<'de> for Foreign {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            READ.set(READ.get() + 1);
            Vec::deserialize(deserializer).map(Self)
        }
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Holder {
        list: Vec<Json<Foreign>>,
        foreign: Foreign,
    }
    let foreign = |number| Foreign(vec![number; 50]);
    let holder = |number| Holder { list: vec![Json(foreign(number)), Json(foreign(number))], foreign: foreign(number) };
    let shared = Shared::new_local(holder(1)).unwrap();
    let patch = ssync::diff(&holder(1), &holder(2)).unwrap();
    assert_eq!(patch.ops().len(), 150);
    READ.set(0);
    let inverse = shared.apply(&patch).unwrap();
    assert_eq!((READ.get(), &*shared.read()), (3, &holder(2)));
    shared.apply(&inverse).unwrap();
    assert_eq!(*shared.read(), holder(1));
    // Where the next op moves the place itself, what was done inside before it is read before it.
    let first = |place: &[u32], value| Op::Set { path: place.iter().copied().map(Into::into).collect(), value };
    let lists = Shared::new_local(vec![Json(foreign(1)), Json(foreign(2))]).unwrap();
    let insert = Op::Insert { path: Path::from_iter([0.into()]), value: ssync::document(&Json(foreign(3))).unwrap().root().clone() };
    lists.apply(&Patch::new(vec![first(&[0, 0], Node::Number(9u64.into())), insert])).unwrap();
    assert_eq!(lists.read()[1].0.0[0], 9);
    for count in 1..patch.ops().len() {
        let missing = Op::Remove { path: Path::from_iter(["foreign".into(), 99.into()]) };
        let ops = patch.ops()[..count].iter().cloned().chain([missing]);
        shared.apply(&Patch::new(ops.collect())).unwrap_err();
        assert_eq!(*shared.read(), holder(1));
    }
}
