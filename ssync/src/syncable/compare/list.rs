//! Lists, compared by position while little differs or elements differ in little, else by a sequence diff.

use serde::ser::{self, Serialize};
use smallvec::SmallVec;

use super::{At, Compare, Recorder, is_plainly_same};
use crate::diff::{BULK_REMOVALS_MAX, POSITIONAL_MISMATCHES_MAX, diff_keyed, diff_lists};
use crate::doc::{Doc, Node};
use crate::patch::Op;
use crate::path::Trail;
use crate::syncable::Syncable;
use crate::syncable::build::{Build, BuildList};
use crate::syncable::plan::Plan;
use crate::syncable::refused::Stop;

/// How far from its position an element is looked for, to see whether elements were moved rather than edited.
const NEAR: usize = 128;

pub(in crate::syncable) enum CompareList<'a> {
    Walk(Walk<'a>),
    /// The document holds something else here: a list is built and then compared.
    Fresh {
        old: &'a Node,
        trail: Trail<'a>,
        plan: Plan,
        list: Box<BuildList<'a>>,
        recorder: &'a mut Recorder,
    },
}

/// **`ops_start..` of the recorder's ops belong to this list**; `edited` and `built` hold its differences so far.
pub(in crate::syncable) struct Walk<'a> {
    old: &'a [Node],
    trail: Trail<'a>,
    plan: Plan,
    recorder: &'a mut Recorder,
    /// How many elements there were so far.
    pub(super) at: usize,
    ops_start: usize,
    /// Elements whose edits are recorded, and where their ops begin.
    edited: SmallVec<[(usize, usize); 4]>,
    /// How many of these differ in most of what they are: each may be another element.
    replaced: usize,
    /// One was seen elsewhere: this far from its position.
    moved_by: Option<isize>,
    /// Elements that differ, after too many of them.
    built: Vec<(usize, Node)>,
    /// Elements past the end of the old list.
    tail: Vec<Node>,
}

impl<'a> CompareList<'a> {
    pub(super) fn walk(old: &'a [Node], trail: Trail<'a>, plan: Plan, recorder: &'a mut Recorder) -> Self {
        Self::Walk(Walk::new(old, trail, plan, recorder))
    }

    pub(super) fn fresh(old: &'a Node, trail: Trail<'a>, plan: Plan, list: BuildList<'a>, recorder: &'a mut Recorder) -> Self {
        Self::Fresh { old, trail, plan, list: Box::new(list), recorder }
    }

