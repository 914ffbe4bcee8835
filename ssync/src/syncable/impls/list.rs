//! Lists that grow, and arrays.

use std::collections::{LinkedList, VecDeque};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{keep_each, verify_each};
use crate::doc::Node;
use crate::patch::Op;
use crate::path::Segment;
use crate::syncable::{At, Change, Keyed, Plan, Refused, Stop, Syncable, Unfit};

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
pub(crate) enum ListOp<'a> {
    Insert(usize),
    Remove(usize),
    /// From a place to another, as the elements stand afterwards.
    Move(usize, usize),
    Edit(usize, Change<'a>),
    /// The list does not hold what the document does.
    Anew,
}

/// What an op means for a list that has this many elements.
pub(crate) fn list_op(change: Change<'_>, count: usize) -> ListOp<'_> {
    let (Some(Segment::Index(index)), Node::List(items)) = (change.step(), change.node()) else { return ListOp::Anew };
    let index = *index as usize;
    match change.op() {
        Op::Insert { .. } if change.is_last() && index <= count && count + 1 == items.len() => ListOp::Insert(index),
        Op::Remove { .. } if change.is_last() && index < count && count == items.len() + 1 => ListOp::Remove(index),
        Op::Move { to, .. } if change.is_last() && index < count && count == items.len() => {
            let to = *to as usize;
            ListOp::Move(index, if to > index { to - 1 } else { to })
        }
        // An element is edited in place only where both have the same elements.
        op if index < count && count == items.len() && !(change.is_last() && matches!(op, Op::Insert { .. } | Op::Remove { .. })) => {
            change.child().map_or(ListOp::Anew, |child| ListOp::Edit(index, child))
        }
        _ => ListOp::Anew,
    }
}

macro_rules! growing_list {
    ($($type:ident;)*) => {
        $(impl<T: Syncable> Syncable for $type<T> {
            const TYPED: bool = T::TYPED;
            fn plan() -> Plan {
                Plan::Each(T::plan)
            }
            #[inline]
            fn same(&self, node: &Node) -> bool {
                same_each(self.iter(), node)
            }
            fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
                match at.old() {
                    Node::List(old) => at.each(old, self.iter_mut(), None),
                    _ => at.walk(self, Self::plan()),
                }
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                match list_op(change, self.len()) {
                    ListOp::Insert(index) => self.insert(index, change.decode_inserted()?),
                    ListOp::Remove(index) => drop(self.remove(index)),
                    ListOp::Move(from, to) => move_element!($type, self, from, to),
                    ListOp::Edit(index, child) => return self[index].receive(child),
                    ListOp::Anew => return change.replace(self),
                }
                Ok(())
            }
            fn keep_local(&mut self, old: &mut Self) {
                keep_each(self, old);
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                verify_each::<T>(change)
            }
        }

        impl<T: Syncable> Keyed for $type<T> {
            const ELEMENT_FIELDS: &'static [&'static str] = T::FIELDS;
            fn compare_keyed(&mut self, key: &'static str, at: At<'_>) -> Result<(), Stop> {
                match at.old() {
                    Node::List(old) => at.each(old, self.iter_mut(), Some(key)),
                    _ => at.walk(self, Self::plan().keyed(key)),
                }
            }
        })*
    };
}

macro_rules! move_element {
    (Vec, $list:ident, $from:ident, $to:ident) => {
        if $to > $from { $list[$from..=$to].rotate_left(1) } else { $list[$to..=$from].rotate_right(1) }
    };
    (VecDeque, $list:ident, $from:ident, $to:ident) => {
        if let Some(element) = $list.remove($from) {
            $list.insert($to, element);
        }
    };
}

growing_list! {
    Vec;
    VecDeque;
}

#[cfg(feature = "smallvec")]
impl<A: smallvec::Array> Syncable for smallvec::SmallVec<A>
where
    A::Item: Syncable,
{
    const TYPED: bool = A::Item::TYPED;
    fn plan() -> Plan {
        Plan::Each(A::Item::plan)
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        same_each(self.iter(), node)
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        match at.old() {
            Node::List(old) => at.each(old, self.iter_mut(), None),
            _ => at.walk(self, Self::plan()),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match list_op(change, self.len()) {
            ListOp::Insert(index) => self.insert(index, change.decode_inserted()?),
            ListOp::Remove(index) => drop(self.remove(index)),
            ListOp::Move(from, to) => move_element!(Vec, self, from, to),
            ListOp::Edit(index, child) => return self[index].receive(child),
            ListOp::Anew => return change.replace(self),
        }
        Ok(())
    }
    fn keep_local(&mut self, old: &mut Self) {
        keep_each(self, old);
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        verify_each::<A::Item>(change)
    }
}

/// Has no element by number: what changes in it is decoded with the whole.
impl<T: Syncable> Syncable for LinkedList<T> {
    const TYPED: bool = T::TYPED;
    fn plan() -> Plan {
        Plan::Each(T::plan)
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        same_each(self.iter(), node)
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        match at.old() {
            Node::List(old) => at.each(old, self.iter_mut(), None),
            _ => at.walk(self, Self::plan()),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match list_op(change, self.len()) {
            ListOp::Edit(index, child) => match self.iter_mut().nth(index) {
                Some(element) => element.receive(child),
                None => change.replace(self),
            },
            _ => change.replace(self),
        }
    }
    fn keep_local(&mut self, old: &mut Self) {
        keep_each(self, old);
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        verify_each::<T>(change)
    }
}

impl<T: Syncable, const N: usize> Syncable for [T; N]
where
    [T; N]: Serialize + DeserializeOwned,
{
    const TYPED: bool = T::TYPED;
    fn plan() -> Plan {
        Plan::Each(T::plan)
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        same_each(self.iter(), node)
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        match at.old() {
            Node::List(old) if old.len() == N => at.each(old, self.iter_mut(), None),
            _ => at.walk(self, Self::plan()),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match list_op(change, N) {
            ListOp::Edit(index, child) => self[index].receive(child),
            ListOp::Move(from, to) => {
                move_element!(Vec, self, from, to);
                Ok(())
            }
            _ => change.replace(self),
        }
    }
    fn keep_local(&mut self, old: &mut Self) {
        keep_each(self, old);
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        verify_each::<T>(change)
    }
}
