//! Two routes and serde itself, on generated values of many types: whatever one of them says, the others say too.
//!
//! The same runs with serde_json's `arbitrary_precision` and `preserve_order` switched on: `--features json-features`. A crate of its own, because a few hundred types are built quicker without optimization.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(missing_docs, reason = "tests explain themselves by their names")]
#![cfg(test)]
#![allow(clippy::disallowed_types, reason = "they are among the types that are tested")]

mod agree;
mod attributes;
mod generate;
mod pairs;
mod shapes;
