//! What lies behind the lock: the view, and the session that carries its commits.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parking_lot::RwLock;
use tokio::sync::{Notify, oneshot, watch};

use super::commit::{Commit, CommitError, Later, Outcome};
use super::events::{Change, Event, Hub, Origin};
use super::presence::Board;
use super::status::{Link, Problem, Status};
use super::transaction::check_required;
use crate::client::driver::Outgoing;
use crate::patch::Patch;
use crate::path::Path;
use crate::proto::replica::{CommitId, Rebased, Taken, Void};
use crate::proto::session::{Output, Session};
use crate::state::ApplyToError;
use crate::syncable::Syncable;
use crate::undo::Undo;
use crate::view::View;
use crate::wire::frame::Author;

/// What all handles of a value share.
pub(crate) struct Inner<T> {
    pub(super) core: RwLock<Core<T>>,
    pub(super) hub: Hub,
    pub(super) status: watch::Sender<Status>,
    /// Wakes the driver.
    pub(super) wake: Notify,
    /// The driver found the lock taken.
    pub(super) driver_waits: AtomicBool,
    /// Nothing leaves any more.
    pub(super) over: AtomicBool,
    /// There is no driver.
    pub(super) is_local: bool,
    /// Who is here.
    pub(super) board: watch::Sender<Board>,
}

/// What the lock protects.
pub(crate) struct Core<T> {
    pub(super) view: View<T>,
    pub(super) session: Option<Session>,
    /// Who waits for which commit.
    waiting: BTreeMap<CommitId, oneshot::Sender<Outcome>>,
    /// What happened since the lock was taken, to be told when it is given back.
    events: Vec<Event>,
    /// The seq of the last own commit in the log.
    accepted: u64,
    /// What the status was told last.
    told: Option<Figures>,
    pub(super) undo: Option<Undo>,
    /// What members said of themselves since the lock was taken.
    present: Vec<(Author, Option<Bytes>)>,
}

/// What of a status changes all the time: pending, received, accepted, link.
type Figures = (usize, u64, u64, Option<Link>);

impl<T: Syncable> Core<T> {
    /// The core of a value without a relay.
    pub(super) const fn local(view: View<T>) -> Self {
        Self::new(view, None)
    }

    /// The core of a value in a room.
    pub(crate) const fn joined(view: View<T>, session: Session) -> Self {
        Self::new(view, Some(session))
    }

    const fn new(view: View<T>, session: Option<Session>) -> Self {
        let waiting = BTreeMap::new();
        Self { view, session, waiting, events: Vec::new(), accepted: 0, told: None, undo: None, present: Vec::new() }
    }

    /// Commits what a guard changed. With `wanted`, somebody will ask what came of it; with `over`, nothing leaves any more.
    ///
    /// # Errors
    /// If the value cannot be shared or this program may not write. The value is then as before the guard.
    #[inline]
    pub(super) fn commit(&mut self, wanted: bool, required: Option<Vec<Path>>, hub: &Hub, over: bool) -> Result<Commit, CommitError> {
        let outcome = self.enter(required.as_deref(), over);
        if let (Ok(true), Some(undo)) = (&outcome, &mut self.undo) {
            undo.committed(self.view.take_inverse());
        }
        match outcome {
            Ok(true) if self.session.is_none() && !hub.is_heard() => {
                self.view.uncover();
                Ok(Commit { patch: self.view.committed(), outcome: Later::Now(Outcome::Local) })
            }
            Ok(true) => {
                self.view.uncover();
                let patch = self.view.committed();
                self.publish(patch, wanted, required, hub)
            }
            Ok(false) => Ok(Commit { patch: Patch::default(), outcome: Later::Now(Outcome::Unchanged) }),
            Err(error) => {
                self.view.rollback();
                Err(error)
            }
        }
    }

    /// Takes what changed in the value, which is compared once, into the view; gives whether anything did. A guard that changed nothing is nobody's mistake.
    #[inline]
    fn enter(&mut self, required: Option<&[Path]>, over: bool) -> Result<bool, CommitError> {
        let changed = self.view.changed()?;
        if changed.is_empty() {
            return Ok(false);
        }
        match &self.session {
            Some(_) if over => return Err(CommitError::Left),
            Some(session) if !session.can_write() => return Err(CommitError::ReadOnly),
            _ => {}
        }
        if let Some(required) = required {
            check_required(required, changed.encoded_len())?;
        }
        Ok(self.view.commit()?)
    }

