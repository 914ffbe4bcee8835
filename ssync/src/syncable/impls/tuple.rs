//! Tuples.

use crate::doc::Node;
use crate::path::{Segment, Segments};
use crate::syncable::{At, Change, Plan, Refused, Step, Stop, Syncable, Unfit, items_mut};

macro_rules! tuples {
    ($(($($type:ident $number:tt),+))*) => {
        $(impl<$($type: Syncable),+> Syncable for ($($type,)+) {
            const TYPED: bool = $($type::TYPED)&&+;
            fn plan() -> Plan {
                Plan::Tuple(const { &[$($type::plan),+] })
            }
            #[inline]
            fn same(&self, node: &Node) -> bool {
                const COUNT: usize = [$($number),+].len();
                match node {
                    Node::List(old) => old.len() == COUNT $(&& self.$number.same(&old[$number]))+,
                    _ => false,
                }
            }
            fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
                const COUNT: usize = [$($number),+].len();
                match at.old() {
                    Node::List(old) if old.len() == COUNT => {
                        $(at.element($number, &old[$number], |at| self.$number.compare(at))?;)+
                        Ok(())
                    }
                    _ => at.walk(self, Self::plan()),
                }
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                // Other programs may hold a list here, of which elements come and go.
                if change.is_last() && !change.op().is_edit() {
                    return change.replace(self);
                }
                match (change.step(), change.child()) {
                    $((Some(Segment::Index($number)), Some(child)) => self.$number.receive(child),)+
                    _ => change.replace(self),
                }
            }
            fn receive_scalar<'a>(&mut self, node: &'a mut Node, mut way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
                const COUNT: usize = [$($number),+].len();
                let segment = way.next()?;
                let nodes = items_mut(node, COUNT)?;
                match segment {
                    $(Segment::Index($number) => self.$number.receive_scalar(&mut nodes[$number], way, scalar),)+
                    _ => None,
                }
            }
            fn step(field: &str) -> Option<Step> {
                match field {
                    $(stringify!($number) => Some(Step::Index($number)),)+
                    _ => None,
                }
            }
            fn keep_local(&mut self, old: &mut Self) {
                $(self.$number.keep_local(&mut old.$number);)+
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                match (change.step(), change.child()) {
                    $((Some(Segment::Index($number)), Some(child)) => $type::verify(child),)+
                    (None, _) => change.verify_parts(|position, part| match position {
                        $($number => $type::verify(part),)+
                        _ => Ok(()),
                    }),
                    _ => Ok(()),
                }
            }
        })*
    };
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
