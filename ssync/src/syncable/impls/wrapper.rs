//! What holds one value or none: boxes, shared pointers, `Option`, `Result`.

use std::rc::Rc;
use std::sync::Arc;

use crate::doc::Node;
use crate::path::Segments;
use crate::syncable::{At, Blank, Change, Layout, Plan, Refused, Step, Stop, Syncable, Unfit, Variant};

impl<T: Syncable> Syncable for Box<T> {
    const TYPED: bool = T::TYPED;
    const WEAKER: Option<&'static str> = T::WEAKER;
    fn plan() -> Plan {
        T::plan()
    }
    fn blank() -> Blank {
        T::blank()
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        (**self).same(node)
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        (**self).compare(at)
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        (**self).receive(change)
    }
    fn receive_scalar<'a>(&mut self, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
        (**self).receive_scalar(node, way, scalar)
    }
    fn keep_local(&mut self, old: &mut Self) {
        (**self).keep_local(old);
    }
    fn step(field: &str) -> Option<Step> {
        T::step(field)
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        T::verify(change)
    }
}

/// A shared pointer's value is compared where it is, by all that it remembers if nobody else holds it; and copied before it is changed if others do.
macro_rules! shared {
    ($($pointer:ident),*) => {
        $(impl<T: Syncable + Clone> Syncable for $pointer<T> {
            const TYPED: bool = T::TYPED;
            const WEAKER: Option<&'static str> = T::WEAKER;
            fn plan() -> Plan {
                T::plan()
            }
            fn blank() -> Blank {
                T::blank()
            }
            #[inline]
            fn same(&self, node: &Node) -> bool {
                (**self).same(node)
            }
            fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
                match $pointer::get_mut(self) {
                    Some(value) => value.compare(at),
                    None => {
                        // What it remembers is of others as well.
                        at.old().forget_marks();
                        at.walk(self, Self::plan())
                    }
                }
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                $pointer::make_mut(self).receive(change)
            }
            fn step(field: &str) -> Option<Step> {
                T::step(field)
            }
            fn keep_local(&mut self, old: &mut Self) {
                $pointer::make_mut(self).keep_local($pointer::make_mut(old));
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                T::verify(change)
            }
        })*
    };
}

shared!(Rc, Arc);

impl<T: Syncable> Syncable for Option<T> {
    const TYPED: bool = T::TYPED;
    const WEAKER: Option<&'static str> = T::WEAKER;
    fn plan() -> Plan {
        T::plan()
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        match (self, node) {
            (None, node) => matches!(node, Node::Null),
            // `Some` of what is null would come back as `None`; the serde route says so.
            (Some(_), Node::Null) => false,
            (Some(value), node) => value.same(node),
        }
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        match self {
            Some(value) if !matches!(at.old(), Node::Null) => value.compare(at.in_some()),
            _ => at.walk(self, Self::plan()),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        let change = change.found();
        match self {
            Some(value) if !matches!(change.node(), Node::Null) => value.receive(change),
            _ => {
                *self = change.decode()?;
                Ok(())
            }
        }
    }
    fn receive_scalar<'a>(&mut self, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
        match (self, scalar) {
            (Some(value), Node::Bool(_) | Node::Number(_) | Node::String(_)) => value.receive_scalar(node, way, scalar),
            // What was null, or is now: not what the value inside reads.
            _ => None,
        }
    }
    fn keep_local(&mut self, old: &mut Self) {
        if let (Some(value), Some(old)) = (self, old) {
            value.keep_local(old);
        }
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        if matches!(change.node(), Node::Null) { Ok(()) } else { T::verify(change) }
    }
}

static OK: Layout = Layout::new(&["Ok"]);
static ERR: Layout = Layout::new(&["Err"]);

impl<T: Syncable, E: Syncable> Syncable for Result<T, E> {
    const TYPED: bool = T::TYPED && E::TYPED;
    fn plan() -> Plan {
        let variants = const {
            &[
                Variant { name: "Ok", aliases: &[], plan: T::plan, layout: &OK },
                Variant { name: "Err", aliases: &[], plan: E::plan, layout: &ERR },
            ]
        };
        Plan::Variants { tag: None, content: None, variants }
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        match self {
            Ok(value) => OK.values::<1>(node).is_some_and(|values| value.same(&values[0])),
            Err(error) => ERR.values::<1>(node).is_some_and(|values| error.same(&values[0])),
        }
    }
    fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
        match (&mut *self, OK.values::<1>(at.old()), ERR.values::<1>(at.old())) {
            (Ok(value), Some(values), _) => at.under("Ok", &values[0], |at| value.compare(at)),
            (Err(error), _, Some(values)) => at.under("Err", &values[0], |at| error.compare(at)),
            _ => at.walk(self, Self::plan()),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match (&mut *self, change.key(), change.child()) {
            (Ok(value), Some("Ok"), Some(child)) => value.receive(child),
            (Err(error), Some("Err"), Some(child)) => error.receive(child),
            _ => change.replace(self),
        }
    }
    fn keep_local(&mut self, old: &mut Self) {
        match (self, old) {
            (Ok(value), Ok(old)) => value.keep_local(old),
            (Err(error), Err(old)) => error.keep_local(old),
            _ => {}
        }
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        match (change.key(), change.child()) {
            (Some("Ok"), Some(child)) => T::verify(child),
            (Some("Err"), Some(child)) => E::verify(child),
            (None, _) => {
                change.verify_field("Ok", T::verify)?;
                change.verify_field("Err", E::verify)
            }
            _ => Ok(()),
        }
    }
}
