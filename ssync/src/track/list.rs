//! A list that knows which elements were touched, came, went and moved.

mod order;
mod syncable;
mod traits;

use std::ops::{Deref, RangeBounds};

use super::bounds;
use super::log::{Event, Log};
use crate::doc::Mark;

/// A `Vec` whose commits cost what was touched, and which sends moves as moves.
///
/// It reads as a slice. Elements that are handed out mutably are compared with the document when the guard drops, others are not; what is
/// sorted or [`retain`](List::retain)ed is found out likewise. In JSON it is an array.
///
/// ```
/// # use ssync::{List, Shared};
/// let shared = Shared::new_local(List::from(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()])).unwrap();
/// let mut list = shared.write();
/// list.swap(0, 2);
/// list[1].push('!');
/// let commit = ssync::WriteGuard::commit(list).unwrap();
/// assert_eq!(commit.patch().to_string(), r#"[["m",[2],0],["m",[2],1],["=",[1],"b!"]]"#);
/// ```
pub struct List<T> {
    items: Vec<T>,
    log: Log,
    mark: Mark,
}

impl<T> List<T> {
    /// An empty list.
    pub const fn new() -> Self {
        Self { items: Vec::new(), log: Log::new(), mark: Mark::none() }
    }

    /// An empty list with room for this many elements.
    pub fn with_capacity(capacity: usize) -> Self {
        Vec::with_capacity(capacity).into()
    }

    /// The elements, without what was known of them.
    pub fn into_vec(self) -> Vec<T> {
        self.items
    }

