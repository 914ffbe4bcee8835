//! A member of a simulation: the real session, a view that follows what it says, and a disk.

use std::collections::VecDeque;

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use ssync::crypto::login::Role;
use ssync::proto::replica::Kinds;
use ssync::proto::session::{Link, Output, Session, SessionError};
use ssync::proto::time::Moment;
use ssync::wire::codec::{ClientMessage, RelayMessage};
use ssync::wire::frame::{Author, Frame, Header, Kind};
use ssync::{Doc, Patch, Path};

use super::intent::{Intent, Meaning};
use super::relay::Relay;
use super::typed::{self, Follower};
use super::{BOUNDS, Counts, below, keys, rng_seed, workload};

pub(crate) struct Member {
    pub(crate) number: usize,
    pub(crate) session: Session,
    pub(crate) view: Doc,
    /// The value that a program holds, in a typed room.
    value: Option<Box<dyn Follower>>,
    committed: u64,
    pub(crate) void: u64,
    pub(crate) own_void: u64,
    pub(crate) squashed: u64,
    restored: u64,
    /// The step before which it does not connect.
    pub(crate) away_until: usize,
    forged: u64,
    connected: bool,
    up: VecDeque<ClientMessage>,
    disk: (Session, Doc),
}

impl Member {
    pub(crate) fn new(number: usize, rng_seed: [u8; 32], is_typed: bool) -> Self {
        let seed = if is_typed { typed::first_state() } else { workload::first_state(number) };
        let value = is_typed.then(|| typed::follower(number + usize::from(rng_seed[0])));
        let session = Session::with_bounds(keys(), Role::Writer, Some(seed), rng_seed, BOUNDS);
        let session = session.knowing(value.as_ref().map_or(Kinds::none, |value| value.kinds_of()));
        let disk = (session.clone(), Doc::default());
        let (view, up) = (Doc::default(), VecDeque::new());
        Self {
            number,
            session,
            view,
            value,
            committed: 0,
            void: 0,
            own_void: 0,
            squashed: 0,
            restored: 0,
            away_until: 0,
            forged: 0,
            connected: false,
            up,
            disk,
        }
    }

    pub(crate) fn connect(&mut self, relay: &mut Relay, now: Moment, intent: &mut Intent) {
        if !self.connected {
            self.connected = true;
            relay.open_line(self.number);
            self.session.handle_connected(now, "sim");
            self.drain(intent);
        }
    }

    pub(crate) fn cut(&mut self, relay: &mut Relay, counts: &mut Counts) {
        if self.connected {
            counts.cuts += 1;
            self.connected = false;
            relay.close_line(self.number, self.up.drain(..));
            self.session.handle_disconnected();
            self.persist();
        }
    }

    /// The process dies and starts again from what it had persisted.
    pub(crate) fn crash(
        &mut self,
        rng: &mut ChaCha8Rng,
        relay: &mut Relay,
        intent: &mut Intent,
        counts: &mut Counts,
    ) -> Result<(), String> {
        counts.crashes += 1;
        self.connected = false;
        relay.close_line(self.number, self.up.drain(..));
        (self.session, self.view) = self.disk.clone();
        self.begin_value();
        self.session.reopen(rng_seed(rng));
        if below(rng, 2) == 0 {
            self.session.reseal();
        }
        self.drain(intent);
        self.check_view()
    }

    pub(crate) fn commit(&mut self, rng: &mut ChaCha8Rng, intent: &mut Intent, counts: &mut Counts) -> Result<(), String> {
        if self.session.replica().seq() == 0 {
            return Ok(()); // nobody has a state to edit before the first frame
        }
        let token = format!("{}:{}", self.number, self.committed);
        let (patch, required, meaning) = self.edit(rng, &token)?;
        let is_transaction = required.is_some();
        intent.tell(self.number, if is_transaction { "transacts" } else { "commits" }, &patch);
        let fits = self.view.apply(&patch).map(drop);
        fits.map_err(|error| format!("member {}: {patch} does not fit its view: {error}", self.number))?;
        let session = &mut self.session;
        let id = match required {
            Some(required) => session.transact(patch, required),
            None => session.commit(patch),
        };
        let id = id.expect("a writer");
        intent.meant(self.number, id.0, meaning, is_transaction);
        self.committed += 1;
        counts.commits += 1;
        counts.transactions += u64::from(is_transaction);
        self.persist();
        if below(rng, 3) > 0 {
            self.drain(intent);
        }
        Ok(())
    }

    /// What a user does: a patch, the places that it requires beside its own if it is a transaction, and what was meant.
    fn edit(&mut self, rng: &mut ChaCha8Rng, token: &str) -> Result<(Patch, Option<Vec<Path>>, Meaning), String> {
        if let Some(value) = &mut self.value {
            let number = self.number;
            if below(rng, 2) == 0 {
                value.check(&self.view).map_err(|error| format!("member {number} before a commit: {error}"))?;
            }
            let sent = value.commit(rng, token).map_err(|error| format!("member {number}: {error}"))?;
            return Ok((sent.patch, sent.is_transaction.then(Vec::new), Meaning::typed(token, sent.meaning)));
        }
        let claim = if below(rng, 6) == 0 { workload::transaction(rng, &self.view, token) } else { None };
        Ok(match claim {
            Some((patch, required, meaning)) => (patch, Some(required), meaning),
            None => {
                let (patch, meaning) = workload::commit(rng, &self.view, token);
                (patch, None, meaning)
            }
        })
    }

