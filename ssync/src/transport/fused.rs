//! A sink that is gone once it has failed.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Sink;

use super::TransportError;

/// **What has failed is never asked again**: adaptors may panic then. It says that it is closed instead.
pub(super) struct Fused(Option<Pin<Box<dyn Sink<Bytes, Error = TransportError> + Send>>>);

impl Fused {
    pub(super) fn new(sink: impl Sink<Bytes, Error = TransportError> + Send + 'static) -> Self {
        Self(Some(Box::pin(sink)))
    }

    fn ask(&mut self, ask: impl FnOnce(Pin<&mut (dyn Sink<Bytes, Error = TransportError> + Send)>) -> Answer) -> Answer {
        let Some(sink) = &mut self.0 else { return Poll::Ready(Err(TransportError::Closed)) };
        let answer = ask(sink.as_mut());
        if matches!(answer, Poll::Ready(Err(_))) {
            self.0 = None;
        }
        answer
    }
}

type Answer = Poll<Result<(), TransportError>>;

impl Sink<Bytes> for Fused {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Answer {
        self.ask(|sink| sink.poll_ready(cx))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Bytes) -> Result<(), TransportError> {
        match self.ask(|sink| Poll::Ready(sink.start_send(message))) {
            Poll::Ready(answer) => answer,
            Poll::Pending => Ok(()),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Answer {
        self.ask(|sink| sink.poll_flush(cx))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Answer {
        self.ask(|sink| sink.poll_close(cx))
    }
}
