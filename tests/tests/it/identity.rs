//! Sets and maps whose members and keys are equal by other rules than their JSON: every program shows the same, and nothing is deleted that nobody deleted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};
use ssync::{Shared, Syncable, WriteGuard};
use ssync_tests::{soon, until};

use super::api::versions;

/// Known by its number alone.
#[derive(Clone, Debug, Serialize, Deserialize, Syncable)]
struct Item {
    id: u8,
    text: String,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Item {}

impl Hash for Item {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

fn item(text: &str) -> Item {
    Item { id: 1, text: text.into() }
}

/// Known by its text in small letters.
#[derive(Clone, Debug, Serialize, Deserialize, Syncable)]
struct Name(String);

impl Name {
    fn small(&self) -> String {
        self.0.to_lowercase()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.small() == other.small()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.small().hash(state);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.small().cmp(&other.small())
    }
}

/// Commits whatever an untouched guard finds.
fn touch_nothing<T: Syncable + Send + Sync + 'static>(shared: &Shared<T>) -> String {
    WriteGuard::commit(shared.write()).unwrap().patch().to_string()
}

async fn settle<T: Syncable + Send + Sync + 'static>(here: &Shared<T>, there: &Shared<T>) {
    soon("flush", here.flush()).await.unwrap();
    soon("flush", there.flush()).await.unwrap();
    until("both to have all", || here.status().received == there.status().received && here.to_json() == there.to_json()).await;
}

/// Two programs put in what is equal and differs in JSON; then one takes it out, as often as there is something.
async fn check<C>(put: fn(&mut C, &str), take: fn(&mut C), shown: fn(&C) -> Option<String>)
where
    C: Syncable + Default + Debug + Send + Sync + 'static,
{
    for is_first in [true, false] {
        let (_relay, here, there) = versions::<(C, u8), (C, u8)>().await;
        let texts = if is_first { ["Aa", "aA"] } else { ["aA", "Aa"] };
        put(&mut here.write().0, texts[0]);
        put(&mut there.write().0, texts[1]);
        settle(&here, &there).await;
        here.write().1 = 1;
        there.write().1 = 2;
        settle(&here, &there).await;
        assert_eq!((touch_nothing(&here), touch_nothing(&there)), ("[]".into(), "[]".into()));
        let both = here.to_json();
        assert_eq!(both[0].as_array().map(Vec::len).or(both[0].as_object().map(serde_json::Map::len)), Some(2), "{both}");
        let shows = |shared: &Shared<(C, u8)>| shown(&shared.read().0);
        assert_eq!(shows(&here), shows(&there));
        assert!(shows(&here).is_some());
        for left in [1, 0] {
            take(&mut here.write().0);
            settle(&here, &there).await;
            assert_eq!(shows(&here), shows(&there), "{left} are left");
            assert_eq!(shows(&here).is_some(), left == 1, "{left} are left");
            assert_eq!((touch_nothing(&here), touch_nothing(&there)), ("[]".into(), "[]".into()));
        }
    }
}

#[tokio::test]
async fn members_that_are_equal_for_the_program_are_one_everywhere() {
    check::<BTreeSet<Item>>(|set, text| drop(set.insert(item(text))), BTreeSet::clear, |set| Some(set.first()?.text.clone())).await;
    check::<HashSet<Item>>(|set, text| drop(set.insert(item(text))), HashSet::clear, |set| Some(set.iter().next()?.text.clone())).await;
    check::<IndexSet<Item>>(|set, text| drop(set.insert(item(text))), IndexSet::clear, |set| Some(set.first()?.text.clone())).await;
}

#[tokio::test]
async fn keys_that_are_equal_for_the_program_are_one_everywhere() {
    fn put<M: Extend<(Name, u8)>>(map: &mut M, text: &str) {
        map.extend([(Name(text.into()), text.as_bytes()[0])]);
    }
    fn shown<'a>(mut entries: impl Iterator<Item = (&'a Name, &'a u8)>) -> Option<String> {
        entries.next().map(|(key, value)| format!("{} {value}", key.0))
    }
    check::<BTreeMap<Name, u8>>(put, BTreeMap::clear, |map| shown(map.iter())).await;
    check::<HashMap<Name, u8>>(put, HashMap::clear, |map| shown(map.iter())).await;
    check::<IndexMap<Name, u8>>(put, IndexMap::clear, |map| shown(map.iter())).await;
}

#[test]
fn an_equal_one_of_other_json_in_its_place_is_refused_with_a_remedy() {
    fn check<T: Syncable + Debug + PartialEq + Clone + Send + Sync + 'static>(start: T, change: impl Fn(&mut T), expected: &str) {
        let shared = Shared::new_local(start.clone()).unwrap();
        let before = shared.to_json();
        let error = shared.update(change).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!((shared.to_json(), touch_nothing(&shared)), (before, "[]".into()));
    }
    let start = || BTreeSet::from([item("a")]);
    check(start(), |set| drop(set.replace(item("b"))), "use a map from what tells them apart");
    check((1, start()), |value| drop(value.1.replace(item("b"))), "use a map from what tells them apart");
    let start = HashSet::from([item("a")]);
    check(start, |set| drop(set.replace(item("b"))), r#"{"id":1,"text":"a"}"#);
    let start = BTreeMap::from([(Name("a".into()), 1)]);
    let rename = |map: &mut BTreeMap<Name, u8>| {
        map.clear();
        map.insert(Name("A".into()), 2);
    };
    check(start, rename, "write equal keys alike");
}

#[test]
fn what_only_comes_and_goes_is_not_refused() {
    let shared = Shared::new_local(BTreeSet::from([item("a")])).unwrap();
    shared.update(|set| set.insert(Item { id: 2, text: "a".into() })).unwrap();
    shared.update(|set| set.remove(&item("b"))).unwrap();
    assert_eq!(shared.to_json(), serde_json::json!([{ "id": 2, "text": "a" }]));
}
