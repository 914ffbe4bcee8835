//! A member's shell: dialling, joining, and the loop between a line and the session.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the shell reads the clock and asks for randomness, so that the pure core need not"
)]

pub mod builder;
pub(crate) mod driver;
mod joining;

pub use builder::{Builder, JoinError};
