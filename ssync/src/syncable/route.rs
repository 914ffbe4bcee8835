//! Which way a field goes: its type's own, or serde's.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{At, Blank, Change, FieldRoute, Plan, Refused, Stop, Syncable, Unfit, is_same};
use crate::doc::Node;
use crate::path::Segments;

/// Why a type that only serde knows may be sent as less than it means.
pub(super) const FOREIGN: &str = "its type does not derive `Syncable`: what it leaves out where it is empty is a plain value, and an enum without a tag may be compared key by key";

/// Picks, for one field's concrete type, its own [`Syncable`] or else serde alone (autoref specialisation).
#[doc(hidden)]
pub struct Route<T>(std::marker::PhantomData<fn() -> T>);

impl<T> Route<T> {
    /// The route of this type.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

/// The route of a type that is [`Syncable`].
#[doc(hidden)]
pub trait ViaSyncable<T> {
    #[doc(hidden)]
    fn plan(&self) -> Plan;
    #[doc(hidden)]
    fn route(&self) -> FieldRoute;
    #[doc(hidden)]
    fn blank(&self) -> Blank;
    #[doc(hidden)]
    fn same(&self, value: &T, node: &Node) -> bool;
    #[doc(hidden)]
    fn compare(&self, value: &mut T, at: At<'_>) -> Result<(), Stop>;
    #[doc(hidden)]
    fn receive(&self, value: &mut T, change: Change<'_>) -> Result<(), Unfit>;
    #[doc(hidden)]
    fn receive_scalar<'a>(&self, value: &mut T, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node>;
    #[doc(hidden)]
    fn keep_local(&self, value: &mut T, old: &mut T);
    #[doc(hidden)]
    fn verify(&self, change: Change<'_>) -> Result<(), Refused>;
}

impl<T: Syncable> ViaSyncable<T> for Route<T> {
    fn plan(&self) -> Plan {
        T::plan()
    }
    fn route(&self) -> FieldRoute {
        FieldRoute::new(T::TYPED, T::WEAKER)
    }
    fn blank(&self) -> Blank {
        T::blank()
    }
    #[inline(always)]
    fn same(&self, value: &T, node: &Node) -> bool {
        value.same(node)
    }
    #[inline]
    fn compare(&self, value: &mut T, at: At<'_>) -> Result<(), Stop> {
        value.compare(at)
    }
    fn receive(&self, value: &mut T, change: Change<'_>) -> Result<(), Unfit> {
        value.receive(change)
    }
    #[inline]
    fn receive_scalar<'a>(&self, value: &mut T, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
        value.receive_scalar(node, way, scalar)
    }
    fn keep_local(&self, value: &mut T, old: &mut T) {
        value.keep_local(old);
    }
    fn verify(&self, change: Change<'_>) -> Result<(), Refused> {
        T::verify(change)
    }
}

/// The route of a type that has only serde's traits.
#[doc(hidden)]
pub trait ViaSerde<T> {
    #[doc(hidden)]
    fn plan(&self) -> Plan;
    #[doc(hidden)]
    fn route(&self) -> FieldRoute;
    #[doc(hidden)]
    fn blank(&self) -> Blank;
    #[doc(hidden)]
    fn same(&self, value: &T, node: &Node) -> bool;
    #[doc(hidden)]
    fn compare(&self, value: &mut T, at: At<'_>) -> Result<(), Stop>;
    #[doc(hidden)]
    fn receive(&self, value: &mut T, change: Change<'_>) -> Result<(), Unfit>;
    #[doc(hidden)]
    fn receive_scalar<'a>(&self, value: &mut T, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node>;
    #[doc(hidden)]
    fn keep_local(&self, value: &mut T, old: &mut T);
    #[doc(hidden)]
    fn verify(&self, change: Change<'_>) -> Result<(), Refused>;
}

impl<T: Serialize + DeserializeOwned> ViaSerde<T> for &Route<T> {
    fn plan(&self) -> Plan {
        Plan::Plain
    }
    fn route(&self) -> FieldRoute {
        FieldRoute::new(false, Some(FOREIGN))
    }
    fn blank(&self) -> Blank {
        None
    }
    fn same(&self, value: &T, node: &Node) -> bool {
        is_same(value, node, Plan::Plain)
    }
    fn compare(&self, value: &mut T, at: At<'_>) -> Result<(), Stop> {
        at.walk(value, Plan::Plain)
    }
    fn receive(&self, value: &mut T, change: Change<'_>) -> Result<(), Unfit> {
        if change.is_decoded_later() {
            return Ok(());
        }
        *value = change.decode_at(change.node(), &change.path(), Plan::Plain, |value, node| is_same(value, node, Plan::Plain))?;
        Ok(())
    }
    fn receive_scalar<'a>(&self, _value: &mut T, _node: &'a mut Node, _way: Segments<'_>, _scalar: &Node) -> Option<&'a mut Node> {
        None
    }
    fn keep_local(&self, _value: &mut T, _old: &mut T) {}
    fn verify(&self, change: Change<'_>) -> Result<(), Refused> {
        if change.is_plain_scalar() && change.step().is_some() { Ok(()) } else { change.verify_by::<T>(Plan::Plain) }
    }
}
