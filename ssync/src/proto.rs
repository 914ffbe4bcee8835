//! The pure state machines: no clock, no randomness, no I/O of their own.
//!
//! [`room`] is the relay's side of one room, [`replica`] is what every member computes from the log, and [`session`] is a
//! member's side of the protocol around it. They are public for simulations and for other shells than this crate's.

pub mod replica;
pub mod room;
pub mod session;
pub mod time;
