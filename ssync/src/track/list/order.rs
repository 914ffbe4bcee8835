//! The order of a list: its elements keep what they are, and each that goes elsewhere is one move.

use std::cmp::Ordering;

use super::List;
use crate::track::log::Event;

impl<T> List<T> {
    /// Moves an element to another position; others keep their order. In a room, what others do to it goes with it.
    ///
    /// # Panics
    /// If there is no such element or position.
    pub fn move_to(&mut self, from: usize, to: usize) {
        let element = self.items.remove(from);
        self.items.insert(to, element);
        if from != to {
            self.note(Event::Move(from, to));
        }
    }

    /// Exchanges two elements.
    ///
    /// # Panics
    /// If one of them does not exist.
    pub fn swap(&mut self, a: usize, b: usize) {
        self.items.swap(a, b);
        let (low, high) = (a.min(b), a.max(b));
        if low < high {
            self.note(Event::Move(low, high));
            if low + 1 < high {
                self.note(Event::Move(high - 1, low));
            }
        }
    }

    /// Sorts the elements. Equal ones keep their order.
    pub fn sort(&mut self)
    where
        T: Ord,
    {
        self.sort_by(T::cmp);
    }

    /// Sorts the elements by a comparison. Equal ones keep their order.
    pub fn sort_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        // Which element goes where is known, so that what others edit meanwhile goes with it.
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by(|a, b| compare(&self.items[*a], &self.items[*b]));
        self.arrange(order);
    }

    /// Sorts the elements by a key. Equal ones keep their order.
    pub fn sort_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.sort_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Sorts the elements. Like [`List::sort`]: where elements go is what is sent, so that nothing is gained by forgetting their order.
    pub fn sort_unstable(&mut self)
    where
        T: Ord,
    {
        self.sort();
    }

    /// Sorts the elements by a key, like [`List::sort_by_key`].
    pub fn sort_unstable_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K) {
        self.sort_by_key(key);
    }

    /// Turns the order around.
    pub fn reverse(&mut self) {
        self.arrange((0..self.items.len()).rev().collect());
    }

    /// Moves the first `count` elements behind the others.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn rotate_left(&mut self, count: usize) {
        let length = self.items.len();
        assert!(count <= length, "{count} elements cannot be rotated in a list of {length}");
        self.arrange((count..length).chain(0..count).collect());
    }

    /// Moves the last `count` elements before the others.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn rotate_right(&mut self, count: usize) {
        let length = self.items.len();
        assert!(count <= length, "{count} elements cannot be rotated in a list of {length}");
        self.rotate_left(length - count);
    }

    /// Puts the elements into this order, each by a move of its own.
    fn arrange(&mut self, order: Vec<usize>) {
        let mut places: Vec<Option<T>> = std::mem::take(&mut self.items).into_iter().map(Some).collect();
        self.items = order.iter().filter_map(|from| places[*from].take()).collect();
        // Where each element stands while those before it are already in their places.
        let mut standing: Vec<usize> = (0..order.len()).collect();
        for (to, element) in order.into_iter().enumerate() {
            if !self.mark.is_set() {
                return;
            }
            let from = to + standing[to..].iter().position(|standing| *standing == element).unwrap_or_default();
            if from != to {
                standing[to..=from].rotate_right(1);
                self.note(Event::Move(from, to));
            }
        }
    }
}
