//! Which of this crate's own walks is going on in a thread, and how a container names itself to it.
//!
//! serde hands a value's own `Serialize` to our serializers wherever the value stands: behind `flatten`, in any tagging, in adapters that keep
//! it as it is. A [`Counter`](crate::Counter) and a [`Text`](crate::Text) therefore say there what they are, as a newtype struct with a reserved
//! name. They say it only while one of our walks is going on in the thread, and only to our serializers, to those with which serde buffers a
//! value on its way to ours, and to erased ones: every other serializer sees the plain value.
//!
//! - **A walk that only looks changes nothing in the value.** A walk that commits may note in it what was seen.
//! - **A committing walk has a number**, given out once in a process: what a container noted under another number was sent before.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::ser::{Serialize, Serializer};

use super::only::OnlyBytes;
use super::plan::Plan;
use crate::planted::{Bug, planted};

/// The name under which a counter gives its [`Count`], as bytes.
pub(crate) const COUNTER: &str = "$ssync::Counter";
/// The name under which a text gives its string.
pub(crate) const TEXT: &str = "$ssync::Text";

/// No walk.
const NONE: u64 = 0;
/// A walk that only looks.
const LOOKING: u64 = 1;
/// A committing walk for whose number nobody has asked yet. Numbers are larger.
const UNNUMBERED: u64 = 2;

thread_local! {
    static WALK: Cell<u64> = const { Cell::new(NONE) };
}

static LAST: AtomicU64 = AtomicU64::new(UNNUMBERED);

/// Goes back to the walk before when it is dropped, also in a panic.
struct Begun(u64);

impl Drop for Begun {
    fn drop(&mut self) {
        WALK.set(self.0);
    }
}

/// Runs a walk that only looks, within whatever other walk.
pub(crate) fn looking<R>(walk: impl FnOnce() -> R) -> R {
    let _begun = Begun(WALK.replace(if planted(Bug::LooksUntie) { UNNUMBERED } else { LOOKING }));
    walk()
}

/// Runs a walk of which the outcome goes into the document.
#[cfg(any(test, feature = "client"))]
#[inline]
pub(crate) fn committing<R>(walk: impl FnOnce() -> R) -> R {
    let _begun = Begun(WALK.replace(UNNUMBERED));
    walk()
}

/// Runs a walk that only looks, unless one is going on already.
pub(crate) fn looking_at_least<R>(walk: impl FnOnce() -> R) -> R {
    if WALK.get() == NONE { looking(walk) } else { walk() }
}

/// Whether the outcome of the walk that is going on goes into the document.
#[inline]
pub(crate) fn is_committing() -> bool {
    WALK.get() >= UNNUMBERED
}

/// The number of the committing walk that is going on.
pub(crate) fn number() -> Option<u64> {
    match WALK.get() {
        NONE | LOOKING => None,
        UNNUMBERED => {
            let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
            WALK.set(number);
            Some(number)
        }
        number => Some(number),
    }
}

/// Whether a container may name itself to a serializer of this type.
pub(crate) fn is_heard<S>() -> bool {
    let name = std::any::type_name::<S>();
    if name.starts_with("ssync::syncable::") {
        return true;
    }
    let passes_on = ["serde::", "serde_core::", "erased_serde::"].iter().any(|owner| name.starts_with(owner));
    passes_on && WALK.get() != NONE
}

/// The plan of what names itself, where nothing else tells it.
pub(crate) fn plan_of<T: Serialize + ?Sized>(value: &T) -> Option<Plan> {
    let bytes = looking(|| value.serialize(OnlyBytes)).ok()?;
    Some(if bytes.is_empty() { Plan::Text } else { Plan::Counter })
}

/// What a counter says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) value: i64,
    /// The number to which was added; none if the number itself was set.
    pub(crate) base: Option<i64>,
    /// Whether it was 0 since it was last read: where 0 is left out, the document has been told so without it.
    pub(crate) was_zero: bool,
}

impl Count {
    /// Reads what a counter gave under [`COUNTER`].
    pub(crate) fn read<T: Serialize + ?Sized>(given: &T) -> Option<Self> {
        let bytes = given.serialize(OnlyBytes).ok()?;
        let (value, rest) = bytes.split_first_chunk::<8>()?;
        let base = rest.first_chunk::<8>().map(|base| i64::from_le_bytes(*base));
        Some(Self { value: i64::from_le_bytes(*value), base, was_zero: rest.len() > 8 })
    }
}

/// The bytes of a count: the number, behind it what was added to, and one more if it was 0 since.
impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = [0; 17];
        bytes[..8].copy_from_slice(&self.value.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.base.unwrap_or_default().to_le_bytes());
        let length = if self.base.is_none() { 8 } else { 16 + usize::from(self.was_zero) };
        serializer.serialize_bytes(&bytes[..length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_as_it_was_given() {
        for (value, base, was_zero) in [(-5, None, false), (i64::MAX, Some(0), true), (0, Some(i64::MIN), false)] {
            let count = Count { value, base, was_zero };
            assert_eq!(Count::read(&count), Some(count));
        }
        assert_eq!(Count::read(&5), None);
        assert!(matches!(plan_of(&crate::Counter::new(5)), Some(Plan::Counter)));
        assert!(matches!(plan_of(&crate::Text::from("x")), Some(Plan::Text)));
        assert!(plan_of("x").is_none() && plan_of(&5).is_none());
    }

    #[test]
    fn a_walk_ends_with_its_scope() {
        assert_eq!((number(), is_committing()), (None, false));
        committing(|| {
            let first = number();
            assert!(first.is_some() && first == number());
            looking(|| assert_eq!((number(), is_committing()), (None, false)));
            assert_eq!(first, number());
            committing(|| assert_ne!(first, number()));
        });
        assert_eq!(number(), None);
    }
}
