//! Tests of ssync from outside, as one binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_types, clippy::disallowed_methods)]

mod algebra;
mod api;
mod capture;
mod processes;
mod secrecy;
mod sim;
