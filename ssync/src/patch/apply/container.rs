//! What ops do to the container that holds their place.

use triomphe::Arc;

use super::{ApplyReason, descend};
use crate::doc::{Doc, Node, Object, text_len};
use crate::limits;
use crate::patch::SwitchKeys;
use crate::patch::moving::{landing, shift_element};
use crate::path::{Path, Segment};

impl Doc {
    /// Takes the entries under these keys out of an object, and puts others in; gives those that it took.
    pub(super) fn switch(&mut self, path: &Path, keys: &SwitchKeys, value: &Node) -> Result<Option<Node>, ApplyReason> {
        let new = keys.hold(value).ok_or(ApplyReason::Entries)?;
        match keys.len() {
            0 => return Err(ApplyReason::Idle),
            1..=limits::SWITCH_KEYS_MAX => {}
            keys => return Err(ApplyReason::Keys { keys }),
        }
        let entries = match descend(&mut self.root, path.iter())? {
            Node::Object(entries) => entries,
            other => return Err(ApplyReason::Container { found: other.kind() }),
        };
        // What stays under a key keeps its position.
        let left = keys.iter().filter(|key| new.get(key).is_none()).filter_map(|key| Some((key.clone(), entries.remove(key)?)));
        let mut gone: Object = left.collect();
        for (key, node) in new.iter() {
            if let Some(old) = entries.insert(key.clone(), node.clone()) {
                gone.insert(key.clone(), old);
            }
        }
        let bytes = |entries: &Object| entries.iter().map(|(key, node)| text_len(key) + node.encoded_len()).sum();
        self.resize(bytes(&gone), bytes(new));
        Ok(Some(Node::Object(gone)))
    }
}

pub(super) fn set(container: &mut Node, last: Segment<'_>, value: &Node) -> Result<Option<Node>, ApplyReason> {
    Ok(match (container, last) {
        (Node::Object(entries), Segment::Key(key)) => match entries.get_mut(key) {
            Some(place) => Some(std::mem::replace(place, value.clone())),
            None => entries.insert(key.into(), value.clone()),
        },
        (Node::Set(members), Segment::Key(key)) => {
            if *key != *value.canonical_json() {
                return Err(ApplyReason::MemberKey);
            }
            members.insert(key.into(), value.clone())
        }
        (Node::List(items), Segment::Index(index)) => {
            let item = Arc::make_mut(items).items_mut().get_mut(index as usize).ok_or(ApplyReason::Missing)?;
            Some(std::mem::replace(item, value.clone()))
        }
        (other, _) => return Err(ApplyReason::Container { found: other.kind() }),
    })
}

pub(super) fn ensure(container: &mut Node, last: Segment<'_>, value: &Node) -> Result<Option<Node>, ApplyReason> {
    match (container, last) {
        _ if !value.is_blank() => Err(ApplyReason::Ensured),
        (Node::Object(entries), Segment::Key(key)) if entries.get(key).is_some() => Err(ApplyReason::Occupied),
        (Node::Object(entries), Segment::Key(key)) => Ok(entries.insert(key.into(), value.clone())),
        (other, _) => Err(ApplyReason::Container { found: other.kind() }),
    }
}

pub(super) fn insert(container: &mut Node, last: Segment<'_>, value: &Node) -> Result<Option<Node>, ApplyReason> {
    match (container, last) {
        (Node::List(items), Segment::Index(gap)) if gap as usize <= items.len() => {
            Arc::make_mut(items).items_mut().insert(gap as usize, value.clone());
            Ok(None)
        }
        (Node::List(_), Segment::Index(_)) => Err(ApplyReason::Missing),
        (other, _) => Err(ApplyReason::Container { found: other.kind() }),
    }
}

pub(super) fn shift(container: &mut Node, last: Segment<'_>, to: u32) -> Result<Option<Node>, ApplyReason> {
    let (Node::List(items), Segment::Index(from)) = (&mut *container, last) else {
        return Err(ApplyReason::Container { found: container.kind() });
    };
    let (from, to) = (from as usize, to as usize);
    if from >= items.len() || to > items.len() {
        return Err(ApplyReason::Missing);
    }
    if to == from || to == from + 1 {
        return Err(ApplyReason::Idle);
    }
    shift_element(Arc::make_mut(items).items_mut(), from, landing(from, to));
    Ok(None)
}

pub(super) fn remove(container: &mut Node, last: Segment<'_>) -> Result<Node, ApplyReason> {
    match (container, last) {
        (Node::List(items), Segment::Index(index)) if (index as usize) < items.len() => {
            Ok(Arc::make_mut(items).items_mut().remove(index as usize))
        }
        (Node::List(_), Segment::Index(_)) => Err(ApplyReason::Missing),
        (Node::Object(entries) | Node::Set(entries), Segment::Key(key)) => {
            if entries.get(key).is_none() {
                return Err(ApplyReason::Missing);
            }
            entries.remove(key).ok_or(ApplyReason::Missing)
        }
        (other, _) => Err(ApplyReason::Container { found: other.kind() }),
    }
}
