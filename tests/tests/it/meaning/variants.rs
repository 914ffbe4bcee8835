//! Two who switch the variant of an enum at once: one variant wins as a whole, whatever the tagging and wherever the enum stands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ssync::{Json, Syncable};

use super::{Value, both};

/// The same enum in each tagging, and what holds it.
macro_rules! taggings {
    ($($module:ident: $(#[$tagging:meta])*;)*) => {
        $(mod $module {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            $(#[$tagging])*
            pub(super) enum Shape {
                Circle { radius: u8 },
                Bar { len: u8, side: u8 },
                Square { side: u8 },
                Named(Inner),
            }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            pub(super) struct Inner {
                pub(super) title: String,
            }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            pub(super) struct Flat {
                pub(super) before: u8,
                #[serde(flatten)]
                pub(super) shape: Shape,
                pub(super) behind: u8,
            }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            pub(super) struct Held {
                pub(super) one: Option<Shape>,
                pub(super) list: Vec<Shape>,
                pub(super) flat: Vec<Flat>,
            }

            fn named() -> Shape {
                Shape::Named(Inner { title: "t".into() })
            }

            #[test]
            fn at_the_root() {
                check(Shape::Circle { radius: 1 }, |root| root, [Shape::Square { side: 2 }, Shape::Bar { len: 9, side: 3 }]);
                check(Shape::Bar { len: 1, side: 1 }, |root| root, [named(), Shape::Square { side: 2 }]);
            }

            #[test]
            fn flattened_beside_other_fields() {
                let flat = |shape| Flat { before: 1, shape, behind: 2 };
                check(flat(Shape::Circle { radius: 1 }), |flat| &mut flat.shape, [Shape::Square { side: 2 }, Shape::Bar { len: 9, side: 3 }]);
                check(flat(named()), |flat| &mut flat.shape, [Shape::Circle { radius: 2 }, Shape::Bar { len: 9, side: 3 }]);
                check(flat(Shape::Bar { len: 1, side: 1 }), |flat| &mut flat.shape, [named(), Shape::Square { side: 2 }]);
            }

            #[test]
            fn in_an_option_and_in_lists() {
                let held = || Held {
                    one: Some(Shape::Circle { radius: 1 }),
                    list: vec![Shape::Circle { radius: 1 }, Shape::Square { side: 1 }],
                    flat: vec![Flat { before: 1, shape: Shape::Square { side: 1 }, behind: 2 }],
                };
                let others = || [Shape::Square { side: 2 }, Shape::Bar { len: 9, side: 3 }];
                check(held(), |held| held.one.as_mut().unwrap(), others());
                check(held(), |held| &mut held.list[0], others());
                check(held(), |held| &mut held.flat[0].shape, [named(), Shape::Bar { len: 9, side: 3 }]);
            }

            /// Where only serde knows the enum: without a tag, it is another one if it has other keys.
            #[test]
            fn in_json() {
                let others = || [Shape::Square { side: 2 }, Shape::Bar { len: 9, side: 3 }];
                check(Json(Shape::Circle { radius: 1 }), |json| &mut json.0, others());
                check(Json(named()), |json| &mut json.0, [Shape::Circle { radius: 1 }, Shape::Bar { len: 9, side: 3 }]);
                check(Json(vec![named(), Shape::Square { side: 3 }]), |json| &mut json.0[0], others());
            }

            /// An edit inside of the variant that another program leaves has no effect; beside it, it has.
            #[test]
            fn an_edit_inside_beside_a_switch() {
                let start = Flat { before: 1, shape: Shape::Square { side: 1 }, behind: 2 };
                let ended = both(
                    &start,
                    |flat| (flat.shape, flat.before) = (Shape::Square { side: 7 }, 8),
                    |flat| flat.shape = Shape::Bar { len: 4, side: 5 },
                );
                for ended in ended {
                    assert_eq!(ended, Flat { before: 8, shape: Shape::Bar { len: 4, side: 5 }, behind: 2 });
                }
            }
        })*
    };
}

taggings! {
    external:;
    internal: #[serde(tag = "type")];
    adjacent: #[serde(tag = "t", content = "c")];
    untagged: #[serde(untagged)];
}

/// The later of both wins, whole, in either order; `both` has seen that all programs can read and write it.
pub(super) fn check<T: Value, S: Clone + std::fmt::Debug + PartialEq>(start: T, place: impl Fn(&mut T) -> &mut S, others: [S; 2]) {
    let set = |shape: &S| {
        let (shape, place) = (shape.clone(), &place);
        move |value: &mut T| *place(value) = shape.clone()
    };
    let ended = both(&start, set(&others[0]), set(&others[1]));
    let [later_there, later_here] = ended.map(|mut value| place(&mut value).clone());
    assert_eq!((later_there, later_here), (others[1].clone(), others[0].clone()));
}

/// Where only serde knows the enum, and its keys are partly the same: the tag tells.
#[test]
fn a_tag_that_only_serde_knows_tells_the_variant() {
    let others = |len| (Json(internal::Shape::Bar { len, side: 3 }), Json(adjacent::Shape::Bar { len, side: 3 }));
    let squares = (Json(internal::Shape::Square { side: 3 }), Json(adjacent::Shape::Square { side: 3 }));
    let circles = (Json(internal::Shape::Circle { radius: 1 }), Json(adjacent::Shape::Circle { radius: 1 }));
    check(squares.clone(), |all| all, [circles, others(9)]);
    let named =
        (internal::Shape::Named(internal::Inner { title: "t".into() }), adjacent::Shape::Named(adjacent::Inner { title: "t".into() }));
    check(squares, |all| all, [(Json(named.0), Json(named.1)), others(4)]);
}

/// An edit inside of a variant that another program leaves has no effect, also where only serde knows the enum.
#[test]
fn an_edit_inside_beside_a_switch_that_only_serde_knows() {
    type All = (Json<external::Shape>, Json<internal::Shape>, Vec<Json<adjacent::Shape>>);
    let all = |external, internal, adjacent| -> All { (Json(external), Json(internal), vec![Json(adjacent)]) };
    let squares = |side| all(external::Shape::Square { side }, internal::Shape::Square { side }, adjacent::Shape::Square { side });
    let bars = || {
        all(external::Shape::Bar { len: 4, side: 5 }, internal::Shape::Bar { len: 4, side: 5 }, adjacent::Shape::Bar { len: 4, side: 5 })
    };
    for ended in both(&squares(1), |all| *all = squares(7), |all| *all = bars()) {
        assert_eq!(ended, bars());
    }
}

/// What an edit of the old variant comes to behind a snapshot in which there is another: nothing.
fn check_gone<T: Value>(start: T, edit: impl FnOnce(&mut T), other: T) {
    let switched = other.clone();
    assert_eq!(super::behind_snapshot(&start, edit, |value| *value = switched), other);
}

/// An untagged enum whose variants are lists and maps, and one that has no key at all.
#[test]
fn untagged_variants_that_are_no_structs_are_told_behind_a_snapshot() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Any {
        Numbers(Vec<u32>),
        Names(Vec<String>),
        Points(BTreeMap<String, u32>),
        Titles(BTreeMap<String, String>),
    }
    let map = |key: &str, title: &str| BTreeMap::from([(key.to_owned(), title.to_owned())]);
    let push = |any: &mut Any| match any {
        Any::Numbers(numbers) => numbers.push(5),
        Any::Points(points) => drop(points.insert("b".into(), 5)),
        _ => unreachable!(),
    };
    check_gone(Any::Numbers(vec![1, 2]), push, Any::Names(vec!["a".into(), "b".into()]));
    check_gone(Any::Points(BTreeMap::from([("a".into(), 1)])), push, Any::Titles(map("a", "x")));
    check_gone(vec![Any::Numbers(vec![1, 2])], |list| push(&mut list[0]), vec![Any::Names(vec!["a".into()])]);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Few {
        Named {
            name: String,
        },
        Counted {
            #[serde(default, skip_serializing_if = "Option::is_none")]
            count: Option<u32>,
        },
    }
    check_gone(Few::Counted { count: None }, |few| *few = Few::Counted { count: Some(5) }, Few::Named { name: "x".into() });
}

/// A variant without the tag that the others have, and one that goes from among the fields of a struct.
#[test]
fn a_variant_that_only_one_document_has_is_told_behind_a_snapshot() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(tag = "kind")]
    enum Partly {
        Tagged {
            value: u32,
        },
        #[serde(untagged)]
        Not {
            value: String,
            more: u32,
        },
    }
    let edit = |partly: &mut Partly| *partly = Partly::Tagged { value: 7 };
    check_gone(Partly::Tagged { value: 1 }, edit, Partly::Not { value: "x".into(), more: 1 });

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Maybe {
        #[serde(flatten)]
        shape: Option<internal::Shape>,
        count: u32,
    }
    let square = |side| Some(internal::Shape::Square { side });
    let offline = |maybe: &mut Maybe| (maybe.shape, maybe.count) = (square(7), 2);
    let ended = super::behind_snapshot(&Maybe { shape: square(1), count: 1 }, offline, |maybe| maybe.shape = None);
    assert_eq!(ssync::document(&ended).unwrap().root().to_json(), serde_json::json!({"count": 2}));
}

