//! Joining a room: what can be set, and what can go wrong.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::driver::{Driver, Ended};
use super::joining::Joining;
use crate::crypto::keys::Keys;
use crate::crypto::login::Role;
use crate::crypto::secret::Secret;
use crate::doc::Node;
use crate::limits;
use crate::path::Trail;
use crate::proto::session::{Session, SessionError};
use crate::shared::{Core, Shared};
use crate::state::check;
use crate::syncable::{Refused, RefusedReason, Syncable, Unfit, build, kinds_of};
use crate::transport::websocket::WebSocketDialer;
use crate::transport::{Dial, DialError};
use crate::view::View;

/// How long joining may take, unless told otherwise.
const JOIN_MAX: Duration = Duration::from_secs(10);

/// Why a room was not joined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No relay was named.
    #[error("no relay was named; call `.relay(\"ws://…\")` before `.join()`")]
    NoRelay,
    /// The relay's address is not one, or nobody answers there.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The relay refused, or broke the protocol.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The relay was not reached in time.
    #[error("the room was not joined within {seconds} s: {why}")]
    Timeout {
        /// How long it was tried.
        seconds: u64,
        /// What went wrong last.
        why: String,
    },
    /// The room has no state, and this program has none to offer.
    #[error("the room is empty: nobody has joined it with a first state yet; check the secret, or start the program that brings the state")]
    Empty,
    /// The room's state does not fit the type.
    #[error(
        "the room's state does not fit this program's type at {0}; use the version of the struct that the room was made with, or another secret"
    )]
    Unfit(Unfit),
    /// The initial value cannot be shared.
    #[error("the initial value cannot be shared: {0}")]
    Refused(#[from] Refused),
    /// The thread of a program without tokio did not start.
    #[error("the connection's thread did not start: {0}")]
    Thread(String),
}

/// Sets up how a room is joined.
///
/// ```no_run
/// # async fn example(secret: ssync::Secret) -> Result<(), ssync::JoinError> {
/// use std::time::Duration;
/// let shared = ssync::Shared::builder(&secret)
///     .relay("wss://relay.example")
///     .initial(vec![0_u8; 3])
///     .join_timeout(Duration::from_secs(60))
///     .join()
///     .await?;
/// # Ok(()) }
/// ```
pub struct Builder<T> {
    secret: Secret,
    relay: Option<Target>,
    initial: Option<T>,
    read_only: bool,
    join_timeout: Duration,
    tls: Option<Arc<rustls::ClientConfig>>,
    _type: PhantomData<fn() -> T>,
}

enum Target {
    Url(String),
    Dialer(Arc<dyn Dial>),
}

impl<T> std::fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("read_only", &self.read_only).field("join_timeout", &self.join_timeout).finish_non_exhaustive()
    }
}

