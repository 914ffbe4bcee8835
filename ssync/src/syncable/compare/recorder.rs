//! What a comparison records.

use serde::Serialize;

use super::Compare;
use super::list::Planned;
use crate::diff::diff_at;
use crate::doc::Node;
use crate::patch::{Op, Patch};
use crate::path::{Path, Spot, Trail};
use crate::syncable::Syncable;
use crate::syncable::plan::Plan;
use crate::syncable::refused::{Refused, Stop};
use crate::syncable::walk::looking_at_least;

/// An op that puts elements into a list though they were there before: what others know of them is to go along.
#[derive(Debug)]
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the view of a client asks where elements were"))]
pub(crate) struct Anew {
    /// The first op of those that put the list into another order: before it, elements are where they were.
    pub(crate) first_op: usize,
    /// An insertion of one element, or the list as a whole.
    pub(crate) op: usize,
    /// Where each element that the op brings was.
    pub(crate) origins: Vec<Option<usize>>,
}

/// Records what differs. Keeps its buffers from one comparison to the next.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(super) patch: Patch,
    /// Only whether anything differs is asked: the first difference ends the walk.
    pub(super) probing: bool,
    /// Something was recorded that may not read back.
    pub(super) is_doubtful: bool,
    /// Which entries of the maps being walked were met; a stack.
    pub(super) seen: Vec<bool>,
    /// Buffers for map keys.
    pub(super) keys: Vec<String>,
    /// The plan by which the list that is serialized next is compared.
    pub(super) planned: Option<Box<Planned>>,
    /// What is added where the document has nothing merges with what others add there.
    pub(super) ensures: bool,
    /// Which enums without a tag, of those in the object that is serialized next, are other variants than the document has.
    pub(super) switches: Vec<usize>,
    /// The object that is serialized next is set as a whole.
    pub(super) replaces: bool,
    /// Other programs know more of the elements than this one: where one goes, that goes along.
    pub(super) others_know_more: bool,
    /// Ops that put elements in anew.
    anew: Vec<Anew>,
    /// Where in the document stands what was set last.
    spot: Spot,
}

impl Recorder {
    /// One that ends the walk at the first difference.
    pub(super) fn probe() -> Self {
        Self { probing: true, ..Self::default() }
    }

    /// The patch that makes the node of `value` out of `old`, both at the root.
    ///
    /// # Errors
    /// If the value cannot be shared, with the place.
    pub(crate) fn compare<T: Syncable>(&mut self, value: &T, old: &Node) -> Result<Patch, Refused> {
        self.compare_at(value, old, &Trail::ROOT, T::plan())
    }

    /// The patch that makes the node of `value` out of `old`, by the value's own route. It stays here.
    ///
    /// # Errors
    /// If the value cannot be shared, with the place.
    #[cfg(feature = "client")]
    #[inline]
    pub(crate) fn compare_typed<T: Syncable>(&mut self, value: &mut T, old: &Node) -> Result<&Patch, Refused> {
        self.truncate(0);
        self.seen.clear();
        self.forget_what_is_next();
        self.probing = false;
        self.is_doubtful = false;
        value.compare(super::At::new(old, Trail::ROOT, self)).map_err(Stop::into_refused)?;
        Ok(&self.patch)
    }

    fn forget_what_is_next(&mut self) {
        (self.planned, self.replaces) = (None, false);
        self.switches.clear();
    }

    /// What was recorded last.
    #[cfg(feature = "client")]
    pub(crate) const fn patch(&self) -> &Patch {
        &self.patch
    }

    /// Where in the document stands what was recorded last, if that is known and it was set. **Only of use if it was recorded alone**: others
    /// may have moved it.
    #[cfg(feature = "client")]
    #[inline]
    pub(crate) fn spot(&self) -> Option<&[u32]> {
        self.spot.positions()
    }

    /// What was recorded last, to be replaced or taken.
    #[cfg(feature = "client")]
    pub(crate) const fn patch_mut(&mut self) -> &mut Patch {
        &mut self.patch
    }

