//! Lists on the typed route: each element is compared once, with the one that it was.
//!
//! First a look at what stands at the same position; then, if anything differs, one plan of which element was which ([`arrange`]); then each
//! element that differs from what it was is compared with that. **No look before the last one changes anything in an element**: a counter
//! still knows that it was set, a text what was typed into it.

use smallvec::SmallVec;

use super::{At, Recorder};
use crate::diff::BULK_REMOVALS_MAX;
use crate::diff::print::Print;
use crate::diff::sequence::{Sequence, are_unique, arrange, arrange_keyed, may_have_moved};
use crate::doc::{Items, Node};
use crate::patch::Op;
use crate::path::Trail;
use crate::syncable::Syncable;
use crate::syncable::build::Build;
use crate::syncable::keyed::Identity;
use crate::syncable::prints::{print_of, print_of_key};
use crate::syncable::refused::Stop;

/// Elements that are not what stands at their positions; those behind the end are none.
type Differing<'v, T> = SmallVec<[(usize, &'v mut T); 8]>;

/// A list that is being compared.
struct Each<'a, 'v, T> {
    old: &'a [Node],
    trail: Trail<'a>,
    identity: Identity,
    recorder: &'a mut Recorder,
    differing: Differing<'v, T>,
    /// How many elements there are.
    count: usize,
}

/// Compares the elements with those of the node.
///
/// # Errors
/// If an element cannot be shared.
pub(super) fn compare_each<'v, T: Syncable + 'v>(
    old: &Items,
    trail: Trail<'_>,
    recorder: &mut Recorder,
    items: impl Iterator<Item = &'v mut T>,
    identity: Identity,
) -> Result<(), Stop> {
    let (mut nodes, mut differing, mut behind) = (old.iter(), Differing::<T>::new(), 0);
    for item in items {
        match nodes.next() {
            Some(node) if item.same(node) => {}
            Some(_) => differing.push((old.len() - nodes.len() - 1, item)),
            None => {
                differing.push((old.len() + behind, item));
                behind += 1;
            }
        }
    }
    let count = old.len() - nodes.len() + behind;
    if differing.is_empty() && count == old.len() {
        return Ok(());
    }
    Each { old, trail, identity, recorder, differing, count }.record()
}

impl<T: Syncable> Each<'_, '_, T> {
    #[cold]
    #[inline(never)]
    fn record(self) -> Result<(), Stop> {
        let loses_much = self.old.len() > self.count + BULK_REMOVALS_MAX;
        let planned = if loses_much && !self.recorder.others_know_more { None } else { self.plan() };
        match planned {
            Some((start, sequence)) if sequence.arranged.gone_count() <= BULK_REMOVALS_MAX => self.rearrange(start, &sequence),
            None if !loses_much => self.in_place(),
            planned => self.replace(planned),
        }
    }

    /// The plan and where it begins, unless the elements are best compared where they stand.
    fn plan(&self) -> Option<(usize, Sequence)> {
        let same_length = self.count == self.old.len();
        let is_alone = same_length && self.differing.len() == 1 && !matches!(self.identity, Identity::Key(_));
        let first = self.differing.first().map_or(self.count, |(at, _)| *at);
        if is_alone || self.identity == Identity::Position || first >= self.old.len().min(self.count) {
            return None;
        }
        let (new_end, old_end) = self.ends(first);
        if let Identity::Key(key) = self.identity
            && let Some(planned) = self.plan_by_key(key, first, new_end, old_end)
        {
            return planned.map(|sequence| (first, sequence));
        }
        let prints = |differing: &[(usize, &mut T)]| differing.iter().map(|(_, item)| print_of(&**item)).collect::<Option<Vec<_>>>();
        let new = prints(&self.differing[..self.differing.partition_point(|(at, _)| *at < new_end)])?;
        if same_length {
            let old: Vec<Print> = self.differing.iter().map(|(at, _)| Print::of(&self.old[*at])).collect();
            if !may_have_moved(&old, &new, self.recorder.others_know_more) {
                return None;
            }
        }
        let before: Vec<Print> = self.old[first..old_end].iter().map(Print::of).collect();
        let sequence = arrange(&before, &self.all(first..new_end, new, &before), self.recorder.others_know_more)?;
        Some((first, sequence))
    }

    /// The same by key. Nothing where the keys do not tell elements apart; no plan where each stands where it stood.
    fn plan_by_key(&self, key: &'static str, first: usize, new_end: usize, old_end: usize) -> Option<Option<Sequence>> {
        let differing = self.differing.iter().filter(|(at, _)| *at < new_end);
        let new: Vec<Print> = differing.map(|(_, item)| print_of_key(&**item, key)).collect::<Option<_>>()?;
        let before: Vec<Print> = self.old[first..old_end].iter().map(|node| Print::of_key(node, key)).collect::<Option<_>>()?;
        let new = self.all(first..new_end, new, &before);
        if new == before { are_unique(&before).then_some(None) } else { arrange_keyed(&before, &new).map(Some) }
    }