    /// Tells the others what was committed; that this program may is known.
    pub(super) fn publish(&mut self, patch: Patch, wanted: bool, required: Option<Vec<Path>>, hub: &Hub) -> Result<Commit, CommitError> {
        if hub.is_heard() {
            self.events.push(Event::Changed(Change { origin: Origin::Local, patch: patch.clone(), seq: None }));
        }
        let Some(session) = &mut self.session else { return Ok(Commit { patch, outcome: Later::Now(Outcome::Local) }) };
        let id = match required {
            Some(required) => session.transact(patch.clone(), required),
            None => session.commit(patch.clone()),
        };
        let id = id.map_err(|_| CommitError::ReadOnly)?;
        if let Some(undo) = &mut self.undo {
            undo.named(id);
        }
        let (sender, receiver) = oneshot::channel();
        if wanted {
            self.waiting.insert(id, sender);
        }
        Ok(Commit { patch, outcome: Later::Then(receiver) })
    }

    /// Takes a patch that came by another way than a room; leaves in `inverse`, which is empty, the patch that takes it back.
    ///
    /// # Errors
    /// If the value is in a room, or the patch does not fit. The value is then as it was.
    pub(super) fn apply(&mut self, patch: &Patch, inverse: &mut Patch, hub: &Hub) -> Result<(), ApplyToError> {
        if self.session.is_some() {
            return Err(ApplyToError::InRoom);
        }
        self.view.apply(patch, inverse)?;
        if let Some(undo) = &mut self.undo {
            undo.changed(patch);
        }
        if hub.is_heard() {
            self.events.push(Event::Changed(Change { origin: Origin::Local, patch: patch.clone(), seq: None }));
        }
        Ok(())
    }

    /// Tells of a refusal that nobody else will hear of.
    pub(super) fn report_refusal(&mut self, error: CommitError, hub: &Hub) {
        if tracing::enabled!(tracing::Level::WARN) {
            tracing::warn!(%error, "a guard's changes were refused, and the value is what it was before");
        } else if !hub.is_heard() {
            tell_once(&error);
        }
        self.events.push(Event::Refused(error));
    }

    /// Lets the session work, and takes what comes of it into the view; gives what is to be sent.
    pub(super) fn run(&mut self, work: &mut dyn FnMut(&mut Session)) -> Vec<Outgoing> {
        if let Some(session) = &mut self.session {
            work(session);
        }
        let mut sends = Vec::new();
        while let Some(output) = self.session.as_mut().and_then(Session::poll_output) {
            match output {
                Output::Send(message) => sends.push(Outgoing::Message(message)),
                Output::Snapshot(job) => sends.push(Outgoing::Snapshot(job)),
                Output::Taken { seq, author, taken, .. } => self.take(seq, author, taken),
                Output::Undone(undone) => {
                    self.forget_voided(&[undone.commit]);
                    self.answer(&[undone.commit], Outcome::Void(Void::Conflict));
                    self.show(&undone.view, undone.rebased, Origin::Local, None);
                }
                Output::Adopted { seq, adopted } => {
                    self.answer(&adopted.accepted, Outcome::Accepted(seq));
                    self.answer(&adopted.undone, Outcome::Void(Void::Seed));
                    let change = adopted.change_of(self.view.doc());
                    self.show(&change, adopted.rebased, Origin::Several, Some(seq));
                }
                Output::Present { member, what } => self.present.push((member, what)),
                // The value began as the seed.
                Output::Seeded(_) => {}
            }
        }
        sends
    }

    /// Takes what a frame of the log did into the view.
    fn take(&mut self, seq: u64, author: Author, taken: Taken) {
        self.answer(&taken.accepted, Outcome::Accepted(seq));
        if let Some(void) = taken.void {
            self.forget_voided(&taken.undone);
            self.answer(&taken.undone, Outcome::Void(void));
        }
        let origin = if taken.own { Origin::Local } else { Origin::Remote(author) };
        if let Some(undo) = &mut self.undo {
            undo.accepted(&taken.accepted, seq);
            undo.masked(&taken.masked_by);
        }
        self.show(&taken.view, taken.rebased, origin, Some(seq));
    }

    fn forget_voided(&mut self, ids: &[CommitId]) {
        if let Some(undo) = &mut self.undo {
            undo.voided(ids);
        }
    }

    /// Takes what changes in the view into the value.
    fn show(&mut self, change: &Patch, rebased: Option<Rebased>, origin: Origin, seq: Option<u64>) {
        match (&mut self.undo, rebased) {
            (Some(undo), Some(rebased)) => undo.rebased(change, &rebased),
            (Some(undo), None) => undo.changed(change),
            (None, _) => {}
        }
        if change.is_empty() {
            return;
        }
        let known = self.view.unfit().to_vec();
        if let Err(error) = self.view.receive(change) {
            // Cannot happen while the view is confirmed + pending; should it ever, the replica is right.
            tracing::error!(%error, seq, "a patch of the log does not fit the view, which is made anew");
            debug_assert!(false, "the view is confirmed + pending: {error}");
            let anew = |session: &Session| {
                let doc = session.replica().view();
                doc.root().forget_marks();
                View::from_doc(doc).ok()
            };
            if let Some(view) = self.session.as_ref().and_then(anew) {
                self.view = view;
                self.view.keep_inverses(self.undo.is_some());
            }
        }
        self.events.extend(self.view.unfit().iter().filter(|unfit| !known.contains(unfit)).cloned().map(Event::Unfit));
        self.events.push(Event::Changed(Change { origin, patch: change.clone(), seq }));
    }