    #[inline]
    pub(super) fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.push(value),
            Self::Fresh { list, .. } => list.push(value),
        }
    }

    /// The same for one that is not plainly what stands at its position.
    pub(super) fn push_differing<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.push_differing(value),
            Self::Fresh { list, .. } => list.push(value),
        }
    }

    /// Passes over elements that are plainly what stands at their positions; gives the first that is not.
    #[inline]
    pub(super) fn next_differing<T: Serialize>(&mut self, items: &mut impl Iterator<Item = T>) -> Option<T> {
        match self {
            Self::Walk(walk) => walk.next_differing(items),
            Self::Fresh { .. } => items.next(),
        }
    }

    pub(super) fn finish(self) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.finish(),
            Self::Fresh { old, trail, plan, list, recorder } => recorder.settle(&trail, old, list.finish()?, plan),
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(old: &'a [Node], trail: Trail<'a>, plan: Plan, recorder: &'a mut Recorder) -> Self {
        let ops_start = recorder.patch.ops.len();
        Self {
            old,
            trail,
            plan,
            recorder,
            at: 0,
            ops_start,
            edited: SmallVec::new_const(),
            replaced: 0,
            moved_by: None,
            built: Vec::new(),
            tail: Vec::new(),
        }
    }

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

    /// An element that is not what stood at its position.
    #[cold]
    pub(super) fn differing<T: Syncable>(&mut self, at: usize, old: &Node, value: &mut T) -> Result<(), Stop> {
        let list = self.trail;
        let trail = list.index(at);
        if self.may_be_edited(at, |other| is_plainly_same(value, other)) {
            let before = self.recorder.patch.ops.len();
            value.compare(At::new(old, trail, self.recorder))?;
            self.note_edited(at, before);
            return Ok(());
        }
        let node = self.moved_or(at, |node| value.same(node), |trail| built(trail, value))?;
        self.built.push((at, node));
        Ok(())
    }

    /// An element behind the end.
    #[cold]
    pub(super) fn added<T: Syncable>(&mut self, value: &mut T) -> Result<(), Stop> {
        let at = self.old.len() + self.tail.len();
        let node = self.moved_or(at, |node| value.same(node), |trail| built(trail, value))?;
        self.tail.push(node);
        Ok(())
    }

    pub(super) const fn tail_len(&self) -> usize {
        self.tail.len()
    }

    /// Whether what differs here is compared by position: a few elements always are, and more while they differ in little and none of them is
    /// found near by, by a look that leaves no trace in it. What has a key is compared with its like, wherever that stands.
    fn may_be_edited(&mut self, at: usize, is_same: impl Fn(&Node) -> bool) -> bool {
        let known = self.edited.len();
        if matches!(self.plan, Plan::Keyed(..)) || self.moved_by.is_some() || self.replaced > POSITIONAL_MISMATCHES_MAX {
            return false;
        }
        if known >= POSITIONAL_MISMATCHES_MAX && known.is_power_of_two() {
            let start = at.saturating_sub(NEAR);
            let near = &self.old[start..self.old.len().min(at + NEAR)];
            self.moved_by = near.iter().position(is_same).map(|found| (start + found).cast_signed() - at.cast_signed());
        }
        self.moved_by.is_none()
    }

    /// The node that is where the element was seen to come from, if all that moved moved alike.
    fn moved(&self, at: usize) -> Option<&'a Node> {
        self.old.get(at.checked_add_signed(self.moved_by?)?)
    }

    /// The node of the element at a position: the one that moved there, if it is the same, or else one that is built.
    fn moved_or(
        &self,
        at: usize,
        is_same: impl FnOnce(&Node) -> bool,
        build: impl FnOnce(&Trail<'_>) -> Result<Node, Stop>,
    ) -> Result<Node, Stop> {
        match self.moved(at).filter(|node| is_same(node)) {
            Some(node) => Ok(node.clone()),
            None => build(&self.trail.index(at)),
        }
    }

    /// Notes that the ops from `before` on are those of an element, if there are any.
    fn note_edited(&mut self, at: usize, before: usize) {
        let ops = &self.recorder.patch.ops[before..];
        if ops.is_empty() {
            return;
        }
        let is_part = |op: &Op| op.path().len() > self.trail.depth() + 1;
        let is_edit = matches!(&self.old[at], Node::Object(entries) if 2 * ops.len() <= entries.len()) && ops.iter().all(is_part);
        self.replaced += usize::from(!is_edit);
        self.edited.push((at, before));
    }
}

