//! The steps of a path, as text and one by one.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Key;

/// One step of a [`Path`](super::Path).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment<'a> {
    /// Into an object by its key, or into a set by its member's canonical JSON.
    Key(&'a str),
    /// Into a list by position. As the last segment of an insert it names a gap.
    Index(u32),
}

impl<'a> From<&'a str> for Segment<'a> {
    fn from(key: &'a str) -> Self {
        Self::Key(key)
    }
}

impl<'a> From<&'a Key> for Segment<'a> {
    fn from(key: &'a Key) -> Self {
        Self::Key(key)
    }
}

impl From<u32> for Segment<'_> {
    fn from(index: u32) -> Self {
        Self::Index(index)
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => fmt::Debug::fmt(key, f),
            Self::Index(index) => fmt::Debug::fmt(index, f),
        }
    }
}

impl Serialize for Segment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Key(key) => serializer.serialize_str(key),
            Self::Index(index) => serializer.serialize_u32(*index),
        }
    }
}

/// Steps of a [`Path`](super::Path): all of them, or those above or below some place.
///
/// **As text: before each step a number, which is an index and 1, or the length of a key, which follows, and 0**; the lowest bit
/// tells. Numbers go by six bits in an ASCII character, the lowest first; its seventh bit says that more follow. So a path is above
/// another exactly if its text begins the other's.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Segments<'a>(pub(super) &'a str);

/// The bit of a character that says that the number goes on.
pub(super) const MORE: u8 = 0x40;
/// Enough for an index, and for the length of any key in a frame.
pub(crate) const NUMBER_BYTES_MAX: usize = 6;

impl<'a> Segments<'a> {
    /// Whether the first steps are these.
    pub fn starts_with(self, first: Segments<'_>) -> bool {
        self.0.starts_with(first.0)
    }

    /// The steps of a text, if it is one, and how many.
    pub(crate) fn of_text(text: &'a str) -> Option<(Self, usize)> {
        let mut rest = Self(text);
        let count = rest.by_ref().count();
        rest.0.is_empty().then_some((Self(text), count))
    }

    /// The steps as text, that of a path above beginning that of one below.
    pub(crate) const fn as_text(self) -> &'a str {
        self.0
    }

    /// The steps from this byte of the text on.
    #[inline]
    pub(crate) fn below_byte(self, byte: usize) -> Option<Self> {
        self.0.get(byte..).map(Self)
    }

    /// The steps before this byte of the text.
    #[inline]
    pub(crate) fn above_byte(self, byte: usize) -> Option<Self> {
        self.0.get(..byte).map(Self)
    }

    /// The number at the front, of several characters, and how many they are.
    fn long_number(self) -> Option<(u64, usize)> {
        let mut number = 0;
        for (at, byte) in self.0.bytes().enumerate().take(NUMBER_BYTES_MAX) {
            number |= u64::from(byte & (MORE - 1)) << (at as u32 * MORE.trailing_zeros());
            match byte {
                // A number has one form: the last character says something.
                0 => return None,
                byte if byte < MORE => return Some((number, at + 1)),
                byte if byte.is_ascii() => {}
                _ => return None,
            }
        }
        None
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let (number, start) = match *self.0.as_bytes().first()? {
            byte if byte < MORE => (u64::from(byte), 1),
            _ => self.long_number()?,
        };
        let (segment, rest) = if number & 1 == 1 {
            (Segment::Index(u32::try_from(number >> 1).ok()?), self.0.get(start..)?)
        } else {
            let (key, rest) = self.0.get(start..)?.split_at_checked(usize::try_from(number >> 1).ok()?)?;
            (Segment::Key(key), rest)
        };
        self.0 = rest;
        Some(segment)
    }
}

impl fmt::Debug for Segments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
