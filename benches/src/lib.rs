//! What the benchmarks share.

pub mod measure;
pub mod ours;
pub mod peers;
pub mod world;