    /// All elements as a slice.
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    /// All elements, each of which may be changed in place or exchanged with others. The list is compared as a whole afterwards.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // They may be put into another order.
        self.mark.clear();
        &mut self.items
    }

    /// Makes room for more elements.
    pub fn reserve(&mut self, additional: usize) {
        self.items.reserve(additional);
    }

    /// Gives unused room back.
    pub fn shrink_to_fit(&mut self) {
        self.items.shrink_to_fit();
    }

    /// How many elements there is room for.
    pub fn capacity(&self) -> usize {
        self.items.capacity()
    }

    /// How many elements there are.
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none: for `skip_serializing_if`.
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds an element at the end.
    pub fn push(&mut self, value: T) {
        self.note(Event::Insert(self.items.len(), 1));
        self.items.push(value);
    }

    /// Takes the last element away.
    pub fn pop(&mut self) -> Option<T> {
        let last = self.items.pop()?;
        self.note(Event::Remove(self.items.len(), 1));
        Some(last)
    }

    /// Puts an element before the one at `index`.
    ///
    /// # Panics
    /// If `index` is greater than the length.
    pub fn insert(&mut self, index: usize, value: T) {
        self.items.insert(index, value);
        self.note(Event::Insert(index, 1));
    }

    /// Takes an element away; those behind it close up.
    ///
    /// # Panics
    /// If there is no such element.
    pub fn remove(&mut self, index: usize) -> T {
        let gone = self.items.remove(index);
        self.note(Event::Remove(index, 1));
        gone
    }

    /// Takes an element away and puts the last one in its place.
    ///
    /// # Panics
    /// If there is no such element.
    pub fn swap_remove(&mut self, index: usize) -> T {
        let gone = self.items.swap_remove(index);
        self.note(Event::Remove(index, 1));
        if index < self.items.len() {
            self.note(Event::Move(self.items.len() - 1, index));
        }
        gone
    }

    /// Keeps the first elements only.
    pub fn truncate(&mut self, length: usize) {
        let gone = self.items.len().saturating_sub(length);
        if gone > 0 {
            self.note(Event::Remove(length, gone));
        }
        self.items.truncate(length);
    }

    /// Takes all elements away.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Moves all elements of another list to the end of this one.
    pub fn append(&mut self, other: &mut Self) {
        let come = other.items.len();
        self.note(Event::Insert(self.items.len(), come));
        self.items.append(&mut other.items);
        other.note(Event::Remove(0, come));
    }

    /// Takes the elements from `at` on into a list of their own.
    ///
    /// # Panics
    /// If `at` is greater than the length.
    #[must_use]
    pub fn split_off(&mut self, at: usize) -> Self {
        let gone = self.items.split_off(at);
        self.note(Event::Remove(at, gone.len()));
        gone.into()
    }

    /// Keeps the elements for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.retain_noted(|element| (keep(element), false));
    }

    /// The same, where `keep` may change the element that it looks at.
    pub fn retain_mut(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        self.retain_noted(|element| (keep(element), true));
    }

    fn retain_noted(&mut self, mut keep: impl FnMut(&mut T) -> (bool, bool)) {
        let Self { items, log, mark } = self;
        // Should `keep` panic, the list is compared as a whole.
        let tied = mark.take();
        let (mut position, mut fits) = (0, tied.is_set());
        items.retain_mut(|element| {
            let (keeps, touches) = keep(element);
            let event = if keeps { Event::Touch(position, position + 1) } else { Event::Remove(position, 1) };
            fits = fits && ((keeps && !touches) || log.note(event));
            position += usize::from(keeps);
            keeps
        });
        if fits {
            *mark = tied;
        }
    }

    /// Takes a range of elements away, and gives them.
    ///
    /// Unlike that of `Vec`, they are all gone at once, whether the iterator is used or not.
    ///
    /// # Panics
    /// If the range is not within the list.
    pub fn drain(&mut self, range: impl RangeBounds<usize>) -> std::vec::IntoIter<T> {
        let (start, end) = bounds(range, self.items.len());
        let gone: Vec<T> = self.items.drain(start..end).collect();
        self.note(Event::Remove(start, gone.len()));
        gone.into_iter()
    }

    /// Replaces a range of elements by others, and gives those that were there.
    ///
    /// # Panics
    /// If the range is not within the list.
    pub fn splice(&mut self, range: impl RangeBounds<usize>, come: impl IntoIterator<Item = T>) -> std::vec::IntoIter<T> {
        let (start, end) = bounds(range, self.items.len());
        let before = self.items.len();
        // Whoever gives the elements may panic: then nothing has happened.
        let come: Vec<T> = come.into_iter().collect();
        let gone: Vec<T> = self.items.splice(start..end, come).collect();
        self.note(Event::Remove(start, gone.len()));
        self.note(Event::Insert(start, self.items.len() + gone.len() - before));
        gone.into_iter()
    }

    /// Takes away all but the first of equal elements beside each other.
    pub fn dedup(&mut self)
    where
        T: PartialEq,
    {
        self.dedup_by(|a, b| a == b);
    }

    /// Takes away all but the first of elements beside each other that `same` calls the same.
    pub fn dedup_by(&mut self, same: impl FnMut(&mut T, &mut T) -> bool) {
        self.mark.clear();
        self.items.dedup_by(same);
    }

    /// Takes away all but the first of elements beside each other with one key.
    pub fn dedup_by_key<K: PartialEq>(&mut self, key: impl FnMut(&mut T) -> K) {
        self.mark.clear();
        self.items.dedup_by_key(key);
    }

    /// Changes the length; new elements are copies of `value`.
    pub fn resize(&mut self, length: usize, value: T)
    where
        T: Clone,
    {
        match length.checked_sub(self.items.len()) {
            Some(more) => self.extend(std::iter::repeat_n(value, more)),
            None => self.truncate(length),
        }
    }

    /// Adds copies of these elements at the end.
    pub fn extend_from_slice(&mut self, more: &[T])
    where
        T: Clone,
    {
        self.extend(more.iter().cloned());
    }

    /// Sets all elements to copies of `value`.
    pub fn fill(&mut self, value: T)
    where
        T: Clone,
    {
        self.as_mut_slice().fill(value);
    }

    /// An element, to be changed in place.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.touch(index);
        self.items.get_mut(index)
    }

    /// The first element, to be changed in place.
    pub fn first_mut(&mut self) -> Option<&mut T> {
        self.get_mut(0)
    }

    /// The last element, to be changed in place.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.get_mut(self.items.len().checked_sub(1)?)
    }

    /// Every element, to be changed in place. Those that the iterator gives are compared afterwards.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        self.note(Event::Touch(0, self.items.len()));
        self.items.iter_mut()
    }

    /// Notes that an element may have changed, if there is one.
    #[inline]
    fn touch(&mut self, index: usize) {
        if index < self.items.len() && self.mark.is_set() && !self.log.touch(index) {
            self.mark.clear();
        }
    }

    #[inline]
    fn note(&mut self, event: Event) {
        if self.mark.is_set() && !self.log.note(event) {
            self.mark.clear();
        }
    }
}

/// The elements in their order.
pub type Iter<'a, T> = std::slice::Iter<'a, T>;

/// The elements in their order, to be changed in place.
pub type IterMut<'a, T> = std::slice::IterMut<'a, T>;

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.items
    }
}
