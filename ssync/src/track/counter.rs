//! A number to which many add at once.

use std::fmt;
use std::ops::{AddAssign, Deref, SubAssign};
use std::sync::atomic::{AtomicBool, Ordering};

use super::serde_as;
use crate::doc::Node;
use crate::patch::Op;
use crate::syncable::{At, Change, Plan, Refused, Stop, Syncable, Unfit};

/// An `i64` that sends what was added to it, so that what two programs add at once both counts. In JSON it is the number.
///
/// Its sum wraps around at the ends of `i64`. [`Counter::set`], or another counter in its place, is the number itself: it ends what others
/// add at the same time.
///
/// ```
/// # use ssync::{Counter, Shared, WriteGuard};
/// let shared = Shared::new_local(Counter::new(5)).unwrap();
/// let mut counter = shared.write();
/// *counter += 2;
/// assert_eq!(WriteGuard::commit(counter).unwrap().patch().to_string(), r#"[["i",[],2]]"#);
/// let mut counter = shared.write();
/// counter.set(0);
/// assert_eq!(WriteGuard::commit(counter).unwrap().patch().to_string(), r#"[["=",[],0]]"#);
/// ```
pub struct Counter {
    value: i64,
    /// What counts is the number and not its difference to the one before.
    is_set: AtomicBool,
}

impl Counter {
    /// A counter with this number.
    pub const fn new(value: i64) -> Self {
        Self { value, is_set: AtomicBool::new(true) }
    }

    /// The number.
    pub const fn value(&self) -> i64 {
        self.value
    }

    /// Adds 1.
    pub const fn increment(&mut self) {
        self.add(1);
    }

    /// Takes 1 away.
    pub const fn decrement(&mut self) {
        self.add(-1);
    }

    /// Adds a number, which may be negative.
    pub const fn add(&mut self, number: i64) {
        self.value = self.value.wrapping_add(number);
    }

    /// Makes it this number, whatever others add at the same time.
    pub fn set(&mut self, value: i64) {
        *self = Self::new(value);
    }
}

impl AddAssign<i64> for Counter {
    fn add_assign(&mut self, number: i64) {
        self.add(number);
    }
}

impl SubAssign<i64> for Counter {
    fn sub_assign(&mut self, number: i64) {
        self.add(number.wrapping_neg());
    }
}

impl Deref for Counter {
    type Target = i64;
    fn deref(&self) -> &i64 {
        &self.value
    }
}

impl From<i64> for Counter {
    fn from(value: i64) -> Self {
        Self::new(value)
    }
}

impl From<Counter> for i64 {
    fn from(counter: Counter) -> Self {
        counter.value
    }
}

impl Default for Counter {
    fn default() -> Self {
        Self::new(0)
    }
}

/// A copy is at no place yet.
impl Clone for Counter {
    fn clone(&self) -> Self {
        Self::new(self.value)
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl PartialEq for Counter {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Counter {}

impl PartialEq<i64> for Counter {
    fn eq(&self, other: &i64) -> bool {
        self.value == *other
    }
}

impl PartialEq<Counter> for i64 {
    fn eq(&self, other: &Counter) -> bool {
        *self == other.value
    }
}

impl PartialOrd for Counter {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Counter {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl std::hash::Hash for Counter {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

serde_as!(() Counter, i64, value, ());

impl Syncable for Counter {
    const TYPED: bool = true;
    fn plan() -> Plan {
        Plan::Plain
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        let same = self.value.same(node);
        if same {
            self.is_set.store(false, Ordering::Relaxed);
        }
        same
    }
    fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
        if self.same(at.old()) {
            return Ok(());
        }
        let old = match at.old() {
            Node::Number(number) if !*self.is_set.get_mut() => number.as_i64(),
            _ => None,
        };
        *self.is_set.get_mut() = false;
        match old {
            Some(old) => at.record(|path| Op::Increment { path, by: self.value.wrapping_sub(old) }),
            None => at.walk(&self.value, Plan::Plain),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        self.value.receive(change)?;
        *self.is_set.get_mut() = false;
        Ok(())
    }
    fn verify(_: Change<'_>) -> Result<(), Refused> {
        Ok(())
    }
}
