//! The loop between a line and a session: dial, drive, wait, and again.
//!
//! - **It never waits for the session's lock.** While a guard is held it keeps the line alive, and what arrives waits.
//! - **It holds the lock for about 1 ms at a time**, and lets others in between.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::proto::session::{Link, PING_AFTER, Session, SessionError, SnapshotJob};
use crate::proto::time::{Backoff, Moment};
use crate::shared::Problem;
use crate::transport::{Connection, Dial, DialError, TransportError};
use crate::wire::codec::{ClientMessage, RelayMessage, decode, encode};

/// How long a dial may take.
const DIAL_MAX: Duration = Duration::from_secs(10);
/// How long one message may take to be written.
const WRITE_MAX: Duration = Duration::from_secs(30);
/// How long the lock is held before others are let in.
const HOLD_MAX: Duration = Duration::from_micros(500);
/// Frames of one message that are handled at once.
const FRAMES_AT_ONCE: usize = 16;
/// Messages that wait for the lock before the line is left to wait itself.
const INBOX_MAX: usize = 256;
/// How long the last commits may take to arrive after the last handle is gone.
const LINGER_MAX: Duration = Duration::from_secs(5);

/// The session behind its lock, and whoever wants to know of it.
pub(crate) trait Cell: Send + Sync + 'static {
    /// Lets the session work if the lock is free, and gives what is to be sent; nothing if it is not, and then wakes the
    /// driver when it is.
    fn try_session(&self, work: &mut dyn FnMut(&mut Session)) -> Option<Vec<Outgoing>>;
    /// Is notified when there is something to do.
    fn woken(&self) -> &Notify;
    /// Hears how the connection stands.
    fn report(&self, report: Report);
    /// Commits that are not in the log yet.
    fn pending(&self) -> usize;
    /// The driver is gone, whatever it could still report.
    fn abandon(&self);
}

/// What is to be sent.
pub(crate) enum Outgoing {
    Message(ClientMessage),
    /// Takes a while to be made, and no lock.
    Snapshot(SnapshotJob),
}

/// How the connection stands.
pub(crate) struct Report {
    pub(crate) link: Link,
    pub(crate) attempt: u32,
    pub(crate) problem: Option<Problem>,
    /// It has ended for good.
    pub(crate) over: bool,
}

/// Why a driver ended.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Ended {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("the program left the room")]
    Stopped,
}

impl Ended {
    const fn is_retryable(&self) -> bool {
        match self {
            Self::Dial(error) => error.is_retryable(),
            Self::Session(error) => error.is_retryable(),
            Self::Transport(_) => true,
            Self::Stopped => false,
        }
    }
}

/// Drives one session, in the order: [`Driver::run_until`] the room's state is here, then [`Driver::run`].
pub(crate) struct Driver {
    dialer: Arc<dyn Dial>,
    stop: watch::Receiver<bool>,
    backoff: Backoff,
    start: Instant,
    line: Option<Line>,
}

