//! Lists on the serde route, whose elements come once and one after the other.
//!
//! Each is compared with what stands at its position. If it turns out at the end that elements went elsewhere, what was recorded is forgotten,
//! and the list is serialized once more ([`Compare::walk`](super::Compare::walk)), now by a plan: each element against the one that it was.

use serde::ser::{self, Serialize};
use smallvec::SmallVec;

use super::each::origins;
use super::{Compare, Recorder, is_plainly_same};
use crate::diff::BULK_REMOVALS_MAX;
use crate::diff::print::Print;
use crate::diff::sequence::{Sequence, are_unique, arrange, arrange_keyed, may_have_moved};
use crate::doc::Node;
use crate::patch::Op;
use crate::path::Trail;
use crate::syncable::build::{Build, BuildList};
use crate::syncable::plan::Plan;
use crate::syncable::prints::{print_of, print_of_key};
use crate::syncable::refused::{RefusedReason, Stop};

pub(in crate::syncable) enum CompareList<'a> {
    Walk(Walk<'a>),
    /// The list once more, by a plan.
    Again(Box<Again<'a>>),
    /// The document holds something else here: a list is built and then compared.
    Fresh {
        old: &'a Node,
        trail: Trail<'a>,
        plan: Plan,
        list: Box<BuildList<'a>>,
        recorder: &'a mut Recorder,
    },
}

/// A list of which it is known what its elements were.
pub(in crate::syncable) struct Planned {
    start: usize,
    sequence: Sequence,
    /// How many elements there were.
    count: usize,
}

/// An element that is not what stands at its position, and what it is known again by.
struct Differing {
    at: usize,
    key: Option<Print>,
    content: Option<Print>,
}

/// **`ops_start..` of the recorder's ops belong to this list.**
pub(in crate::syncable) struct Walk<'a> {
    old: &'a [Node],
    trail: Trail<'a>,
    plan: Plan,
    /// An array, a tuple, or a list of slots: elements are their positions.
    is_fixed: bool,
    recorder: &'a mut Recorder,
    /// How many elements there were so far.
    at: usize,
    ops_start: usize,
    differing: SmallVec<[Differing; 2]>,
    /// Elements behind the end of the old list.
    tail: Vec<Node>,
}

impl<'a> CompareList<'a> {
    pub(super) fn walk(old: &'a [Node], trail: Trail<'a>, plan: Plan, is_fixed: bool, recorder: &'a mut Recorder) -> Self {
        if let Some(planned) = recorder.planned.take() {
            return Self::Again(Box::new(Again::new(old, trail, plan, *planned, recorder)));
        }
        let ops_start = recorder.patch.ops.len();
        let (differing, is_fixed) = (SmallVec::new_const(), is_fixed || matches!(plan, Plan::Slots(_)));
        Self::Walk(Walk { old, trail, plan, is_fixed, recorder, at: 0, ops_start, differing, tail: Vec::new() })
    }

    pub(super) fn fresh(old: &'a Node, trail: Trail<'a>, plan: Plan, list: BuildList<'a>, recorder: &'a mut Recorder) -> Self {
        Self::Fresh { old, trail, plan, list: Box::new(list), recorder }
    }

    #[inline]
    pub(super) fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.push(value),
            Self::Again(again) => again.push(value),
            Self::Fresh { list, .. } => list.push(value),
        }
    }

    /// The same for one that is not plainly what stands at its position.
    pub(super) fn push_differing<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.push_differing(value),
            other => other.push(value),
        }
    }

    /// Passes over elements that are plainly what stands at their positions; gives the first that is not.
    #[inline]
    pub(super) fn next_differing<T: Serialize>(&mut self, items: &mut impl Iterator<Item = T>) -> Option<T> {
        match self {
            Self::Walk(walk) => walk.next_differing(items),
            Self::Again(_) | Self::Fresh { .. } => items.next(),
        }
    }

    pub(super) fn finish(self) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.finish(),
            Self::Again(again) => again.finish(),
            Self::Fresh { old, trail, plan, list, recorder } => recorder.settle(&trail, old, list.finish()?, plan),
        }
    }
}

