//! Tests of ssync from outside, as one binary.
#![allow(missing_docs, dropping_copy_types, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_types, clippy::disallowed_methods)]

mod algebra;
mod allocations;
mod api;
mod capture;
mod containers;
mod diverged;
mod foreign;
mod hostile;
mod identity;
mod matrix;
mod meaning;
mod merging;
mod processes;
mod receipt;
mod refusals;
mod relay;
mod secrecy;
mod sim;
mod snapshots;
mod tidy;
mod tls;
mod tp1;
mod transactions;
mod ui;
mod undo;
mod vectors;
mod versions;
mod watch;
