//! Lines within a process.

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::fused::Fused;
use super::{Connection, TransportError};

/// Messages that may wait on each side of a line.
const MESSAGES_MAX: usize = 64;

/// The two ends of a new line.
pub fn pair(origin: &str) -> (Connection, Connection) {
    let (to_right, from_left) = mpsc::channel(MESSAGES_MAX);
    let (to_left, from_right) = mpsc::channel(MESSAGES_MAX);
    (end(origin, to_right, from_right), end(origin, to_left, from_left))
}

fn end(origin: &str, sender: mpsc::Sender<Bytes>, receiver: mpsc::Receiver<Bytes>) -> Connection {
    let sink = futures_util::sink::unfold(sender, |sender, message: Bytes| async move {
        sender.send(message).await.map_err(|_| TransportError::Closed)?;
        Ok::<_, TransportError>(sender)
    });
    let stream =
        futures_util::stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|message| (message, receiver)) });
    Connection { origin: origin.to_owned(), sink: Box::pin(Fused::new(sink)), stream: Box::pin(stream.map(Ok)) }
}
