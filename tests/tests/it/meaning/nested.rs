//! Enums that hold enums, all in one object: one variant wins as a whole, of the inner one and of the outer one, and an edit never goes into another.

use serde::{Deserialize, Serialize};
use ssync::{Counter, Json, Syncable};

use super::variants::check;
use super::{Value, both, merged, sent};

/// Two variants that have fields of the same name, but not of the same type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "kind")]
enum Inner {
    Number { value: u32, count: Counter },
    Text { value: String },
    Empty,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(untagged)]
enum Read {
    Number {
        value: u32,
        side: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rows: Vec<u32>,
    },
    Text {
        value: String,
        side: u32,
    },
    Tagged(Inner),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "type")]
enum Outer {
    Tagged(Inner),
    Read(Read),
    Beside {
        votes: Counter,
        #[serde(flatten)]
        inner: Inner,
    },
    Own {
        width: u32,
    },
}

/// A variant without a tag beside others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(tag = "type")]
enum Partly {
    Named {
        value: u32,
        also: u32,
    },
    #[serde(untagged)]
    Loose {
        loose: u32,
        also: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat<K> {
    before: Counter,
    #[serde(flatten)]
    kind: K,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Deep<K> {
    #[serde(flatten)]
    flat: Flat<K>,
}

/// Wherever an enum may stand. One type, as each takes its time to compile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Everywhere<K> {
    alone: K,
    listed: Vec<Option<K>>,
    flat: Deep<K>,
}

fn number(value: u32) -> Inner {
    Inner::Number { value, count: Counter::new(1) }
}

fn text() -> Inner {
    Inner::Text { value: "t".into() }
}

const fn read(value: u32, side: u32) -> Read {
    Read::Number { value, side, rows: Vec::new() }
}

fn read_text() -> Read {
    Read::Text { value: "t".into(), side: 1 }
}

/// Wherever the enum stands: of two who set it, each to another variant, the later wins; who edits the variant that another leaves has edited nothing.
fn everywhere<K: Value>(variants: &[K], edited: &[K]) {
    for (start, edited) in variants.iter().zip(edited) {
        for other in variants.iter().filter(|other| *other != start) {
            everywhere_of(start, [edited, other], [other, other]);
            for one in variants.iter().filter(|one| ![start, other].contains(one)) {
                everywhere_of(start, [one, other], [other, one]);
            }
        }
    }
}

/// What both come to: where the other is later in the log, and where the one is.
fn everywhere_of<K: Value>(start: &K, [one, other]: [&K; 2], meant: [&K; 2]) {
    let places = |kind: &K, before| {
        let flat = Deep { flat: Flat { before: Counter::new(before), kind: kind.clone() } };
        Everywhere { alone: kind.clone(), listed: vec![Some(kind.clone())], flat }
    };
    let set = |kind: &K, by: i64| {
        let kind = kind.clone();
        move |places: &mut Everywhere<K>| {
            (places.alone, places.listed[0]) = (kind.clone(), Some(kind.clone()));
            places.flat.flat.kind = kind.clone();
            places.flat.flat.before += by;
        }
    };
    let ended = both(&places(start, 1), set(one, 2), set(other, 3));
    assert_eq!(ended, meant.map(|kind| places(kind, 6)), "what stands beside it adds up");
}

#[test]
fn a_tagged_enum_in_a_tagged_one() {
    let variants = [Outer::Tagged(number(1)), Outer::Tagged(text()), Outer::Own { width: 1 }, Outer::Tagged(Inner::Empty)];
    let edited = [Outer::Tagged(number(7)), Outer::Tagged(Inner::Text { value: "t!".into() }), Outer::Own { width: 7 }];
    everywhere(&variants, &edited);
}

#[test]
fn an_untagged_enum_in_a_tagged_one() {
    let variants = [Outer::Read(read(1, 1)), Outer::Read(read_text()), Outer::Own { width: 1 }, Outer::Read(Read::Tagged(text()))];
    let edited = [Outer::Read(read(1, 7)), Outer::Read(Read::Text { value: "t".into(), side: 7 }), Outer::Own { width: 7 }];
    everywhere(&variants, &edited);
}

#[test]
fn a_tagged_enum_in_an_untagged_one() {
    let variants = [Read::Tagged(number(1)), Read::Tagged(text()), read(1, 1), read_text()];
    let edited = [Read::Tagged(number(7)), Read::Tagged(Inner::Text { value: "t!".into() }), read(7, 1)];
    everywhere(&variants, &edited);
}

#[test]
fn a_flattened_enum_in_a_variant() {
    let beside = |inner| Outer::Beside { votes: Counter::new(1), inner };
    let own = || Outer::Own { width: 1 };
    check(beside(number(1)), |outer| outer, [own(), Outer::Tagged(number(1))]);
    check(own(), |outer| outer, [beside(number(1)), beside(text())]);
    // The inner one is a part of the variant, which is left.
    assert_eq!(both(&beside(number(1)), |outer| *outer = beside(text()), |outer| *outer = own()), [own(), own()]);
    // What the variant itself holds goes on where only the inner one is another.
    let add = |outer: &mut Outer, by: i64| {
        if let Outer::Beside { votes, .. } = outer {
            *votes += by;
        }
    };
    let ended = merged(
        &beside(number(1)),
        |outer| add(outer, 2),
        |outer| {
            if let Outer::Beside { inner, .. } = outer {
                *inner = text()
            }
        },
    );
    assert_eq!(ended, Outer::Beside { votes: Counter::new(3), inner: text() });
}

#[test]
fn a_variant_without_a_tag_beside_tagged_ones() {
    let variants = [Partly::Named { value: 1, also: 1 }, Partly::Loose { loose: 1, also: 1 }];
    everywhere(&variants, &[Partly::Named { value: 7, also: 1 }, Partly::Loose { loose: 1, also: 7 }]);
}

/// Where only serde knows it, a tuple of another length is another variant.
#[test]
fn tuples_of_several_lengths_that_only_serde_knows() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Rows {
        Pair(u32, u32),
        Triple(u32, String, u32),
    }
    let triple = || Rows::Triple(1, "t".into(), 3);
    for ended in both(&Json(Rows::Pair(1, 2)), |rows| rows.0 = Rows::Pair(1, 7), |rows| rows.0 = triple()) {
        assert_eq!(ended.0, triple());
    }
    for ended in both(&vec![Json(triple())], |list| list[0].0 = Rows::Triple(7, "t".into(), 3), |list| list[0].0 = Rows::Pair(1, 2)) {
        assert_eq!(ended, [Json(Rows::Pair(1, 2))]);
    }
}

/// A field that comes is no other variant, where it was left out because it was empty.
#[test]
fn a_flattened_variant_without_a_tag_is_edited_in_place() {
    let start = Flat { before: Counter::new(1), kind: read(1, 1) };
    let push = |row: u32| {
        move |flat: &mut Flat<Read>| {
            if let Read::Number { rows, .. } = &mut flat.kind {
                rows.push(row);
            }
        }
    };
    assert_eq!(sent(&start, push(4)), r#"[["e",["rows"],[]],["+",["rows",0],4]]"#);
    let [first, second] = both(&start, push(4), push(5));
    let rows = |flat: Flat<Read>| if let Read::Number { rows, .. } = flat.kind { rows } else { Vec::new() };
    assert_eq!([rows(first), rows(second)], [[4, 5], [5, 4]]);
}

/// What each variant knows of a field counts, where several have one of that name.
#[test]
fn fields_of_one_name_in_several_variants() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(tag = "kind")]
    enum Kind {
        Whole {
            #[sync(leaf)]
            parts: Vec<u32>,
        },
        Parts {
            parts: Vec<u32>,
        },
    }
    let push = |flat: &mut Flat<Kind>| match &mut flat.kind {
        Kind::Whole { parts } | Kind::Parts { parts } => parts.push(2),
    };
    let flat = |kind| Flat { before: Counter::new(1), kind };
    assert_eq!(sent(&flat(Kind::Parts { parts: vec![1] }), push), r#"[["+",["parts",1],2]]"#);
    assert_eq!(sent(&flat(Kind::Whole { parts: vec![1] }), push), r#"[["=",["parts"],[1,2]]]"#);
}

/// An untagged enum may be a variant of itself, behind another: what it holds is looked for once.
#[test]
fn an_enum_that_is_a_variant_of_itself() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Term {
        Sum { left: Box<Term>, right: Box<Term> },
        Number { number: i64 },
        Group(Box<Group>),
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Group {
        Named { name: String },
        Term(Term),
    }
    let number = |number| Box::new(Term::Number { number });
    let sum = |left, right| Term::Sum { left: number(left), right: number(right) };
    let start = Flat { before: Counter::new(1), kind: sum(1, 2) };
    assert_eq!(sent(&start, |flat| flat.kind = sum(1, 3)), r#"[["=",["right","number"],3]]"#);
    let ended = both(&start, |flat| flat.kind = sum(1, 3), |flat| flat.kind = *number(4));
    assert_eq!(ended.map(|flat| flat.kind), [*number(4), *number(4)]);
    let named = || Term::Group(Box::new(Group::Named { name: "n".into() }));
    assert_eq!(both(&sum(1, 2), |term| *term = sum(1, 3), |term| *term = named()), [named(), named()]);
}

/// Two enums beside each other of which the first holds others as one variant and none as the other. Which enum is switched is known by how many stand
/// before it that no other one holds.
///
/// Cause: the second was known by its position among all enums, and the first held fewer when the object was compared once more. Effect: where both were
/// switched at once, the second one's entries were set one by one, into whatever variant another program had put there. Fix: what is held is not counted.
#[test]
fn two_enums_of_one_object_are_switched_at_once() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum First {
        Held(Inner),
        Own { first: u32 },
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Second {
        Wide { wide: u32, depth: u32 },
        Deep { deep: u32, depth: u32 },
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    struct Two {
        #[serde(flatten)]
        first: First,
        #[serde(flatten)]
        second: Second,
    }
    let start = Two { first: First::Held(number(1)), second: Second::Wide { wide: 1, depth: 1 } };
    let switched = || Two { first: First::Own { first: 2 }, second: Second::Deep { deep: 2, depth: 2 } };
    let patch = sent(&start, |two| *two = switched());
    assert_eq!(patch.matches(r#"["v","#).count(), 2, "{patch}");
    for ended in both(&start, |two| two.second = Second::Wide { wide: 7, depth: 7 }, |two| *two = switched()) {
        assert_eq!(ended, switched());
    }
}

/// A variant without a tag may write nothing: it is that variant all the same.
#[test]
fn a_variant_that_writes_nothing() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    #[serde(untagged)]
    enum Sparse {
        Other {
            other: u32,
        },
        Rows {
            #[serde(default, skip_serializing_if = "is_zero")]
            votes: Counter,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        },
    }
    fn is_zero(votes: &Counter) -> bool {
        *votes == 0
    }
    let flat = |votes, note: Option<&str>| {
        let kind = Sparse::Rows { votes: Counter::new(votes), note: note.map(Into::into) };
        Flat { before: Counter::new(1), kind }
    };
    let take = |flat: &mut Flat<Sparse>| {
        if let Sparse::Rows { note, .. } = &mut flat.kind {
            *note = None;
        }
    };
    let vote = |by: i64| {
        move |flat: &mut Flat<Sparse>| {
            if let Sparse::Rows { votes, .. } = &mut flat.kind {
                *votes += by;
            }
        }
    };
    assert_eq!(merged(&flat(0, Some("n")), take, vote(2)), flat(2, None));
    let other = || Flat { before: Counter::new(1), kind: Sparse::Other { other: 1 } };
    assert_eq!(both(&other(), |flat| flat.kind = Sparse::Other { other: 7 }, |it| *it = flat(0, None)), [flat(0, None), flat(0, None)]);
}
