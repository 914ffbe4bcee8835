//! What a driver drives until the room's state is here.

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::driver::{Cell, Outgoing, Report};
use crate::proto::session::{Link, Output, Session};
use crate::shared::Problem;

/// The session of a program that has no state of the room yet: nobody else uses it.
pub(crate) struct Joining {
    session: Mutex<Session>,
    wake: Notify,
    problem: Mutex<Option<Problem>>,
}

impl Joining {
    pub(crate) fn new(session: Session) -> Self {
        Self { session: Mutex::new(session), wake: Notify::new(), problem: Mutex::default() }
    }

    /// Whether the room's state is here.
    pub(crate) fn has_state(&self) -> bool {
        let session = self.session.lock();
        session.link() == Link::Live && session.replica().seq() > 0
    }

    /// Whether the room was reached, and has no state.
    pub(crate) fn is_empty(&self) -> bool {
        let session = self.session.lock();
        session.link() == Link::Live && session.replica().seq() == 0
    }

    pub(crate) fn problem(&self) -> Option<Problem> {
        self.problem.lock().clone()
    }

    pub(crate) fn into_session(self) -> Session {
        self.session.into_inner()
    }
}

impl Cell for Joining {
    fn try_session(&self, work: &mut dyn FnMut(&mut Session)) -> Option<Vec<Outgoing>> {
        let mut session = self.session.lock();
        work(&mut session);
        let mut sends = Vec::new();
        while let Some(output) = session.poll_output() {
            match output {
                Output::Send(message) => sends.push(Outgoing::Message(message)),
                Output::Snapshot(job) => sends.push(Outgoing::Snapshot(job)),
                // Nobody looks at the view yet.
                Output::Taken { .. } | Output::Seeded(_) | Output::Undone(_) | Output::Adopted { .. } | Output::Present { .. } => {}
            }
        }
        Some(sends)
    }

    fn woken(&self) -> &Notify {
        &self.wake
    }

    fn report(&self, report: Report) {
        if report.problem.is_some() {
            *self.problem.lock() = report.problem;
        }
    }

    fn pending(&self) -> usize {
        0
    }

    fn abandon(&self) {}
}
