//! Lists that grow, and arrays.

use std::collections::{LinkedList, VecDeque};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{keep_each, verify_each};
use crate::doc::Node;
use crate::patch::{Op, landing, shift_element};
use crate::path::{Segment, Segments};
use crate::syncable::{At, Blank, Change, Identity, Keyed, Plan, Refused, Stop, Syncable, Unfit, items_mut};

/// Whether the elements are those of the node, one by one.
#[inline]
pub(crate) fn same_each<'a, T: Syncable + 'a>(items: impl ExactSizeIterator<Item = &'a T>, node: &Node) -> bool {
    match node {
        Node::List(old) if items.len() == old.len() && items.zip(old.iter()).all(|(item, old)| item.same(old)) => {
            // What was tied to the list stands elsewhere now.
            old.mark().clear();
            true
        }
        _ => false,
    }
}

/// What the list of elements is to do with one op.
pub(crate) enum ListOp {
    Insert(usize),
    Remove(usize),
    /// From a place to another, as the elements stand afterwards.
    Move(usize, usize),
    Edit(usize),
    /// The list does not hold what the document does.
    Anew,
}

/// What an op means for a list that has this many elements.
#[inline]
pub(crate) fn list_op(change: Change<'_>, count: usize) -> ListOp {
    let Some(Segment::Index(index)) = change.step() else { return ListOp::Anew };
    let index = index as usize;
    match change.op() {
        Op::Insert { .. } if change.is_last() && index <= count && change.has_elements(count + 1) => ListOp::Insert(index),
        Op::Remove { .. } if change.is_last() && index < count && change.has_elements(count - 1) => ListOp::Remove(index),
        Op::Move { to, .. } if change.is_last() && index < count && (*to as usize) <= count && change.has_elements(count) => {
            ListOp::Move(index, landing(index, *to as usize))
        }
        Op::Insert { .. } | Op::Remove { .. } | Op::Move { .. } if change.is_last() => ListOp::Anew,
        // An element is edited in place only where both have the same elements.
        _ if index < count && change.has_elements(count) => ListOp::Edit(index),
        _ => ListOp::Anew,
    }
}

/// Lists: how they are taken apart, and what of an op they can do in place.
macro_rules! lists {
    ($([$($generics:tt)*] $type:ty, $element:ty $(where [$($bounds:tt)*])?, $identity:ident, |$list:ident, $change:ident| { $($in_place:tt)* })*) => {
        $(impl<$($generics)*> Syncable for $type
        where
            $($($bounds)*)?
        {
            const TYPED: bool = <$element>::TYPED;
            const WEAKER: Option<&'static str> = <$element>::WEAKER;
            fn plan() -> Plan {
                Plan::Each(<$element>::plan)
            }
            fn blank() -> Blank {
                // An array has as many elements as it has.
                if matches!(Identity::$identity, Identity::Position) { None } else { Some(|| Node::list(Vec::new())) }
            }
            #[inline]
            fn same(&self, node: &Node) -> bool {
                same_each(self.iter(), node)
            }
            fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
                match at.old() {
                    Node::List(old) => at.each(old, self.iter_mut(), Identity::$identity),
                    _ => at.walk(self, Self::plan()),
                }
            }
            fn receive(&mut self, $change: Change<'_>) -> Result<(), Unfit> {
                let $list = self;
                match list_op($change, $list.len()) {
                    ListOp::Edit(index) => {
                        if let (Some(element), Some(child)) = ($list.iter_mut().nth(index), $change.child()) {
                            return element.receive(child);
                        }
                        return $change.replace($list);
                    }
                    $($in_place)*
                    _ => return $change.replace($list),
                }
                #[allow(unreachable_code, reason = "some do nothing in place")]
                Ok(())
            }
            fn receive_scalar<'a>(&mut self, node: &'a mut Node, mut way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
                let Segment::Index(index) = way.next()? else { return None };
                let index = index as usize;
                let node = items_mut(node, self.len())?.get_mut(index)?;
                self.iter_mut().nth(index)?.receive_scalar(node, way, scalar)
            }
            fn keep_local(&mut self, old: &mut Self) {
                keep_each(self, old);
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                verify_each::<$element>(change)
            }
        })*
    };
}

/// Lists that grow, and of which an element is told by its key.
macro_rules! growing_lists {
    ($([$($generics:tt)*] $type:ty, $element:ty $(where [$($bounds:tt)*])?, $slice:ident;)*) => {
        $(lists! {
            [$($generics)*] $type, $element $(where [$($bounds)*])?, Content, |list, change| {
                ListOp::Insert(index) => list.insert(index, change.decode_inserted()?),
                ListOp::Remove(index) => drop(list.remove(index)),
                ListOp::Move(from, to) => shift_element(list.$slice(), from, to),
            }
        }

        impl<$($generics)*> Keyed for $type
        where
            $($($bounds)*)?
        {
            const ELEMENT_FIELDS: &'static [&'static str] = <$element>::FIELDS;
            fn compare_by(&mut self, identity: Identity, at: At<'_>) -> Result<(), Stop> {
                match (at.old(), identity) {
                    (Node::List(old), _) => at.each(old, self.iter_mut(), identity),
                    (_, Identity::Key(key)) => at.walk(self, Self::plan().keyed(key)),
                    _ => at.walk(self, Self::plan()),
                }
            }
        })*
    };
}

growing_lists! {
    [T: Syncable] Vec<T>, T, as_mut_slice;
    [T: Syncable] VecDeque<T>, T, make_contiguous;
}

#[cfg(feature = "smallvec")]
growing_lists! {
    [A: smallvec::Array] smallvec::SmallVec<A>, A::Item where [A::Item: Syncable], as_mut_slice;
}

lists! {
    // Has no element by number: what changes in it is decoded with the whole.
    [T: Syncable] LinkedList<T>, T, Content, |list, change| {}
    [T: Syncable, const N: usize] [T; N], T where [[T; N]: Serialize + DeserializeOwned], Position, |list, change| {
        ListOp::Move(from, to) => shift_element(list, from, to),
    }
}
