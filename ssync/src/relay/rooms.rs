//! The rooms of a relay, each a task of its own.
//!
//! - **A frame is broadcast and acknowledged after the log has it.** What comes in meanwhile shares the next append.
//! - **A member is registered before the log is read for it**, by the one task that also appends: nothing falls between.
//! - **A room that nobody is in costs nothing**: its task ends, and the next member starts it again from the log.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "the shell reads the clock, so that the pure core need not")]

mod present;
mod snapshots;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::log::{LogError, RoomLog, SnapshotHead};
use super::queue::Queue;
use crate::crypto::login::Role;
use crate::limits::Bounds;
use crate::proto::room::{Answer, Room, Verdict};
use crate::proto::time::Moment;
use crate::wire::codec::{RefusalCode, RelayMessage, SnapshotOffer, SnapshotPart, decode_compact, encode};
use crate::wire::frame::{Frame, RoomId};
use crate::wire::state::LogState;

/// Bytes of log that answer one fetch, or go out in one message.
const CHUNK_BYTES_MAX: usize = 256 << 10;
/// Commands that may wait for a room, and that are handled before its next append.
const COMMANDS_MAX: usize = 256;

/// What a connection asks of a room. A question holds its member's turn until it is handled.
pub(super) enum Command {
    Join { member: u64, queue: Arc<Queue>, role: Role, seq: u64, head: [u8; 8], answer: oneshot::Sender<Result<u64, RefusalCode>> },
    Submit { member: u64, frames: Vec<Bytes>, turn: OwnedSemaphorePermit },
    Fetch { member: u64, from: u64, turn: OwnedSemaphorePermit },
    FetchPart { member: u64, seq: u64, index: u32, turn: OwnedSemaphorePermit },
    Part { member: u64, part: SnapshotPart, turn: OwnedSemaphorePermit },
    Confirm { member: u64, seq: u64 },
    Present { member: u64, sealed: Bytes },
    Leave { member: u64 },
}

/// All rooms with members.
pub(super) struct Rooms {
    log: Arc<dyn RoomLog>,
    open: Mutex<BTreeMap<RoomId, mpsc::Sender<Command>>>,
}

impl Rooms {
    pub(super) fn new(log: Arc<dyn RoomLog>) -> Arc<Self> {
        Arc::new(Self { log, open: Mutex::new(BTreeMap::new()) })
    }

    /// The room's inbox; starts the room if nobody is in it.
    pub(super) fn enter(self: &Arc<Self>, id: RoomId) -> mpsc::Sender<Command> {
        let mut open = self.open.lock();
        if let Some(commands) = open.get(&id).filter(|commands| !commands.is_closed()) {
            return commands.clone();
        }
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        open.insert(id, commands.clone());
        tokio::spawn(run(self.clone(), id, inbox));
        commands
    }

    /// Ends an empty room, unless somebody is at the door.
    fn close_if_idle(&self, id: RoomId, inbox: &mut mpsc::Receiver<Command>) -> bool {
        let mut open = self.open.lock();
        if !inbox.is_empty() {
            return false;
        }
        // Who sends after this finds the door shut, or its question dropped, and enters again.
        inbox.close();
        open.remove(&id);
        true
    }
}

async fn run(rooms: Arc<Rooms>, id: RoomId, mut inbox: mpsc::Receiver<Command>) {
    let mut task = match RoomTask::load(id, rooms.log.clone()).await {
        Ok(task) => task,
        Err(error) => {
            tracing::error!(room = %id, %error, "the room's log cannot be read");
            rooms.open.lock().remove(&id);
            return;
        }
    };
    let mut commands = Vec::new();
    loop {
        if inbox.recv_many(&mut commands, COMMANDS_MAX).await == 0 {
            return;
        }
        if let Err(error) = task.handle_all(&mut commands).await {
            tracing::error!(room = %id, %error, "the room's log failed; its members have to come again");
            task.refuse_all(RefusalCode::Storage, &error.to_string());
            rooms.open.lock().remove(&id);
            return;
        }
        if task.members.is_empty() && rooms.close_if_idle(id, &mut inbox) {
            return;
        }
    }
}

struct RoomTask {
    id: RoomId,
    log: Arc<dyn RoomLog>,
    room: Room,
    members: BTreeMap<u64, Member>,
    /// What the members are told once the log has the frames among it.
    news: Vec<News>,
    start: Instant,
}

struct Member {
    queue: Arc<Queue>,
    role: Role,
    /// Has everything, and gets what comes.
    live: bool,
    submissions: u64,
    /// What it says of itself; nothing until it has spoken.
    present: Option<Bytes>,
}

