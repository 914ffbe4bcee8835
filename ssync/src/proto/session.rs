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
mod presence;
mod receiving;
mod sending;
mod snapshot;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use log::Log;
pub use output::{Fatal, Link, Output, SessionError};
use presence::PresenceState;
pub use presence::{PRESENCE_REFRESH, PRESENCE_TTL};
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};
pub use snapshot::SnapshotJob;
use snapshot::{Loading, Reread};

use super::replica::{CommitId, Kinds, KindsOf, Replica};
use super::time::Moment;
use crate::crypto::keys::Keys;
use crate::crypto::login::Role;
use crate::crypto::seal::Sealer;
use crate::doc::Node;
use crate::limits::Bounds;
use crate::patch::Patch;
use crate::path::Path;
use crate::wire::codec::{ClientMessage, RelayMessage, VERSION};
use crate::wire::frame::{Author, Hash, Header, RoomId};

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
    /// The replica whose view is shown and to which commits go, while the other one reads the log from a new beginning.
    earlier: Option<Box<Replica>>,
    reread: Reread,
    loading: Option<Loading>,
    /// A `Fetch` is not answered yet.
    asks: bool,
    /// The checkpoint that this member wrote, while it is on its way.
    checkpoint: Option<Hash>,
    presence: PresenceState,
    log: Log,
    bounds: Bounds,
    seed: Option<Node>,
    kinds_of: KindsOf,
    phase: Phase,
    /// Sealed frames that are not in the log, as far as is known, in order.
    in_flight: VecDeque<InFlight>,
    /// Frames submitted on this connection and not answered yet, in order; a duplicate is never answered.
    submitted: VecDeque<(u64, Bytes)>,
    submissions: u64,
    /// Seal everything in flight again once this seq is reached.
    reseal_at: Option<u64>,
    /// The latest moment that it was told.
    now: Moment,
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
        let presence = PresenceState::new(random_author(&mut rng));
        let role = if keys.can_write() { role } else { Role::Reader };
        Self {
            room: keys.room(),
            sealer: Arc::new(parking_lot::Mutex::new(Sealer::new(&keys))),
            keys: Arc::new(keys),
            role,
            rng,
            replica,
            earlier: None,
            reread: Reread::Never,
            loading: None,
            asks: false,
            checkpoint: None,
            presence,
            log: Log::new(bounds.window_frames),
            bounds,
            seed,
            kinds_of: Kinds::none,
            phase: Phase::Offline,
            in_flight: VecDeque::new(),
            submitted: VecDeque::new(),
            submissions: 0,
            reseal_at: None,
            now: Moment::default(),
            last_heard: Moment::default(),
            last_ping: Moment::default(),
            outputs: VecDeque::new(),
            fatal: None,
        }
    }

    /// The same, which knows by a type where enums are, so that behind a snapshot no edit of one variant is carried into another.
    #[must_use]
    pub fn knowing(self, kinds_of: KindsOf) -> Self {
        Self { kinds_of, ..self }
    }

    /// Makes a session that was restored from a copy one of its own: other randomness, another author for new commits.
    pub fn reopen(&mut self, rng_seed: [u8; 32]) {
        self.rng = ChaCha12Rng::from_seed(rng_seed);
        let author = random_author(&mut self.rng);
        self.written().reopen(author);
        self.presence = PresenceState::new(random_author(&mut self.rng));
        self.handle_disconnected();
    }

    /// Seals everything that is not in the log anew, on the newest base: shorter for the others to take than what was
    /// sealed long ago.
    pub fn reseal(&mut self) {
        self.in_flight.clear();
        self.written().reseal();
    }

    /// Takes a patch that the user made on the view.
    ///
    /// # Errors
    /// If this member may only read.
    pub fn commit(&mut self, patch: Patch) -> Result<CommitId, SessionError> {
        Ok(self.writing()?.commit(patch))
    }

    /// Takes a patch that the user made on the view, and that is void if somebody else touches what it wrote or one of these places of the view
    /// before it.
    ///
    /// # Errors
    /// If this member may only read.
    pub fn transact(&mut self, patch: Patch, required: Vec<Path>) -> Result<CommitId, SessionError> {
        Ok(self.writing()?.transact(patch, required))
    }

    /// Has the outputs tell what takes pending commits back, where others' work changes that.
    pub fn keep_inverses(&mut self, keep: bool) {
        self.replica.keep_inverses(keep);
        if let Some(earlier) = &mut self.earlier {
            earlier.keep_inverses(keep);
        }
    }

    fn writing(&mut self) -> Result<&mut Replica, SessionError> {
        if self.can_write() { Ok(self.written()) } else { Err(SessionError::ReadOnly) }
    }

    /// The replica that commits go to.
    fn written(&mut self) -> &mut Replica {
        self.earlier.as_deref_mut().unwrap_or(&mut self.replica)
    }

    /// The replica whose view is shown.
    fn shown(&self) -> &Replica {
        self.earlier.as_deref().unwrap_or(&self.replica)
    }

    /// A connection to the relay at `origin` (host and port, as dialled) is there.
    pub fn handle_connected(&mut self, now: Moment, origin: &str) {
        (self.now, self.last_heard, self.last_ping) = (now, now, now);
        self.submissions = 0;
        self.submitted.clear();
        self.phase = Phase::Greeting { origin: origin.to_owned() };
        self.send(ClientMessage::Hello { version: VERSION, room: self.room });
    }

    /// The connection is gone. What was in flight stays so, and goes again as the same bytes.
    pub fn handle_disconnected(&mut self) {
        self.phase = Phase::Offline;
        (self.loading, self.asks, self.checkpoint) = (None, false, None);
        self.outputs.retain(|output| !matches!(output, Output::Send(_) | Output::Snapshot(_)));
        self.forget_all_present();
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
        (self.now, self.last_heard) = (now, now);
        let outcome = self.handle(message);
        if let Err(SessionError::Fatal(fatal)) = &outcome {
            self.fatal = Some(fatal.clone());
        }
        outcome
    }

    fn send(&mut self, message: ClientMessage) {
        self.outputs.push_back(Output::Send(message));
    }

    /// The moment of the next [`Session::handle_timeout`], while there is a connection.
    pub fn poll_timeout(&self) -> Option<Moment> {
        let silence = (self.last_heard.max(self.last_ping) + PING_AFTER).min(self.last_heard + SILENCE_MAX);
        (self.phase != Phase::Offline).then(|| self.presence.deadline().map_or(silence, |deadline| deadline.min(silence)))
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
        self.now = now;
        self.keep_presence(now);
        if now >= self.last_heard.max(self.last_ping) + PING_AFTER {
            self.last_ping = now;
            self.send(ClientMessage::Ping);
        }
        Ok(())
    }

    /// What is to be done next, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.outputs.is_empty() {
            self.take_back_touched();
            self.fill_line();
            self.send_presence();
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

    /// What this member computes from the log: the replica whose view is shown.
    pub fn replica(&self) -> &Replica {
        self.shown()
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

fn random_author(rng: &mut ChaCha12Rng) -> Author {
    let mut author = [0; 16];
    rng.fill_bytes(&mut author);
    Author(author)
}
