//! The relay's front: listening, accepting, stopping.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::SinkExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

use super::connection::{Context, serve};
use super::log::RoomLog;
use super::rooms::Rooms;
use crate::transport::{Connection, memory, websocket};
use crate::wire::codec::{RefusalCode, RelayMessage, encode};

/// How long a WebSocket handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long connections may take to end when the relay stops.
const STOP_MAX: Duration = Duration::from_secs(10);

/// A relay. Clones are the same relay; it stops when told to, or with its runtime.
#[derive(Clone)]
pub struct Relay {
    inner: Arc<Inner>,
}

struct Inner {
    rooms: Arc<Rooms>,
    members: AtomicU64,
    stopping: watch::Sender<bool>,
    /// The names under which members may reach it, beside its own address.
    origins: Vec<String>,
}

/// Why the relay does not listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Somebody else has the port.
    #[error(
        "{address} is in use by another program; stop that one, or choose another port (`--listen HOST:PORT`, port 0 takes any free one)"
    )]
    InUse {
        /// Where it was to listen.
        address: String,
    },
    /// The system does not let it.
    #[error("cannot listen on {address}: {source}; give an address of this machine as HOST:PORT")]
    Address {
        /// Where it was to listen.
        address: String,
        /// What the system says.
        source: io::Error,
    },
}

impl Relay {
    /// A relay that keeps its rooms in this log.
    pub fn new(log: impl RoomLog) -> Self {
        Self::with_origins(log, [])
    }

    /// The same for a relay that is reached under other names than its own address: behind a proxy, or by a domain name. Each is
    /// `HOST` or `HOST:PORT` as it stands in the members' addresses.
    ///
    /// A member signs the name that it dialled, so that nobody in the middle can pass its login on; the relay has to know its names.
    pub fn with_origins(log: impl RoomLog, origins: impl IntoIterator<Item = String>) -> Self {
        let rooms = Rooms::new(Arc::new(log));
        let origins = origins.into_iter().collect();
        Self { inner: Arc::new(Inner { rooms, members: AtomicU64::new(0), stopping: watch::Sender::new(false), origins }) }
    }

    /// Listens for members on an address, `HOST:PORT`; gives the address, with the port that was taken for port 0.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn listen(&self, address: &str) -> Result<SocketAddr, ListenError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse { address: address.to_owned() },
            _ => ListenError::Address { address: address.to_owned(), source: error },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let local = listener.local_addr().map_err(failed)?;
        tokio::spawn(self.clone().accept(listener));
        Ok(local)
    }

    /// A line to this relay within the process.
    pub fn connect(&self) -> Connection {
        let (near, far) = memory::pair("memory");
        tokio::spawn(self.clone().attend(far));
        near
    }

    /// Stops: takes no more members, tells those that are there, and waits for them to be gone, 10 s at most.
    pub async fn stop(&self) {
        self.inner.stopping.send_replace(true);
        // Every connection holds a receiver until it has ended.
        let _ = timeout(STOP_MAX, self.inner.stopping.closed()).await;
    }

    async fn accept(self, listener: TcpListener) {
        let mut stopping = self.inner.stopping.subscribe();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            match accepted {
                Ok((stream, _)) => drop(tokio::spawn(self.clone().handshake(stream))),
                Err(error) => {
                    // Out of file descriptors, mostly: those who are here go on, and some will leave.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn handshake(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let Ok(local) = stream.local_addr() else { return };
        let mut host = String::new();
        #[allow(clippy::result_large_err, reason = "the signature is the library's")]
        let read_host = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
            Ok(response)
        };
        match timeout(HANDSHAKE_MAX, accept_hdr_async_with_config(stream, read_host, Some(websocket::config()))).await {
            Ok(Ok(socket)) => {
                let known = self.knows(&host, local);
                let mut connection = websocket::connection(socket, host);
                if known {
                    self.attend(connection).await;
                } else {
                    let text = format!(
                        "this relay does not know itself as `{}`; dial it by its own address, or start it with `--origin {0}`",
                        connection.origin
                    );
                    let refusal = RelayMessage::Refused { code: RefusalCode::Login, submission: None, text };
                    let _ = timeout(HANDSHAKE_MAX, connection.sink.send(encode(&refusal))).await;
                    let _ = timeout(HANDSHAKE_MAX, connection.sink.close()).await;
                }
            }
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    /// Whether a member that reached this address may call it `host`.
    fn knows(&self, host: &str, local: SocketAddr) -> bool {
        let port = local.port();
        let own = [local.to_string(), format!("localhost:{port}")];
        let own = own.iter().take(1 + usize::from(local.ip().is_loopback()));
        // The port is left out of `Host` where it is the scheme's own.
        own.chain(&self.inner.origins).any(|name| name == host || (port == 80 && name.strip_suffix(":80") == Some(host)))
    }

    async fn attend(self, connection: Connection) {
        let stopping = self.inner.stopping.subscribe();
        let member = self.inner.members.fetch_add(1, Ordering::Relaxed);
        // Without randomness a login could be replayed: nobody is let in.
        let Some(nonce) = fresh_nonce() else {
            tracing::error!("the operating system has no randomness to give; a member was turned away");
            return;
        };
        let context = Context { rooms: self.inner.rooms.clone(), member, nonce, stopping };
        // Not held while the member is served: else the relay would wait for itself when it stops.
        drop(self);
        match serve(connection, context).await {
            Ok(()) => tracing::debug!(member, "a member left"),
            Err(ended) => tracing::debug!(member, %ended, "a member's connection ended"),
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the relay's shell asks the operating system for the pure core's randomness")]
fn fresh_nonce() -> Option<[u8; 16]> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).ok().map(|()| nonce)
}
