//! What a comparison takes from the heap: nothing if nothing changed, one buffer for a small edit.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use ssync::{List, Shared, Syncable, WriteGuard};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[derive(Clone, Default, Serialize, Deserialize, Syncable)]
struct Item {
    id: u64,
    name: String,
    position: (f64, f64),
    tags: Vec<String>,
    kind: Option<Kind>,
}

#[derive(Clone, Serialize, Deserialize, Syncable)]
enum Kind {
    Plain,
    Fancy { level: u8 },
}

#[derive(Default, Serialize, Deserialize, Syncable)]
struct World {
    items: Vec<Item>,
    by_name: HashMap<String, Item>,
    by_number: BTreeMap<u32, BTreeMap<i64, String>>,
}

#[test]
fn an_equal_value_is_compared_without_allocating() {
    let item = |number: u64| Item {
        id: number,
        name: format!("item {number}"),
        tags: vec!["a".into()],
        kind: Some(Kind::Fancy { level: 1 }),
        ..Item::default()
    };
    let mut world = World { items: (0..100).map(item).collect(), ..World::default() };
    world.items[3].kind = Some(Kind::Plain);
    world.by_name = (0..50).map(|number| (format!("name {number}"), item(number))).collect();
    world.by_number = (0..20).map(|number| (number, BTreeMap::from([(-1, "x".to_owned())]))).collect();
    let shared = Shared::new_local(world).unwrap();
    drop(shared.write()); // the first one makes the buffers that later ones use again
    let before = ALLOCATIONS.get();
    // Touched, and not changed.
    shared.write().items[7].id = 7;
    let allocations = ALLOCATIONS.get() - before;
    assert_eq!(allocations, 0, "an unchanged guard drop allocates");
}

#[derive(Default, Serialize, Deserialize, Syncable)]
struct Tracked {
    items: List<Item>,
    plain: Vec<Item>,
}

/// From the guard to the bytes that leave the program.
fn check_edit(shared: &Shared<Tracked>, edit: impl Fn(&mut Tracked, u64), expected: u64) {
    for number in 0..3 {
        let before = ALLOCATIONS.get();
        let mut guard = shared.write();
        edit(&mut guard, number);
        let bytes = WriteGuard::commit(guard).unwrap().patch().encode();
        let allocations = ALLOCATIONS.get() - before;
        drop(bytes);
        // The first one makes the buffers that later ones use again.
        assert!(number == 0 || allocations == expected, "a small edit takes {allocations} allocations");
    }
}

#[test]
fn a_small_edit_takes_one_buffer() {
    let items: Vec<Item> = (0..100).map(|id| Item { id, name: format!("item {id}"), ..Item::default() }).collect();
    let shared = Shared::new_local(Tracked { items: items.clone().into(), plain: items }).unwrap();
    check_edit(&shared, |tracked, number| tracked.items[50].id = 1_000 + number, 1);
    check_edit(&shared, |tracked, number| tracked.plain[50].id = 1_000 + number, 1);
    check_edit(&shared, |tracked, number| tracked.plain[50].position.1 = number as f64, 1);
}

/// A struct with flattened fields goes by the serde route.
#[derive(Default, Serialize, Deserialize, Syncable)]
struct Flattened {
    own: u32,
    #[serde(flatten)]
    within: Within,
}

#[derive(Default, Serialize, Deserialize, Syncable)]
struct Within {
    items: Vec<Item>,
}

/// What one commit that edits each of so many elements takes, here and where it is received.
fn edits_behind_flatten(count: u64) -> u64 {
    let items: Vec<Item> = (0..count).map(|id| Item { id, name: format!("item {id}"), ..Item::default() }).collect();
    let [here, there] = [(); 2].map(|()| Shared::new_local(Flattened { own: 0, within: Within { items: items.clone() } }).unwrap());
    let before = ALLOCATIONS.get();
    let mut guard = here.write();
    guard.within.items.iter_mut().for_each(|item| item.position.0 = 1.0);
    let commit = WriteGuard::commit(guard).unwrap();
    assert_eq!(commit.patch().ops().len() as u64, count);
    there.apply(commit.patch()).unwrap();
    ALLOCATIONS.get() - before
}

/// Cause: each op read back, and each that came decoded, all that is flattened. Effect: a commit of 5,000 edits took 50 s. Fix: it is decoded once,
/// behind the last op.
#[test]
fn many_edits_behind_flatten_cost_as_many_edits() {
    let [few, many] = [100, 800].map(edits_behind_flatten);
    assert!(many < 12 * few, "8 times the edits take {many} allocations where they took {few}");
}