enum News {
    Frame { seq: u64, raw: Bytes, compact: Bytes, author: (u64, u64) },
    Refusal { member: u64, submission: u64, code: RefusalCode },
}

impl RoomTask {
    async fn load(id: RoomId, log: Arc<dyn RoomLog>) -> Result<Self, LogError> {
        let snapshots = log.snapshots(id).await?;
        // Where the log begins: behind the oldest snapshot, or with the first frame.
        let mut room = match snapshots.first() {
            Some(oldest) if log.read(id, 1, 1).await?.is_empty() => {
                let broken = |error| LogError::Storage(format!("the snapshot at frame {} is broken: {error}", oldest.seq));
                Room::begin(&LogState::decode(&oldest.state).map_err(broken)?, Bounds::default())
            }
            _ => Room::default(),
        };
        loop {
            let frames = log.read(id, room.seq() + 1, 4 * CHUNK_BYTES_MAX).await?;
            if frames.is_empty() {
                break;
            }
            for raw in &frames {
                let frame =
                    Frame::decode(raw).map_err(|error| LogError::Storage(format!("frame {} is broken: {error}", room.seq() + 1)))?;
                room.restore(raw, &frame);
            }
        }
        let start = Instant::now();
        for SnapshotHead { seq, parts, bytes, .. } in snapshots {
            room.handle_stored(SnapshotOffer { seq, parts }, bytes, None, Moment::default());
        }
        Ok(Self { id, log, room, members: BTreeMap::new(), news: Vec::new(), start })
    }

    async fn handle_all(&mut self, commands: &mut Vec<Command>) -> Result<(), LogError> {
        for command in commands.drain(..) {
            match command {
                Command::Submit { member, frames, turn } => {
                    self.handle_submit(member, frames);
                    drop(turn);
                }
                Command::Join { member, queue, role, seq, head, answer } => {
                    self.publish().await?;
                    let other_log = self.room.short_head_at(seq).is_some_and(|here| here != head);
                    let welcome = if other_log { Err(RefusalCode::Fork) } else { Ok(self.room.seq()) };
                    if answer.send(welcome).is_ok() && welcome.is_ok() {
                        self.members.insert(member, Member { queue, role, live: false, submissions: 0, present: None });
                    }
                }
                Command::Fetch { member, from, turn } => {
                    self.publish().await?;
                    self.handle_fetch(member, from).await?;
                    drop(turn);
                }
                Command::FetchPart { member, seq, index, turn } => {
                    self.handle_fetch_part(member, seq, index).await?;
                    drop(turn);
                }
                Command::Part { member, part, turn } => {
                    self.publish().await?;
                    self.handle_part(member, part).await?;
                    drop(turn);
                }
                Command::Confirm { member, seq } => {
                    if let Some(through) = self.room.handle_confirm(member, seq) {
                        self.log.forget(self.id, through).await?;
                    }
                }
                Command::Present { member, sealed } => self.handle_present(member, sealed),
                Command::Leave { member } => self.handle_leave(member),
            }
        }
        self.publish().await?;
        self.tidy().await
    }

    fn handle_submit(&mut self, member: u64, frames: Vec<Bytes>) {
        let Some(author) = self.members.get_mut(&member) else { return };
        for compact in frames {
            let submission = author.submissions;
            author.submissions += 1;
            let verdict = if author.role == Role::Reader {
                Err(RefusalCode::ReadOnly)
            } else {
                decode_compact(compact, |index| self.room.author_at(index)).map_err(|_| RefusalCode::Protocol)
            };
            let verdict = verdict.map(|frame| {
                let raw = frame.encode();
                (self.room.handle_submit(&raw, &frame), raw, frame)
            });
            match verdict {
                Ok((Verdict::Append { seq }, raw, frame)) => {
                    let compact = self.room.compact(seq, &frame);
                    self.news.push(News::Frame { seq, raw, compact, author: (member, submission) });
                }
                Ok((Verdict::Duplicate, ..)) => {}
                Ok((Verdict::Refused(code), ..)) | Err(code) => self.news.push(News::Refusal { member, submission, code }),
            }
        }
    }

