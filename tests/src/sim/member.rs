//! A member of a simulation: the real session, a view that follows what it says, and a disk.

use std::collections::VecDeque;

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use ssync::Doc;
use ssync::crypto::login::Role;
use ssync::proto::session::{Link, Output, Session};
use ssync::proto::time::Moment;
use ssync::wire::codec::{ClientMessage, RelayMessage};
use ssync::wire::frame::{Author, Frame, Header, Kind};

use super::relay::Relay;
use super::{BOUNDS, Counts, below, keys, rng_seed, workload};

pub(crate) struct Member {
    pub(crate) number: usize,
    pub(crate) session: Session,
    pub(crate) view: Doc,
    pub(crate) committed: u64,
    pub(crate) void: u64,
    pub(crate) own_void: u64,
    pub(crate) squashed: u64,
    forged: u64,
    connected: bool,
    up: VecDeque<ClientMessage>,
    disk: (Session, Doc),
}

impl Member {
    pub(crate) fn new(number: usize, rng_seed: [u8; 32]) -> Self {
        let seed = workload::first_state(number);
        let session = Session::with_bounds(keys(), Role::Writer, Some(seed), rng_seed, BOUNDS);
        let disk = (session.clone(), Doc::default());
        let (view, up) = (Doc::default(), VecDeque::new());
        Self { number, session, view, committed: 0, void: 0, own_void: 0, squashed: 0, forged: 0, connected: false, up, disk }
    }

    pub(crate) fn connect(&mut self, relay: &mut Relay) {
        if !self.connected {
            self.connected = true;
            relay.open_line(self.number);
            self.session.handle_connected(Moment::default(), "sim");
            self.drain();
        }
    }

    pub(crate) fn cut(&mut self, relay: &mut Relay, counts: &mut Counts) {
        if self.connected {
            counts.cuts += 1;
            self.connected = false;
            relay.close_line(self.number, self.up.drain(..));
            self.session.handle_disconnected();
            self.drain();
        }
    }

    /// The process dies and starts again from what it had persisted.
    pub(crate) fn crash(&mut self, rng: &mut ChaCha8Rng, relay: &mut Relay, counts: &mut Counts) -> Result<(), String> {
        counts.crashes += 1;
        self.connected = false;
        relay.close_line(self.number, self.up.drain(..));
        (self.session, self.view) = self.disk.clone();
        self.session.reopen(rng_seed(rng));
        if below(rng, 2) == 0 {
            self.session.reseal();
        }
        self.drain();
        self.check_view()
    }

    pub(crate) fn commit(&mut self, rng: &mut ChaCha8Rng, counts: &mut Counts) {
        if self.session.replica().seq() == 0 {
            return; // nobody has a state to edit before the first frame
        }
        let patch = workload::commit(rng, &self.view, self.number, self.committed);
        self.view.apply(&patch).expect("made on the view");
        self.session.commit(patch).expect("a writer");
        self.committed += 1;
        counts.commits += 1;
        self.persist();
        if below(rng, 3) > 0 {
            self.drain();
        }
    }

    /// Does what the session asks for: persists, and only then sends.
    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(message) => {
                    self.persist();
                    self.up.push_back(message);
                }
                Output::Seeded(root) => self.view = Doc::new(root),
                Output::Taken { commits, taken, .. } => {
                    self.own_void += u64::from(taken.own && taken.void.is_some());
                    self.void += u64::from(taken.void.is_some());
                    self.squashed += u64::from(commits > 1);
                    self.view
                        .apply(&taken.view)
                        .unwrap_or_else(|error| panic!("member {}: {} does not fit the view: {error}", self.number, taken.view));
                }
            }
        }
        self.persist();
    }

    fn persist(&mut self) {
        self.disk = (self.session.clone(), self.view.clone());
    }

    pub(crate) fn has_up(&self) -> bool {
        !self.up.is_empty()
    }

    pub(crate) fn deliver_up(&mut self, relay: &mut Relay, counts: &mut Counts) {
        if let Some(message) = self.up.pop_front() {
            relay.handle(self.number, message, counts);
        }
    }

    pub(crate) fn deliver_down(&mut self, relay: &mut Relay) -> Result<(), String> {
        let Some(message) = relay.take_down(self.number) else { return Ok(()) };
        let told = format!("{message:?}");
        let is_answer = matches!(message, RelayMessage::Frames { .. } | RelayMessage::Ack { .. });
        let outcome = self.session.handle_message(Moment::default(), message);
        self.drain();
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(format!("member {}: {error}{}", self.number, if is_answer { String::new() } else { format!(" at {told}") })),
        }
    }

    /// Appends a frame that cannot open, under a name of its own: a member that is broken or malicious.
    pub(crate) fn forge_void(&mut self, relay: &mut Relay) {
        let base = relay.seq();
        let Some(head) = relay.short_head_at(base).filter(|_| base > 0) else { return };
        self.forged += 1;
        let mut author = [0xff; 16];
        author[0] = self.number as u8;
        let header = Header { kind: Kind::Patch, author: Author(author), n: self.forged, m: self.forged, base, head };
        relay.submit_raw(&Frame { header, sealed: Bytes::from_static(&[0; 40]) }.encode());
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        self.session.link() == Link::Live && self.session.replica().pending() == 0 && self.session.replica().seq() > 0
    }

    /// The view is the confirmed document with what is pending.
    pub(crate) fn check_view(&self) -> Result<(), String> {
        if self.session.replica().seq() == 0 || self.session.replica().view() == self.view {
            return Ok(());
        }
        let expected = self.session.replica().view();
        Err(format!(
            "member {}: the view is not confirmed + pending:\n{}\n{}",
            self.number,
            self.view.root().canonical_json(),
            expected.root().canonical_json()
        ))
    }
}
