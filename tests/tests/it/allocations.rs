//! What a comparison that finds nothing costs: nothing from the heap.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use ssync::{Shared, Syncable};

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
    // The status is looked at once; the comparison itself takes nothing.
    assert_eq!(allocations, 0, "an unchanged guard drop allocates");
}