impl Walk<'_> {
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
        let trail = list.index(at);
        let plan = self.plan.element(at);
        self.at += 1;
        let Some(old) = self.old.get(at) else {
            if self.recorder.probing {
                return Err(Stop::Differs);
            }
            let node = self.moved_or(at, |node| is_plainly_same(value, node), |trail| Build::new(trail, plan).node(value))?;
            self.tail.push(node);
            return Ok(());
        };
        if self.recorder.probing || self.may_be_edited(at, |other| is_plainly_same(value, other)) {
            let before = self.recorder.patch.ops.len();
            Compare { old, trail: &trail, plan, in_some: false, recorder: self.recorder }.walk(value)?;
            self.note_edited(at, before);
            return Ok(());
        }
        if let Some(node) = self.moved(at).filter(|node| is_plainly_same(value, node)) {
            self.built.push((at, node.clone()));
        } else if differs(self.recorder, old, &trail, plan, value)? {
            self.built.push((at, Build::new(&trail, plan).node(value)?));
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), Stop> {
        if self.built.is_empty() && self.at == self.old.len() {
            return Ok(());
        }
        if self.recorder.probing {
            return Err(Stop::Differs);
        }
        let are_edits = self.edited.is_empty() || (self.replaced == 0 && self.edited.len() > POSITIONAL_MISMATCHES_MAX);
        if self.built.is_empty() && are_edits && self.old.len() <= self.at + BULK_REMOVALS_MAX {
            return self.only_the_end();
        }
        self.recorder.is_doubtful = true;
        // Elements will stand for others: what was tied to them is no more.
        self.old.iter().for_each(Node::forget_marks);
        let edited = self.edited_nodes();
        self.recorder.truncate(self.ops_start);
        let mut new: Vec<&Node> = self.old[..self.at.min(self.old.len())].iter().collect();
        for (at, node) in edited.iter().chain(&self.built) {
            new[*at] = node;
        }
        new.extend(&self.tail);
        match self.plan {
            Plan::Keyed(key, _) => diff_keyed(&self.trail, self.old, &new, key, &mut self.recorder.patch),
            _ => diff_lists(&self.trail, self.old, &new, &mut self.recorder.patch),
        }
        // A copy of an element is another place: what is tied to one node must not be found at two.
        for op in &mut self.recorder.patch.ops[self.ops_start..] {
            if let Op::Set { value, .. } | Op::Insert { value, .. } = op
                && let Some(own) = value.unshared()
            {
                *value = own;
            }
        }
        Ok(())
    }

    /// All that both have in common is equal or was edited: elements were added or taken away at the end.
    fn only_the_end(&mut self) -> Result<(), Stop> {
        for at in (self.at..self.old.len()).rev() {
            self.recorder.remove(self.trail.index(at).to_path())?;
        }
        for (offset, node) in std::mem::take(&mut self.tail).into_iter().enumerate() {
            let trail = self.trail.index(self.old.len() + offset);
            self.recorder.push(|| Op::Insert { path: trail.to_path(), value: node })?;
        }
        Ok(())
    }

    /// The edited elements as they are now: the old ones with their recorded ops applied.
    fn edited_nodes(&self) -> Vec<(usize, Node)> {
        let ops = &self.recorder.patch.ops;
        let base = self.trail.to_path().len() + 1;
        let ends = self.edited.iter().skip(1).map(|(_, start)| *start).chain([ops.len()]);
        let rebuilt = self.edited.iter().zip(ends).map(|((at, start), end)| {
            let mut element = Doc::new(self.old[*at].clone());
            for op in &ops[*start..end] {
                let mut op = op.clone();
                *op.path_mut() = op.path().iter().skip(base).collect();
                let applied = element.apply_op(&op, &mut None);
                debug_assert!(applied.is_ok(), "recorded against this very element: {op:?}");
            }
            (*at, element.root)
        });
        rebuilt.collect()
    }
}

/// The node of a value, which is then known to be the same: tracked containers in it begin with what is built here.
pub(super) fn built<T: Syncable>(trail: &Trail<'_>, value: &T) -> Result<Node, Stop> {
    let node = Build::new(trail, T::plan()).node(value)?;
    value.same(&node);
    Ok(node)
}

/// Whether the element differs, and nothing more.
fn differs<T: Serialize + ?Sized>(recorder: &mut Recorder, old: &Node, trail: &Trail<'_>, plan: Plan, value: &T) -> Result<bool, Stop> {
    let seen = recorder.seen.len();
    recorder.probing = true;
    let outcome = Compare { old, trail, plan, in_some: false, recorder }.walk(value);
    recorder.probing = false;
    recorder.seen.truncate(seen);
    match outcome {
        Ok(()) => Ok(false),
        Err(Stop::Differs) => Ok(true),
        Err(stop) => Err(stop),
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