    /// Tells whoever waits for these commits what came of them.
    fn answer(&mut self, ids: &[CommitId], outcome: Outcome) {
        for id in ids {
            if let Outcome::Accepted(seq) = outcome {
                self.accepted = seq;
            }
            if let Some(waiting) = self.waiting.remove(id) {
                let _ = waiting.send(outcome.clone());
            }
        }
    }

    /// Whether the status may have changed since it was told.
    fn has_news(&mut self) -> bool {
        let session = self.session.as_ref();
        let (pending, received) = session.map_or((0, 0), |session| (session.replica().pending(), session.replica().seq()));
        let figures = Some((pending, received, self.accepted, session.map(Session::link)));
        let all_fits = self.view.unfit().is_empty();
        if all_fits && self.told == figures {
            return false;
        }
        // What does not fit now has to be taken back when it does.
        self.told = figures.filter(|_| all_fits);
        true
    }

    /// Writes down how things stand, as far as the core knows.
    fn fill(&self, status: &mut Status) {
        if let Some(session) = &self.session {
            status.pending = session.replica().pending();
            status.received = session.replica().seq();
            if session.link() != Link::Offline {
                status.link = session.link();
            }
        }
        status.accepted = self.accepted;
        status.unfit = self.view.unfit().iter().map(|unfit| unfit.path.clone()).collect();
    }
}

/// Tells standard error of the first refusal that neither a `tracing` subscriber nor a reader of events hears of: else it would look as if nothing had been written.
#[cold]
#[allow(clippy::print_stderr, reason = "nobody else listens")]
fn tell_once(error: &CommitError) {
    static IS_TOLD: AtomicBool = AtomicBool::new(false);
    if !IS_TOLD.swap(true, Ordering::Relaxed) {
        eprintln!(
            "ssync: a guard's changes were refused, and the value is what it was before: {error}; later refusals are not told here: commit with \
             `WriteGuard::commit` or `Shared::update`, or read `Event::Refused`"
        );
    }
}

impl<T: Syncable> Inner<T> {
    pub(super) fn new(core: Core<T>) -> Self {
        let is_local = core.session.is_none();
        let mut status = Status::default();
        core.fill(&mut status);
        Self {
            core: RwLock::new(core),
            hub: Hub::new(),
            status: watch::Sender::new(status),
            wake: Notify::new(),
            driver_waits: AtomicBool::new(false),
            over: AtomicBool::new(false),
            is_local,
            board: watch::Sender::default(),
        }
    }

    /// Tells what happened, in the order in which the lock was held.
    #[inline]
    pub(super) fn settle(&self, core: &mut Core<T>) {
        if self.is_over() {
            let reason = self.status.borrow().problem.clone().unwrap_or_else(Problem::left).text;
            std::mem::take(&mut core.waiting).into_values().for_each(|waiting| drop(waiting.send(Outcome::Refused(reason.clone()))));
        }
        if !core.events.is_empty() {
            self.hub.publish(std::mem::take(&mut core.events));
        }
        if !core.present.is_empty() {
            let present = std::mem::take(&mut core.present);
            self.board.send_modify(|board| {
                for (member, what) in present {
                    drop(match what {
                        Some(what) => board.insert(member, what),
                        None => board.remove(&member),
                    });
                }
            });
        }
        if core.has_news() {
            self.change_status(|status| core.fill(status));
        }
    }

    /// Whether nothing leaves any more.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// A value without a relay has no driver that could say so.
    pub(super) fn end_if_local(&self) {
        if self.is_local {
            self.over.store(true, Ordering::Release);
            self.change_status(|status| status.over = true);
        }
    }

    pub(super) fn change_status(&self, change: impl FnOnce(&mut Status)) {
        self.status.send_if_modified(|status| {
            let before = status.clone();
            change(status);
            *status != before
        });
    }
}

impl<T: Syncable + Send + Sync + 'static> Inner<T> {
    /// Says something of this member to the others.
    #[track_caller]
    pub(super) fn present(&self, what: Option<Bytes>) {
        self.with_core(|core| {
            if let Some(session) = &mut core.session {
                session.present(what);
            }
        });
    }
}
