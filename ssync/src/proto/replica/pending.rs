//! Commits on their way into the log.

use super::CommitId;
use crate::doc::Node;
use crate::limits;
use crate::patch::Patch;
use crate::path::Path;
use crate::planted::{Bug, planted};
use crate::transform::{Order, Spans, carry_over, carry_places, touches, transform_both};
use crate::wire::frame::{Author, Header, Kind};

/// One commit that is not in the log yet, or several that go together. **Its patch applies after everything pending before it.**
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// The last one, and how many others before it.
    pub(super) id: CommitId,
    pub(super) others: u64,
    pub(super) kind: Kind,
    pub(super) patch: Patch,
    /// The places that must be untouched, if this is a transaction, in the document that its patch applies to.
    pub(super) required: Option<Vec<Path>>,
    /// Somebody touched what the transaction wrote or required, after its closure had read it.
    pub(super) is_touched: bool,
    /// Its name in the log, once it was given to be sent.
    pub(super) number: Option<(Author, u64)>,
    /// The first number of the frame that it was last given in.
    pub(super) sent_from: Option<u64>,
    /// What the commits took as bytes when they came, once there are several.
    bytes: usize,
    spans: Spans,
}

impl Pending {
    /// A patch of at least so many ops has spans.
    pub(super) const fn new(id: CommitId, kind: Kind, patch: Patch, spans_ops_min: usize) -> Self {
        let spans = Spans::of_rows(spans_ops_min);
        Self { id, others: 0, kind, patch, required: None, is_touched: false, number: None, sent_from: None, bytes: 0, spans }
    }

    /// All commits in it. Their ids follow each other.
    pub(super) fn ids(&self) -> impl Iterator<Item = CommitId> + use<> {
        (self.id.0 - self.others..=self.id.0).map(CommitId)
    }

    /// Takes the next commit along, if it may go into one frame with this one; gives it back if not.
    pub(super) fn take_along(&mut self, id: CommitId, patch: Patch, ops_max: usize) -> Option<Patch> {
        let is_open = self.kind == Kind::Patch && self.required.is_none() && self.number.is_none() && self.id.0 + 1 == id.0;
        let ops = self.patch.ops().len() + patch.ops().len();
        let bytes = patch.encoded_len() + if self.others == 0 { self.patch.encoded_len() } else { self.bytes };
        if !is_open || ops > ops_max || bytes > limits::SQUASH_BYTES_MAX {
            return Some(patch);
        }
        self.patch.append(&patch);
        // Composing may drop an op for each that it adds: the spans of before would fit by their number alone.
        self.spans.forget();
        self.bytes = bytes;
        self.others += 1;
        self.id = id;
        None
    }

    /// Carries what this member itself takes back below it to above it, and it over that.
    pub(super) fn carry_own(&mut self, change: &mut Patch) {
        if let Some(required) = &mut self.required {
            carry_places(required, change);
        }
        carry_over(change, &mut self.patch, &mut self.spans);
    }

    /// Carries what others change below it to above it, and it over that.
    pub(super) fn carry_over(&mut self, change: &mut Patch) {
        if let Some(required) = &mut self.required {
            self.is_touched |= touches(&self.patch, required, change);
        }
        if planted(Bug::TieOtherWay) {
            self.spans.forget();
            transform_both(change, &mut self.patch, Order::Later);
        } else {
            carry_over(change, &mut self.patch, &mut self.spans);
        }
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

/// How many of these commits go into one frame: those of one kind and name, up to the limits, at least one. A transaction goes alone.
pub(super) fn squash<'a>(mut pending: impl Iterator<Item = &'a Pending>, ops_max: usize) -> usize {
    let Some(first) = pending.next() else { return 0 };
    if first.kind == Kind::Seed || first.required.is_some() {
        return 1;
    }
    let (mut ops, mut bytes) = (first.patch.ops().len(), first.patch.encoded_len());
    1 + pending
        .take_while(|next| {
            ops += next.patch.ops().len();
            bytes += next.patch.encoded_len();
            let fits = ops <= ops_max && bytes <= limits::SQUASH_BYTES_MAX;
            let is_alike = next.kind == Kind::Patch && next.required.is_none() && next.author() == first.author();
            fits && is_alike && !next.is_sent()
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::Op;
    use crate::path::Segment;

    fn path(text: &str) -> Path {
        text.split('/').map(|step| step.parse().map_or(Segment::Key(step), Segment::Index)).collect()
    }

    fn set(text: &str) -> Op {
        Op::Set { path: path(text), value: Node::Null }
    }

    #[test]
    fn what_a_transaction_requires_moves_when_an_own_commit_before_it_is_taken_back() {
        let mut pending = Pending::new(CommitId(1), Kind::Patch, Patch::from_op(set("l/5/x")), 1);
        pending.required = Some(vec![path("l/3")]);
        pending.carry_own(&mut Patch::from_op(Op::Remove { path: path("l/0") }));
        assert_eq!(pending.required, Some(vec![path("l/2")]));
        assert_eq!(pending.patch.ops(), [set("l/4/x")]);
        assert!(!pending.is_touched, "it is this member's own doing");
    }

    /// Cause: a removal swallowed the set before it, so that the patch was as long as before. Effect: its spans were taken for those of the new
    /// op, and what others did passed it by: the view edited another element. Fix: what is composed has its spans found anew.
    #[test]
    fn what_is_composed_has_its_spans_found_anew() {
        let mut ops: Vec<Op> = (0..20).map(|number| set(&format!("k{number}"))).collect();
        ops.push(set("l/3/x"));
        let mut pending = Pending::new(CommitId(1), Kind::Patch, Patch::new(ops), 1);
        pending.carry_over(&mut Patch::from_op(set("other")));
        let removal = Patch::from_op(Op::Remove { path: path("l/3") });
        assert_eq!(pending.take_along(CommitId(2), removal, 100), None);
        let mut change = Patch::from_op(set("l/5/x"));
        pending.carry_over(&mut change);
        assert_eq!(change.ops(), [set("l/4/x")]);
    }
}
