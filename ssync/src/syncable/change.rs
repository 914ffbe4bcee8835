//! Receipt: one op that was applied to the document, on its way down to the smallest part of the value that holds it.

use std::cell::RefCell;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Syncable;
use super::build::build;
use super::compare::{Recorder, is_same};
use super::decode::{Unfit, from_node};
use super::plan::Plan;
use super::refused::{Refused, RefusedReason};
use crate::doc::Node;
use crate::patch::{Op, Patch};
use crate::path::{Path, Segment, Trail};

/// One op that was applied, and what else is the same for every place on its way.
pub(crate) struct Applied<'a> {
    op: &'a Op,
    /// The op that comes right after this one.
    next: Option<&'a Op>,
    /// Whether the value was what the document was before the op, all of it.
    is_mirror: bool,
    gaps: &'a Gaps,
}

/// One op that was applied, as seen from a node on its way.
///
/// **The op was applied**: so what its path names is there, but for what it took away. Nodes on the way are looked for when asked for.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Change<'a> {
    applied: &'a Applied<'a>,
    /// The next step; none if this place was set as a whole.
    step: Option<Segment<'a>>,
    /// What of the path's text led here, and with the next step.
    here: usize,
    below: usize,
    /// A node on the way, and what of the text led there.
    above: &'a Node,
    above_here: usize,
}

/// Where a decoded value says something else than the node it came from: a field that the node lacks and a default
/// filled in, a key that the type does not know. Not to be emitted, as nobody wrote it.
#[doc(hidden)]
#[derive(Default)]
pub(crate) struct Gaps(RefCell<Vec<(Path, Patch)>>);

impl Gaps {
    /// The places that were decoded, and at each the differences, as a patch of the document.
    #[cfg(feature = "client")]
    pub(crate) fn into_places(self) -> Vec<(Path, Patch)> {
        self.0.into_inner()
    }

    fn push(&self, path: Path, gaps: Patch) {
        self.0.borrow_mut().push((path, gaps));
    }
}

impl<'a> Applied<'a> {
    /// An op that was applied.
    pub(crate) const fn new(op: &'a Op, gaps: &'a Gaps) -> Self {
        Self { op, next: None, is_mirror: false, gaps }
    }

    /// The same before another op of its patch.
    #[cfg(feature = "client")]
    pub(crate) const fn followed_by(self, next: Option<&'a Op>) -> Self {
        Self { next, ..self }
    }

    /// The same where the value says all that the document said before the op, or does not.
    #[cfg(feature = "client")]
    pub(crate) const fn on_mirror(self, is_mirror: bool) -> Self {
        Self { is_mirror, ..self }
    }

    /// The change, seen from the root of the document that the op was applied to.
    pub(crate) fn at(&'a self, root: &'a Node) -> Change<'a> {
        let (step, below) = step_from(self.op.path(), 0);
        Change { applied: self, step, here: 0, below, above: root, above_here: 0 }
    }
}

impl<'a> Change<'a> {
    /// The place that this much of the path's text leads to.
    #[inline]
    fn at(self, here: usize) -> Self {
        let (step, below) = step_from(self.op().path(), here);
        Self { step, here, below, ..self }
    }

