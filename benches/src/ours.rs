//! The same operations through ssync: a guard, a plain edit, the bytes of its patch.

use ssync::{Json, Patch, Shared, Syncable, WriteGuard};

use crate::world::{Player, TrackedWorld, World};

/// A value and its copy in another program.
pub struct Ours<T: Syncable + Send + Sync + 'static> {
    pub here: Shared<T>,
    there: Shared<T>,
    tick: usize,
}

impl<T: Syncable + Clone + Send + Sync + 'static> Ours<T> {
    pub fn new(value: T) -> Self {
        let there = Shared::new_local(value.clone()).expect("it can be shared");
        Self { here: Shared::new_local(value).expect("it can be shared"), there, tick: 0 }
    }

    /// Edits through a guard; gives what would leave the program.
    pub fn edit(&mut self, edit: impl FnOnce(&mut T)) -> Vec<u8> {
        let mut guard = self.here.write();
        edit(&mut guard);
        WriteGuard::commit(guard).expect("it can be shared").patch().encode()
    }

    pub fn apply(&mut self, bytes: &[u8]) {
        let patch = Patch::decode(bytes).expect("a patch");
        self.there.apply(&patch).expect("it fits");
    }
}

/// A world, by whichever route.
pub trait Players: Syncable + Clone + Send + Sync + 'static {
    fn with(count: usize) -> Self;
    fn player(&mut self, index: usize) -> &mut Player;
    fn insert(&mut self, index: usize, player: Player);
    fn remove(&mut self, index: usize);
}

macro_rules! players {
    ($type:ty, |$count:ident| $new:expr) => {
        impl Players for $type {
            fn with($count: usize) -> Self {
                $new
            }
            fn player(&mut self, index: usize) -> &mut Player {
                &mut self.players[index]
            }
            fn insert(&mut self, index: usize, player: Player) {
                self.players.insert(index, player);
            }
            fn remove(&mut self, index: usize) {
                self.players.remove(index);
            }
        }
    };
}

players!(World, |count| World::new(count));
players!(Json<World>, |count| Json(World::new(count)));
players!(TrackedWorld, |count| TrackedWorld::new(count));

impl<T: Players> Ours<T> {
    pub fn edit_field(&mut self, index: usize) -> Vec<u8> {
        self.edit(|world| world.player(index).hit())
    }

    pub fn replace(&mut self, index: usize) -> Vec<u8> {
        self.tick += 1;
        let tick = self.tick;
        self.edit(|world| *world.player(index) = Player::new(tick))
    }

    pub fn edit_many(&mut self, count: usize, edits: usize) -> Vec<u8> {
        let (edits, step) = (edits.min(count), (count / edits.max(1)).max(1));
        self.edit(|world| (0..edits).for_each(|edit| world.player(edit * step).hit()))
    }

    pub fn insert_middle(&mut self, count: usize) -> Vec<u8> {
        self.edit(|world| world.insert(count / 2, Player::new(count)))
    }

    pub fn remove_middle(&mut self, count: usize) -> Vec<u8> {
        self.edit(|world| world.remove(count / 2))
    }
}