/// Says that it is over even if the driver is cancelled with its runtime, or a user's type panics in it.
struct LastWord(Arc<dyn Cell>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

struct Line {
    connection: Connection,
    inbox: VecDeque<RelayMessage>,
    last_sent: Instant,
}

impl Driver {
    pub(crate) fn new(dialer: Arc<dyn Dial>, stop: watch::Receiver<bool>) -> Self {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(15));
        Self { dialer, stop, backoff, start: Instant::now(), line: None }
    }

    /// Drives until nothing can go on, and says so.
    pub(crate) async fn run(mut self, cell: Arc<dyn Cell>) {
        let _last_word = LastWord(cell.clone());
        let ended = self.run_until(&*cell, &|| false).await;
        let problem = match ended {
            Err(Ended::Stopped) | Ok(()) => None,
            Err(ended) => Some(Problem::new(ended.to_string(), false)),
        };
        cell.report(Report { link: Link::Offline, attempt: self.backoff.attempt(), problem, over: true });
        // Whoever waits for a commit hears that it is over, as soon as no guard is held.
        while cell.try_session(&mut |_| {}).is_none() {
            cell.woken().notified().await;
        }
    }

    /// Drives until `done`, or nothing can go on.
    pub(crate) async fn run_until(&mut self, cell: &dyn Cell, done: &(dyn Fn() -> bool + Sync)) -> Result<(), Ended> {
        loop {
            let ended = match self.connect(cell).await {
                Ok(()) => match self.drive(cell, done).await {
                    Ok(()) => return Ok(()),
                    Err(ended) => ended,
                },
                Err(ended) => ended,
            };
            self.hang_up(cell).await;
            if !ended.is_retryable() {
                return Err(ended);
            }
            tracing::debug!(%ended, "the connection is lost, and tried again");
            let mut random = [0; 8];
            let wait = self.backoff.failed(getrandom::fill(&mut random).map_or(0, |()| u64::from_le_bytes(random)));
            cell.report(Report {
                link: Link::Offline,
                attempt: self.backoff.attempt(),
                problem: Some(Problem::new(ended.to_string(), true)),
                over: false,
            });
            tokio::select! {
                () = sleep(wait) => {}
                () = stopped(&mut self.stop) => return Err(Ended::Stopped),
            }
        }
    }

    async fn connect(&mut self, cell: &dyn Cell) -> Result<(), Ended> {
        if self.line.is_some() {
            return Ok(());
        }
        cell.report(Report { link: Link::Connecting, attempt: self.backoff.attempt(), problem: None, over: false });
        let dialled = tokio::select! {
            dialled = timeout(DIAL_MAX, self.dialer.dial()) => dialled,
            () = stopped(&mut self.stop) => return Err(Ended::Stopped),
        };
        let silent =
            || DialError::Unreachable { url: "the relay's address".into(), why: format!("no answer within {} s", DIAL_MAX.as_secs()) };
        let connection = dialled.map_err(|_| silent())??;
        let now = self.now();
        let mut line = Line { connection, inbox: VecDeque::new(), last_sent: Instant::now() };
        loop {
            let origin = &line.connection.origin;
            match cell.try_session(&mut |session| session.handle_connected(now, origin)) {
                Some(sends) => {
                    line.send(sends).await?;
                    self.line = Some(line);
                    return Ok(());
                }
                None => cell.woken().notified().await,
            }
        }
    }

    async fn hang_up(&mut self, cell: &dyn Cell) {
        if let Some(mut line) = self.line.take() {
            let _ = timeout(Duration::from_secs(1), line.connection.sink.close()).await;
        }
        while cell.try_session(&mut Session::handle_disconnected).is_none() {
            cell.woken().notified().await;
        }
    }

    fn now(&self) -> Moment {
        Moment(self.start.elapsed())
    }

    /// Drives the open line until it is lost.
    async fn drive(&mut self, cell: &dyn Cell, done: &(dyn Fn() -> bool + Sync)) -> Result<(), Ended> {
        let mut deadline = None;
        let mut lingering: Option<Instant> = None;
        loop {
            let entered = self.work(cell, &mut deadline).await?;
            if done() {
                return Ok(());
            }
            if lingering.is_some_and(|until| cell.pending() == 0 || Instant::now() >= until) {
                return Err(Ended::Stopped);
            }
            let now = self.now();
            let Some(line) = &mut self.line else { return Err(TransportError::Closed.into()) };
            if entered && !line.inbox.is_empty() {
                // There is more than may be handled at once, or it came while something was sent.
                tokio::task::yield_now().await;
                continue;
            }
            let listens = line.inbox.len() < INBOX_MAX;
            // While a guard is held, the line is kept alive all the same.
            let ping_at = line.last_sent + PING_AFTER;
            let next = |at: Moment| Instant::now() + at.0.saturating_sub(now.0);
            let wake_at = if entered { deadline.map_or(ping_at, next) } else { ping_at };
            let wake_at = lingering.map_or(wake_at, |until| wake_at.min(until));
            tokio::select! {
                message = line.connection.stream.next(), if listens => line.receive(message)?,
                () = cell.woken().notified() => {}
                () = sleep_until(wake_at) => {}
                () = stopped(&mut self.stop), if lingering.is_none() => lingering = Some(Instant::now() + LINGER_MAX),
            }
            if !entered && line.last_sent.elapsed() >= PING_AFTER {
                line.send(vec![Outgoing::Message(ClientMessage::Ping)]).await?;
            }
        }
    }

    /// Has the session handle what has arrived; false if a guard is in the way.
    async fn work(&mut self, cell: &dyn Cell, deadline: &mut Option<Moment>) -> Result<bool, Ended> {
        let now = self.now();
        let Some(line) = &mut self.line else { return Err(TransportError::Closed.into()) };
        let mut outcome = Ok(());
        let mut live = false;
        let inbox = &mut line.inbox;
        let entered = cell.try_session(&mut |session| {
            let entered_at = Instant::now();
            while let Some(message) = inbox.pop_front() {
                outcome = session.handle_message(now, message);
                if outcome.is_err() || entered_at.elapsed() >= HOLD_MAX {
                    break;
                }
            }
            if outcome.is_ok() {
                outcome = session.handle_timeout(now);
            }
            *deadline = session.poll_timeout();
            live = session.link() == Link::Live;
        });
        let Some(sends) = entered else { return Ok(false) };
        let sent = line.send(sends).await;
        outcome?;
        if let Err(ended) = sent {
            line.last_words(cell, now)?;
            return Err(ended);
        }
        if live {
            self.backoff.succeeded();
        }
        Ok(true)
    }
}