    /// Does what the session asks for: persists, and only then sends.
    pub(crate) fn drain(&mut self, intent: &mut Intent) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(message) => self.send(message),
                Output::Snapshot(job) => job.messages().into_iter().for_each(|message| self.send(message)),
                Output::Seeded(root) => {
                    self.view = Doc::new(root);
                    self.begin_value();
                }
                Output::Taken { commits, taken, .. } => {
                    self.own_void += u64::from(taken.own && taken.void.is_some());
                    self.void += u64::from(taken.void.is_some());
                    self.squashed += u64::from(commits > 1);
                    taken.accepted.iter().for_each(|id| intent.accepted(self.number, id.0));
                    taken.undone.iter().for_each(|id| intent.conflicted(self.number, id.0));
                    self.show(&taken.view, intent);
                }
                Output::Present { .. } => {}
                Output::Undone(undone) => {
                    intent.conflicted(self.number, undone.commit.0);
                    self.show(&undone.view, intent);
                }
                Output::Adopted { adopted, .. } => {
                    self.restored += 1;
                    adopted.accepted.iter().for_each(|id| intent.accepted(self.number, id.0));
                    adopted.undone.iter().for_each(|id| intent.conflicted(self.number, id.0));
                    let change = adopted.change_of(&self.view);
                    self.show(&change, intent);
                }
            }
        }
        self.persist();
    }

    fn send(&mut self, message: ClientMessage) {
        self.persist();
        self.up.push_back(message);
    }

    fn show(&mut self, change: &Patch, intent: &Intent) {
        intent.tell(self.number, "sees", change);
        let shown = self.view.apply(change);
        shown.unwrap_or_else(|error| panic!("member {}: {change} does not fit the view: {error}", self.number));
        let taken = self.value.as_mut().map_or(Ok(()), |value| value.show(change));
        taken.unwrap_or_else(|error| panic!("member {}: {error}", self.number));
    }

    /// The program starts, or starts again: its value is made of the view.
    fn begin_value(&mut self) {
        let begun = self.value.as_mut().filter(|_| self.view != Doc::default()).map_or(Ok(()), |value| value.begin(self.view.root()));
        begun.unwrap_or_else(|error| panic!("member {}: {error}", self.number));
    }

    fn persist(&mut self) {
        self.disk = (self.session.clone(), self.view.clone());
    }

    pub(crate) fn has_up(&self) -> bool {
        !self.up.is_empty()
    }

    pub(crate) fn deliver_up(&mut self, relay: &mut Relay, now: Moment, counts: &mut Counts) {
        if let Some(message) = self.up.pop_front() {
            relay.handle(self.number, message, now, counts);
        }
    }

    pub(crate) fn deliver_down(&mut self, relay: &mut Relay, now: Moment, intent: &mut Intent, counts: &mut Counts) -> Result<(), String> {
        if self.session.handle_timeout(now).is_err() {
            self.cut(relay, counts);
        }
        let Some(message) = relay.take_down(self.number) else { return Ok(()) };
        let told = format!("{message:?}");
        let is_answer = matches!(message, RelayMessage::Frames { .. } | RelayMessage::Ack { .. } | RelayMessage::SnapshotPart(_));
        let was_restored = self.restored;
        let outcome = self.session.handle_message(now, message);
        self.drain(intent);
        counts.restored += self.restored - was_restored;
        match outcome {
            Ok(()) => Ok(()),
            // The only snapshot was damaged on the way.
            Err(SessionError::Protocol(text)) if text.contains("no snapshot that opens") => {
                self.cut(relay, counts);
                Ok(())
            }
            Err(error) => Err(format!("member {}: {error}{}", self.number, if is_answer { String::new() } else { format!(" at {told}") })),
        }
    }

    /// Appends a frame that cannot open, under a name of its own: a member that is broken or malicious.
    pub(crate) fn forge_void(&mut self, relay: &mut Relay, now: Moment) {
        let base = relay.seq();
        let Some(head) = relay.short_head_at(base).filter(|_| base > 0) else { return };
        self.forged += 1;
        let mut author = [0xff; 16];
        author[0] = self.number as u8;
        let header = Header { kind: Kind::Patch, author: Author(author), n: self.forged, m: self.forged, base, head };
        relay.submit_raw(now, &Frame { header, sealed: Bytes::from_static(&[0; 40]) }.encode());
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        self.session.link() == Link::Live && self.session.replica().pending() == 0 && self.session.replica().seq() > 0
    }

    /// The typed value is what the view says.
    pub(crate) fn check_value(&self) -> Result<(), String> {
        let told = |error| format!("member {} in the end: {error}", self.number);
        self.value.as_ref().map_or(Ok(()), |value| value.check(&self.view).map_err(told))
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
