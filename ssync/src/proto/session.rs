//! A member's side of the protocol: login, catching up, sending, and what the log does to the replica.
//!
//! Methods: [`Session::handle_connected`], then [`Session::handle_message`] for each message and
//! [`Session::handle_timeout`] when [`Session::poll_timeout`] says so, then [`Session::handle_disconnected`]; and again.
//! [`Session::commit`] at any time. After each call, [`Session::poll_output`] until it gives nothing.
//!
//! - **Outputs come in the order in which they happened**; what was taken from the log comes before what builds on it.
//! - **A frame is sealed once for each base**, and what may have arrived is sent again as the same bytes.
//! - **Nothing is sent before the session has caught up** with what the relay had when it was welcomed.
//! - **Every frame of the log is checked against the chain of hashes**; what does not fit is fatal, never skipped.

mod log;
mod output;
mod sending;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use log::Log;
pub use output::{Fatal, Link, Output, SessionError};
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

use super::replica::{CommitId, Replica};
use super::time::Moment;
use crate::crypto::keys::Keys;
use crate::crypto::login::{Proof, Role};
use crate::crypto::seal::{Binding, Sealer};
use crate::doc::Node;
use crate::limits::Bounds;
use crate::patch::Patch;
use crate::wire::codec::{ClientMessage, RefusalCode, RelayMessage, VERSION, decode_compact};
use crate::wire::frame::{Author, Frame, Hash, Header, RoomId};

/// How long the line may be silent before the session asks whether anybody is there.
pub const PING_AFTER: Duration = Duration::from_secs(15);
/// How long the line may be silent before the session gives it up.
pub const SILENCE_MAX: Duration = Duration::from_secs(40);

/// A member of a room.
#[derive(Clone)]
pub struct Session {
    room: RoomId,
    keys: Arc<Keys>,
    role: Role,
    sealer: Arc<parking_lot::Mutex<Sealer>>,
    rng: ChaCha12Rng,
    replica: Replica,
    log: Log,
    window_frames: u64,
    seed: Option<Node>,
    phase: Phase,
    /// Sealed frames that are not in the log, as far as is known, in order.
    in_flight: VecDeque<InFlight>,
    /// Frames submitted on this connection and not answered yet, in order; a duplicate is never answered.
    submitted: VecDeque<(u64, Bytes)>,
    submissions: u64,
    /// Seal everything in flight again once this seq is reached.
    reseal_at: Option<u64>,
    last_heard: Moment,
    last_ping: Moment,
    outputs: VecDeque<Output>,
    fatal: Option<Fatal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Offline,
    /// `Hello` is sent.
    Greeting {
        origin: String,
    },
    /// `Login` is sent.
    LoggingIn,
    /// Fetching up to this seq.
    CatchingUp {
        to: u64,
    },
    Live,
}

#[derive(Clone)]
struct InFlight {
    header: Header,
    raw: Bytes,
    hash: Hash,
    /// Which submission of this connection it was; none since the line was lost.
    submission: Option<u64>,
}

impl Session {
    /// A member with these keys that asks for this role. `rng_seed` must be fresh randomness.
    ///
    /// `seed` is the state to offer if the room is empty; without one, and for readers, an empty room stays empty.
    pub fn new(keys: Keys, role: Role, seed: Option<Node>, rng_seed: [u8; 32]) -> Self {
        Self::with_bounds(keys, role, seed, rng_seed, Bounds::default())
    }

