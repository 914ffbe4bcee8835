//! Commits of a program that does not show all of its document: ops of the value's own document as ops of the shared one.
//!
//! The value's own document, the *shadow*, is the shared one with the gaps filled in. Methods in this order: [`Lift::new`], [`Lift::patch`] once.
//! **After each op the shadow is the document plus the gaps.** What others know of an element stays with it also where the element is put in
//! anew, because it went too far to be worth a move ([`Anew`]).

use std::collections::BTreeMap;

use crate::diff::diff_nodes;
use crate::doc::{Doc, Node, Object};
use crate::patch::{ApplyError, Op, Patch, place_after};
use crate::path::{Path, Segment, Segments};
use crate::syncable::{Anew, Refused, RefusedReason, Unfit};
use crate::transform::Order;

/// A document, its shadow, and what was lifted so far.
pub(super) struct Lift {
    doc: Doc,
    shadow: Doc,
    pub(super) gaps: Patch,
    pub(super) unfit: Vec<Unfit>,
    pub(super) lifted: Patch,
    /// Some list shows other elements than the document has.
    has_frozen: bool,
}

/// A list before its elements were put into another order.
struct Before {
    list: Node,
    shadow: Node,
    /// What fills in each element, by its position.
    gaps: BTreeMap<u32, Patch>,
}

impl Lift {
    pub(super) fn new(doc: Doc, shadow: Doc, gaps: Patch, unfit: Vec<Unfit>) -> Self {
        let has_frozen = gaps.ops().iter().any(|gap| frozen(gap).is_some());
        Self { doc, shadow, gaps, unfit, lifted: Patch::default(), has_frozen }
    }

    /// Lifts a patch of the shadow. Elements in `anew` were there before.
    ///
    /// # Errors
    /// If it writes where the document holds what the type cannot read.
    pub(super) fn patch(&mut self, patch: &Patch, anew: &[Anew]) -> Result<(), Refused> {
        let starts: BTreeMap<usize, usize> = anew.iter().map(|anew| (anew.first_op, anew.op)).collect();
        let mut before = BTreeMap::new();
        let mut anew = anew.iter().peekable();
        for (number, op) in patch.ops().iter().enumerate() {
            if let Some(first_anew) = starts.get(&number) {
                before.extend(self.before(&patch.ops()[*first_anew]).map(|list| (number, list)));
            }
            match anew.next_if(|anew| anew.op == number) {
                Some(anew) => self.anew(op, anew, before.get(&anew.first_op))?,
                None => self.op(op)?,
            }
        }
        Ok(())
    }

    fn op(&mut self, op: &Op) -> Result<(), Refused> {
        if self.is_plain(op) {
            apply(&mut self.shadow, op)?;
            return self.push(op.clone());
        }
        self.refuse_unfit(op)?;
        apply(&mut self.shadow, op)?;
        for op in self.in_document(op) {
            self.carry(&op);
            self.push(op)?;
        }
        Ok(())
    }

    fn push(&mut self, op: Op) -> Result<(), Refused> {
        apply(&mut self.doc, &op)?;
        self.lifted.ops.push(op);
        Ok(())
    }

    fn carry(&mut self, op: &Op) {
        carry_gaps(&mut self.gaps, op);
        if !self.unfit.is_empty() {
            self.unfit = carried(&self.unfit, op);
        }
    }

    /// Whether an op changes a scalar that the document and the shadow both have, so that no gap is near it.
    fn is_plain(&self, op: &Op) -> bool {
        let is_scalar = |node: &&Node| !matches!(node, Node::Object(_) | Node::List(_) | Node::Set(_));
        matches!(op, Op::Set { .. } | Op::Increment { .. } | Op::Splice { .. })
            && self.unfit.is_empty()
            && !self.has_frozen
            && self.doc.root().at(op.path()).filter(is_scalar).is_some_and(|node| self.shadow.root().at(op.path()) == Some(node))
    }

    /// Elements that are put in anew though they were there: each takes along what others know of it.
    fn anew(&mut self, op: &Op, anew: &Anew, before: Option<&Before>) -> Result<(), Refused> {
        let Some(before) = before else { return self.op(op) };
        self.refuse_unfit(op)?;
        let (value, gaps) = match (op, op.value()) {
            (Op::Set { .. }, Some(Node::List(items))) => {
                let mut found = Vec::with_capacity(items.len());
                let mut gaps = Patch::default();
                for (at, (item, origin)) in items.iter().zip(&anew.origins).enumerate() {
                    let (value, own) = before.element(item, *origin)?;
                    let place: Path = [Segment::Index(u32::try_from(at).unwrap_or(u32::MAX))].into_iter().collect();
                    gaps.ops.extend(own.ops.into_iter().map(|gap| under(&place, gap)));
                    found.push(value);
                }
                (Node::list(found), gaps)
            }
            (_, Some(item)) => before.element(item, anew.origins.first().copied().flatten())?,
            (_, None) => return self.op(op),
        };
        apply(&mut self.shadow, op)?;
        let op = op.clone().with_value(value);
        self.carry(&op);
        self.gaps.ops.extend(gaps.ops.into_iter().map(|gap| under(op.path(), gap)));
        self.push(op)
    }

