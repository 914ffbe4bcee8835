//! Programs with different versions of one struct in one room: no field lost, no divergence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use ssync::{Event, Node, Op, Patch, Secret, Segment, Shared, Syncable, WriteGuard};
use ssync_tests::{soon, until};

use super::api::{relay, versions};

mod empty;
mod long;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Old {
    name: String,
    #[serde(default)]
    score: u32,
    #[serde(default)]
    only_old: String,
    items: Vec<OldItem>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct OldItem {
    id: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct New {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<String>,
    #[serde(default)]
    only_new: Vec<u32>,
    items: Vec<NewItem>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct NewItem {
    id: u32,
    #[serde(default)]
    tag: String,
}

/// A field more, a field less, a field of another type.
#[tokio::test]
async fn two_versions_of_a_struct_share_a_room() {
    let (_relay, new, old) = versions::<New, Old>().await;
    let same = || until("both to be equal", || old.to_json() == new.to_json() && old.status().pending + new.status().pending == 0);

    new.write().only_new.push(1);
    old.write().name = "by old".into();
    same().await;
    assert_eq!(old.to_json(), serde_json::json!({"name": "by old", "only_new": [1], "items": []}), "defaults are not emitted");

    old.write().only_old = "kept".into();
    old.write().items.push(OldItem { id: 1 });
    until("the item", || new.read().items.len() == 1).await;
    new.write().items.insert(0, NewItem { id: 0, tag: "t".into() });
    until("both items", || old.read().items.len() == 2).await;
    old.write().items[0].id = 5;
    old.write().items.swap(0, 1);
    same().await;
    assert_eq!(new.read().items.iter().map(|item| item.id).collect::<Vec<_>>(), [1, 5]);

    let mut changes = new.changes();
    old.write().score = 3;
    until("what does not fit", || !new.status().unfit.is_empty()).await;
    let told = loop {
        match soon("the report", changes.next()).await {
            Some(Event::Unfit(unfit)) => break unfit,
            Some(_) => {}
            None => panic!("it ended"),
        }
    };
    assert_eq!(told.path.to_string(), "/score");
    assert_eq!(new.read().score, None, "the last fitting value stays");
    let refused = new.update(|new| new.score = Some("x".into())).unwrap_err().to_string();
    assert!(refused.starts_with("/score: the room holds a value here that does not fit"), "{refused}");
    new.write().name = "by new".into();
    new.write().only_new.push(2);
    same().await;
    let json = old.to_json();
    assert_eq!(
        (&json["score"], &json["only_old"], &json["only_new"], &json["name"]),
        (&3.into(), &"kept".into(), &serde_json::json!([1, 2]), &"by new".into())
    );
    assert_eq!((old.read().score, &*old.read().only_old), (3, "kept"));
}

/// An older program moves elements around: what it does not know about them goes with them.
#[tokio::test]
async fn unknown_fields_follow_their_elements() {
    let (_relay, url) = relay().await;
    let secret = Secret::generate();
    let item = |id: u32| NewItem { id, tag: format!("tag of {id}") };
    let initial = New { items: (0..30).map(item).collect(), ..New::default() };
    let new: Shared<New> = Shared::builder(&secret).relay(&url).initial(initial).join().await.unwrap();
    let old: Shared<Old> = Shared::join(&url, &secret).await.unwrap();
    let settle = || until("both to be equal", || old.to_json() == new.to_json() && old.status().pending + new.status().pending == 0);
    let tags_fit = || new.read().items.iter().all(|item| item.tag.is_empty() || item.tag == format!("tag of {}", item.id));

    old.write().items.insert(0, OldItem { id: 100 });
    settle().await;
    assert!(tags_fit(), "{:?}", new.read().items);
    old.write().items.remove(5);
    settle().await;
    assert!(tags_fit(), "{:?}", new.read().items);
    let mut guard = old.write();
    guard.items.drain(3..9);
    guard.items.push(OldItem { id: 101 });
    drop(guard);
    settle().await;
    assert!(tags_fit(), "{:?}", new.read().items);
    assert_eq!(new.read().items.iter().filter(|item| item.tag.is_empty()).count(), 2);
    assert_eq!(new.read().items.len(), 30 + 2 - 7);
    new.write().items[0].tag = "new".into();
    // By less they would become what their neighbours were, and be taken for those.
    old.write().items.iter_mut().for_each(|item| item.id += 1_000);
    settle().await;
    assert_eq!((new.read().items[0].id, &*new.read().items[0].tag), (1_100, "new"));
}

/// A list with an element that an older program cannot read: it sees the others, and cannot disturb the list.
#[tokio::test]
async fn a_list_with_an_unreadable_element_is_not_disturbed() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    enum OldKind {
        A,
        B,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
    enum NewKind {
        A,
        B,
        Z,
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct OldList {
        kinds: Vec<OldKind>,
        other: u32,
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct NewList {
        kinds: Vec<NewKind>,
        other: u32,
    }
    let (_relay, new, old) = versions::<NewList, OldList>().await;
    new.write().kinds = vec![NewKind::A, NewKind::B];
    until("the list", || old.read().kinds.len() == 2).await;
    new.write().kinds.push(NewKind::Z);
    until("the report", || !old.status().unfit.is_empty()).await;
    let refused = old.update(|old| old.kinds.pop()).unwrap_err().to_string();
    assert!(refused.contains("does not fit this program's struct"), "{refused}");
    new.write().kinds.insert(0, NewKind::B);
    old.write().other = 7;
    until("both", || new.read().other == 7 && old.status().pending == 0).await;
    assert_eq!(new.read().kinds, [NewKind::B, NewKind::A, NewKind::B, NewKind::Z]);
    new.write().kinds.pop();
    until("what fits again", || old.read().kinds == [OldKind::B, OldKind::A, OldKind::B]).await;
    assert!(old.status().unfit.is_empty());
    old.write().kinds.push(OldKind::A);
    until("the old one's write", || new.read().kinds.len() == 4).await;
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Place<N> {
    at: Option<Point<N>>,
    counts: BTreeMap<String, N>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Point<N> {
    x: N,
    y: N,
}

/// Cause: where a whole struct did not fit, the place that is remembered is the field that does not; when an op made just that field fit,
/// nothing was remembered any more, and the struct was never read. Effect: the other fields kept their old values, and the next guard
/// wrote those over what the others had written. Fix: `View::is_stale`.
#[test]
fn what_fits_again_is_read_as_a_whole() {
    fn check(ops: [(&str, &[&str], serde_json::Value); 2], expected: serde_json::Value) {
        let shared = Shared::new_local(Place { at: Some(Point { x: 9u8, y: 9 }), ..Place::default() }).unwrap();
        let ops = ops.map(|(sign, path, value)| {
            let path = path.iter().map(|key| Segment::from(*key)).collect();
            match sign {
                "-" => Op::Remove { path },
                _ => Op::Set { path, value: Node::from_json(&value).unwrap() },
            }
        });
        shared.apply(&Patch::new(ops.into())).unwrap();
        assert_eq!(serde_json::to_value(&*shared.read()).unwrap(), expected);
        let commit = WriteGuard::commit(shared.write()).unwrap();
        assert!(commit.patch().is_empty(), "{} was left over", commit.patch());
    }
    let empty = json!({});
    check([("=", &["at"], json!({"x": 1, "y": 300})), ("=", &["at", "y"], json!(2))], json!({"at": {"x": 1, "y": 2}, "counts": empty}));
    check(
        [("=", &["counts"], json!({"a": 300, "b": 1})), ("-", &["counts", "a"], json!(null))],
        json!({"at": {"x": 9, "y": 9}, "counts": {"b": 1}}),
    );
}

/// The same in two frames, with a while between them in which it does not fit.
#[tokio::test]
async fn what_fits_again_later_is_read_as_a_whole() {
    let (_relay, wide, narrow) = versions::<Place<u16>, Place<u8>>().await;
    wide.write().at = Some(Point { x: 1, y: 300 });
    until("what does not fit", || !narrow.status().unfit.is_empty()).await;
    assert_eq!(narrow.read().at, None);
    wide.update(|place| place.at.as_mut().unwrap().y = 2).unwrap();
    until("what fits again", || narrow.read().at == Some(Point { x: 1, y: 2 })).await;
    assert!(narrow.status().unfit.is_empty());
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Sparse<N> {
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<BTreeMap<String, N>>,
}

/// A map that comes as a whole and does not fit: what is then removed from it is not all that the reader lacks.
#[tokio::test]
async fn a_map_that_fits_again_is_not_the_one_before() {
    let (_relay, wide, narrow) = versions::<Sparse<u16>, Sparse<u8>>().await;
    // So many that they are not put in one by one.
    let many = || (0..40).map(|number| (format!("b{number}"), 1));
    wide.write().counts = Some(many().chain([("a".into(), 300)]).collect());
    until("what does not fit", || !narrow.status().unfit.is_empty()).await;
    assert_eq!(*narrow.read(), Sparse::default());
    wide.update(|sparse| sparse.counts.as_mut().unwrap().remove("a")).unwrap();
    until("what fits again", || narrow.status().unfit.is_empty()).await;
    assert_eq!(*narrow.read(), Sparse { counts: Some(many().map(|(key, count)| (key, count as u8)).collect()) });
}
