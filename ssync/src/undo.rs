//! Taking one's own commits back, over what others did since.
//!
//! Methods: [`Undo::committed`] for each own commit, and [`Undo::named`] once it has an id; [`Undo::changed`] for whatever else changes the view,
//! or [`Undo::rebased`] where it goes below pending commits unseen, after [`Undo::voided`] if own commits are void. [`Undo::next`] for what takes the last one back, or back again, and once that is
//! done [`Undo::done`] with what takes it back.
//!
//! - **The steps apply one after the other, the last commit's first**: with nobody else editing, undo all and redo all is the identity.
//! - **Others' work stays**: a step is earlier than what others did since, so at one place theirs wins.
//! - **What others replaced is never brought back**: the step of a pending commit is made anew where others' work went below it without
//!   being seen in the view.
//! - **A step that lost something says so.**

use std::collections::VecDeque;

use crate::patch::{Op, Patch};
use crate::proto::replica::{CommitId, Inverse, Rebased};
use crate::transform::{Order, transform_both};

/// What takes one commit back, or back again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Step {
    pub(crate) patch: Patch,
    /// Others took away something that it would have changed.
    pub(crate) is_partial: bool,
    /// The commit that it takes back.
    of: Option<CommitId>,
    /// Where that is in the log.
    seq: Option<u64>,
}

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Undo,
    Redo,
}

#[derive(Clone, Debug)]
pub(crate) struct Undo {
    depth: usize,
    /// The last commit at the back; the back applies to the view, and each one in front of it after it.
    undo: VecDeque<Step>,
    redo: VecDeque<Step>,
    /// Commits that the next change takes back.
    void: Vec<CommitId>,
    /// Which of the two got the last step.
    last: Way,
}

impl Undo {
    pub(crate) const fn new(depth: usize) -> Self {
        Self { depth, undo: VecDeque::new(), redo: VecDeque::new(), void: Vec::new(), last: Way::Undo }
    }

    /// The user committed something, which this takes back. What was undone before cannot be redone any more.
    pub(crate) fn committed(&mut self, inverse: Patch) {
        self.redo.clear();
        self.last = Way::Undo;
        Self::push(&mut self.undo, self.depth, inverse);
    }

    /// The commit of the last step has this id.
    pub(crate) fn named(&mut self, id: CommitId) {
        let steps = if self.last == Way::Undo { &mut self.undo } else { &mut self.redo };
        if let Some(step) = steps.back_mut() {
            step.of = Some(id);
        }
    }

    /// The next change takes these commits back because they are void: there is nothing of them to undo.
    pub(crate) fn voided(&mut self, ids: &[CommitId]) {
        self.void.extend_from_slice(ids);
    }

    /// These commits are in the log, at this seq.
    pub(crate) fn accepted(&mut self, ids: &[CommitId], seq: u64) {
        if ids.is_empty() {
            return;
        }
        for step in self.undo.iter_mut().chain(&mut self.redo).filter(|step| step.of.is_some_and(|id| ids.contains(&id))) {
            step.seq = Some(seq);
        }
    }

    /// What these frames of the log did left something of others without effect. Taking it back does not bring that back.
    pub(crate) fn masked(&mut self, seqs: &[u64]) {
        if seqs.is_empty() {
            return;
        }
        let steps = self.undo.iter_mut().chain(&mut self.redo).filter(|step| step.seq.is_some_and(|seq| seqs.contains(&seq)));
        steps.for_each(|step| step.is_partial = true);
    }

    /// The view changed by what is not a commit of the user.
    pub(crate) fn changed(&mut self, change: &Patch) {
        for steps in [&mut self.undo, &mut self.redo] {
            let mut change = change.clone();
            for step in steps.iter_mut().rev() {
                if change.is_empty() {
                    break;
                }
                step.is_partial |= carry(&mut change, &mut step.patch);
            }
        }
    }

    /// The same, by more than what is seen in the view.
    pub(crate) fn rebased(&mut self, change: &Patch, rebased: &Rebased) {
        let void = std::mem::take(&mut self.void);
        for steps in [&mut self.undo, &mut self.redo] {
            steps.retain(|step| step.of.is_none_or(|id| !void.contains(&id)));
            match &rebased.inverses {
                Some(inverses) => rebase(steps, change, rebased, inverses),
                None => steps.iter_mut().for_each(|step| (step.patch, step.is_partial) = (Patch::default(), true)),
            }
        }
    }

