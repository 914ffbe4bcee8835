//! Other crates that capture changes of a state, each with the same operations on the same players.

/// The players for crates that derive what they need of the struct.
macro_rules! world {
    ($(#[$($player:tt)*])* Player { $(#[$($id:tt)*])* id } $(#[$($world:tt)*])* World { $(#[$($players:tt)*])* players }) => {
        $(#[$($player)*])*
        pub struct Player {
            $(#[$($id)*])*
            pub id: u64,
            pub name: String,
            pub x: f64,
            pub y: f64,
            pub health: u32,
            pub team: String,
            pub alive: bool,
        }

        $(#[$($world)*])*
        pub struct World {
            pub round: u64,
            $(#[$($players)*])*
            pub players: Vec<Player>,
        }
    };
}

/// What is done to the players, for a peer with `fn commit(&mut self, edit: impl Fn(&mut World)) -> Vec<u8>`.
macro_rules! edits {
    () => {
        fn player(id: u64) -> Player {
            Player {
                id,
                name: format!("player-{id}"),
                x: id as f64 * 0.5,
                y: id as f64 * 0.25,
                health: 100,
                team: if id % 2 == 0 { "red".into() } else { "blue".into() },
                alive: true,
            }
        }

        impl World {
            fn new(count: usize) -> Self {
                Self { round: 0, players: (0..count as u64).map(player).collect() }
            }
        }

        impl Peer {
            pub fn edit_field(&mut self, index: usize, health: u32) -> Vec<u8> {
                self.commit(|world| world.players[index].health = health)
            }

            pub fn edit_many(&mut self, count: usize) -> Vec<u8> {
                self.tick += 1;
                let tick = self.tick;
                self.commit(|world| {
                    let step = (world.players.len() / count.max(1)).max(1);
                    for player in world.players.iter_mut().step_by(step).take(count) {
                        player.health = tick;
                    }
                })
            }

            pub fn insert_middle(&mut self) -> Vec<u8> {
                self.tick += 1;
                let id = 1_000_000 + u64::from(self.tick);
                self.commit(|world| {
                    let middle = world.players.len() / 2;
                    world.players.insert(middle, player(id));
                })
            }

            pub fn remove_middle(&mut self) -> Vec<u8> {
                self.commit(|world| {
                    let middle = world.players.len() / 2;
                    world.players.remove(middle);
                })
            }
        }
    };
}

pub mod automerge;
pub mod autosurgeon;
pub mod json_patch;
pub mod loro;
pub mod lorosurgeon;
pub mod muon;
pub mod serde_diff;
pub mod structdiff;
pub mod yrs;
