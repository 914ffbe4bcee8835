//! Sets: each member is known by its canonical JSON.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::doc::Node;
use crate::syncable::{Change, Plan, Syncable, Unfit, is_same};

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
            #[inline]
            fn same(&self, node: &Node) -> bool {
                same_members(self.iter(), node).unwrap_or_else(|| is_same(self, node, Plan::Set))
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                // A member that comes or goes; one that reads differently here is the whole set's matter.
                match (change.key(), change.child(), change.node()) {
                    (Some(_), Some(child), Node::Set(_)) if change.is_last() => {
                        if let Ok(member) = child.decode_plain() {
                            self.insert(member);
                            return Ok(());
                        }
                    }
                    (Some(text), None, Node::Set(_)) if change.is_last() => {
                        if let Ok(member) = serde_json::from_str::<T>(text) {
                            self.$remove(&member);
                            return Ok(());
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
