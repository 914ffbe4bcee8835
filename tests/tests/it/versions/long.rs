//! Long lists in a program that does not know all of their elements: whatever it does to their order, what it does not know stays with each.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use ssync::{Doc, List, Node, Op, Patch, Path, Shared, Syncable, WriteGuard, document};

/// An element as one program knows it; `own` is in no document until it is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Item {
    id: u32,
    points: u32,
    #[serde(default)]
    own: u32,
}

/// The same for a newer one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Tagged {
    id: u32,
    points: u32,
    #[serde(default)]
    tag: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Room<L> {
    items: L,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct KeyedRoom {
    #[sync(key = "id")]
    items: Vec<Item>,
}

/// A struct whose fields are flattened goes by the serde route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat {
    #[serde(flatten)]
    room: Room<Vec<Item>>,
}

fn tagged(id: u32) -> Tagged {
    Tagged { id, points: 0, tag: format!("tag of {id}") }
}

/// Commits an edit in the older program; gives what the newer one reads afterwards.
fn edited<T: Syncable + Send + Sync + 'static>(count: u32, empty: T, edit: impl FnOnce(&mut T)) -> Vec<Tagged> {
    let room = Room { items: (0..count).map(tagged).collect::<Vec<_>>() };
    edited_room(&room, empty, edit).items
}

fn edited_room<R: Syncable, T: Syncable + Send + Sync + 'static>(room: &R, empty: T, edit: impl FnOnce(&mut T)) -> R {
    let doc = document(room).unwrap();
    let old = Shared::new_local(empty).unwrap();
    old.apply(&Patch::new(vec![Op::Set { path: Path::root(), value: doc.root().clone() }])).unwrap();
    let mut guard = old.write();
    edit(&mut guard);
    let commit = WriteGuard::commit(guard).unwrap();
    let mut changed: Doc = doc;
    changed.apply(commit.patch()).unwrap();
    assert_eq!(changed.root().canonical_json(), Node::from_json(&old.to_json()).unwrap().canonical_json());
    ssync::read::<R>(changed.root()).unwrap()
}

/// The same elements, with a gap after every third.
fn with_gaps<I>(items: impl IntoIterator<Item = I>) -> Vec<Option<I>> {
    let with_gap = |(at, item): (usize, I)| std::iter::once(Some(item)).chain((at % 3 == 2).then_some(None));
    items.into_iter().enumerate().flat_map(with_gap).collect()
}

/// Edits a tracked list as one would a plain one: what is left is put into its order, then edited, then what is new is put in.
fn rearrange(list: &mut List<Item>, edit: impl FnOnce(&mut Vec<Item>)) {
    let mut items = list.to_vec();
    edit(&mut items);
    let order: BTreeMap<u32, usize> = items.iter().zip(0..).map(|(item, at)| (item.id, at)).collect();
    list.retain(|item| order.contains_key(&item.id));
    list.sort_by_key(|item| order[&item.id]);
    for (at, item) in items.into_iter().enumerate() {
        match list.get_mut(at) {
            Some(here) if here.id == item.id => *here = item,
            _ => list.insert(at, item),
        }
    }
}

/// An edit of a list, and of the same list of the newer program: what it should have become.
fn check(name: &str, count: u32, edit: impl Fn(&mut Vec<Item>)) {
    let items = || (0..count).map(|id| Item { id, points: 0, own: 0 }).collect::<Vec<_>>();
    let mut expected = items();
    edit(&mut expected);
    let expected: Vec<Tagged> = expected
        .into_iter()
        .map(|item| {
            if item.id < count {
                Tagged { points: item.points, ..tagged(item.id) }
            } else {
                Tagged { tag: String::new(), ..tagged(item.id) }
            }
        })
        .collect();
    let compare = |found: Vec<Tagged>, way: &str| {
        assert_eq!(found.len(), expected.len(), "{name} {count} in a {way}");
        let wrong = found.iter().zip(&expected).filter(|(found, expected)| found != expected).collect::<Vec<_>>();
        assert!(wrong.is_empty(), "{name} {count} in a {way}: {} wrong, such as {:?}", wrong.len(), wrong[0]);
    };
    compare(edited(count, Room { items: Vec::new() }, |room: &mut Room<Vec<Item>>| edit(&mut room.items)), "Vec");
    compare(edited(count, KeyedRoom { items: Vec::new() }, |room| edit(&mut room.items)), "Vec with a key");
    compare(edited(count, Flat { room: Room { items: Vec::new() } }, |flat| edit(&mut flat.room.items)), "flattened Vec");
    compare(edited(count, Room { items: List::new() }, |room: &mut Room<List<Item>>| rearrange(&mut room.items, edit)), "List");
}

