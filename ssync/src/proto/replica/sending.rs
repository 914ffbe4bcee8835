//! A replica's own commits, from the user to the frames they are sent in.

use super::pending::{self, Pending};
use super::{Author, CommitId, Content, Draft, Replica, Undone};
use crate::diff::diff_nodes;
use crate::doc::Node;
use crate::limits;
use crate::patch::{Op, Patch};
use crate::path::Path;
use crate::planted::{Bug, planted};
use crate::wire::frame::Kind;

impl Replica {
    /// Offers the first state of the room. It counts only if the log is still empty when it arrives.
    pub fn seed(&mut self, root: Node) -> CommitId {
        self.push(Kind::Seed, Patch::new(vec![Op::Set { path: Path::root(), value: root }]))
    }

    /// Takes a patch that the user made on the view, and that is void if somebody else touches what it wrote or one of these places of the
    /// view before it.
    pub fn transact(&mut self, patch: Patch, required: Vec<Path>) -> CommitId {
        let id = self.push(Kind::Patch, patch);
        if let Some(pending) = self.pending.back_mut() {
            pending.required = Some(required);
        }
        id
    }

    fn push(&mut self, kind: Kind, patch: Patch) -> CommitId {
        self.last_commit += 1;
        let id = CommitId(self.last_commit);
        self.pending.push_back(Pending::new(id, kind, patch, self.bounds.spans_ops_min));
        id
    }

    /// Takes a patch that the user made on the view.
    ///
    /// What waits behind many others waits together: it goes into one frame anyway, and what others do is carried over it once.
    pub fn commit(&mut self, patch: Patch) -> CommitId {
        // What is undone by itself waits by itself.
        let apart_max = if self.keeps_inverses { limits::PENDING_APART_UNDO_MAX } else { self.bounds.pending_apart_max };
        let (waits, ops_max) = (self.pending.len() >= apart_max, self.bounds.squash_ops_max);
        let id = CommitId(self.last_commit + 1);
        let patch = match self.pending.back_mut().filter(|_| waits) {
            Some(last) => last.take_along(id, patch, ops_max),
            None => Some(patch),
        };
        match patch {
            Some(patch) => self.push(Kind::Patch, patch),
            None => {
                self.last_commit += 1;
                id
            }
        }
    }

    /// Takes the next transaction back that somebody touched before it was sent. `fresh` is an author nobody has used.
    pub fn poll_undone(&mut self, fresh: Author) -> Option<Undone> {
        let is_void = |pending: &Pending| pending.is_touched && !pending.is_sent() && !planted(Bug::PendingUnchecked);
        let position = self.pending.iter().position(is_void)?;
        let was_numbered = self.pending[position].number.is_some();
        let commit = self.pending[position].id;
        let (_, view) = self.undo_at(position);
        if was_numbered {
            self.start_over(position, fresh);
        }
        Some(Undone { commit, view, rebased: self.rebased_without() })
    }

    /// The next frame to send: as many commits as fit, on the newest base.
    pub fn poll_frame(&mut self) -> Option<Draft> {
        let first = self.pending.iter().position(|pending| !pending.is_sent())?;
        let author = self.pending[first].author().unwrap_or(self.author);
        // What an earlier opening left is drained under its own name before the new one sends.
        if self.pending.iter().take(first).any(|before| before.author() != Some(author)) {
            return None;
        }
        let count = pending::squash(self.pending.range(first..), self.bounds.squash_ops_max);
        let before = planted(Bug::SquashByDiff).then(|| self.view_of(first));
        let mut patch = Patch::default();
        let (mut n, mut m) = (0, 0);
        for pending in self.pending.range_mut(first..first + count) {
            let (_, number) = *pending.number.get_or_insert_with(|| {
                self.last_number += 1;
                (author, self.last_number)
            });
            n = if n == 0 { number } else { n };
            m = number;
            pending.sent_from = Some(n);
            patch.append(&pending.patch);
        }
        if let Some(before) = before.filter(|_| count > 1) {
            patch = diff_nodes(before.root(), self.view_of(first + count).root());
        }
        let (kind, required) = (self.pending[first].kind, self.pending[first].required.clone());
        let content = match (kind, patch.ops()) {
            (Kind::Seed, [Op::Set { value, .. }]) => value.encode(),
            _ => Content { patch, required, audit: self.audit.untold() }.encode(),
        };
        Some(Draft { kind, author, n, m, base: self.seq, content })
    }

    /// Takes back everything that was given to be sent and is not in the log: it is given again, on the newest base.
    pub fn reseal(&mut self) {
        self.audit.tell_again();
        self.pending.iter_mut().for_each(|pending| pending.sent_from = None);
    }

    /// Commits from now on as another author; what already has a number keeps it. For a replica restored from a copy.
    pub const fn reopen(&mut self, author: Author) {
        self.author = author;
        self.last_number = 0;
    }
}
