//! Tests of ssync from outside, as one binary.
#![allow(missing_docs, dropping_copy_types, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_types, clippy::disallowed_methods)]

mod algebra;
mod allocations;
mod api;
mod capture;
mod containers;
mod foreign;
mod processes;
mod receipt;
mod relay;
mod secrecy;
mod sim;
mod tidy;
mod tls;
mod ui;
mod vectors;
mod versions;
