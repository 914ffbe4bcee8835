//! Taking one's own commits back, over what others did since.
//!
//! Methods: [`Undo::committed`] for each own commit, and [`Undo::named`] once it has an id; [`Undo::changed`] for whatever else changes the view,
//! after [`Undo::voided`] if that is because own commits are void. [`Undo::poll`] for what takes the last one back, or back again, and then
//! [`Undo::done`] with what takes that back.
//!
//! - **The steps apply one after the other, the last commit's first**: with nobody else editing, undo all and redo all is the identity.
//! - **Others' work stays**: a step is earlier than what others did since, so at one place theirs wins.
//! - **A step that lost something says so.**

use std::collections::VecDeque;

use crate::patch::Patch;
use crate::proto::replica::CommitId;
use crate::transform::{Order, transform_both};

/// What takes one commit back, or back again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Step {
    pub(crate) patch: Patch,
    /// Others took away something that it would have changed.
    pub(crate) is_partial: bool,
    /// The commit that it takes back.
    of: Option<CommitId>,
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

    /// The view changed by what is not a commit of the user.
    pub(crate) fn changed(&mut self, change: &Patch) {
        let void = std::mem::take(&mut self.void);
        let is_void = |step: &Step| step.of.is_some_and(|id| void.contains(&id));
        for steps in [&mut self.undo, &mut self.redo] {
            let mut change = change.clone();
            // What is taken back was the step of these commits: the ones before them stand behind it already.
            let mut left = steps.iter().filter(|step| is_void(step)).count();
            let has_void = left > 0;
            for step in steps.iter_mut().rev() {
                if change.is_empty() || (has_void && left == 0) {
                    break;
                }
                if is_void(step) {
                    left -= 1;
                    continue;
                }
                let ops = step.patch.ops().len();
                transform_both(&mut change, &mut step.patch, Order::Later);
                step.is_partial |= step.patch.ops().len() < ops;
            }
            steps.retain(|step| !is_void(step));
        }
    }

    /// What takes the last commit back, or what was undone last; nothing if there is none.
    pub(crate) fn poll(&mut self, way: Way) -> Option<Step> {
        match way {
            Way::Undo => self.undo.pop_back(),
            Way::Redo => self.redo.pop_back(),
        }
    }

    /// A step was taken; this takes it back.
    pub(crate) fn done(&mut self, way: Way, inverse: Patch) {
        let steps = match way {
            Way::Undo => &mut self.redo,
            Way::Redo => &mut self.undo,
        };
        self.last = if way == Way::Undo { Way::Redo } else { Way::Undo };
        Self::push(steps, self.depth, inverse);
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
        steps.push_back(Step { patch, is_partial: false, of: None });
    }
}
