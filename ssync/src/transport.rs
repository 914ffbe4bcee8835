//! Lines between a member and a relay: whole messages, in order, until one side is gone.

mod fused;
pub mod memory;
pub mod websocket;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Sink, Stream};

/// The largest message either side sends: a batch of frames and a little more.
pub(crate) const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// What a line is lost by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The other side closed it, or the network did.
    #[error("the connection was closed")]
    Closed,
    /// Something on the way failed.
    #[error("the connection failed: {0}")]
    Failed(String),
}

/// An open line.
pub struct Connection {
    /// Host and port of the relay, as dialled; the port is left out where it is the scheme's own.
    pub origin: String,
    /// What is sent.
    pub sink: Pin<Box<dyn Sink<Bytes, Error = TransportError> + Send>>,
    /// What comes in.
    pub stream: Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Opens lines to one relay, again and again.
pub trait Dial: Send + Sync + 'static {
    /// Opens a line.
    fn dial(&self) -> Pin<Box<dyn Future<Output = Result<Connection, DialError>> + Send + '_>>;
}

/// Why a relay was not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The address is not one.
    #[error("`{url}` is not the address of a relay: {why}; write it like `ws://127.0.0.1:7171` or `wss://relay.example`")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answers there.
    #[error("no relay answers at {url} ({why}); check the address, and that the relay runs (`ssync relay --listen …`)")]
    Unreachable {
        /// What was dialled.
        url: String,
        /// What the system says.
        why: String,
    },
}

impl DialError {
    /// Whether another attempt may succeed.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
