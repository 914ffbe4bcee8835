//! What goes over the wire: frames, which are what the log holds, and the messages that carry them.

pub mod codec;
pub mod frame;
pub mod state;