    /// The list of which an op puts elements in anew, as it is now.
    fn before(&self, op: &Op) -> Option<Before> {
        let list: Path = match (op, op.path().split_last()) {
            (Op::Insert { .. }, Some((list, _))) => list.into(),
            _ => op.path().clone(),
        };
        let mut gaps = BTreeMap::<u32, Patch>::new();
        for gap in self.gaps.ops() {
            if let Some((at, inner)) = below(gap.path(), list.iter()) {
                let mut gap = gap.clone();
                *gap.path_mut() = inner.into();
                gaps.entry(at).or_default().ops.push(gap);
            }
        }
        Some(Before { list: self.doc.root().at(&list)?.clone(), shadow: self.shadow.root().at(&list)?.clone(), gaps })
    }

    /// An op of the shadow, which is as it is after it, as ops of the document: what a default filled in is not there.
    fn in_document(&mut self, op: &Op) -> Vec<Op> {
        let path = op.path();
        // An op inside a value needs that to be there.
        let is_inside = matches!(op, Op::Increment { .. } | Op::Splice { .. } | Op::Switch { .. });
        let is_filled = |gap: &&Op| match gap {
            Op::Switch { path: object, keys, .. } => keys.reach(object, path.iter()),
            gap => gap.path().contains(path) && (gap.path() != path || (is_inside && matches!(gap, Op::Set { .. }))),
        };
        let is_key = |path: &Path| matches!(path.last(), Some(Segment::Key(_)));
        let may_be_ensured = |gap: &Path| self.doc.root().at(gap).is_none() && is_key(gap);
        let at_gap = |gap: &Op| gap.path() == path && matches!(gap, Op::Set { .. });
        match self.gaps.ops().iter().find(is_filled) {
            // What is put into something empty merges with what others put there.
            Some(Op::Set { path: gap, value }) if may_be_ensured(gap) && value.is_blank() && !matches!(op, Op::Switch { .. }) => {
                vec![Op::Ensure { path: gap.clone(), value: value.clone() }, op.clone()]
            }
            // The document has another variant here, which this program reads as one that it knows: it gets the whole of that.
            Some(Op::Switch { path, keys, .. }) => {
                let entries = match self.shadow.root().at(path) {
                    Some(Node::Object(object)) => {
                        object.iter().filter(|(key, _)| keys.contains(key)).map(|(key, node)| (key.clone(), node.clone())).collect()
                    }
                    _ => Object::default(),
                };
                vec![Op::Switch { path: path.clone(), keys: keys.clone(), value: Node::Object(entries) }]
            }
            // The document has nothing here yet: it gets the whole of what a default had filled in, as it is now.
            Some(gap) => vec![Op::Set { value: self.shadow.root().at(gap.path()).cloned().unwrap_or_default(), path: gap.path().clone() }],
            // What a default had filled in was never in the document.
            None if matches!(op, Op::Remove { .. }) && may_be_ensured(path) && self.gaps.ops().iter().any(at_gap) => {
                self.gaps.ops.retain(|gap| gap.path() != path);
                Vec::new()
            }
            None => vec![op.clone()],
        }
    }

    /// Refuses a write at or above a value that the type cannot read, and any in a list of which it shows other elements.
    fn refuse_unfit(&self, op: &Op) -> Result<(), Refused> {
        let refused = |path: Path, reason: &str| Err(Refused { path, reason: RefusedReason::Unfit(reason.to_owned()) });
        // What cannot be read goes with its element.
        let is_above = |unfit: &Unfit| op.path().contains(&unfit.path) && !matches!(op, Op::Move { .. });
        let is_below = |unfit: &Unfit| unfit.path.contains(op.path());
        if let Some(unfit) = self.unfit.iter().find(|unfit| is_above(unfit) || is_below(unfit)) {
            return refused(unfit.path.clone(), &unfit.reason);
        }
        if !self.has_frozen {
            return Ok(());
        }
        let is_near = |list: &Segments<'_>| op.path().iter().starts_with(*list) || list.starts_with(op.path().iter());
        match self.gaps.ops().iter().filter_map(frozen).find(is_near) {
            Some(list) => refused(list.into(), "a list with elements that it cannot read"),
            None => Ok(()),
        }
    }
}

