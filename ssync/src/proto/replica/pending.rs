//! Commits on their way into the log.

use super::CommitId;
use crate::doc::Node;
use crate::limits;
use crate::patch::Patch;
use crate::wire::frame::{Author, Header, Kind};

/// One commit that is not in the log yet. **Its patch applies after everything pending before it.**
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) id: CommitId,
    pub(super) kind: Kind,
    pub(super) patch: Patch,
    /// Its name in the log, once it was given to be sent.
    pub(super) number: Option<(Author, u64)>,
    /// The first number of the frame that it was last given in.
    pub(super) sent_from: Option<u64>,
}

impl Pending {
    pub(super) const fn new(id: CommitId, kind: Kind, patch: Patch) -> Self {
        Self { id, kind, patch, number: None, sent_from: None }
    }

    pub(super) fn author(&self) -> Option<Author> {
        self.number.map(|(author, _)| author)
    }

    pub(super) const fn is_sent(&self) -> bool {
        self.sent_from.is_some()
    }

    /// Whether the frame with this header holds the commit.
    pub(super) fn is_in(&self, header: &Header) -> bool {
        self.number.is_some_and(|(author, number)| author == header.author && (header.n..=header.m).contains(&number))
    }

    /// The state that a seed offers.
    pub(super) fn seed_root(&self) -> &Node {
        self.patch.ops().first().and_then(|op| op.value()).unwrap_or(&Node::Null)
    }
}

/// How many of these commits go into one frame: those of one kind and name, up to the limits, at least one.
pub(super) fn squash<'a>(mut pending: impl Iterator<Item = &'a Pending>, ops_max: usize) -> usize {
    let Some(first) = pending.next() else { return 0 };
    let (mut ops, mut bytes) = (first.patch.ops().len(), first.patch.encode().len());
    if first.kind == Kind::Seed {
        return 1;
    }
    1 + pending
        .take_while(|next| {
            ops += next.patch.ops().len();
            bytes += next.patch.encode().len();
            let fits = ops <= ops_max && bytes <= limits::SQUASH_BYTES_MAX;
            fits && !next.is_sent() && next.kind == Kind::Patch && next.author() == first.author()
        })
        .count()
}
