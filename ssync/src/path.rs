//! Where in a document: a list of keys and indices.
//!
//! A list index is never confused with a map key: `Segment::Index(0)` and `Segment::Key("0")` are different places.

mod text;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use serde::{Serialize, Serializer};
use smol_str::SmolStr;
use text::Text;

/// A key of an object, or the canonical JSON of a member of a set. Short ones lie in place; cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(SmolStr);

impl Key {
    /// A key that the program itself contains.
    pub const fn from_static(text: &'static str) -> Self {
        Self(SmolStr::new_static(text))
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Deref for Key {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One step of a [`Path`].
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
    /// The place of the whole document.
    pub fn root() -> Self {
        Self(Text::new())
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
            self.0.push_str(char::from(number as u8 & (MORE - 1) | MORE).encode_utf8(&mut [0; 4]));
            number >>= MORE.trailing_zeros();
        }
        self.0.push_str(char::from(number as u8).encode_utf8(&mut [0; 4]));
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

    /// Makes another index of the one at this depth.
    pub(crate) fn set_index(&mut self, depth: usize, index: u32) {
        let mut rest = self.iter();
        if depth > 0 {
            rest.nth(depth - 1);
        }
        let start = self.0.len() - rest.0.len();
        rest.next();
        let behind = Text::from(rest.0);
        self.0.truncate(start);
        self.push(Segment::Index(index));
        self.0.push_str(&behind);
    }
}

/// Steps of a [`Path`]: all of them, or those above or below some place.
///
/// **As text: before each step a number, which is an index and 1, or the length of a key, which follows, and 0**; the lowest bit
/// tells. Numbers go by six bits in an ASCII character, the lowest first; its seventh bit says that more follow. So a path is above
/// another exactly if its text begins the other's.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Segments<'a>(&'a str);

/// The bit of a character that says that the number goes on.
const MORE: u8 = 0x40;
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
            let (key, rest) = self.0.get(start..)?.split_at_checked((number >> 1) as usize)?;
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

/// A path under construction on the stack of a walk: nothing is allocated until somebody asks for the [`Path`].
#[derive(Clone, Copy)]
pub(crate) struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    step: Step<'a>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Base(&'a Path),
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    pub(crate) const ROOT: Trail<'static> = Trail { parent: None, step: Step::Root, depth: 0 };

    pub(crate) fn at(base: &'a Path) -> Self {
        Trail { parent: None, step: Step::Base(base), depth: base.len() }
    }

    pub(crate) const fn key<'b>(&'b self, key: &'b str) -> Trail<'b> {
        Trail { parent: Some(self), step: Step::Key(key), depth: self.depth + 1 }
    }

    pub(crate) const fn index<'b>(&'b self, index: usize) -> Trail<'b> {
        Trail { parent: Some(self), step: Step::Index(index), depth: self.depth + 1 }
    }

    /// How many containers enclose this place.
    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    #[cold]
    pub(crate) fn to_path(self) -> Path {
        let mut path = Path::root();
        self.append_to(&mut path);
        path
    }

    /// Appends the steps from the top down. No deeper than a document may be.
    fn append_to(&self, path: &mut Path) {
        if let Some(parent) = self.parent {
            parent.append_to(path);
        }
        match self.step {
            Step::Root => {}
            Step::Base(base) => path.0.push_str(&base.0),
            Step::Key(key) => path.push(key),
            Step::Index(index) => path.push(u32::try_from(index).unwrap_or(u32::MAX)),
        }
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
                path.set_index(depth, index);
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

    #[test]
    fn a_trail_becomes_its_path() {
        let base = Path::from_iter(["a".into()]);
        let (root, base) = (Trail::ROOT, Trail::at(&base));
        let (list, under) = (root.key("list"), base.index(7));
        assert_eq!(list.index(2).to_path().to_string(), "/list/2");
        assert_eq!(under.key("x/y").to_path().to_string(), "/a/7/x~1y");
    }
}
