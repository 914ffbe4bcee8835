//! Other crates that capture changes of a state, each with the same operations on the same players.
pub mod automerge;
pub mod autosurgeon;
pub mod json_patch;
pub mod loro;
pub mod lorosurgeon;
pub mod muon;
pub mod serde_diff;
pub mod structdiff;
pub mod yrs;