    async fn handle_fetch(&mut self, member: u64, from: u64) -> Result<(), LogError> {
        let end = self.room.seq();
        let Some(asking) = self.members.get_mut(&member) else { return Ok(()) };
        let from = match self.room.handle_fetch(from) {
            Answer::Frames { first } => first,
            Answer::Truncated { first, snapshots, following } => {
                asking.live = false;
                let newest = snapshots.first().map_or(0, |newest| newest.seq);
                asking.queue.push(&RelayMessage::Truncated { first, snapshots, following });
                for index in 0..following {
                    self.handle_fetch_part(member, newest, index).await?;
                }
                return Ok(());
            }
            Answer::Refused => {
                let text = format!("frame {from} is not in this room's log, which ends at {end}");
                asking.queue.push(&RelayMessage::Refused { code: RefusalCode::Protocol, submission: None, text });
                return Ok(());
            }
        };
        let raw = if from > end { Vec::new() } else { self.log.read(self.id, from, CHUNK_BYTES_MAX).await? };
        let more = from + (raw.len() as u64) <= end;
        let frames = self.room.compact_all(from, &raw);
        let frames = frames.map_err(|(seq, error)| LogError::Storage(format!("frame {seq} is broken: {error}")))?;
        asking.queue.push(&RelayMessage::Frames { first: from, frames, more });
        asking.live = !more;
        Ok(())
    }

    /// Has the log keep what is new, and then tells the members, each in the order in which it happened.
    async fn publish(&mut self) -> Result<(), LogError> {
        if self.news.is_empty() {
            return Ok(());
        }
        let raw: Vec<Bytes> =
            self.news.iter().filter_map(|news| if let News::Frame { raw, .. } = news { Some(raw.clone()) } else { None }).collect();
        if !raw.is_empty() {
            let first = self.room.seq() + 1 - raw.len() as u64;
            self.log.append(self.id, first, raw).await?;
        }
        let news = std::mem::take(&mut self.news);
        // Everybody who wrote nothing of this gets the same bytes, encoded once.
        let for_others = messages(&news, None);
        for (number, member) in &mut self.members {
            let concerned = news.iter().any(|news| match news {
                News::Frame { author, .. } => author.0 == *number,
                News::Refusal { member, .. } => member == number,
            });
            let own = if concerned { messages(&news, Some(*number)) } else { Vec::new() };
            for (message, is_answer) in if concerned { &own } else { &for_others } {
                if *is_answer {
                    member.queue.push_encoded(message.clone());
                } else if member.live && !member.queue.offer(message.clone()) {
                    member.live = false;
                }
            }
        }
        Ok(())
    }

    fn refuse_all(&self, code: RefusalCode, text: &str) {
        for member in self.members.values() {
            member.queue.push(&RelayMessage::Refused { code, submission: None, text: text.to_owned() });
            member.queue.close();
        }
    }
}

/// The messages that tell a member, or anybody else, these news; and which of them are answers, not parts of the log.
fn messages(news: &[News], member: Option<u64>) -> Vec<(Bytes, bool)> {
    let mut told = Vec::new();
    let mut run: (u64, Vec<Bytes>, usize) = (0, Vec::new(), 0);
    let flush = |run: &mut (u64, Vec<Bytes>, usize), told: &mut Vec<(Bytes, bool)>| {
        let (first, frames, _) = std::mem::take(run);
        if !frames.is_empty() {
            told.push((encode(&RelayMessage::Frames { first, frames, more: false }), false));
        }
    };
    for news in news {
        match news {
            News::Frame { seq, author: (author, submission), .. } if member == Some(*author) => {
                flush(&mut run, &mut told);
                told.push((encode(&RelayMessage::Ack { seq: *seq, submission: *submission }), false));
            }
            News::Frame { seq, compact, .. } => {
                if run.2 + compact.len() > CHUNK_BYTES_MAX {
                    flush(&mut run, &mut told);
                }
                if run.1.is_empty() {
                    run.0 = *seq;
                }
                run.2 += compact.len();
                run.1.push(compact.clone());
            }
            News::Refusal { member: to, submission, code } if member == Some(*to) => {
                flush(&mut run, &mut told);
                told.push((
                    encode(&RelayMessage::Refused { code: *code, submission: Some(*submission), text: explain(*code).to_owned() }),
                    true,
                ));
            }
            News::Refusal { .. } => {}
        }
    }
    flush(&mut run, &mut told);
    told
}

pub(super) const fn explain(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::Version => "this relay speaks another version of the protocol; use the same version of ssync on both sides",
        RefusalCode::Login => "the login does not hold",
        RefusalCode::Protocol => "this message does not belong here",
        RefusalCode::ReadOnly => "this member may only read; join with the full secret to write",
        RefusalCode::Fork => "the relay's log of this room is not the one that this program has seen; it was replaced or rolled back",
        RefusalCode::Stale => "the frame's base is too old",
        RefusalCode::Gap => "the frame's numbers do not follow its author's last",
        RefusalCode::Seeded => "the room has a state already",
        RefusalCode::TooLarge => "the frame is over the limit of 1 MiB",
        RefusalCode::Storage => "the relay could not write its log; it is tried again",
        RefusalCode::Stopping => "the relay is stopping",
    }
}
