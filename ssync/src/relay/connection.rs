//! One member's connection, from the first message to the last.
//!
//! 1. `Challenge`, while `Hello` is on its way.
//! 2. `Login`, answered by `Welcome` once the room has the member.
//! 3. `Submit`, `Fetch` and `Ping`, until one side is gone, silent for too long, or the relay stops.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::time::timeout;

use super::queue::Queue;
use super::rooms::{Command, Rooms, explain};
use crate::crypto::login::{Proof, Role};
use crate::limits;
use crate::transport::{Connection, TransportError};
use crate::wire::codec::{ClientMessage, RefusalCode, RelayMessage, VERSION, decode, encode};
use crate::wire::frame::RoomId;

/// How long a login may take.
const LOGIN_MAX: Duration = Duration::from_secs(10);
/// How long a member may be silent. Members ping after 15 s.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// How long a member that was refused may take to hear it.
const LAST_WORDS_MAX: Duration = Duration::from_secs(1);
/// How long one message may take to be written.
const WRITE_MAX: Duration = Duration::from_secs(30);

/// Questions of one member that may wait for its room.
const QUESTIONS_MAX: usize = 2;

/// Why a connection ended before its time.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("refused: {1}")]
    Refused(RefusalCode, String),
    #[error("nothing came for too long")]
    Silent,
}

/// What a connection needs of its relay.
pub(super) struct Context {
    pub(super) rooms: Arc<Rooms>,
    pub(super) member: u64,
    pub(super) nonce: [u8; 16],
    pub(super) stopping: watch::Receiver<bool>,
}

/// Serves the connection to its end.
pub(super) async fn serve(mut connection: Connection, context: Context) -> Result<(), Ended> {
    let outcome = match login(&mut connection, &context).await {
        Ok(inside) => {
            let commands = inside.commands.clone();
            let outcome = attend(&mut connection, &inside, context.stopping.clone()).await;
            let _ = commands.send(Command::Leave { member: context.member }).await;
            outcome
        }
        Err(ended) => Err(ended),
    };
    if let Err(Ended::Refused(code, text)) = &outcome {
        let refusal = RelayMessage::Refused { code: *code, submission: None, text: text.clone() };
        let _ = timeout(WRITE_MAX, connection.sink.send(encode(&refusal))).await;
    }
    let _ = timeout(WRITE_MAX, connection.sink.close()).await;
    if matches!(outcome, Err(Ended::Refused(..))) {
        // What nobody reads before the end can take the refusal along: TCP resets the connection.
        let _ = timeout(LAST_WORDS_MAX, async { while let Some(Ok(_)) = connection.stream.next().await {} }).await;
    }
    outcome
}

struct Inside {
    member: u64,
    commands: mpsc::Sender<Command>,
    queue: Arc<Queue>,
    /// Questions that the room has not handled yet hold one each.
    turns: Arc<Semaphore>,
}

async fn login(connection: &mut Connection, context: &Context) -> Result<Inside, Ended> {
    let refused = |code: RefusalCode| Ended::Refused(code, explain(code).to_owned());
    // Both sides begin: who waits for `Hello` makes the member wait for one more round trip.
    send(connection, &RelayMessage::Challenge { nonce: context.nonce }).await?;
    let ClientMessage::Hello { version, room } = next(connection, LOGIN_MAX).await? else { return Err(refused(RefusalCode::Protocol)) };
    if version != VERSION {
        return Err(Ended::Refused(
            RefusalCode::Version,
            format!("this relay speaks version {VERSION} of the protocol and the member version {version}; update the older one"),
        ));
    }
    let ClientMessage::Login { proof, seq, head } = next(connection, LOGIN_MAX).await? else { return Err(refused(RefusalCode::Protocol)) };
    let role = verify(&proof, room, &connection.origin, &context.nonce)?;
    let queue = Arc::new(Queue::default());
    loop {
        let (answer, welcome) = oneshot::channel();
        let commands = context.rooms.enter(room);
        let join = Command::Join { member: context.member, queue: queue.clone(), role, seq, head, answer };
        if commands.send(join).await.is_err() {
            continue; // the room was just closing: enter it anew
        }
        match welcome.await {
            Ok(Ok(seq)) => {
                let member = context.member;
                if let Err(ended) = send(connection, &RelayMessage::Welcome { seq }).await {
                    let _ = commands.send(Command::Leave { member }).await;
                    return Err(ended);
                }
                return Ok(Inside { member, commands, queue, turns: Arc::new(Semaphore::new(QUESTIONS_MAX)) });
            }
            Ok(Err(code)) => return Err(refused(code)),
            Err(_) if commands.is_closed() => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(_) => return Err(refused(RefusalCode::Storage)),
        }
    }
}

