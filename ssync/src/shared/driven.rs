//! The value as its driver has it: a session that works when no guard is held, and somebody to tell how the connection stands.

use std::sync::atomic::Ordering;

use tokio::sync::Notify;

use super::core::Inner;
use super::status::{Link, Problem};
use crate::client::driver::{Cell, Outgoing, Report};
use crate::proto::session::Session;
use crate::syncable::Syncable;

impl<T: Syncable + Send + Sync + 'static> Cell for Inner<T> {
    fn try_session(&self, work: &mut dyn FnMut(&mut Session)) -> Option<Vec<Outgoing>> {
        let mut core = self.core.try_write().or_else(|| {
            self.driver_waits.store(true, Ordering::Release);
            // The guard may have been dropped before it could see that.
            self.core.try_write()
        })?;
        let sends = core.run(work);
        self.settle(&mut core);
        drop(core);
        self.hub.call_back();
        Some(sends)
    }

    fn woken(&self) -> &Notify {
        &self.wake
    }

    fn report(&self, report: Report) {
        self.over.fetch_or(report.over, Ordering::AcqRel);
        self.change_status(|status| {
            status.link = report.link;
            status.attempt = report.attempt;
            status.problem = report.problem;
            status.over |= report.over;
        });
    }

    fn pending(&self) -> usize {
        self.status.borrow().pending
    }

    fn abandon(&self) {
        if !self.over.swap(true, Ordering::AcqRel) {
            self.change_status(|status| {
                (status.link, status.over) = (Link::Offline, true);
                status.problem =
                    Some(Problem::new("the connection's task was ended from outside; its tokio runtime is gone".into(), false));
            });
            // Dropping the senders answers whoever waits for a commit.
            if let Some(mut core) = self.core.try_write() {
                self.settle(&mut core);
            }
        }
    }
}
