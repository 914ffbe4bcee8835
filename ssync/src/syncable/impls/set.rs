//! Sets: each member is known by its canonical JSON.
//!
//! Members that are equal for the program may differ in JSON: the document then has several, of which the set shows the first in the order of their JSON. The others
//! are gaps, so that nothing is sent of them.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::doc::{Node, Object};
use crate::planted::{Bug, planted};
use crate::syncable::{At, Blank, Change, Plan, RefusedReason, Stop, Syncable, Unfit, from_node, is_same};

/// Whether the members are those of the node and come in its order; nothing if only the serde route can tell.
#[inline]
fn same_members<'a, T: Serialize + 'a>(members: impl ExactSizeIterator<Item = &'a T>, node: &Node) -> Option<bool> {
    let Node::Set(old) = node else { return None };
    if members.len() != old.len() {
        return Some(false);
    }
    let in_order =
        members.enumerate().all(|(position, member)| old.entry(position).is_some_and(|(_, node)| is_same(member, node, Plan::Plain)));
    in_order.then_some(true)
}

/// Refuses a member in place of an equal one of the document that differs in JSON: another program may know both as one.
///
/// # Errors
/// If there is one.
fn refuse_equal<'s, T>(old: &Object, at: &mut At<'_>, equal: impl Fn(&T) -> Option<&'s T>) -> Result<(), Stop>
where
    T: Serialize + DeserializeOwned + 's,
{
    for (text, node) in old.iter() {
        let Ok(member) = from_node::<T>(node) else { continue };
        if equal(&member).is_some_and(|equal| !is_same(equal, node, Plan::Plain)) {
            return at.under(text, node, |at| Err(at.here(RefusedReason::EqualMembers.into())));
        }
    }
    Ok(())
}

macro_rules! set {
    ($type:ident<T $(, $hasher:ident)?>, $remove:ident, $($bound:tt)+) => {
        impl<T $(, $hasher: BuildHasher + Default)?> Syncable for $type<T $(, $hasher)?>
        where
            T: Serialize + DeserializeOwned + $($bound)+,
        {
            const TYPED: bool = true;
            fn plan() -> Plan {
                Plan::Set
            }
            fn blank() -> Blank {
                Some(|| Node::set([]))
            }
            #[inline]
            fn same(&self, node: &Node) -> bool {
                same_members(self.iter(), node).unwrap_or_else(|| is_same(self, node, Plan::Set))
            }
            fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
                if self.same(at.old()) {
                    return Ok(());
                }
                if let Node::Set(old) = at.old() {
                    refuse_equal(old, &mut at, |member| self.get(member))?;
                }
                at.walk(self, Plan::Set)
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                // A member that comes or goes; one that reads differently here is the whole set's matter.
                match (change.key(), change.child(), change.node()) {
                    (Some(_), Some(child), Node::Set(members)) if change.is_last() => {
                        if let Ok(member) = child.decode_plain() {
                            self.insert(member);
                            if self.len() == members.len() || planted(Bug::EqualMembersLost) {
                                return Ok(());
                            }
                        }
                    }
                    (Some(text), None, Node::Set(members)) if change.is_last() => {
                        if let Ok(member) = serde_json::from_str::<T>(text) {
                            self.$remove(&member);
                            if self.len() == members.len() || planted(Bug::EqualMembersLost) {
                                return Ok(());
                            }
                        }
                    }
                    _ => {}
                }
                *self = change.decode()?;
                Ok(())
            }
        }
    };
}

set!(BTreeSet<T>, remove, Ord);
set!(HashSet<T, S>, remove, Eq + Hash);
#[cfg(feature = "indexmap")]
use indexmap::IndexSet;
#[cfg(feature = "indexmap")]
set!(IndexSet<T, S>, shift_remove, Eq + Hash);