    /// What takes the last commit back, or what was undone last; nothing if there is none.
    pub(crate) fn next(&self, way: Way) -> Option<&Step> {
        match way {
            Way::Undo => self.undo.back(),
            Way::Redo => self.redo.back(),
        }
    }

    /// The next step was taken; this takes it back, unless nothing was left of it.
    pub(crate) fn done(&mut self, way: Way, inverse: Option<Patch>) {
        let (from, to, last) = match way {
            Way::Undo => (&mut self.undo, &mut self.redo, Way::Redo),
            Way::Redo => (&mut self.redo, &mut self.undo, Way::Undo),
        };
        from.pop_back();
        if let Some(inverse) = inverse {
            self.last = last;
            Self::push(to, self.depth, inverse);
        }
    }

    /// How many commits can be taken back, and how many of those back again.
    pub(crate) fn lengths(&self) -> (usize, usize) {
        (self.undo.len(), self.redo.len())
    }

    fn push(steps: &mut VecDeque<Step>, depth: usize, patch: Patch) {
        if depth == 0 {
            return;
        }
        if steps.len() >= depth {
            steps.pop_front();
        }
        steps.push_back(Step { patch, is_partial: false, of: None, seq: None });
    }
}

/// Makes the steps of pending commits anew, and carries what changed below those over the others.
///
/// The last step is that of the last pending commit, and so on down, unless something was undone meanwhile. What is then out of line is carried over what changed
/// in the view, and keeps off what others wrote.
fn rebase(steps: &mut VecDeque<Step>, change: &Patch, rebased: &Rebased, inverses: &[Inverse]) {
    let mut in_view = change.clone();
    in_view.append(&rebased.kept);
    let mut below = (*rebased.below).clone();
    // How many pending commits lie below the step, as long as the steps are in line.
    let mut left = Some(inverses.len());
    let mut carried = VecDeque::with_capacity(steps.len());
    while let Some(mut step) = steps.pop_back() {
        let position = step.of.and_then(|id| inverses.iter().position(|inverse| inverse.holds(id)));
        let was = step.patch.clone();
        let has_lost = carry(&mut in_view, &mut step.patch);
        left = match (left, position) {
            (Some(left), Some(position)) if position + 1 == left && step.of == Some(inverses[position].last) => {
                step.patch = inverses[position].patch.clone();
                Some(position)
            }
            // It is taken back with those that it waits with.
            (Some(left), Some(position)) if position == left && inverses[position].others > 0 => continue,
            (Some(0), None) => {
                step.patch = was;
                step.is_partial |= carry(&mut below, &mut step.patch);
                Some(0)
            }
            _ => {
                step.is_partial |= has_lost || position.is_some();
                None
            }
        };
        carried.push_front(step);
    }
    *steps = carried;
}

