//! Numbers, kept exactly: an integer is never a float, and a float is its bits.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A JSON number: an integer from `i64::MIN` to `u64::MAX`, or a finite float.
#[derive(Clone, Copy)]
pub struct Number(Repr);

/// **`Negative` holds only numbers below zero, `Float` only finite ones**: so that equal numbers have one form.
#[derive(Clone, Copy)]
enum Repr {
    Unsigned(u64),
    Negative(i64),
    Float(f64),
}

impl Number {
    /// A float; nothing if it is infinite or not a number, which JSON cannot say.
    pub fn from_f64(float: f64) -> Option<Self> {
        float.is_finite().then_some(Self(Repr::Float(float)))
    }

    /// The number as `u64`, if it is an integer in that range.
    pub fn as_u64(self) -> Option<u64> {
        match self.0 {
            Repr::Unsigned(number) => Some(number),
            _ => None,
        }
    }

    /// The number as `i64`, if it is an integer in that range.
    pub fn as_i64(self) -> Option<i64> {
        match self.0 {
            Repr::Unsigned(number) => i64::try_from(number).ok(),
            Repr::Negative(number) => Some(number),
            Repr::Float(_) => None,
        }
    }

    /// Whether it is this integer.
    #[inline]
    pub(crate) const fn is_unsigned(self, number: u64) -> bool {
        matches!(self.0, Repr::Unsigned(own) if own == number)
    }

    /// Whether it is this integer.
    #[inline]
    pub(crate) const fn is_signed(self, number: i64) -> bool {
        match self.0 {
            Repr::Unsigned(own) => own == number.cast_unsigned() && number >= 0,
            Repr::Negative(own) => own == number,
            Repr::Float(_) => false,
        }
    }

    /// Whether it is this float, bit for bit.
    #[inline]
    pub(crate) const fn is_float(self, float: f64) -> bool {
        matches!(self.0, Repr::Float(own) if own.to_bits() == float.to_bits())
    }

    /// The number as `f64`, if it is a float.
    pub fn as_f64(self) -> Option<f64> {
        match self.0 {
            Repr::Float(float) => Some(float),
            _ => None,
        }
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(Repr::Unsigned(number))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        u64::try_from(number).map_or(Self(Repr::Negative(number)), Self::from)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Repr::Unsigned(a), Repr::Unsigned(b)) => a == b,
            (Repr::Negative(a), Repr::Negative(b)) => a == b,
            (Repr::Float(a), Repr::Float(b)) => a.to_bits() == b.to_bits(),
            _ => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Repr::Unsigned(number) => (0u8, number).hash(state),
            Repr::Negative(number) => (1u8, number).hash(state),
            Repr::Float(float) => (2u8, float.to_bits()).hash(state),
        }
    }
}

impl From<Number> for serde_json::Number {
    fn from(number: Number) -> Self {
        match number.0 {
            Repr::Unsigned(number) => number.into(),
            Repr::Negative(number) => number.into(),
            // Finite by the invariant of `Repr`.
            Repr::Float(float) => Self::from_f64(float).unwrap_or_else(|| 0.into()),
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
