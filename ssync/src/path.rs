//! Where in a document: a list of keys and indices.
//!
//! A list index is never confused with a map key: `Segment::Index(0)` and `Segment::Key("0")` are different places.

mod key;
mod segments;
mod text;
mod trail;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

pub use key::Key;
use segments::MORE;
#[cfg(feature = "client")]
pub(crate) use segments::NUMBER_BYTES_MAX;
pub use segments::{Segment, Segments};
use serde::{Serialize, Serializer};
use text::Text;
pub use trail::FieldName;
pub(crate) use trail::{Spot, Trail};

/// A place in a document, from the root down. The empty path is the root.
///
/// ```
/// use ssync::{Path, Segment};
/// let path = Path::from_iter(["players".into(), 3.into(), "name".into()]);
/// assert_eq!(path.to_string(), "/players/3/name");
/// assert_eq!(path.iter().nth(1), Some(Segment::Index(3)));
/// ```
#[derive(Clone)]
pub struct Path(
    /// Its segments one after the other, as in [`Segments`].
    Text,
);

impl Path {
    pub(crate) const ROOT: Self = Self(Text::new());

    /// The place of the whole document.
    pub const fn root() -> Self {
        Self::ROOT
    }

    /// Goes one step further down.
    #[inline]
    pub fn push<'a>(&mut self, segment: impl Into<Segment<'a>>) {
        match segment.into() {
            Segment::Key(key) => {
                self.put_number((key.len() as u64) << 1);
                self.0.push_str(key);
            }
            Segment::Index(index) => self.put_number(u64::from(index) << 1 | 1),
        }
    }

    #[inline]
    fn put_number(&mut self, mut number: u64) {
        while number >= u64::from(MORE) {
            self.0.push_ascii(number as u8 | MORE);
            number >>= MORE.trailing_zeros();
        }
        self.0.push_ascii(number as u8);
    }

    /// Goes on to a place below this one.
    #[inline]
    pub(crate) fn push_all(&mut self, below: Segments<'_>) {
        self.0.push_str(below.0);
    }

    /// Goes one step up; gives whether there was one.
    pub fn pop(&mut self) -> bool {
        let Some((list, _)) = self.split_last() else { return false };
        let length = list.0.len();
        self.0.truncate(length);
        true
    }

    /// The steps, from the root down.
    #[inline]
    pub fn iter(&self) -> Segments<'_> {
        Segments(&self.0)
    }

    /// How many steps it has.
    #[inline]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether it is the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last step; nothing for the root.
    pub fn last(&self) -> Option<Segment<'_>> {
        self.split_last().map(|(_, last)| last)
    }

    /// The steps to the container that holds the place, and the last step; nothing for the root.
    #[inline]
    pub fn split_last(&self) -> Option<(Segments<'_>, Segment<'_>)> {
        let mut rest = self.iter();
        let mut before = rest.0.len();
        let mut last = rest.next()?;
        loop {
            let length = rest.0.len();
            match rest.next() {
                Some(segment) => (before, last) = (length, segment),
                None => return Some((Segments(&self.0[..self.0.len() - before]), last)),
            }
        }
    }

    /// Whether `other` is this place or lies under it.
    pub fn contains(&self, other: &Path) -> bool {
        other.iter().starts_with(self.iter())
    }

    /// Makes another index of the one that stands behind this much of the text.
    pub(crate) fn set_index(&mut self, above: usize, index: u32) {
        let mut rest = self.iter().below_byte(above).unwrap_or_default();
        rest.next();
        let behind = Text::from(rest.0);
        self.0.truncate(above);
        self.push(Segment::Index(index));
        self.0.push_str(&behind);
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::root()
    }
}

impl PartialEq for Path {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl Eq for Path {}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Path {
    /// A place comes before those under it, and they before any other.
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl From<Segments<'_>> for Path {
    #[inline]
    fn from(segments: Segments<'_>) -> Self {
        Self(segments.0.into())
    }
}

impl<'a> IntoIterator for &'a Path {
    type Item = Segment<'a>;
    type IntoIter = Segments<'a>;
    fn into_iter(self) -> Segments<'a> {
        self.iter()
    }
}

impl<'a> FromIterator<Segment<'a>> for Path {
    fn from_iter<I: IntoIterator<Item = Segment<'a>>>(segments: I) -> Self {
        let mut path = Self::root();
        path.extend(segments);
        path
    }
}

impl<'a> Extend<Segment<'a>> for Path {
    fn extend<I: IntoIterator<Item = Segment<'a>>>(&mut self, segments: I) {
        segments.into_iter().for_each(|segment| self.push(segment));
    }
}

impl fmt::Display for Path {
    /// As a JSON pointer (RFC 6901); the root prints as `/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("/");
        }
        self.iter().try_for_each(|segment| match segment {
            Segment::Key(key) => write!(f, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Index(index) => write!(f, "/{index}"),
        })
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(segments: &[Segment<'_>]) {
        let path: Path = segments.iter().copied().collect();
        assert_eq!(path.iter().collect::<Vec<_>>(), segments);
        assert_eq!(path.len(), segments.len());
        assert_eq!(path.last(), segments.last().copied());
        let parent = path.split_last().map(|(parent, _)| parent.collect::<Vec<_>>());
        assert_eq!(parent.as_deref(), segments.split_last().map(|(_, parent)| parent));
        for (depth, _) in segments.iter().enumerate().filter(|(_, segment)| matches!(segment, Segment::Index(_))) {
            for index in [0, 31, 32, u32::MAX] {
                let mut path = path.clone();
                let above: Path = segments[..depth].iter().copied().collect();
                path.set_index(above.0.len(), index);
                let mut expected = segments.to_vec();
                expected[depth] = Segment::Index(index);
                assert_eq!(path.iter().collect::<Vec<_>>(), expected);
            }
        }
        for length in 0..segments.len() {
            let above: Path = segments[..length].iter().copied().collect();
            assert!(above.contains(&path) && !path.contains(&above));
        }
        let mut shorter = path.clone();
        assert_eq!(shorter.pop(), !segments.is_empty());
        assert_eq!(shorter.iter().collect::<Vec<_>>(), segments[..segments.len().saturating_sub(1)]);
    }

    #[test]
    fn steps_come_back() {
        let long = "k".repeat(5_000);
        check(&[]);
        check(&["".into()]);
        check(&["a".into(), 0.into(), "".into(), u32::MAX.into()]);
        check(&[31.into(), 32.into(), 2_047.into(), 2_048.into(), 131_072.into()]);
        check(&["ключ 🗝".into(), long.as_str().into(), 7.into(), "x".repeat(31).as_str().into(), "x".repeat(32).as_str().into()]);
    }

    #[test]
    fn no_path_seems_to_be_above_its_neighbours() {
        let path = |segments: &[Segment<'_>]| segments.iter().copied().collect::<Path>();
        assert!(!path(&["a".into()]).contains(&path(&["ab".into()])));
        assert!(!path(&[1.into()]).contains(&path(&[33.into()])));
        assert!(!path(&[0.into()]).contains(&path(&["0".into()])));
    }
}
