//! What of a list is compared, and how it takes what others did.

use super::List;
use crate::diff::Arranged;
use crate::doc::Node;
use crate::path::Segments;
use crate::syncable::{
    At, Blank, Change, Identity, Keyed, ListOp, Plan, Refused, Stop, Syncable, Unfit, list_op, runs_found_again, same_each,
};

impl<T: Syncable> List<T> {
    fn compare_list(&mut self, mut at: At<'_>, identity: Identity) -> Result<(), Stop> {
        let Node::List(old) = at.old() else {
            self.mark.clear();
            return at.walk(self, Self::plan());
        };
        if self.mark.fits(old.mark()) {
            if self.log.is_empty() {
                return Ok(());
            }
            if let Some(range) = self.log.only_touched()
                && self.items.len() == old.len()
                && range.end <= old.len()
            {
                self.log.clear();
                if range.len() == 1 {
                    // It was most likely changed.
                    let index = range.start;
                    return at.element(index, &old[index], |at| self.items[index].compare(at));
                }
                return range.into_iter().try_for_each(|index| {
                    let item = &mut self.items[index];
                    if item.same(&old[index]) { Ok(()) } else { at.element(index, &old[index], |at| item.compare(at)) }
                });
            }
            let runs = self.log.runs(old.len(), self.items.len());
            let arranged = runs.and_then(|runs| Arranged::new(old.len(), runs_found_again(runs, old, &self.items, identity)));
            if let Some(arranged) = arranged
                && at.arranged(old, &mut self.items, &arranged)?
            {
                self.log.clear();
                return Ok(());
            }
        }
        at.each(old, self.items.iter_mut(), identity)?;
        self.log.clear();
        self.mark.tie(old.mark());
        Ok(())
    }
}

impl<T: Syncable> Syncable for List<T> {
    const TYPED: bool = T::TYPED;
    const WEAKER: Option<&'static str> = T::WEAKER;
    fn plan() -> Plan {
        Plan::Each(T::plan)
    }
    fn blank() -> Blank {
        Some(|| Node::list(Vec::new()))
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        let Node::List(old) = node else { return false };
        if self.mark.fits(old.mark()) {
            return self.log.is_empty();
        }
        let same = self.log.is_empty() && same_each(self.items.iter(), node);
        if same {
            self.mark.tie(old.mark());
        }
        same
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        self.compare_list(at, Identity::Content)
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match list_op(change, self.items.len()) {
            ListOp::Insert(index) => self.items.insert(index, change.decode_inserted()?),
            ListOp::Remove(index) => drop(self.items.remove(index)),
            ListOp::Move(from, to) => {
                let element = self.items.remove(from);
                self.items.insert(to, element);
            }
            ListOp::Edit(index) => {
                return match change.child() {
                    Some(child) => self.items[index].receive(child),
                    None => change.replace(self),
                };
            }
            ListOp::Anew => return change.replace(self),
        }
        Ok(())
    }
    fn receive_scalar<'a>(&mut self, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
        self.items.receive_scalar(node, way, scalar)
    }
    fn keep_local(&mut self, old: &mut Self) {
        self.items.iter_mut().zip(&mut old.items).for_each(|(new, old)| new.keep_local(old));
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        Vec::<T>::verify(change)
    }
}

impl<T: Syncable> Keyed for List<T> {
    const ELEMENT_FIELDS: &'static [&'static str] = T::FIELDS;
    fn compare_by(&mut self, identity: Identity, at: At<'_>) -> Result<(), Stop> {
        self.compare_list(at, identity)
    }
}
