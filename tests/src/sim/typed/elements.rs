//! Containers as the edits see them, whatever their types are.

use std::collections::BTreeMap;

use ssync::{Counter, List, Map, Syncable, Text};

use super::kinds::Kind;

/// A list of elements with an identity.
pub(super) trait Elements {
    fn len(&self) -> usize;
    fn id(&self, index: usize) -> String;
    fn insert(&mut self, index: usize, id: &str);
    fn remove(&mut self, index: usize);
    /// Takes it away and puts it in again.
    fn reinsert(&mut self, from: usize, to: usize);
    /// Moves it, as the container does that best.
    fn move_to(&mut self, from: usize, to: usize);
    fn swap(&mut self, a: usize, b: usize);
    fn sort(&mut self);
    fn reverse(&mut self);
    fn rotate(&mut self, count: usize);
    /// The element's counter, if it has one.
    fn points(&mut self, index: usize) -> Option<&mut Counter>;
    /// The element's text, if it has one.
    fn text(&mut self, index: usize) -> Option<&mut Text>;
    /// The element's enum, if it has one.
    fn kind(&mut self, index: usize) -> Option<&mut dyn Kind>;
}

/// One element.
pub(super) trait Element: Syncable + Clone {
    fn new(id: &str) -> Self;
    fn id(&self) -> &str;
    fn points(&mut self) -> Option<&mut Counter> {
        None
    }
    fn text(&mut self) -> Option<&mut Text> {
        None
    }
    fn kind(&mut self) -> Option<&mut dyn Kind> {
        None
    }
}

/// How a kind of list does it; a plain one reorders as a slice.
macro_rules! elements {
    ($list:ident, $move_to:expr $(, $($slice:tt)+)?) => {
        impl<E: Element> Elements for $list<E> {
            fn len(&self) -> usize {
                self.as_slice().len()
            }
            fn id(&self, index: usize) -> String {
                self[index].id().to_owned()
            }
            fn insert(&mut self, index: usize, id: &str) {
                $list::insert(self, index, E::new(id));
            }
            fn remove(&mut self, index: usize) {
                $list::remove(self, index);
            }
            fn reinsert(&mut self, from: usize, to: usize) {
                let element = $list::remove(self, from);
                $list::insert(self, to, element);
            }
            fn move_to(&mut self, from: usize, to: usize) {
                $move_to(self, from, to);
            }
            fn swap(&mut self, a: usize, b: usize) {
                self$($($slice)+)?.swap(a, b);
            }
            fn sort(&mut self) {
                self$($($slice)+)?.sort_by_key(|element| element.id().to_owned());
            }
            fn reverse(&mut self) {
                self$($($slice)+)?.reverse();
            }
            fn rotate(&mut self, count: usize) {
                self$($($slice)+)?.rotate_left(count);
            }
            fn points(&mut self, index: usize) -> Option<&mut Counter> {
                self[index].points()
            }
            fn text(&mut self, index: usize) -> Option<&mut Text> {
                self[index].text()
            }
            fn kind(&mut self, index: usize) -> Option<&mut dyn Kind> {
                self[index].kind()
            }
        }
    };
}

elements!(List, List::move_to);
elements!(Vec, Elements::reinsert, .as_mut_slice());

/// A list of texts.
pub(super) trait Strings {
    fn len(&self) -> usize;
    fn insert(&mut self, index: usize, text: &str);
    /// Takes all of them out.
    fn take_all(&mut self) -> Vec<String>;
}

macro_rules! strings {
    ($($list:ident),*) => {
        $(impl Strings for $list<String> {
            fn len(&self) -> usize {
                self.as_slice().len()
            }
            fn insert(&mut self, index: usize, text: &str) {
                $list::insert(self, index, text.to_owned());
            }
            fn take_all(&mut self) -> Vec<String> {
                self.drain(..).collect()
            }
        })*
    };
}

strings!(List, Vec);

/// A map of counters.
pub(super) trait Sums {
    fn add(&mut self, key: &str, by: i64);
}

macro_rules! sums {
    ($($map:ident),*) => {
        $(impl Sums for $map<String, Counter> {
            fn add(&mut self, key: &str, by: i64) {
                *self.entry(key.to_owned()).or_default() += by;
            }
        })*
    };
}

sums!(BTreeMap, Map);