    /// The same with smaller bounds, for a simulation.
    #[doc(hidden)]
    pub fn with_bounds(keys: Keys, role: Role, seed: Option<Node>, rng_seed: [u8; 32], bounds: Bounds) -> Self {
        let mut rng = ChaCha12Rng::from_seed(rng_seed);
        let replica = Replica::new(random_author(&mut rng), bounds);
        let role = if keys.can_write() { role } else { Role::Reader };
        Self {
            room: keys.room(),
            sealer: Arc::new(parking_lot::Mutex::new(Sealer::new(&keys))),
            keys: Arc::new(keys),
            role,
            rng,
            replica,
            log: Log::new(bounds.window_frames),
            window_frames: bounds.window_frames,
            seed,
            phase: Phase::Offline,
            in_flight: VecDeque::new(),
            submitted: VecDeque::new(),
            submissions: 0,
            reseal_at: None,
            last_heard: Moment::default(),
            last_ping: Moment::default(),
            outputs: VecDeque::new(),
            fatal: None,
        }
    }

    /// Makes a session that was restored from a copy one of its own: other randomness, another author for new commits.
    pub fn reopen(&mut self, rng_seed: [u8; 32]) {
        self.rng = ChaCha12Rng::from_seed(rng_seed);
        let author = random_author(&mut self.rng);
        self.replica.reopen(author);
        self.handle_disconnected();
    }

    /// Seals everything that is not in the log anew, on the newest base: shorter for the others to take than what was
    /// sealed long ago.
    pub fn reseal(&mut self) {
        self.in_flight.clear();
        self.replica.reseal();
    }

    /// Takes a patch that the user made on the view.
    ///
    /// # Errors
    /// If this member may only read.
    pub fn commit(&mut self, patch: Patch) -> Result<CommitId, SessionError> {
        if self.role == Role::Reader {
            return Err(SessionError::ReadOnly);
        }
        Ok(self.replica.commit(patch))
    }

    /// A connection to the relay at `origin` (host and port, as dialled) is there.
    pub fn handle_connected(&mut self, now: Moment, origin: &str) {
        (self.last_heard, self.last_ping) = (now, now);
        self.submissions = 0;
        self.submitted.clear();
        self.phase = Phase::Greeting { origin: origin.to_owned() };
        self.send(ClientMessage::Hello { version: VERSION, room: self.room });
    }

    /// The connection is gone. What was in flight stays so, and goes again as the same bytes.
    pub fn handle_disconnected(&mut self) {
        self.phase = Phase::Offline;
        self.outputs.retain(|output| !matches!(output, Output::Send(_)));
        self.in_flight.iter_mut().for_each(|frame| frame.submission = None);
    }

    /// A message came.
    ///
    /// # Errors
    /// If the connection must be given up; whether another one may help, the error says.
    pub fn handle_message(&mut self, now: Moment, message: RelayMessage) -> Result<(), SessionError> {
        if let Some(fatal) = &self.fatal {
            return Err(SessionError::Fatal(fatal.clone()));
        }
        self.last_heard = now;
        let outcome = self.handle(message);
        if let Err(SessionError::Fatal(fatal)) = &outcome {
            self.fatal = Some(fatal.clone());
        }
        outcome
    }

    fn handle(&mut self, message: RelayMessage) -> Result<(), SessionError> {
        match (message, self.phase.clone()) {
            (RelayMessage::Challenge { nonce }, Phase::Greeting { origin }) => {
                let mut own = [0; 16];
                self.rng.fill_bytes(&mut own);
                let proof = Proof::sign(&self.keys, self.role, &origin, &nonce, own);
                self.phase = Phase::LoggingIn;
                self.send(ClientMessage::Login { proof, seq: self.replica.seq(), head: self.log.head().short() });
                Ok(())
            }
            (RelayMessage::Welcome { seq }, Phase::LoggingIn) => self.handle_welcome(seq),
            (RelayMessage::Frames { first, frames, more }, Phase::CatchingUp { .. } | Phase::Live) => {
                self.handle_frames(first, &frames, more)
            }
            (RelayMessage::Ack { seq, submission }, Phase::Live) => self.handle_ack(seq, submission),
            (RelayMessage::Lagged, Phase::CatchingUp { .. } | Phase::Live) => {
                self.fetch();
                Ok(())
            }
            (RelayMessage::Refused { code, submission, text }, _) => self.handle_refused(code, submission, text),
            (RelayMessage::Pong, _) => Ok(()),
            (message, phase) => Err(SessionError::Protocol(format!("{} while {}", name_of(&message), phase.name()))),
        }
    }

