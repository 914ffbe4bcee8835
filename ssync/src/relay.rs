//! The relay: it orders the frames of each room, keeps them, passes them on, and understands nothing.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use ssync::relay::{MemoryLog, Relay};
//! let relay = Relay::new(MemoryLog::default());
//! let address = relay.listen("127.0.0.1:0").await?;
//! println!("ws://{address}");
//! relay.stop().await;
//! # Ok(()) }
//! ```

mod connection;
pub mod log;
mod queue;
mod rooms;
mod server;

pub use log::memory::MemoryLog;
#[cfg(feature = "sqlite")]
pub use log::sqlite::{Durability, SqliteLog};
pub use log::{LogError, LogFuture, RoomLog, SnapshotHead, StoredSnapshot};
pub use server::{ListenError, Relay};
