//! A number to which many add at once.

use std::fmt;
use std::ops::{AddAssign, Deref, SubAssign};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::doc::Node;
use crate::syncable::walk::{self, Count, looking};
use crate::syncable::{At, Blank, Change, Plan, Refused, Stop, Syncable, Unfit};

/// An `i64` that sends what was added to it, so that what two programs add at once both counts. In JSON it is the number.
///
/// Its sum wraps around at the ends of `i64`. [`Counter::set`], even to the number that it has, or another counter in its place (one that was
/// swapped in, taken out, or made anew) is the number itself: it ends what others add at the same time. A copy is what it was copied from.
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
    /// The number to which was added, unless it was set.
    base: AtomicI64,
    /// The number of the committing walk that read this last, and [`SET`] or [`WAS_ZERO`] if it was that before.
    read_by: AtomicU64,
}

/// What counts is the number, and not its difference to the base.
const SET: u64 = 1 << 63;
/// It was 0 since then, so that a walk may have left it out without reading it.
const WAS_ZERO: u64 = 1 << 62;
/// The bits of a walk's number.
const NUMBER: u64 = WAS_ZERO - 1;

impl Counter {
    /// A counter that is set to this number.
    pub const fn new(value: i64) -> Self {
        Self { value, base: AtomicI64::new(value), read_by: AtomicU64::new(SET) }
    }

    /// A counter to which was added, beginning with `base`.
    const fn from_base(value: i64, base: i64) -> Self {
        Self { value, base: AtomicI64::new(base), read_by: AtomicU64::new(0) }
    }

    /// The number.
    pub const fn value(&self) -> i64 {
        self.value
    }

    /// Adds 1.
    pub fn increment(&mut self) {
        self.add(1);
    }

    /// Takes 1 away.
    pub fn decrement(&mut self) {
        self.add(-1);
    }

    /// Adds a number, which may be negative.
    pub fn add(&mut self, number: i64) {
        let read_by = self.read_by.get_mut();
        if *read_by & NUMBER != 0 {
            // What was read is sent: from there on it is added.
            *read_by = 0;
            *self.base.get_mut() = self.value;
        } else if self.value == 0 && *read_by & SET == 0 {
            *read_by |= WAS_ZERO;
        }
        self.value = self.value.wrapping_add(number);
    }

    /// Makes it this number, whatever others add at the same time.
    pub fn set(&mut self, value: i64) {
        *self = Self::new(value);
    }

    /// What the counter says to a walk: to a committing one the same as often as it asks, and to the next what came after that.
    fn count(&self) -> Count {
        let (value, read_by, number) = (self.value, self.read_by.load(Ordering::Relaxed), walk::number());
        let (is_set, by) = (read_by & SET != 0, read_by & NUMBER);
        let is_sent = by != 0 && number != Some(by);
        if is_sent {
            number.inspect(|number| {
                self.base.store(value, Ordering::Relaxed);
                self.read_by.store(*number, Ordering::Relaxed);
            });
            return Count { value, base: Some(value), was_zero: false };
        }
        number.inspect(|number| self.read_by.store(read_by & !NUMBER | number, Ordering::Relaxed));
        Count { value, base: (!is_set).then(|| self.base.load(Ordering::Relaxed)), was_zero: read_by & WAS_ZERO != 0 }
    }

    /// Whether a set is still to be sent.
    fn is_set(&self) -> bool {
        let read_by = self.read_by.load(Ordering::Relaxed);
        read_by & SET != 0 && (read_by == SET || walk::number() == Some(read_by & NUMBER))
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

/// A counter to which nothing was added yet.
impl Default for Counter {
    fn default() -> Self {
        Self::from_base(0, 0)
    }
}

/// A copy was set, or added to, as the original was.
impl Clone for Counter {
    fn clone(&self) -> Self {
        match looking(|| self.count()) {
            Count { value, base: Some(base), was_zero } => {
                let read_by = AtomicU64::new(if was_zero { WAS_ZERO } else { 0 });
                Self { read_by, ..Self::from_base(value, base) }
            }
            Count { value, base: None, .. } => Self::new(value),
        }
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

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if walk::is_heard::<S>() {
            serializer.serialize_newtype_struct(walk::COUNTER, &self.count())
        } else {
            serializer.serialize_i64(self.value)
        }
    }
}

impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(|value| Self::from_base(value, value))
    }
}

impl Syncable for Counter {
    const TYPED: bool = true;
    fn plan() -> Plan {
        Plan::Counter
    }
    fn blank() -> Blank {
        Some(|| Node::Number(0_u64.into()))
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        self.value.same(node) && !self.is_set()
    }
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        at.count(self.count())
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        self.value.receive(change)?;
        *self = Self::from_base(self.value, self.value);
        Ok(())
    }
    fn verify(_: Change<'_>) -> Result<(), Refused> {
        Ok(())
    }
}