    fn handle_welcome(&mut self, seq: u64) -> Result<(), SessionError> {
        if seq < self.replica.seq() {
            return Err(SessionError::Behind { relay: seq, own: self.replica.seq() });
        }
        self.phase = Phase::CatchingUp { to: seq };
        self.fetch();
        Ok(())
    }

    fn fetch(&mut self) {
        self.send(ClientMessage::Fetch { from: self.replica.seq() + 1 });
    }

    fn handle_frames(&mut self, first: u64, frames: &[Bytes], more: bool) -> Result<(), SessionError> {
        if first > self.replica.seq() + 1 {
            return Err(SessionError::Protocol(format!("frame {first} came where {} was due", self.replica.seq() + 1)));
        }
        for (seq, compact) in (first..).zip(frames) {
            let next = self.replica.seq() + 1;
            if seq == next {
                let frame = decode_compact(compact, |index| self.log.author_at(index))
                    .map_err(|error| SessionError::Protocol(error.to_string()))?;
                self.take(&frame, &frame.encode())?;
            }
        }
        if more {
            self.fetch();
        }
        self.after_progress(more);
        Ok(())
    }

    fn handle_ack(&mut self, seq: u64, submission: u64) -> Result<(), SessionError> {
        let out_of_turn = || SessionError::Protocol(format!("submission {submission} was acknowledged at {seq} out of turn"));
        let raw = self.answered(submission).filter(|_| seq == self.replica.seq() + 1).ok_or_else(out_of_turn)?;
        let frame = Frame::decode(&raw).map_err(|_| out_of_turn())?;
        self.take(&frame, &raw)?;
        self.after_progress(false);
        Ok(())
    }

    /// The frame of a submission that was answered just now. What was submitted before it was answered, or a duplicate.
    fn answered(&mut self, submission: u64) -> Option<Bytes> {
        while let Some((number, raw)) = self.submitted.pop_front_if(|(number, _)| *number <= submission) {
            if number == submission {
                return Some(raw);
            }
        }
        None
    }

    fn handle_refused(&mut self, code: RefusalCode, submission: Option<u64>, text: String) -> Result<(), SessionError> {
        let Some(submission) = submission else {
            return Err(SessionError::Refused { code, text });
        };
        self.answered(submission);
        if self.in_flight.iter().all(|frame| frame.submission != Some(submission)) {
            // It was sealed anew in the meantime.
            return Ok(());
        }
        match code {
            // Refusals come in stream order: all that made the base too old has been taken by now.
            RefusalCode::Stale | RefusalCode::Gap => {
                self.reseal_at = Some(self.replica.seq());
                self.after_progress(false);
                Ok(())
            }
            // Another seed was first; it is on its way, and replaces this one.
            RefusalCode::Seeded => Ok(()),
            _ => Err(SessionError::Refused { code, text }),
        }
    }

    /// Takes the next frame of the log into the chain and the replica.
    fn take(&mut self, frame: &Frame, raw: &Bytes) -> Result<(), SessionError> {
        let (header, seq, hash) = (&frame.header, self.replica.seq() + 1, Hash::of_frame(raw));
        self.log.check(seq, header, &hash)?;
        let binding = self.log.binding(header);
        let sealer = &self.sealer;
        let open =
            || binding.and_then(|(head, previous)| sealer.lock().open(Binding { header, head: &head, previous: &previous }, &frame.sealed));
        let fresh = random_author(&mut self.rng);
        let taken = self
            .replica
            .handle_frame(header, open, fresh)
            .map_err(|error| SessionError::Fatal(Fatal::Tampered { seq, what: error.to_string() }))?;
        self.log.append(header, hash);
        if taken.own && taken.void.is_none() {
            self.in_flight.retain(|sent| sent.header.author != header.author || sent.header.n > header.m);
        } else if taken.own || !taken.undone.is_empty() {
            self.in_flight.clear();
        }
        self.outputs.push_back(Output::Taken { seq, author: header.author, commits: header.m - header.n + 1, taken });
        Ok(())
    }