/// Two tags in one object; and a struct of which two fields came and went is no enum.
#[test]
fn what_only_serde_knows_is_told_by_all_of_its_tags_behind_a_snapshot() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "is")]
    struct Held {
        #[serde(flatten)]
        shape: Content,
        count: u32,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Content {
        Number { content: u32 },
        Text { content: String, more: u32 },
    }
    let held = |shape| Json(Held { shape, count: 1 });
    let number = |content| held(Content::Number { content });
    check_gone(number(1), |held| *held = number(7), held(Content::Text { content: "x".into(), more: 1 }));

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Settings {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<u32>,
        list: Vec<u32>,
        count: u32,
    }
    let start = Json(Settings { first: Some(1), ..Settings::default() });
    let meanwhile = |json: &mut Json<Settings>| (json.0.first, json.0.second) = (None, Some(2));
    let ended = super::behind_snapshot(&start, |json| json.0.count = 5, meanwhile);
    assert_eq!(ended.0, Settings { second: Some(2), count: 5, ..Settings::default() });
}

/// The room has the enum under a name that the program only reads.
#[test]
fn an_edit_inside_beside_a_switch_under_an_alias() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Former {
        shape: adjacent::Shape,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Now {
        #[serde(alias = "shape")]
        form: adjacent::Shape,
    }
    let named = |title: &str| adjacent::Shape::Named(adjacent::Inner { title: title.into() });
    let [start, now] = [adjacent::Shape::Square { side: 1 }, named("t")].map(|shape| ssync::document(&Former { shape }).unwrap());
    let offline = ssync::Shared::new_local(Now { form: named("") }).unwrap();
    offline.apply(&ssync::Patch::from_op(ssync::Op::Set { path: ssync::Path::root(), value: start.root().clone() })).unwrap();
    let patch = super::commit(&offline, |now| now.form = adjacent::Shape::Square { side: 7 });
    assert_eq!(patch.to_string(), r#"[["=",["shape","c","side"],7]]"#);
    let (ended, _) = ssync_tests::behind_snapshot(start, patch, now.clone(), ssync::kinds_of::<Now>);
    assert_eq!(ended.root(), now.root());
}

/// Flattened where only serde knows it.
#[test]
fn a_flattened_tag_that_only_serde_knows_tells_the_variant() {
    let (before, behind) = (1, 2);
    let [start, bar, circle] = {
        use internal::{Flat, Shape};
        [Shape::Square { side: 3 }, Shape::Bar { len: 9, side: 3 }, Shape::Circle { radius: 1 }]
            .map(|shape| Json(Flat { before, shape, behind }))
    };
    check(start, |flat| flat, [circle, bar]);
    let [start, bar, circle] = {
        use adjacent::{Flat, Shape};
        [Shape::Square { side: 3 }, Shape::Bar { len: 9, side: 3 }, Shape::Circle { radius: 1 }]
            .map(|shape| Json(Flat { before, shape, behind }))
    };
    check(start, |flat| flat, [circle, bar]);
}
