//! Lines over WebSocket, plain or with TLS.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use super::fused::Fused;
use super::{Connection, MESSAGE_BYTES_MAX, TransportError};

/// Small buffers: an idle connection costs the memory it needs, not 138 KiB.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(4 << 10)
        .max_write_buffer_size(2 * MESSAGE_BYTES_MAX)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
}

/// A line over a WebSocket whose handshake is done.
pub(crate) fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(socket: WebSocketStream<S>, origin: String) -> Connection {
    let (sink, stream) = socket.split();
    let sink = sink.sink_map_err(failed).with(|message| async { Ok(Message::Binary(message)) });
    let stream = stream.filter_map(|message| async {
        match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(Message::Ping(_) | Message::Pong(_)) => None,
            Ok(Message::Close(_)) => Some(Err(TransportError::Closed)),
            Ok(Message::Text(_) | Message::Frame(_)) => Some(Err(TransportError::Failed("text came where binary messages belong".into()))),
            Err(error) => Some(Err(failed(error))),
        }
    });
    Connection { origin, sink: Box::pin(Fused::new(sink)), stream: Box::pin(stream) }
}

fn failed(error: WsError) -> TransportError {
    match error {
        WsError::ConnectionClosed | WsError::AlreadyClosed => TransportError::Closed,
        other => TransportError::Failed(other.to_string()),
    }
}

#[cfg(feature = "client")]
pub use dialer::WebSocketDialer;

#[cfg(feature = "client")]
mod dialer {
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::Arc;

    use tokio_tungstenite::{Connector, connect_async_tls_with_config};
    use url::Url;

    use super::{config, connection};
    use crate::transport::{Connection, Dial, DialError};

    /// Dials a relay by its `ws://` or `wss://` address.
    #[derive(Clone)]
    pub struct WebSocketDialer {
        url: Url,
        origin: String,
        tls: Option<Arc<rustls::ClientConfig>>,
    }

    impl WebSocketDialer {
        /// A dialer for this address; `tls` in place of the system's trusted roots, if given.
        ///
        /// # Errors
        /// If the address is not that of a WebSocket.
        pub fn new(address: &str, tls: Option<Arc<rustls::ClientConfig>>) -> Result<Self, DialError> {
            let wrong = |why: &str| DialError::Address { url: address.to_owned(), why: why.to_owned() };
            let url = Url::parse(address).map_err(|error| wrong(&error.to_string()))?;
            if !matches!(url.scheme(), "ws" | "wss") {
                return Err(wrong(&format!("it begins with `{}:`, and a relay speaks `ws://` or `wss://`", url.scheme())));
            }
            let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?;
            // As the `Host` header has it, which is what the relay sees.
            let origin = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            Ok(Self { origin, url, tls })
        }
    }

    impl Dial for WebSocketDialer {
        fn dial(&self) -> Pin<Box<dyn Future<Output = Result<Connection, DialError>> + Send + '_>> {
            Box::pin(async move {
                // Another provider may have been installed by the program; then that one is used.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let connector = self.tls.clone().map(Connector::Rustls);
                let connected = connect_async_tls_with_config(self.url.as_str(), Some(config()), true, connector).await;
                let (socket, _) =
                    connected.map_err(|error| DialError::Unreachable { url: self.url.to_string(), why: error.to_string() })?;
                Ok(connection(socket, self.origin.clone()))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    /// Cause: a line whose `send` had failed was closed, as every line is, and the adaptor that names the error can do that once only.
    /// Effect: it panicked. The member's driver ended, and nothing it committed afterwards left the program, without a word; of some
    /// hundred runs in which a relay was killed ten times, one hung. Fix: `Fused`.
    #[tokio::test]
    async fn a_line_that_failed_can_be_closed() {
        let (near, far) = tokio::io::duplex(64);
        let socket = WebSocketStream::from_raw_socket(near, Role::Client, Some(config())).await;
        let mut connection = connection(socket, "relay".into());
        drop(far);
        let message = Bytes::from(vec![0; 1 << 16]);
        connection.sink.send(message.clone()).await.expect_err("nobody is there");
        assert_eq!(connection.sink.send(message).await, Err(TransportError::Closed));
        assert_eq!(connection.sink.close().await, Err(TransportError::Closed));
    }
}
