//! Ranges: their two ends are fields.

use std::ops::{Range, RangeInclusive};

use crate::doc::Node;
use crate::syncable::{At, Change, Field, FieldRoute, Layout, Plan, Refused, Stop, Syncable, Unfit};

static ENDS: Layout = Layout::new(&["start", "end"]);

const fn fields<T: Syncable>() -> &'static [Field] {
    const {
        &[
            Field {
                name: "start",
                aliases: &[],
                flatten: false,
                blank: || None,
                plan: T::plan,
                route: || FieldRoute::new(T::TYPED, T::WEAKER),
            },
            Field {
                name: "end",
                aliases: &[],
                flatten: false,
                blank: || None,
                plan: T::plan,
                route: || FieldRoute::new(T::TYPED, T::WEAKER),
            },
        ]
    }
}

fn verify_ends<T: Syncable>(change: Change<'_>) -> Result<(), Refused> {
    match (change.step(), change.child()) {
        (Some(_), Some(child)) => T::verify(child),
        (Some(_), None) => Ok(()),
        (None, _) => change.verify_field("start", T::verify).and_then(|()| change.verify_field("end", T::verify)),
    }
}

impl<T: Syncable> Syncable for Range<T> {
    const TYPED: bool = T::TYPED;
    const WEAKER: Option<&'static str> = T::WEAKER;
    fn plan() -> Plan {
        Plan::Fields(fields::<T>(), &ENDS)
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        ENDS.values::<2>(node).is_some_and(|ends| self.start.same(&ends[0]) && self.end.same(&ends[1]))
    }
    fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
        match ENDS.values::<2>(at.old()) {
            Some(ends) => {
                at.under("start", &ends[0], |at| self.start.compare(at))?;
                at.under("end", &ends[1], |at| self.end.compare(at))
            }
            None => at.walk(self, Self::plan()),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match (change.key(), change.child()) {
            (Some("start"), Some(child)) => self.start.receive(child),
            (Some("end"), Some(child)) => self.end.receive(child),
            _ => change.replace(self),
        }
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        verify_ends::<T>(change)
    }
}

/// Gives no access to its ends one by one: what changes is decoded with the whole.
impl<T: Syncable> Syncable for RangeInclusive<T> {
    const TYPED: bool = T::TYPED;
    const WEAKER: Option<&'static str> = T::WEAKER;
    fn plan() -> Plan {
        Plan::Fields(fields::<T>(), &ENDS)
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        ENDS.values::<2>(node).is_some_and(|ends| self.start().same(&ends[0]) && self.end().same(&ends[1]))
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        verify_ends::<T>(change)
    }
}