impl Walk<'_> {
    #[inline]
    fn next_differing<T: Serialize>(&mut self, items: &mut impl Iterator<Item = T>) -> Option<T> {
        let old = self.old.get(self.at..).unwrap_or_default();
        let mut nodes = old.iter();
        let differing = items.find(|item| match nodes.as_slice() {
            [node, ..] if is_plainly_same(item, node) => nodes.next().is_none(),
            _ => true,
        });
        self.at += old.len() - nodes.len();
        differing
    }

    #[inline(always)]
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        match self.old.get(self.at) {
            Some(old) if is_plainly_same(value, old) => {
                self.at += 1;
                Ok(())
            }
            _ => self.push_differing(value),
        }
    }

    #[cold]
    #[inline(never)]
    fn push_differing<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let (at, list) = (self.at, self.trail);
        let (trail, plan) = (list.index(at), self.plan.element(at));
        self.at += 1;
        let Some(old) = self.old.get(at) else {
            if self.recorder.probing {
                return Err(Stop::Differs);
            }
            self.tail.push(Build::new(&trail, plan).node(value)?);
            return Ok(());
        };
        let before = self.recorder.patch.ops.len();
        Compare { old, trail: &trail, plan, in_some: false, recorder: self.recorder }.walk(value)?;
        if self.recorder.patch.ops.len() > before && !self.is_fixed {
            let key = self.plan.key().and_then(|key| print_of_key(value, key));
            self.differing.push(Differing { at, key, content: print_of(value) });
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Stop> {
        let same_length = self.at == self.old.len();
        let has_key = matches!(self.plan, Plan::Keyed(..));
        if same_length && (self.differing.is_empty() || (self.differing.len() == 1 && !has_key)) {
            return Ok(());
        }
        if self.recorder.probing {
            return Err(Stop::Differs);
        }
        if self.is_fixed && !same_length && matches!(self.plan, Plan::Plain) {
            // A tuple of another length is another variant of an enum, where only serde knows it.
            return self.replace();
        }
        if self.is_fixed || self.differing.is_empty() {
            return self.only_the_end();
        }
        match self.planned() {
            Some(planned) if !planned.loses_much() || self.recorder.others_know_more => {
                self.recorder.truncate(self.ops_start);
                self.recorder.planned = Some(Box::new(planned));
                Err(Stop::Again)
            }
            _ => self.only_the_end(),
        }
    }

    /// What the elements were, if that is not what stands at their positions: by their keys, if those tell them apart.
    fn planned(&self) -> Option<Planned> {
        let by_key = self.plan.key().and_then(|key| self.planned_by_key(key));
        by_key.unwrap_or_else(|| self.planned_by_content())
    }

    /// Nothing where the keys do not tell elements apart; no plan where each stands where it stood.
    fn planned_by_key(&self, key: &str) -> Option<Option<Planned>> {
        let (mut before, mut after) = self.rows(|node| Print::of_key(node, key), |differing| differing.key)?;
        if before == after {
            return are_unique(&before).then_some(None);
        }
        trim_end(&mut before, &mut after);
        arrange_keyed(&before, &after).map(|sequence| Some(self.plan_from_first(sequence)))
    }

    fn planned_by_content(&self) -> Option<Planned> {
        if self.at == self.old.len() {
            let old: Vec<Print> = self.differing.iter().map(|differing| Print::of(&self.old[differing.at])).collect();
            let new: Vec<Print> = self.differing.iter().map(|differing| differing.content).collect::<Option<_>>()?;
            if !may_have_moved(&old, &new, self.recorder.others_know_more) {
                return None;
            }
        }
        let (mut before, mut after) = self.rows(|node| Some(Print::of(node)), |differing| differing.content)?;
        trim_end(&mut before, &mut after);
        arrange(&before, &after, self.recorder.others_know_more).map(|sequence| self.plan_from_first(sequence))
    }

    /// The prints of the elements from the first that differs on, as they were and as they are.
    fn rows(&self, of: impl Fn(&Node) -> Option<Print>, now: impl Fn(&Differing) -> Option<Print>) -> Option<(Vec<Print>, Vec<Print>)> {
        let first = self.first();
        let before: Vec<Print> = self.old[first..].iter().map(&of).collect::<Option<_>>()?;
        let behind: Vec<Print> = self.tail.iter().map(&of).collect::<Option<_>>()?;
        let mut after: Vec<Print> = before.iter().copied().take(self.at - first).chain(behind).collect();
        for differing in &self.differing {
            after[differing.at - first] = now(differing)?;
        }
        Some((before, after))
    }

    fn first(&self) -> usize {
        self.differing.first().map_or(0, |differing| differing.at)
    }

    fn plan_from_first(&self, sequence: Sequence) -> Planned {
        Planned { start: self.first(), sequence, count: self.at }
    }

    /// All that both have in common is equal or was edited: elements were added or taken away at the end.
    fn only_the_end(mut self) -> Result<(), Stop> {
        if self.old.len() > self.at + BULK_REMOVALS_MAX {
            // It lost more elements than are worth an op each.
            return self.replace();
        }
        for at in (self.at..self.old.len()).rev() {
            self.recorder.remove(self.trail.index(at).to_path())?;
        }
        for (offset, node) in std::mem::take(&mut self.tail).into_iter().enumerate() {
            let trail = self.trail.index(self.old.len() + offset);
            self.recorder.push(|| Op::Insert { path: trail.to_path(), value: node })?;
        }
        Ok(())
    }

    /// Sets the list as a whole, with what was recorded of its elements.
    fn replace(self) -> Result<(), Stop> {
        let kept = self.old[..self.at.min(self.old.len())].iter().map(|node| node.unshared().unwrap_or_else(|| node.clone()));
        let kept: Vec<Node> = kept.chain(self.tail).collect();
        let base = self.trail.to_path().len();
        let mut doc = crate::doc::Doc::new(Node::list(kept));
        let recorded: Vec<Op> = self.recorder.patch.ops.drain(self.ops_start..).collect();
        self.recorder.truncate(self.ops_start);
        for mut op in recorded {
            *op.path_mut() = op.path().iter().skip(base).collect();
            let applied = doc.apply_op(&op, &mut None);
            debug_assert!(applied.is_ok(), "recorded against these very elements: {op:?}");
        }
        self.recorder.set(&self.trail, doc.root)?;
        self.recorder.note_anew(self.ops_start, || origins(0, None, self.old.len(), self.at));
        Ok(())
    }
}

