//! The typed route's way down: a place of the value beside the node that the document holds there.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::each::{built, compare_each};
use super::{Compare, Recorder};
use crate::diff::{Arranged, BULK_REMOVALS_MAX};
use crate::doc::{Items, Node};
use crate::patch::Op;
use crate::path::{FieldName, Path, Trail};
use crate::planted::{Bug, planted};
use crate::syncable::build::{Build, deeper};
use crate::syncable::decode::from_node;
use crate::syncable::keyed::Identity;
use crate::syncable::plan::Plan;
use crate::syncable::refused::{RefusedReason, Stop};
use crate::syncable::walk::Count;
use crate::syncable::{Blank, Syncable};

/// A place that is being compared. Methods that go down hand the place below to a closure.
#[doc(hidden)]
pub struct At<'a> {
    old: &'a Node,
    trail: Trail<'a>,
    in_some: bool,
    recorder: &'a mut Recorder,
}

impl<'a> At<'a> {
    pub(super) const fn new(old: &'a Node, trail: Trail<'a>, recorder: &'a mut Recorder) -> Self {
        Self { old, trail, in_some: false, recorder }
    }

    /// What the document holds at this place.
    #[inline]
    pub const fn old(&self) -> &'a Node {
        self.old
    }

    /// Compares by the serde route.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub fn walk<T: Serialize + ?Sized>(self, value: &T, plan: Plan) -> Result<(), Stop> {
        Compare { old: self.old, trail: &self.trail, plan, in_some: self.in_some, recorder: self.recorder }.walk(value)
    }

    /// Compares a scalar, which always reads back as what was written.
    ///
    /// # Errors
    /// If the value cannot be shared.
    #[inline]
    pub(crate) fn leaf<T: Syncable>(self, value: &T) -> Result<(), Stop> {
        if value.same(self.old) {
            return Ok(());
        }
        // A copy: what is not lent out need not be in memory while nothing differs.
        let trail = self.trail;
        leaf_differs(value, self.old, &trail, self.in_some, self.recorder)
    }

    /// Notes that what is recorded must be read back: the type here may read something else than it wrote.
    pub const fn doubt(&mut self) {
        self.recorder.is_doubtful = true;
    }

    /// Compares what lies under a key of this place.
    ///
    /// # Errors
    /// What `compare` gives.
    #[inline]
    pub fn under(&mut self, key: &str, old: &Node, compare: impl FnOnce(At<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
        compare(At::new(old, self.trail.key(key), self.recorder))
    }

    /// Compares the value of a field of this place, which has all its fields.
    ///
    /// # Errors
    /// What `compare` gives.
    #[inline]
    pub fn field(&mut self, name: &'static FieldName, old: &Node, compare: impl FnOnce(At<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
        compare(At::new(old, self.trail.field(name), self.recorder))
    }

    /// Compares an element of this place.
    ///
    /// # Errors
    /// What `compare` gives.
    #[inline]
    pub fn element(&mut self, index: usize, old: &Node, compare: impl FnOnce(At<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
        compare(At::new(old, self.trail.index(index), self.recorder))
    }

    /// The same place, inside a `Some`.
    pub(crate) fn in_some(self) -> Self {
        Self { in_some: true, ..self }
    }

    /// Compares a list, element by element.
    ///
    /// # Errors
    /// If an element cannot be shared.
    pub(crate) fn each<'v, T: Syncable + 'v>(
        self,
        old: &Items,
        items: impl Iterator<Item = &'v mut T>,
        identity: Identity,
    ) -> Result<(), Stop> {
        old.mark().clear();
        compare_each(old, deeper(self.trail)?, self.recorder, items, identity)
    }

    /// Compares a counter.
    ///
    /// # Errors
    /// None of its own.
    pub(crate) fn count(self, count: Count) -> Result<(), Stop> {
        Compare { old: self.old, trail: &self.trail, plan: Plan::Counter, in_some: self.in_some, recorder: self.recorder }.count(count)
    }

    /// Compares a text of which it is not known how it came about.
    ///
    /// # Errors
    /// None of its own.
    pub(crate) fn text(self, text: &str) -> Result<(), Stop> {
        Compare { old: self.old, trail: &self.trail, plan: Plan::Text, in_some: self.in_some, recorder: self.recorder }.text_in_parts(text)
    }

    /// Compares a list of which it is known where its elements were; gives whether that was of use.
    ///
    /// # Errors
    /// If an element cannot be shared.
    pub(crate) fn arranged<T: Syncable>(&mut self, old: &Items, items: &mut [T], arranged: &Arranged) -> Result<bool, Stop> {
        if arranged.gone_count() > BULK_REMOVALS_MAX {
            return Ok(false);
        }
        let trail = deeper(self.trail)?;
        self.recorder.is_doubtful = true;
        arranged.record_order(&trail, 0, &mut self.recorder.patch);
        for position in arranged.come() {
            let trail = trail.index(position);
            let value = built(&trail, &items[position])?;
            self.recorder.push(|| Op::Insert { path: trail.to_path(), value })?;
        }
        for (position, origin) in arranged.touched() {
            if !items[position].same(&old[origin]) {
                items[position].compare(At::new(&old[origin], trail.index(position), self.recorder))?;
            }
        }
        Ok(true)
    }

    /// Records an op on this very place.
    ///
    /// # Errors
    /// If only a difference was asked for.
    pub(crate) fn record(&mut self, op: impl FnOnce(Path) -> Op) -> Result<(), Stop> {
        let path = self.trail.to_path();
        self.recorder.push(|| op(path))
    }

    /// Refuses what nests too deep.
    ///
    /// # Errors
    /// If this place does.
    pub(crate) fn deeper(&self) -> Result<(), Stop> {
        deeper(self.trail).map(drop)
    }

    /// Records a value under a key that the document does not have.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub(crate) fn add<T: Syncable>(&mut self, key: &str, value: &T) -> Result<(), Stop> {
        let trail = self.trail.key(key);
        Compare::add(&trail, value, T::plan(), self.recorder)?;
        // Tracked containers begin with what is built here.
        if let Some(Op::Set { value: node, .. }) = self.recorder.patch.ops.last() {
            value.same(node);
        }
        Ok(())
    }

    /// Whether the document holds here what is read as a value for which this is so.
    pub fn is_read_as<T: DeserializeOwned>(&self, is_so: impl FnOnce(&T) -> bool) -> bool {
        from_node::<T>(self.old).is_ok_and(|old| is_so(&old))
    }

    /// Sets the whole value.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub fn replace<T: Serialize + ?Sized>(self, value: &T, plan: Plan) -> Result<(), Stop> {
        let node = Build::new(&self.trail, plan).node(value)?;
        self.recorder.set(&self.trail, node)
    }

    /// Whether what is left out of JSON stays in the document as an empty value, so that what others put into it at the same time stays: `1 - 1`
    /// beside `+ 1` is 1, and the last element taken away beside one that comes leaves that.
    pub fn keeps_blank(&self, blank: fn() -> Blank) -> bool {
        blank().is_some() && !planted(Bug::EmptyIsRemoved)
    }

    /// Records a field that the document does not have.
    ///
    /// # Errors
    /// If the value cannot be shared.
    pub fn add_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T, plan: fn() -> Plan) -> Result<(), Stop> {
        let (trail, plan) = (self.trail.key(key), plan());
        Compare::add(&trail, value, plan, self.recorder)
    }

    /// Records that a key is gone.
    ///
    /// # Errors
    /// None: nothing is being probed here.
    pub fn remove(&mut self, key: &str) -> Result<(), Stop> {
        self.recorder.remove(self.trail.key(key).to_path())
    }

    /// An error at this place, if nobody said where it is.
    pub(crate) fn here(&self, stop: Stop) -> Stop {
        stop.at(&self.trail)
    }

    /// The refusal of a map that writes a key twice.
    pub(crate) fn key_twice(&self, key: &str) -> Stop {
        Stop::refused(&self.trail.key(key), RefusedReason::KeyTwice)
    }
}

/// Takes its arguments one by one: they come in registers.
#[cold]
fn leaf_differs<T: Syncable>(value: &T, old: &Node, trail: &Trail<'_>, in_some: bool, recorder: &mut Recorder) -> Result<(), Stop> {
    let is_doubtful = recorder.is_doubtful;
    Compare { old, trail, plan: Plan::Plain, in_some, recorder: &mut *recorder }.walk(value)?;
    recorder.is_doubtful = is_doubtful;
    Ok(())
}