    /// The op.
    pub const fn op(self) -> &'a Op {
        self.applied.op
    }

    /// The node at this place, after the op.
    #[inline]
    pub fn node(self) -> &'a Node {
        match self.op() {
            // A container may have changed since by other ops of its patch; not where each op is followed at once.
            Op::Set { value, .. } if self.is_whole() && (self.applied.is_mirror || value.scalar_len().is_some()) => value,
            _ => self.look_up(),
        }
    }

    /// Whether the next op acts inside this place: **what is decoded as a whole at every op is then decoded after that one.**
    pub(super) fn is_decoded_later(self) -> bool {
        let here = self.op().path().iter().as_text().get(..self.here);
        let next = self.applied.next.map(|next| next.path().iter().as_text());
        here.zip(next).is_some_and(|(here, next)| next.len() > here.len() && next.starts_with(here))
    }

    /// Whether this is the place that the op's path names.
    #[inline]
    fn is_whole(self) -> bool {
        self.op().path().iter().as_text().len() == self.here
    }

    /// The same, its node found for all that lies below.
    #[inline]
    pub fn found(self) -> Self {
        Self { above: self.node(), above_here: self.here, ..self }
    }

    fn look_up(self) -> &'a Node {
        match self.op().path().iter().above_byte(self.here) {
            Some(way) => way.below_byte(self.above_here).and_then(|way| self.above.at(way)).unwrap_or(&Node::Null),
            None => self.above,
        }
    }

    /// The next step on the way; nothing if this place was set as a whole.
    #[inline]
    pub const fn step(self) -> Option<Segment<'a>> {
        self.step
    }

    /// The next step, if it is a key.
    pub fn key(self) -> Option<&'a str> {
        match self.step() {
            Some(Segment::Key(key)) => Some(key),
            _ => None,
        }
    }

    /// Whether the next step is the last: the op acts on a child of this place.
    pub fn is_last(self) -> bool {
        self.step.is_some() && self.below == self.op().path().iter().as_text().len()
    }

    /// Whether this place has more than one of these keys.
    pub fn has_several(self, names: &[&str]) -> bool {
        let node = self.node();
        names.iter().filter(|name| node.child(Segment::Key(name)).is_some()).count() > 1
    }

    /// Whether the op changes what is at the next step, and neither adds, removes nor moves it.
    pub fn is_edit(self) -> bool {
        !self.is_last() || self.op().is_edit()
    }

    /// One step down; nothing if the op took away what was there.
    #[inline]
    pub fn child(self) -> Option<Self> {
        let is_gone = self.step.is_none() || (matches!(self.op(), Op::Remove { .. } | Op::Move { .. }) && self.is_last());
        (!is_gone).then(|| self.at(self.below))
    }

    /// Whether the document holds a list of this many elements here, after the op.
    pub(super) fn has_elements(self, count: usize) -> bool {
        self.applied.is_mirror || matches!(self.node(), Node::List(items) if items.len() == count)
    }

    /// Checks the child at a key of a place that was set as a whole, if there is one.
    ///
    /// # Errors
    /// What the check finds, with the key in its path.
    pub fn verify_field(self, key: &str, verify: impl Fn(Change<'_>) -> Result<(), Refused>) -> Result<(), Refused> {
        match self.node() {
            Node::Object(entries) => entries.get(key).map_or(Ok(()), |node| self.verify_part(node, key, verify)),
            _ => Ok(()),
        }
    }

    /// Checks all children of a place that was set as a whole; the check is told their position.
    ///
    /// # Errors
    /// What the check finds, with the position in its path.
    pub fn verify_parts(self, verify: impl Fn(usize, Change<'_>) -> Result<(), Refused>) -> Result<(), Refused> {
        match self.node() {
            Node::List(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(at, node)| self.verify_part(node, u32::try_from(at).unwrap_or(u32::MAX), |part| verify(at, part))),
            Node::Object(entries) => {
                entries.iter().enumerate().try_for_each(|(at, (key, node))| self.verify_part(node, key, |part| verify(at, part)))
            }
            _ => Ok(()),
        }
    }

    fn verify_part<'b>(
        self,
        node: &Node,
        segment: impl Into<Segment<'b>>,
        verify: impl Fn(Change<'_>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        verify(Change { step: None, here: usize::MAX, above: node, above_here: usize::MAX, ..self }).map_err(|mut refused| {
            // The part knows the op's path and what lies below itself; this step is between the two.
            let known = self.op().path().len();
            let (above, below) = (refused.path.iter().take(known), refused.path.iter().skip(known));
            refused.path = above.chain([segment.into()]).chain(below).collect();
            refused
        })
    }

    /// The path to this place, as far as the op's path tells.
    pub(crate) fn path(self) -> Path {
        let path = self.op().path().iter();
        path.above_byte(self.here).unwrap_or(path).into()
    }

    /// Decodes this place anew, keeping local-only fields.
    ///
    /// # Errors
    /// If the node does not fit.
    pub fn replace<T: Syncable>(self, value: &mut T) -> Result<(), Unfit> {
        let mut new: T = self.decode()?;
        new.keep_local(value);
        *value = new;
        Ok(())
    }

    /// The same for what is so decoded at every op: once for several ops that follow each other.
    ///
    /// # Errors
    /// If the node does not fit.
    pub fn replace_whole<T: Syncable>(self, value: &mut T) -> Result<(), Unfit> {
        if self.is_decoded_later() { Ok(()) } else { self.replace(value) }
    }

    /// Does the same for a struct that is so decoded at every op, except at those below these keys, which its fields take themselves.
    ///
    /// # Errors
    /// If the node does not fit.
    pub fn replace_but<T: Syncable>(self, value: &mut T, own: &[&str]) -> Result<(), Unfit> {
        let next = self.applied.next.and_then(|next| next.path().iter().below_byte(self.here)?.next());
        let is_own = matches!(next, Some(Segment::Key(key)) if own.contains(&key));
        if is_own { self.replace(value) } else { self.replace_whole(value) }
    }

    /// Passes over a key that the type does not know: it belongs to another version, and stays in the document.
    pub fn ignore(self) {
        if self.is_last() && self.child().is_some() {
            let path = self.op().path().clone();
            self.applied.gaps.push(path.clone(), Patch::from_op(Op::Remove { path }));
        }
    }

    /// Decodes this place.
    ///
    /// # Errors
    /// If the node does not fit.
    pub fn decode<T: Syncable>(self) -> Result<T, Unfit> {
        if self.is_whole() {
            return self.decode_at(self.node(), self.op().path(), T::plan(), T::same);
        }
        self.decode_at(self.node(), &self.path(), T::plan(), T::same)
    }

    /// What the op inserted.
    pub(crate) fn inserted(self) -> &'a Node {
        self.op().value().unwrap_or_else(|| self.node())
    }

    /// Decodes this place by serde alone, where it says all that the node does.
    ///
    /// # Errors
    /// If it does not fit, or says something else.
    pub(crate) fn decode_plain<T: Serialize + DeserializeOwned>(self) -> Result<T, Unfit> {
        let node = self.node();
        let value: T = from_node(node)?;
        let inexact = || Unfit { path: self.path(), reason: "it reads as something else".into() };
        is_same(&value, node, Plan::Plain).then_some(value).ok_or_else(inexact)
    }

    /// Decodes what the op inserted.
    ///
    /// # Errors
    /// If it does not fit.
    pub(crate) fn decode_inserted<T: Syncable>(self) -> Result<T, Unfit> {
        self.decode_at(self.inserted(), self.op().path(), T::plan(), T::same)
    }

    pub(super) fn decode_at<T: Serialize + DeserializeOwned>(
        self,
        node: &Node,
        path: &Path,
        plan: Plan,
        same: impl Fn(&T, &Node) -> bool,
    ) -> Result<T, Unfit> {
        let value: T = from_node(node).map_err(|unfit| unfit.below(path))?;
        // What the op replaced took its gaps with it; a switch replaces a part of its object.
        if path == self.op().path() && !matches!(self.op(), Op::Switch { .. }) && same(&value, node) {
            return Ok(value);
        }
        let gaps = Recorder::default().compare_at(&value, node, &Trail::at(path), plan);
        let gaps = gaps.map_err(|refused| Unfit { path: refused.path, reason: refused.reason.to_string() })?;
        self.applied.gaps.push(path.clone(), gaps);
        Ok(value)
    }

    /// Checks that this place decodes as `T` and encodes to itself.
    ///
    /// # Errors
    /// If it does not.
    pub fn verify_exactly<T: Syncable>(self) -> Result<(), Refused> {
        self.verify_by::<T>(T::plan())
    }

    pub(super) fn verify_by<T: Serialize + DeserializeOwned>(self, plan: Plan) -> Result<(), Refused> {
        if self.is_decoded_later() {
            return Ok(());
        }
        let path = self.path();
        let node = self.node();
        let value: T = from_node(node).map_err(|unfit| {
            let unfit = unfit.below(&path);
            Refused { path: unfit.path, reason: RefusedReason::Undecodable(unfit.reason) }
        })?;
        if crate::diff::diff_nodes(node, &build(&value, &Trail::at(&path), plan)?).is_empty() {
            return Ok(());
        }
        // By the route that captured it: what is left out where it is empty and what stands under another name is no difference. It comes second, as it
        // ends what the containers remember of their nodes.
        let difference = Recorder::default().compare_at(&value, node, &Trail::at(&path), plan)?;
        match difference.ops().first() {
            None => Ok(()),
            Some(op) => Err(Refused { path: op.path().clone(), reason: RefusedReason::Inexact }),
        }
    }

    /// Whether the op only replaced one scalar by another: then no type changes its shape.
    pub(super) fn is_plain_scalar(self) -> bool {
        matches!(self.op(), Op::Set { value: Node::Bool(_) | Node::Number(_) | Node::String(_), .. })
    }
}

/// The step at a byte of the path's text, and where the next one begins.
#[inline]
fn step_from(path: &Path, here: usize) -> (Option<Segment<'_>>, usize) {
    let path = path.iter();
    let mut rest = path.below_byte(here).unwrap_or_default();
    let step = rest.next();
    (step, path.as_text().len() - rest.as_text().len())
}