impl<T: Syncable + Send + Sync + 'static> Builder<T> {
    pub(crate) const fn new(secret: Secret) -> Self {
        Self { secret, relay: None, initial: None, read_only: false, join_timeout: JOIN_MAX, tls: None, _type: PhantomData }
    }

    /// The relay's address, `ws://…` or `wss://…`.
    #[must_use]
    pub fn relay(mut self, address: &str) -> Self {
        self.relay = Some(Target::Url(address.to_owned()));
        self
    }

    /// A relay that is reached in another way.
    #[must_use]
    pub fn dialer(mut self, dialer: impl Dial) -> Self {
        self.relay = Some(Target::Dialer(Arc::new(dialer)));
        self
    }

    /// The room's first state, if it has none. Without one, an empty room is an error.
    #[must_use]
    pub fn initial(mut self, value: T) -> Self {
        self.initial = Some(value);
        self
    }

    /// Joins as a reader, whatever the secret allows.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// How long joining may take: 10 s unless set. Once joined, a lost connection is tried again for ever.
    #[must_use]
    pub const fn join_timeout(mut self, timeout: Duration) -> Self {
        self.join_timeout = timeout;
        self
    }

    /// How `wss://` trusts: in place of the system's roots.
    #[must_use]
    pub fn tls(mut self, config: Arc<rustls::ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// Joins, and returns once the room's state is here.
    ///
    /// # Errors
    /// If the relay is not reached in time, it refuses, the room is empty and no initial value was given, or its state does not
    /// fit the type.
    pub async fn join(self) -> Result<Shared<T>, JoinError> {
        let (shared, driving) = self.start().await?;
        tokio::spawn(driving);
        Ok(shared)
    }

    /// The same for a program without tokio: the connection runs on a thread of its own.
    ///
    /// # Errors
    /// As [`Builder::join`].
    ///
    /// # Panics
    /// If it is called inside a tokio runtime, which it would block.
    pub fn join_blocking(self) -> Result<Shared<T>, JoinError> {
        assert!(
            tokio::runtime::Handle::try_current().is_err(),
            "`join_blocking` inside a tokio runtime would block it; use `join().await`"
        );
        let (joined, join) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("ssync".into()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(joined.send(Err(JoinError::Thread(error.to_string())))),
            };
            runtime.block_on(async {
                match self.start().await {
                    Ok((shared, driving)) => {
                        // The driver ends when the program has dropped its last handle, and this thread holds none.
                        drop(joined.send(Ok(shared)));
                        driving.await;
                    }
                    Err(error) => drop(joined.send(Err(error))),
                }
            });
        });
        thread.map_err(|error| JoinError::Thread(error.to_string()))?;
        join.recv().unwrap_or_else(|_| Err(JoinError::Thread("it ended before it had joined".into())))
    }

    async fn start(self) -> Result<(Shared<T>, impl Future<Output = ()> + Send + use<T>), JoinError> {
        let dialer: Arc<dyn Dial> = match self.relay {
            None => return Err(JoinError::NoRelay),
            Some(Target::Url(url)) => Arc::new(WebSocketDialer::new(&url, self.tls)?),
            Some(Target::Dialer(dialer)) => dialer,
        };
        let seed = self.initial.as_ref().map(seed).transpose()?;
        let role = if self.read_only || self.secret.is_read_only() { Role::Reader } else { Role::Writer };
        let can_seed = seed.is_some() && role == Role::Writer;
        let session = Session::new(Keys::derive(&self.secret), role, seed, random_seed()?).knowing(kinds_of::<T>);
        let (stop, stopped) = watch::channel(false);
        let mut driver = Driver::new(dialer, stopped);
        let joining = Arc::new(Joining::new(session));
        let has_state = {
            let joining = joining.clone();
            move || joining.has_state() || (!can_seed && joining.is_empty())
        };
        let waited = timeout(self.join_timeout, driver.run_until(&*joining, &has_state)).await;
        drop(has_state);
        match waited {
            Ok(Ok(())) => {}
            Ok(Err(ended)) => return Err(ended.into()),
            Err(_) => {
                let why = joining.problem().map_or_else(|| "the relay does not answer".to_owned(), |problem| problem.text);
                return Err(JoinError::Timeout { seconds: self.join_timeout.as_secs(), why });
            }
        }
        if !joining.has_state() {
            return Err(JoinError::Empty);
        }
        let session =
            Arc::into_inner(joining).map(Joining::into_session).ok_or_else(|| JoinError::Thread("the session is still in use".into()))?;
        let mut view: View<T> = View::from_doc(session.replica().view()).map_err(JoinError::Unfit)?;
        if let Some(mut initial) = self.initial {
            view.value.keep_local(&mut initial);
        }
        let shared = Shared::from_core(Core::joined(view, session), stop);
        let driving = driver.run(shared.inner().clone());
        Ok((shared, driving))
    }
}

/// The state to offer to an empty room.
fn seed<T: Syncable>(initial: &T) -> Result<Node, Refused> {
    check(initial)?;
    let root = build(initial, &Trail::ROOT, T::plan())?;
    let bytes = root.encoded_len() + limits::SEAL_BYTES;
    if bytes > limits::FRAME_BYTES_MAX {
        return Err(Refused { path: crate::path::Path::root(), reason: RefusedReason::FrameBytes { bytes } });
    }
    Ok(root)
}

fn random_seed() -> Result<[u8; 32], JoinError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| JoinError::Thread(format!("the operating system gives no randomness: {error}")))?;
    Ok(seed)
}

impl From<Ended> for JoinError {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Dial(error) => Self::Dial(error),
            Ended::Session(error) => Self::Session(error),
            Ended::Transport(error) => Self::Timeout { seconds: 0, why: error.to_string() },
            Ended::Stopped => Self::Timeout { seconds: 0, why: "the program left the room".into() },
        }
    }
}