/// Takes away what is the same at both ends.
fn trim_end(before: &mut Vec<Print>, after: &mut Vec<Print>) {
    let same_end = before.iter().rev().zip(after.iter().rev()).take_while(|(old, new)| old == new).count();
    before.truncate(before.len() - same_end);
    after.truncate(after.len() - same_end);
}

impl Planned {
    /// Whether it is more removals than are worth an op each.
    fn loses_much(&self) -> bool {
        self.sequence.arranged.gone_count() > BULK_REMOVALS_MAX
    }
}

/// The list once more.
pub(in crate::syncable) struct Again<'a> {
    old: &'a [Node],
    trail: Trail<'a>,
    plan: Plan,
    planned: Planned,
    recorder: &'a mut Recorder,
    at: usize,
    first_op: usize,
    /// All elements, if the list is set as a whole.
    whole: Option<Vec<Node>>,
}

impl<'a> Again<'a> {
    fn new(old: &'a [Node], trail: Trail<'a>, plan: Plan, planned: Planned, recorder: &'a mut Recorder) -> Self {
        // Elements will stand for others: what was tied to them is no more.
        old.iter().for_each(Node::forget_marks);
        recorder.is_doubtful = true;
        let (first_op, whole) = (recorder.patch.ops.len(), planned.loses_much().then(Vec::new));
        if whole.is_none() {
            planned.sequence.arranged.record_order(&trail, planned.start, &mut recorder.patch);
        }
        Self { old, trail, plan, planned, recorder, at: 0, first_op, whole }
    }

    /// What the element at a position was: before the plan's part what stood there, behind it what stood as far from the end.
    fn origin(&self, at: usize) -> Option<&'a Node> {
        let Planned { start, sequence, count } = &self.planned;
        match at.checked_sub(*start) {
            Some(within) if within < sequence.origins.len() => sequence.origins[within].and_then(|origin| self.old.get(start + origin)),
            Some(_) => count.checked_sub(at).and_then(|from_end| self.old.get(self.old.len().checked_sub(from_end)?)),
            None => self.old.get(at),
        }
    }

    /// Where the element at a position was, if it is put in anew.
    fn was(&self, at: usize) -> Option<usize> {
        let within = at.checked_sub(self.planned.start).filter(|within| *within < self.planned.sequence.origins.len())?;
        self.planned.sequence.was(within).map(|was| self.planned.start + was)
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let (list, plan, at) = (self.trail, self.plan.element(self.at), self.at);
        let trail = list.index(at);
        self.at += 1;
        if let Some(whole) = &mut self.whole {
            whole.push(Build::new(&trail, plan).node(value)?);
            return Ok(());
        }
        let origin = self.origin(at);
        match origin {
            Some(old) if is_plainly_same(value, old) => Ok(()),
            Some(old) => Compare { old, trail: &trail, plan, in_some: false, recorder: self.recorder }.walk(value),
            None => {
                let value = Build::new(&trail, plan).node(value)?;
                self.recorder.push(|| Op::Insert { path: trail.to_path(), value })?;
                if let Some(was) = self.was(at) {
                    self.recorder.note_anew(self.first_op, || vec![Some(was)]);
                }
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<(), Stop> {
        let Self { old, trail, planned: Planned { start, sequence, count }, recorder, at, first_op, whole, .. } = self;
        if at != count {
            let text = "it gives other elements each time it is asked";
            return Err(Stop::refused(&trail, RefusedReason::Custom(text.to_owned())));
        }
        if let Some(items) = whole {
            recorder.set(&trail, Node::list(items))?;
            recorder.note_anew(first_op, || origins(start, Some(&sequence), old.len(), count));
        }
        Ok(())
    }
}

macro_rules! list_traits {
    ($($trait:ident $method:ident),*) => {
        $(impl ser::$trait for CompareList<'_> {
            type Ok = ();
            type Error = Stop;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.push(value)
            }
            fn end(self) -> Result<(), Stop> {
                self.finish()
            }
        })*
    };
}

list_traits!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);