    /// The prints of all elements of a range: an element that is what stands at its position has the print of that.
    fn all(&self, range: std::ops::Range<usize>, differing: Vec<Print>, before: &[Print]) -> Vec<Print> {
        let mut prints: Vec<Print> = range.clone().map(|at| before.get(at - range.start).copied().unwrap_or(Print::null())).collect();
        self.differing.iter().zip(differing).for_each(|((at, _), print)| prints[at - range.start] = print);
        prints
    }

    /// Where what is the same at both ends begins, in the new list and in the old one.
    fn ends(&self, first: usize) -> (usize, usize) {
        let (mut new_end, mut old_end, mut differing) = (self.count, self.old.len(), self.differing.iter().rev().peekable());
        while new_end > first && old_end > first {
            let old = &self.old[old_end - 1];
            let same = match differing.peek() {
                Some((at, item)) if *at == new_end - 1 => item.same(old),
                _ => new_end == old_end || self.old[new_end - 1] == *old,
            };
            if !same {
                break;
            }
            (new_end, old_end) = (new_end - 1, old_end - 1);
            differing.next_if(|(at, _)| *at == new_end);
        }
        (new_end, old_end)
    }

    /// Compares each element with what stands at its position; the rest is at the end.
    fn in_place(self) -> Result<(), Stop> {
        let Self { old, trail, recorder, differing, count, .. } = self;
        for at in (count..old.len()).rev() {
            recorder.remove(trail.index(at).to_path())?;
        }
        for (at, item) in differing {
            let trail = trail.index(at);
            match old.get(at) {
                Some(node) => item.compare(At::new(node, trail, recorder))?,
                None => {
                    let value = built(&trail, item)?;
                    recorder.push(|| Op::Insert { path: trail.to_path(), value })?;
                }
            }
        }
        Ok(())
    }

    /// Brings the elements from where they were, and compares each with what it was.
    fn rearrange(self, start: usize, sequence: &Sequence) -> Result<(), Stop> {
        let Self { old, trail, recorder, differing, .. } = self;
        let first_op = recorder.patch.ops.len();
        recorder.is_doubtful = true;
        // Elements will stand for others: what was tied to them is no more.
        old.iter().for_each(Node::forget_marks);
        sequence.arranged.record_order(&trail, start, &mut recorder.patch);
        let mut differing = differing.into_iter().peekable();
        for (position, origin) in sequence.origins.iter().enumerate() {
            let (at, trail) = (start + position, trail.index(start + position));
            let item = differing.next_if(|(differing, _)| *differing == at).map(|(_, item)| item);
            match (origin.map(|origin| &old[start + origin]), item) {
                (Some(node), Some(item)) if item.same(node) => {}
                (Some(node), Some(item)) => item.compare(At::new(node, trail, recorder))?,
                // What stands at its position is what it is.
                (Some(node), None) => crate::diff::diff_at(&trail, node, &old[at], &mut recorder.patch),
                (None, item) => {
                    let value = item.map_or_else(|| Ok(own(&old[at])), |item| built(&trail, item))?;
                    recorder.push(|| Op::Insert { path: trail.to_path(), value })?;
                    if let Some(was) = sequence.was(position) {
                        recorder.note_anew(first_op, || vec![Some(start + was)]);
                    }
                }
            }
        }
        Ok(())
    }

    /// Sets the list as a whole: it lost more elements than are worth an op each.
    fn replace(self, planned: Option<(usize, Sequence)>) -> Result<(), Stop> {
        let Self { old, trail, recorder, differing, count, .. } = self;
        let mut differing = differing.into_iter().peekable();
        let mut item = |at: usize| match differing.next_if(|(differing, _)| *differing == at) {
            Some((_, item)) => built(&trail.index(at), item),
            None => Ok(own(&old[at])),
        };
        let items = (0..count).map(&mut item).collect::<Result<Vec<Node>, Stop>>()?;
        let first_op = recorder.patch.ops.len();
        recorder.set(&trail, Node::list(items))?;
        let (start, sequence) = planned.unzip();
        recorder.note_anew(first_op, || origins(start.unwrap_or_default(), sequence.as_ref(), old.len(), count));
        Ok(())
    }
}

/// Where each element of a list was: in a plan's part by the plan, before it where it stands, and behind it as far from the end.
pub(super) fn origins(start: usize, sequence: Option<&Sequence>, old: usize, count: usize) -> Vec<Option<usize>> {
    let Some(sequence) = sequence else { return (0..count).map(|at| (at < old).then_some(at)).collect() };
    let origin = |at: usize| match at.checked_sub(start) {
        None => Some(at),
        Some(within) if within < sequence.origins.len() => sequence.was(within).map(|was| start + was),
        Some(_) => old.checked_sub(count - at),
    };
    (0..count).map(origin).collect()
}

/// A copy of a node that shares nothing that may be tied: what is tied to one node must not be found at two.
fn own(node: &Node) -> Node {
    node.unshared().unwrap_or_else(|| node.clone())
}

/// The node of a value, which is then known to be the same: tracked containers in it begin with what is built here.
pub(super) fn built<T: Syncable>(trail: &Trail<'_>, value: &T) -> Result<Node, Stop> {
    let node = Build::new(trail, T::plan()).node(value)?;
    value.same(&node);
    Ok(node)
}