impl Line {
    async fn send(&mut self, outgoing: Vec<Outgoing>) -> Result<(), Ended> {
        let mut pinged_at = Instant::now();
        for outgoing in outgoing {
            let messages = match outgoing {
                Outgoing::Message(message) => vec![message],
                // Who does not get to seal one leaves it to another member: the relay asks again.
                Outgoing::Snapshot(job) => tokio::task::spawn_blocking(move || job.messages()).await.unwrap_or_default(),
            };
            for message in messages {
                // The parts of a snapshot may take minutes, in which the relay would have nothing to say.
                if pinged_at.elapsed() >= PING_AFTER {
                    self.send_one(encode(&ClientMessage::Ping)).await?;
                    pinged_at = Instant::now();
                }
                self.send_one(encode(&message)).await?;
                self.last_sent = Instant::now();
            }
        }
        Ok(())
    }

    /// Sends one message, and reads meanwhile: two sides that both write and nobody reads would wait for each other.
    async fn send_one(&mut self, message: bytes::Bytes) -> Result<(), Ended> {
        let Connection { sink, stream, .. } = &mut self.connection;
        let mut arrived = Vec::new();
        let sent = {
            let mut sending = std::pin::pin!(timeout(WRITE_MAX, sink.send(message)));
            loop {
                tokio::select! {
                    sent = &mut sending => {
                        break sent.unwrap_or_else(|_| Err(TransportError::Failed("the relay takes nothing any more".into())));
                    }
                    message = stream.next() => match message {
                        Some(Ok(message)) => arrived.push(message),
                        Some(Err(error)) => break Err(error),
                        None => break Err(TransportError::Closed),
                    },
                }
            }
        };
        arrived.into_iter().try_for_each(|message| self.receive(Some(Ok(message))))?;
        sent.map_err(Ended::from)
    }

    /// What the relay said before it hung up tells more than that it did.
    fn last_words(&mut self, cell: &dyn Cell, now: Moment) -> Result<(), Ended> {
        while let Some(Some(Ok(message))) = self.connection.stream.next().now_or_never() {
            self.receive(Some(Ok(message)))?;
        }
        let (inbox, mut outcome) = (&mut self.inbox, Ok(()));
        cell.try_session(&mut |session| {
            outcome = inbox.drain(..).try_for_each(|message| session.handle_message(now, message));
        });
        Ok(outcome?)
    }

    /// Queues what came, in portions that are handled quickly.
    fn receive(&mut self, message: Option<Result<bytes::Bytes, TransportError>>) -> Result<(), Ended> {
        let bytes = message.ok_or(TransportError::Closed)??;
        match decode(&bytes).map_err(|error| SessionError::Protocol(error.to_string()))? {
            RelayMessage::Frames { mut first, frames, more } if frames.len() > FRAMES_AT_ONCE => {
                let mut left = frames.into_iter();
                while left.len() > 0 {
                    let portion: Vec<bytes::Bytes> = left.by_ref().take(FRAMES_AT_ONCE).collect();
                    let next = first.saturating_add(portion.len() as u64);
                    self.inbox.push_back(RelayMessage::Frames { first, frames: portion, more: more && left.len() == 0 });
                    first = next;
                }
            }
            message => self.inbox.push_back(message),
        }
        Ok(())
    }
}

/// Waits until the driver is told to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone means the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{sink, stream};

    /// Cause: nothing was said between the parts of a snapshot. Effect: a relay heard no ping while each part of many took its time, and hung
    /// up on who sent a large snapshot over a slow line. Fix: between two messages the line is kept alive.
    #[tokio::test(start_paused = true)]
    async fn a_line_is_kept_alive_between_slow_messages() {
        let sent = Arc::new(parking_lot::Mutex::new(Vec::new()));
        let slow = sink::unfold(sent.clone(), async |sent, message: bytes::Bytes| {
            sleep(PING_AFTER / 2).await;
            sent.lock().push(message);
            Ok(sent)
        });
        let connection = Connection { origin: String::new(), sink: Box::pin(slow), stream: Box::pin(stream::pending()) };
        let mut line = Line { connection, inbox: VecDeque::new(), last_sent: Instant::now() };
        let message = |number| ClientMessage::Confirm { seq: number };
        line.send((0..5).map(|number| Outgoing::Message(message(number))).collect()).await.unwrap();
        let said = [message(0), message(1), ClientMessage::Ping, message(2), message(3), ClientMessage::Ping, message(4)];
        assert_eq!(*sent.lock(), said.map(|message| encode(&message)));
    }
}