    /// What becomes possible once the log went on.
    fn after_progress(&mut self, more: bool) {
        let seq = self.replica.seq();
        if matches!(self.phase, Phase::CatchingUp { to } if seq >= to) && !more {
            self.phase = Phase::Live;
            if let Some(root) = self.seed.take().filter(|_| seq == 0 && self.role == Role::Writer && self.replica.pending() == 0) {
                self.replica.seed(root.clone());
                self.outputs.push_back(Output::Seeded(root));
            }
            self.resend();
        }
        if self.phase == Phase::Live && self.reseal_at.take_if(|at| seq >= *at).is_some() {
            self.reseal();
        }
    }

    fn send(&mut self, message: ClientMessage) {
        self.outputs.push_back(Output::Send(message));
    }

    /// The moment of the next [`Session::handle_timeout`], while there is a connection.
    pub fn poll_timeout(&self) -> Option<Moment> {
        (self.phase != Phase::Offline).then(|| (self.last_heard.max(self.last_ping) + PING_AFTER).min(self.last_heard + SILENCE_MAX))
    }

    /// It is that moment, or later.
    ///
    /// # Errors
    /// If the line was silent for too long.
    pub fn handle_timeout(&mut self, now: Moment) -> Result<(), SessionError> {
        if self.phase == Phase::Offline {
            return Ok(());
        }
        if now >= self.last_heard + SILENCE_MAX {
            return Err(SessionError::Silent);
        }
        if now >= self.last_heard.max(self.last_ping) + PING_AFTER {
            self.last_ping = now;
            self.send(ClientMessage::Ping);
        }
        Ok(())
    }

    /// What is to be done next, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.outputs.is_empty() {
            self.fill_line();
        }
        self.outputs.pop_front()
    }

    /// How the connection stands.
    pub const fn link(&self) -> Link {
        match self.phase {
            Phase::Offline => Link::Offline,
            Phase::Greeting { .. } | Phase::LoggingIn => Link::Connecting,
            Phase::CatchingUp { .. } => Link::CatchingUp,
            Phase::Live => Link::Live,
        }
    }

    /// What this member computes from the log.
    pub const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The head of the log, as far as it was taken.
    pub fn head(&self) -> Hash {
        self.log.head()
    }

    /// Whether this member may write.
    pub fn can_write(&self) -> bool {
        self.role == Role::Writer
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let in_flight: Vec<_> = self.in_flight.iter().map(|frame| (&frame.header, frame.submission)).collect();
        let mut shown = f.debug_struct("Session");
        shown.field("phase", &self.phase).field("replica", &self.replica).field("in_flight", &in_flight);
        shown.field("reseal_at", &self.reseal_at).field("fatal", &self.fatal).finish_non_exhaustive()
    }
}

impl Phase {
    const fn name(&self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Greeting { .. } => "greeting",
            Self::LoggingIn => "logging in",
            Self::CatchingUp { .. } => "catching up",
            Self::Live => "live",
        }
    }
}

fn name_of(message: &RelayMessage) -> &'static str {
    match message {
        RelayMessage::Challenge { .. } => "Challenge",
        RelayMessage::Welcome { .. } => "Welcome",
        RelayMessage::Frames { .. } => "Frames",
        RelayMessage::Ack { .. } => "Ack",
        RelayMessage::Lagged => "Lagged",
        RelayMessage::Refused { .. } => "Refused",
        RelayMessage::Pong => "Pong",
    }
}

fn random_author(rng: &mut ChaCha12Rng) -> Author {
    let mut author = [0; 16];
    rng.fill_bytes(&mut author);
    Author(author)
}