/// Carries a change of others and a step over each other; gives whether the step lost something.
fn carry(change: &mut Patch, step: &mut Patch) -> bool {
    let ops = step.ops().len();
    if !step.ops().iter().any(|op| matches!(op, Op::Splice { .. } | Op::Switch { .. })) {
        transform_both(change, step, Order::Later);
        return step.ops().len() < ops;
    }
    // A cut may become several while another op is lost, and a switch may only clear what is left to it: their number tells nothing.
    let (mut carried, mut has_lost) = (Patch::default(), false);
    for op in std::mem::take(&mut step.ops) {
        let value = op.value().cloned();
        let mut one = Patch::from_op(op);
        transform_both(change, &mut one, Order::Later);
        has_lost |= one.ops().last().is_none_or(|op| op.value() != value.as_ref());
        carried.ops.extend(one.ops);
    }
    *step = carried;
    has_lost
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Node;
    use crate::path::{Key, Path};

    fn splice(at: u32, delete: u32, insert: &str) -> Op {
        Op::Splice { path: Path::from_iter(["text".into()]), at, delete, insert: insert.into() }
    }

    fn switch(keys: &[&str], value: Node) -> Op {
        Op::switch(Path::root(), keys.iter().map(|key| Key::from(*key)), [(Key::from("kind"), value)].into_iter().collect())
    }

    /// A step that gives back the entries of a variant keeps none of them where somebody else switched since.
    #[test]
    fn a_switch_that_only_clears_is_partial() {
        let mut undo = Undo::new(1);
        undo.committed(Patch::from_op(switch(&["kind", "old"], Node::Null)));
        undo.changed(&Patch::from_op(switch(&["kind"], Node::Bool(true))));
        let step = undo.next(Way::Undo).expect("it was committed");
        let cleared = Op::switch(Path::root(), [Key::from("old")], [].into_iter().collect());
        assert_eq!((step.patch.ops(), step.is_partial), (&[cleared][..], true));
    }

    fn set(key: &str) -> Op {
        Op::Set { path: Path::from_iter([key.into()]), value: Node::Null }
    }

    /// What others did, over the step that takes back a commit which typed `abcd` and set `key`.
    fn check(change: Vec<Op>, expected: Vec<Op>, is_partial: bool) {
        let mut undo = Undo::new(1);
        undo.committed(Patch::new(vec![splice(0, 4, ""), set("key")]));
        undo.changed(&Patch::new(change));
        let step = undo.next(Way::Undo).expect("it was committed");
        assert_eq!((step.patch.ops(), step.is_partial), (&expected[..], is_partial));
    }

    fn number(value: u8) -> Patch {
        Patch::from_op(Op::Set { path: Path::root(), value: text(value) })
    }

    fn text(value: u8) -> Node {
        value.to_string().as_str().into()
    }

    /// Steps of these commits, each of which sets the number of its id. Below the pending ones, somebody else set 9: the steps afterwards, the next one first.
    fn check_rebased(commits: &[u64], pending: Option<&[(u64, u64)]>, expected: &[(Option<u8>, bool)]) {
        let mut undo = Undo::new(9);
        for id in commits {
            undo.committed(number(u8::try_from(*id).expect("small") - 1));
            undo.named(CommitId(*id));
        }
        let inverses = pending.map(|pending| {
            let inverse = |(last, others): &(u64, u64)| {
                let is_first = pending[0] == (*last, *others);
                Inverse {
                    last: CommitId(*last),
                    others: *others,
                    patch: number(if is_first { 9 } else { u8::try_from(*last).expect("small") - 1 }),
                }
            };
            pending.iter().map(inverse).collect()
        });
        undo.rebased(&Patch::default(), &Rebased { below: number(9).into(), inverses, kept: number(7) });
        let steps: Vec<_> = std::iter::from_fn(|| {
            let step = undo.next(Way::Undo)?.clone();
            undo.done(Way::Undo, None);
            let value = step.patch.ops().first().map(|op| (0..10).find(|value| op.value() == Some(&text(*value))).expect("it was set"));
            Some((value, step.is_partial))
        })
        .collect();
        assert_eq!(steps, expected, "{commits:?} with {pending:?} pending");
    }

    #[test]
    fn what_somebody_replaced_below_pending_commits_is_not_brought_back() {
        check_rebased(&[3], Some(&[(3, 0)]), &[(Some(9), false)]);
        check_rebased(&[3, 4], Some(&[(3, 0), (4, 0)]), &[(Some(3), false), (Some(9), false)]);
        check_rebased(&[2, 3], Some(&[(3, 0)]), &[(Some(9), false), (None, true)]);
        // What waits together is taken back together.
        check_rebased(&[2, 3, 4], Some(&[(4, 1)]), &[(Some(9), false), (None, true)]);
        // The fourth undid the third: what is out of line keeps off the place.
        check_rebased(&[2], Some(&[(2, 0), (3, 0), (4, 0)]), &[(None, true)]);
        check_rebased(&[2, 3], None, &[(None, true), (None, true)]);
    }

    #[test]
    fn a_step_that_lost_something_says_so() {
        check(vec![set("other")], vec![splice(0, 4, ""), set("key")], false);
        check(vec![splice(2, 0, "X")], vec![splice(0, 2, ""), splice(1, 2, ""), set("key")], false);
        check(vec![set("key")], vec![splice(0, 4, "")], true);
        check(vec![splice(2, 0, "X"), set("key")], vec![splice(0, 2, ""), splice(1, 2, "")], true);
        check(vec![set("text")], vec![set("key")], true);
    }
}