    /// Whether what was recorded last must be read back before it is believed.
    #[cfg(feature = "client")]
    pub(crate) const fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// The same at another place, and by a given plan.
    pub(in crate::syncable) fn compare_at<T: Serialize>(
        &mut self,
        value: &T,
        old: &Node,
        trail: &Trail<'_>,
        plan: Plan,
    ) -> Result<Patch, Refused> {
        self.truncate(0);
        self.seen.clear();
        self.probing = false;
        self.forget_what_is_next();
        looking_at_least(|| Compare { old, trail, plan, in_some: false, recorder: self }.walk(value)).map_err(Stop::into_refused)?;
        Ok(std::mem::take(&mut self.patch))
    }

    /// Says whether what is added is to be put into an empty value that others may make too, rather than set.
    pub(crate) const fn set_ensures(&mut self, ensures: bool) {
        self.ensures = ensures;
    }

    /// Says whether other programs know more of the value's elements than it shows.
    #[cfg(feature = "client")]
    pub(crate) const fn set_others_know_more(&mut self, others_know_more: bool) {
        self.others_know_more = others_know_more;
    }

    /// What the ops recorded last put in anew.
    #[cfg(feature = "client")]
    pub(crate) fn anew(&self) -> &[Anew] {
        &self.anew
    }

    /// Notes that the op recorded last puts in what was there before.
    pub(super) fn note_anew(&mut self, first_op: usize, origins: impl FnOnce() -> Vec<Option<usize>>) {
        if self.others_know_more {
            self.anew.push(Anew { first_op, op: self.patch.ops.len() - 1, origins: origins() });
        }
    }

    pub(super) fn push(&mut self, op: impl FnOnce() -> Op) -> Result<(), Stop> {
        if self.probing {
            return Err(Stop::Differs);
        }
        self.patch.ops.push(op());
        self.is_doubtful = true;
        Ok(())
    }

    /// Whether what is serialized is to be serialized once more.
    pub(super) const fn asks_again(&self) -> bool {
        self.planned.is_some() || !self.switches.is_empty() || self.replaces
    }

    /// Forgets what was recorded beyond this many ops.
    pub(super) fn truncate(&mut self, ops: usize) {
        self.patch.ops.truncate(ops);
        self.anew.retain(|anew| anew.op < ops);
        self.spot.lose();
    }

    #[inline]
    pub(super) fn set(&mut self, trail: &Trail<'_>, value: Node) -> Result<(), Stop> {
        *self.place(trail)? = value;
        Ok(())
    }

    /// Records that a place is set; gives the value, to be filled in.
    fn place(&mut self, trail: &Trail<'_>) -> Result<&mut Node, Stop> {
        self.push(|| Op::UNFILLED)?;
        match self.patch.ops.last_mut() {
            Some(Op::Set { path, value }) => {
                trail.append_to(path, &mut self.spot);
                Ok(value)
            }
            _ => unreachable!("pushed just now"),
        }
    }

    pub(super) fn remove(&mut self, path: Path) -> Result<(), Stop> {
        self.push(|| Op::Remove { path })
    }

    /// Records what makes `new` of `old`, a node that was built because the walk could not go on.
    pub(super) fn settle(&mut self, trail: &Trail<'_>, old: &Node, new: Node, plan: Plan) -> Result<(), Stop> {
        let same = match (old, &new) {
            // One program's set may be another's list: as long as the members are the same, nobody rewrites it.
            (Node::List(list), Node::Set(set)) | (Node::Set(set), Node::List(list)) => {
                list.len() == set.len() && Node::set(list.iter().cloned()) == Node::Set(set.clone())
            }
            (old, new) => old == new,
        };
        if same {
            return Ok(());
        }
        if self.probing {
            return Err(Stop::Differs);
        }
        old.forget_marks();
        let new = match (old, new) {
            (Node::Set(_), Node::List(list)) => {
                let set = Node::set(list.iter().cloned());
                if matches!(&set, Node::Set(members) if members.len() == list.len()) { set } else { Node::List(list) }
            }
            (_, new) => new,
        };
        if matches!(plan, Plan::Leaf) {
            return self.set(trail, new);
        }
        self.is_doubtful = true;
        diff_at(trail, old, &new, &mut self.patch);
        Ok(())
    }
}