/// Cause: an order of more than 1,024 moves was made of removals and insertions, or by writing elements over, and a list that lost more than
/// 4,096 elements was set as a whole. Effect: what a newer program knew of the elements was gone, or lay on others. Fix: `Anew`.
#[test]
fn what_is_unknown_goes_with_its_element_however_far_it_goes() {
    for count in [1_500, 6_000] {
        check("reverse", count, |items| items.reverse());
        check("shuffle", count, |items| items.sort_by_key(|item| item.id.wrapping_mul(2_654_435_761)));
        check("shuffle and edit", count, |items| {
            items.sort_by_key(|item| item.id.wrapping_mul(2_654_435_761));
            items.iter_mut().filter(|item| item.id % 7 == 0).for_each(|item| item.points = 5);
        });
        check("keep every second", count, |items| items.retain(|item| item.id % 2 == 0));
        check("keep every tenth", count, |items| items.retain(|item| item.id % 10 == 0));
        check("keep the first ten", count, |items| items.truncate(10));
        check("keep the last ten, reversed", count, |items| {
            items.drain(..items.len() - 10);
            items.reverse();
        });
        check("edit all", count, |items| items.iter_mut().for_each(|item| item.points = item.id + 1));
    }
}

/// Cause: what loses more than 4,096 elements is set as a whole, and that took for granted that fewer remain. Effect: a panic. Fix: `Each::replace`.
#[test]
fn a_list_of_other_elements_may_be_longer() {
    let others: Vec<Item> = (10_000..16_000).map(|id| Item { id, points: 0, own: 0 }).collect();
    let found = edited(5_000, KeyedRoom { items: Vec::new() }, |room| room.items = others);
    assert_eq!(found.len(), 6_000);
    assert!(found.iter().zip(10_000..).all(|(item, id)| *item == Tagged { tag: String::new(), ..tagged(id) }));
}

/// Some edits of a list, one after the other; new elements have ids from `new` on.
fn disturb(rng: &mut ChaCha8Rng, items: &mut Vec<Item>, new: u32) {
    for edit in 0..=rng.next_u32() % 4 {
        let length = items.len().max(1);
        let mut at = || rng.next_u64() as usize % length;
        let (from, to) = (at(), at());
        match rng.next_u32() % 10 {
            0 => items.reverse(),
            1 => items.sort_by_key(|item| item.id.wrapping_mul(2_654_435_761) ^ new),
            2 => items.rotate_left(from),
            3 => items.retain(|item| item.id % 3 != 0),
            4 => drop(items.drain(from.min(to)..items.len().min(from.max(to)))),
            5 => items.iter_mut().skip(from).step_by(5).for_each(|item| item.points += 1),
            6 => items.iter_mut().skip(from).take(3).for_each(|item| item.own += 1),
            7 if from < items.len() => {
                let item = items.remove(from);
                items.insert(to.min(items.len()), item);
            }
            8 if from.max(to) < items.len() => items.swap(from, to),
            _ => items.insert(from.min(items.len()), Item { id: new + edit, points: 0, own: 0 }),
        }
    }
}

/// Random edits of lists of all lengths, in every way in which a list is compared.
#[test]
fn what_is_unknown_stays_with_its_element_in_random_rounds() {
    let mut rng = ChaCha8Rng::seed_from_u64(15);
    for round in 0..120 {
        let count = [2, 5, 12, 40, 200, 1_100, 5_000][rng.next_u64() as usize % if round % 6 == 0 { 7 } else { 5 }];
        let seed = rng.next_u64();
        let edit = |items: &mut Vec<Item>| disturb(&mut ChaCha8Rng::seed_from_u64(seed), items, 1_000_000);
        let judge = |found: Vec<Tagged>, way: &str| {
            let strange = found.iter().find(|item| item.id < 1_000_000 && item.tag != tagged(item.id).tag);
            assert_eq!(strange, None, "round {round}: {count} elements in a {way}");
        };
        judge(edited(count, Room { items: Vec::new() }, |room: &mut Room<Vec<Item>>| edit(&mut room.items)), "Vec");
        judge(edited(count, KeyedRoom { items: Vec::new() }, |room| edit(&mut room.items)), "Vec with a key");
        judge(edited(count, Flat { room: Room { items: Vec::new() } }, |flat| edit(&mut flat.room.items)), "flattened Vec");
        judge(edited(count, Room { items: List::new() }, |room: &mut Room<List<Item>>| rearrange(&mut room.items, edit)), "List");
        let room = Room { items: with_gaps((0..count).map(tagged)) };
        let with_gaps = edited_room(&room, Room { items: Vec::new() }, |room: &mut Room<Vec<Option<Item>>>| {
            let mut items = room.items.drain(..).flatten().collect();
            edit(&mut items);
            room.items = with_gaps(items);
        });
        judge(with_gaps.items.into_iter().flatten().collect(), "Vec with gaps");
    }
}
