//! Numbers, kept exactly: an integer is never a float, and a float is its bits.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::MaybeUninit;

use super::Node;

/// A JSON number: an integer from `i64::MIN` to `u64::MAX`, or a finite float.
#[derive(Clone, Copy)]
pub struct Number(Repr);

/// **`Negative` holds only numbers below zero, `Float` only finite ones**: so that equal numbers have one form.
#[derive(Clone, Copy)]
#[expect(dead_code, reason = "room is only taken up")]
enum Repr {
    Unsigned(u64, Room),
    Negative(i64, Room),
    Float(f64, Room),
}

/// With it a number is as long as anything that a node holds with its tag. So the compiler needs only one tag for what kind a node is and
/// what kind of number, where a pointer has 64 bits: the numbers of a document are compared all the time.
type Room = MaybeUninit<u64>;

const ROOM: Room = MaybeUninit::uninit();

impl Number {
    /// A float; nothing if it is infinite or not a number, which JSON cannot say.
    #[inline]
    pub fn from_f64(float: f64) -> Option<Self> {
        float.is_finite().then_some(Self(Repr::Float(float, ROOM)))
    }

    /// The number as `u64`, if it is an integer in that range.
    #[inline]
    pub fn as_u64(self) -> Option<u64> {
        match self.0 {
            Repr::Unsigned(number, _) => Some(number),
            _ => None,
        }
    }

    /// The number as `i64`, if it is an integer in that range.
    #[inline]
    pub fn as_i64(self) -> Option<i64> {
        match self.0 {
            Repr::Unsigned(number, _) => i64::try_from(number).ok(),
            Repr::Negative(number, _) => Some(number),
            Repr::Float(_, _) => None,
        }
    }

    /// The number as `f64`, if it is a float.
    #[inline]
    pub fn as_f64(self) -> Option<f64> {
        match self.0 {
            Repr::Float(float, _) => Some(float),
            _ => None,
        }
    }
}

/// Whether a node is one number: nested patterns, which are one look at the tag that node and number have in common.
impl Node {
    /// Whether it is this integer.
    #[inline(always)]
    pub(crate) const fn is_unsigned(&self, number: u64) -> bool {
        matches!(self, Self::Number(Number(Repr::Unsigned(own, _))) if *own == number)
    }

    /// Whether it is this integer.
    #[inline(always)]
    pub(crate) const fn is_signed(&self, number: i64) -> bool {
        match self {
            Self::Number(Number(Repr::Unsigned(own, _))) => *own == number.cast_unsigned() && number >= 0,
            Self::Number(Number(Repr::Negative(own, _))) => *own == number,
            _ => false,
        }
    }

    /// Whether it is this float, bit for bit.
    #[inline(always)]
    pub(crate) const fn is_float(&self, float: f64) -> bool {
        matches!(self, Self::Number(Number(Repr::Float(own, _))) if own.to_bits() == float.to_bits())
    }
}

impl From<u64> for Number {
    #[inline]
    fn from(number: u64) -> Self {
        Self(Repr::Unsigned(number, ROOM))
    }
}

impl From<i64> for Number {
    #[inline]
    fn from(number: i64) -> Self {
        u64::try_from(number).map_or(Self(Repr::Negative(number, ROOM)), Self::from)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Repr::Unsigned(a, _), Repr::Unsigned(b, _)) => a == b,
            (Repr::Negative(a, _), Repr::Negative(b, _)) => a == b,
            (Repr::Float(a, _), Repr::Float(b, _)) => a.to_bits() == b.to_bits(),
            _ => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Repr::Unsigned(number, _) => (0u8, number).hash(state),
            Repr::Negative(number, _) => (1u8, number).hash(state),
            Repr::Float(float, _) => (2u8, float.to_bits()).hash(state),
        }
    }
}

impl From<Number> for serde_json::Number {
    fn from(number: Number) -> Self {
        match number.0 {
            Repr::Unsigned(number, _) => number.into(),
            Repr::Negative(number, _) => number.into(),
            // Finite by the invariant of `Repr`.
            Repr::Float(float, _) => Self::from_f64(float).unwrap_or_else(|| 0.into()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        serde_json::Number::from(*self).fmt(f)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(target_pointer_width = "64", target_endian = "little"))]
    fn a_number_and_its_node_have_one_tag() {
        assert_eq!((size_of::<Number>(), size_of::<Node>()), (24, 24));
    }
}
