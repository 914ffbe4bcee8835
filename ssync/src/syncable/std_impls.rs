//! The types of the standard library, and `serde_json::Value`.

#![allow(clippy::disallowed_types, reason = "HashMap and HashSet are made syncable here; nothing iterates over them to decide anything")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Change, Plan, Refused, Syncable, Unfit, decode_key};
use crate::doc::Node;
use crate::patch::Op;
use crate::path::Segment;

/// Types whose JSON always reads back as it was.
macro_rules! exact {
    ($($type:ty),*) => {
        $(impl Syncable for $type {
            fn verify(_: Change<'_>) -> Result<(), Refused> {
                Ok(())
            }
        })*
    };
}

exact!(bool, char, String, (), i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);

impl<T: Syncable> Syncable for Box<T> {
    fn plan() -> Plan {
        T::plan()
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        (**self).receive(change)
    }
    fn keep_local(&mut self, old: &mut Self) {
        (**self).keep_local(old);
    }
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        T::verify(change)
    }
}

impl<T: Syncable> Syncable for Option<T> {
    fn plan() -> Plan {
        T::plan()
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match self {
            Some(value) if !matches!(change.node(), Node::Null) => value.receive(change),
            _ => {
                *self = change.decode()?;
                Ok(())
            }
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

/// Checks the changed element, or all of them if the whole list was set.
fn verify_each<T: Syncable>(change: Change<'_>) -> Result<(), Refused> {
    match change.step() {
        None => change.verify_parts(|_, part| T::verify(part)),
        Some(_) => change.child().map_or(Ok(()), T::verify),
    }
}

fn keep_each<'a, T: Syncable + 'a>(new: impl IntoIterator<Item = &'a mut T>, old: impl IntoIterator<Item = &'a mut T>) {
    new.into_iter().zip(old).for_each(|(new, old)| new.keep_local(old));
}

macro_rules! growing_list {
    ($type:ident, $insert:expr, $remove:expr) => {
        impl<T: Syncable> Syncable for $type<T> {
            fn plan() -> Plan {
                Plan::Each(T::plan)
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                let (Some(Segment::Index(index)), Node::List(items)) = (change.step(), change.node()) else {
                    return change.replace(self);
                };
                let (index, count) = (*index as usize, self.len());
                match change.op() {
                    Op::Insert { .. } if change.is_last() && index <= self.len() && self.len() + 1 == items.len() => {
                        let new = change.decode_inserted()?;
                        $insert(self, index, new);
                        Ok(())
                    }
                    Op::Remove { .. } if change.is_last() && index < self.len() && self.len() == items.len() + 1 => {
                        $remove(self, index);
                        Ok(())
                    }
                    // An element is edited in place only where both have the same elements.
                    op => match (self.get_mut(index), change.child()) {
                        (Some(element), Some(child)) if items.len() == count && (matches!(op, Op::Set { .. }) || !change.is_last()) => {
                            element.receive(child)
                        }
                        _ => change.replace(self),
                    },
                }
            }
            fn keep_local(&mut self, old: &mut Self) {
                keep_each(self, old);
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                verify_each::<T>(change)
            }
        }
    };
}

growing_list!(Vec, |list: &mut Vec<T>, index, new| list.insert(index, new), |list: &mut Vec<T>, index| list.remove(index));
growing_list!(VecDeque, |list: &mut VecDeque<T>, index, new| list.insert(index, new), |list: &mut VecDeque<T>, index| list.remove(index));

impl<T: Syncable, const N: usize> Syncable for [T; N]
where
    [T; N]: Serialize + DeserializeOwned,
{
    fn plan() -> Plan {
        Plan::Each(T::plan)
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        match (change.step(), change.child(), change.op()) {
            (Some(Segment::Index(index)), Some(child), Op::Set { .. }) if (*index as usize) < N => self[*index as usize].receive(child),
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

macro_rules! tuples {
    ($(($($type:ident $number:tt),+))*) => {
        $(impl<$($type: Syncable),+> Syncable for ($($type,)+) {
            fn plan() -> Plan {
                Plan::Tuple(const { &[$($type::plan),+] })
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                match (change.step(), change.child(), change.op()) {
                    $((Some(Segment::Index($number)), Some(child), Op::Set { .. }) => self.$number.receive(child),)+
                    _ => change.replace(self),
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

macro_rules! map {
    ($type:ident<K, V $(, $hasher:ident)?>, $($bound:tt)+) => {
        impl<K, V: Syncable $(, $hasher: BuildHasher + Default)?> Syncable for $type<K, V $(, $hasher)?>
        where
            K: Serialize + DeserializeOwned + $($bound)+,
        {
            fn plan() -> Plan {
                Plan::Each(V::plan)
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                let Some(text) = change.key() else { return change.replace(self) };
                let key: K = decode_key(text).map_err(|unfit| unfit.below(&change.path()))?;
                match (change.child(), self.get_mut(&key)) {
                    (Some(child), Some(value)) => value.receive(child),
                    (Some(child), None) => {
                        self.insert(key, child.decode()?);
                        Ok(())
                    }
                    (None, _) => {
                        self.remove(&key);
                        Ok(())
                    }
                }
            }
            fn keep_local(&mut self, old: &mut Self) {
                for (key, value) in self {
                    if let Some(old) = old.get_mut(key) {
                        value.keep_local(old);
                    }
                }
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                verify_each::<V>(change)
            }
        }
    };
}

map!(BTreeMap<K, V>, Ord);
map!(HashMap<K, V, S>, Eq + Hash);

/// A set decodes as a whole: its members have no place in it.
macro_rules! set {
    ($type:ident<T $(, $hasher:ident)?>, $($bound:tt)+) => {
        impl<T $(, $hasher: BuildHasher + Default)?> Syncable for $type<T $(, $hasher)?>
        where
            T: Serialize + DeserializeOwned + $($bound)+,
        {
            fn plan() -> Plan {
                Plan::Set
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                *self = change.decode()?;
                Ok(())
            }
        }
    };
}

set!(BTreeSet<T>, Ord);
set!(HashSet<T, S>, Eq + Hash);

impl Syncable for Value {
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        let child = change.child();
        match (&mut *self, change.step(), change.node()) {
            (Self::Object(entries), Some(Segment::Key(key)), Node::Object(_)) => match (entries.get_mut(&**key), child) {
                (Some(value), Some(child)) => return value.receive(child),
                (None, Some(child)) => {
                    entries.insert(key.to_string(), child.node().to_json());
                }
                (_, None) => {
                    entries.remove(&**key);
                }
            },
            (Self::Array(items), Some(Segment::Index(index)), Node::List(_)) => {
                let index = *index as usize;
                match (change.op(), child) {
                    (Op::Insert { value, .. }, _) if change.is_last() && index <= items.len() => items.insert(index, value.to_json()),
                    (Op::Remove { .. }, _) if change.is_last() && index < items.len() => {
                        items.remove(index);
                    }
                    (_, Some(child)) if index < items.len() => return items[index].receive(child),
                    _ => *self = change.node().to_json(),
                }
            }
            _ => *self = change.node().to_json(),
        }
        Ok(())
    }
    fn verify(_: Change<'_>) -> Result<(), Refused> {
        Ok(())
    }
}
