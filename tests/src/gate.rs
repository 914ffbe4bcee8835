//! A line to a relay that can be held (what is sent meanwhile waits, in order), slowed, made deaf and taken down.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt, sink};
use ssync::relay::Relay;
use ssync::transport::{Connection, Dial, DialError, TransportError};
use tokio::sync::watch;

/// Dials a relay of the same process.
#[derive(Clone)]
pub struct Gate {
    relay: Arc<Relay>,
    is_open: watch::Sender<bool>,
    is_down: watch::Sender<bool>,
    is_deaf: watch::Sender<bool>,
    delay: Duration,
    /// What waits at the closed gate is not waited for.
    is_patient: bool,
}

impl Gate {
    /// An open gate to this relay.
    pub fn new(relay: &Arc<Relay>) -> Self {
        let (is_open, is_down, is_deaf) = (watch::Sender::new(true), watch::Sender::new(false), watch::Sender::new(false));
        Self { relay: relay.clone(), is_open, is_down, is_deaf, delay: Duration::ZERO, is_patient: false }
    }

    /// The same gate, where a sent message passes at once and has to be waited for so long.
    #[must_use]
    pub fn slow(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The same gate, at which what is sent is put down: whoever sent it goes on, and so hears what the relay says meanwhile.
    #[must_use]
    pub fn patient(self) -> Self {
        Self { is_patient: true, ..self }
    }

    /// From now on nothing passes to the relay.
    pub fn hold(&self) {
        self.is_open.send_replace(false);
    }

    /// From now on what the relay says is lost, while what it is sent arrives; until [`Gate::bring_up`].
    pub fn deafen(&self) {
        self.is_deaf.send_replace(true);
    }

    /// Cuts the line, and lets none be dialled.
    pub fn take_down(&self) {
        self.is_down.send_replace(true);
    }

    /// Lines can be dialled again.
    pub fn bring_up(&self) {
        self.is_deaf.send_replace(false);
        self.is_down.send_replace(false);
    }

    /// What waits passes.
    pub fn open(&self) {
        self.is_open.send_replace(true);
    }
}

impl Dial for Gate {
    fn dial(&self) -> Pin<Box<dyn Future<Output = Result<Connection, DialError>> + Send + '_>> {
        if *self.is_down.borrow() {
            let refused = DialError::Unreachable { url: "gate".into(), why: "it is down".into() };
            return Box::pin(std::future::ready(Err(refused)));
        }
        let Connection { origin, sink, stream } = self.relay.connect();
        let mut is_down = self.is_down.subscribe();
        let stream = stream.take_until(Box::pin(async move {
            let _ = is_down.wait_for(|is_down| *is_down).await;
        }));
        let (is_open, is_deaf, delay) = (self.is_open.clone(), self.is_deaf.clone(), self.delay);
        let stream = stream.filter(move |_| std::future::ready(!*is_deaf.borrow()));
        let sink = sink.with(move |bytes| {
            let mut is_open = is_open.subscribe();
            async move {
                let _ = is_open.wait_for(|is_open| *is_open).await;
                Ok::<_, TransportError>(bytes)
            }
        });
        let sink = sink::unfold(Box::pin(sink), move |mut sink, bytes| async move {
            sink.send(bytes).await?;
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            Ok(sink)
        });
        if !self.is_patient {
            return Box::pin(std::future::ready(Ok(Connection { origin, sink: Box::pin(sink), stream: Box::pin(stream) })));
        }
        let (put_down, mut waiting) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut sink = Box::pin(sink);
            while let Some(bytes) = waiting.recv().await {
                if sink.send(bytes).await.is_err() {
                    return;
                }
            }
        });
        let sink = sink::unfold(put_down, |put_down, bytes| async move {
            let _ = put_down.send(bytes);
            Ok::<_, TransportError>(put_down)
        });
        Box::pin(std::future::ready(Ok(Connection { origin, sink: Box::pin(sink), stream: Box::pin(stream) })))
    }
}