fn verify(proof: &Proof, room: RoomId, origin: &str, nonce: &[u8; 16]) -> Result<Role, Ended> {
    proof.verify(room, origin, nonce).map_err(|error| Ended::Refused(RefusalCode::Login, error.to_string()))
}

/// Reads and writes at once, so that neither waits for the other.
async fn attend(connection: &mut Connection, inside: &Inside, mut stopping: watch::Receiver<bool>) -> Result<(), Ended> {
    let Connection { sink, stream, .. } = connection;
    let reading = async {
        loop {
            let message = timeout(SILENCE_MAX, stream.next()).await.map_err(|_| Ended::Silent)?;
            let Some(message) = message else { return Ok(()) };
            inside.handle(&message?).await?;
        }
    };
    let writing = async {
        while let Some(message) = inside.queue.pop().await {
            timeout(WRITE_MAX, sink.send(message)).await.map_err(|_| Ended::Silent)??;
        }
        Ok(())
    };
    tokio::select! {
        ended = reading => ended,
        ended = writing => ended,
        _ = stopping.wait_for(|stopping| *stopping) => Err(Ended::Refused(RefusalCode::Stopping, explain(RefusalCode::Stopping).to_owned())),
    }
}

impl Inside {
    async fn handle(&self, message: &[u8]) -> Result<(), Ended> {
        self.queue.has_room().await;
        let Ok(turn) = self.turns.clone().acquire_owned().await else { return Ok(()) };
        let member = self.member;
        let command = match read(message)? {
            ClientMessage::Submit { frames } if frames.len() > limits::IN_FLIGHT_FRAMES_MAX => {
                return Err(Ended::Refused(
                    RefusalCode::Protocol,
                    format!("{} frames at once; at most {} may be in flight", frames.len(), limits::IN_FLIGHT_FRAMES_MAX),
                ));
            }
            ClientMessage::Submit { frames } => Command::Submit { member, frames, turn },
            ClientMessage::Fetch { from } => Command::Fetch { member, from, turn },
            ClientMessage::FetchPart { seq, index } => Command::FetchPart { member, seq, index, turn },
            ClientMessage::SnapshotPart(part) => Command::Part { member, part, turn },
            ClientMessage::Confirm { seq } => Command::Confirm { member, seq },
            ClientMessage::Present { sealed } => Command::Present { member, sealed },
            ClientMessage::Ping => {
                self.queue.push(&RelayMessage::Pong);
                return Ok(());
            }
            ClientMessage::Hello { .. } | ClientMessage::Login { .. } => {
                return Err(Ended::Refused(RefusalCode::Protocol, "the login is done already".into()));
            }
        };
        self.commands.send(command).await.map_err(|_| Ended::Refused(RefusalCode::Storage, explain(RefusalCode::Storage).to_owned()))
    }
}

fn read(message: &[u8]) -> Result<ClientMessage, Ended> {
    decode(message).map_err(|error| Ended::Refused(RefusalCode::Protocol, error.to_string()))
}

async fn next(connection: &mut Connection, within: Duration) -> Result<ClientMessage, Ended> {
    let message = timeout(within, connection.stream.next()).await.map_err(|_| Ended::Silent)?;
    let message: Bytes = message.ok_or(TransportError::Closed)??;
    read(&message)
}

async fn send(connection: &mut Connection, message: &RelayMessage) -> Result<(), Ended> {
    timeout(WRITE_MAX, connection.sink.send(encode(message))).await.map_err(|_| Ended::Silent)??;
    Ok(())
}