impl Before {
    /// An element as it is now in the shadow, which was at `origin`, with all that the document has of it; and what fills it in.
    fn element(&self, now: &Node, origin: Option<usize>) -> Result<(Node, Patch), Refused> {
        let was = |list: &Node| match list {
            Node::List(items) => items.get(origin?).cloned(),
            _ => None,
        };
        let (Some(doc), Some(shadow)) = (was(&self.list), was(&self.shadow)) else { return Ok((now.clone(), Patch::default())) };
        let changed = diff_nodes(&shadow, now);
        let gaps = origin.and_then(|origin| self.gaps.get(&u32::try_from(origin).ok()?)).cloned().unwrap_or_default();
        let mut lift = Lift::new(Doc::new(doc), Doc::new(shadow), gaps, Vec::new());
        lift.patch(&changed, &[])?;
        Ok((lift.doc.root, lift.gaps))
    }
}

/// The list that shows other elements than the document has.
fn frozen(gap: &Op) -> Option<Segments<'_>> {
    match (gap, gap.path().split_last()) {
        (Op::Insert { .. } | Op::Remove { .. } | Op::Move { .. }, Some((list, Segment::Index(_)))) => Some(list),
        _ => None,
    }
}

/// The same op under a place.
fn under(place: &Path, mut op: Op) -> Op {
    let mut path = place.clone();
    path.push_all(op.path().iter());
    *op.path_mut() = path;
    op
}

/// The position of the element of a list in which a place is, and where in it.
fn below<'a>(path: &'a Path, list: Segments<'_>) -> Option<(u32, Segments<'a>)> {
    let mut rest = path.iter().starts_with(list).then(|| path.iter().below_byte(list.as_text().len()))??;
    match rest.next() {
        Some(Segment::Index(at)) => Some((at, rest)),
        _ => None,
    }
}

/// Moves gaps along with an op of the document.
pub(super) fn carry_gaps(gaps: &mut Patch, op: &Op) {
    let shifts = |op: &Op| matches!(op, Op::Insert { .. } | Op::Remove { .. } | Op::Move { .. });
    let is_of = |list| move |gap: &Op| shifts(gap) && below(gap.path(), list).is_some_and(|(_, inner)| inner.as_text().is_empty());
    if let Some((list, Segment::Index(at))) = op.path().split_last()
        && shifts(op)
        && !gaps.ops().iter().any(is_of(list))
    {
        let above = list.as_text().len();
        gaps.ops.retain_mut(|gap| match below(gap.path(), list).map(|(place, _)| (place, position_after(place, at, op))) {
            Some((place, Some(now))) if now != place => {
                gap.path_mut().set_index(above, now);
                true
            }
            Some((_, now)) => now.is_some(),
            None => true,
        });
        return;
    }
    // Where an empty value is put into the document, nothing is to be filled in any more, as where any other is set.
    let over = match op {
        Op::Ensure { path, value } => Op::Set { path: path.clone(), value: value.clone() },
        other => other.clone(),
    };
    *gaps = gaps.transform(&Patch::from_op(over), Order::Earlier);
}

/// Where the element at `place` is after an op on the one at `at`.
fn position_after(place: u32, at: u32, op: &Op) -> Option<u32> {
    match op {
        Op::Insert { .. } => Some(place + u32::from(place >= at)),
        Op::Remove { .. } => (place != at).then(|| place - u32::from(place > at)),
        Op::Move { to, .. } => u32::try_from(place_after(place as usize, at as usize, *to as usize)).ok(),
        _ => Some(place),
    }
}

/// Unfit places after an op; those that it replaced are gone.
pub(super) fn carried(unfit: &[Unfit], op: &Op) -> Vec<Unfit> {
    let over = Patch::new(vec![op.clone()]);
    let moved = unfit.iter().filter_map(|unfit| {
        let place = Patch::new(vec![Op::Set { path: unfit.path.clone(), value: Node::Null }]);
        let path = place.transform(&over, Order::Earlier).ops().first()?.path().clone();
        Some(Unfit { path, reason: unfit.reason.clone() })
    });
    moved.collect()
}

fn apply(doc: &mut Doc, op: &Op) -> Result<(), Refused> {
    doc.apply_op(op, &mut None).map_err(|reason| super::refused_by_apply(ApplyError { op: 0, path: op.path().clone(), reason }))
}
