//! `serde_json::Value`: any JSON.

use serde_json::Value;

use super::list::{ListOp, list_op};
use crate::doc::Node;
use crate::patch::shift_element;
use crate::path::Segment;
use crate::syncable::{Change, Refused, Syncable, Unfit};

impl Syncable for Value {
    const TYPED: bool = true;
    fn same(&self, node: &Node) -> bool {
        match (self, node) {
            (Self::Null, Node::Null) => true,
            (Self::Bool(bool), node) => bool.same(node),
            (Self::String(text), node) => text.same(node),
            (Self::Array(items), Node::List(old)) => {
                items.len() == old.len() && items.iter().zip(old.iter()).all(|(item, old)| item.same(old))
            }
            (Self::Object(entries), Node::Object(old)) => {
                entries.len() == old.len() && entries.iter().all(|(key, value)| old.get(key).is_some_and(|node| value.same(node)))
            }
            (Self::Number(number), node) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => node.is_unsigned(number),
                (_, Some(number)) => node.is_signed(number),
                // With serde_json's `arbitrary_precision` its text decides, which the serde route reads.
                _ => Node::from_json(self).is_ok_and(|new| new == *node),
            },
            _ => false,
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        let change = change.found();
        let child = change.child();
        match (&mut *self, change.step(), change.node()) {
            (Self::Object(entries), Some(Segment::Key(key)), Node::Object(_)) => match (entries.get_mut(key), child) {
                (Some(value), Some(child)) => return value.receive(child),
                (None, Some(child)) => {
                    entries.insert(key.to_string(), child.node().to_json());
                }
                (_, None) => {
                    entries.remove(key);
                }
            },
            (Self::Array(items), Some(Segment::Index(_)), Node::List(_)) => match list_op(change, items.len()) {
                ListOp::Insert(index) => items.insert(index, change.inserted().to_json()),
                ListOp::Remove(index) => drop(items.remove(index)),
                ListOp::Move(from, to) => shift_element(items, from, to),
                ListOp::Edit(index) => return child.map_or(Ok(()), |child| items[index].receive(child)),
                ListOp::Anew => *self = change.node().to_json(),
            },
            _ => *self = change.node().to_json(),
        }
        Ok(())
    }
    fn verify(_: Change<'_>) -> Result<(), Refused> {
        Ok(())
    }
}
