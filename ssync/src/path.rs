//! Where in a document: a list of keys and indices.
//!
//! A list index is never confused with a map key: `Segment::Index(0)` and `Segment::Key("0")` are different places.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};
use smallvec::SmallVec;
use smol_str::SmolStr;

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
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// Into an object by its key, or into a set by its member's canonical JSON.
    Key(Key),
    /// Into a list by position. As the last segment of an insert it names a gap.
    Index(u32),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<u32> for Segment {
    fn from(index: u32) -> Self {
        Self::Index(index)
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => fmt::Debug::fmt(key, f),
            Self::Index(index) => fmt::Debug::fmt(index, f),
        }
    }
}

impl Serialize for Segment {
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
/// use ssync::Path;
/// let path = Path::from_iter(["players".into(), 3.into(), "name".into()]);
/// assert_eq!(path.to_string(), "/players/3/name");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(SmallVec<[Segment; PATH_INLINE]>);

/// Steps that a path keeps in place: enough for an element's field and what holds its list.
const PATH_INLINE: usize = 4;

impl Path {
    /// The place of the whole document.
    pub const fn root() -> Self {
        Self(SmallVec::new_const())
    }

    /// Goes one step further down.
    pub fn push(&mut self, segment: impl Into<Segment>) {
        self.0.push(segment.into());
    }

    /// Goes one step up; gives the step that was undone.
    pub fn pop(&mut self) -> Option<Segment> {
        self.0.pop()
    }

    /// The steps, to be changed in place.
    pub(crate) fn segments_mut(&mut self) -> &mut [Segment] {
        &mut self.0
    }

    /// The container that holds the place, and the last step; nothing for the root.
    pub fn split_last(&self) -> Option<(&[Segment], &Segment)> {
        self.0.split_last().map(|(last, parent)| (parent, last))
    }

    /// Whether `other` is this place or lies under it.
    pub fn contains(&self, other: &[Segment]) -> bool {
        other.starts_with(&self.0)
    }
}

impl Borrow<[Segment]> for Path {
    fn borrow(&self) -> &[Segment] {
        &self.0
    }
}

impl Deref for Path {
    type Target = [Segment];
    fn deref(&self) -> &[Segment] {
        &self.0
    }
}

impl From<&[Segment]> for Path {
    fn from(segments: &[Segment]) -> Self {
        Self(segments.iter().cloned().collect())
    }
}

impl From<Vec<Segment>> for Path {
    fn from(segments: Vec<Segment>) -> Self {
        Self(segments.into())
    }
}

impl FromIterator<Segment> for Path {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl fmt::Display for Path {
    /// As a JSON pointer (RFC 6901); the root prints as `/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        for segment in &self.0 {
            match segment {
                Segment::Key(key) => write!(f, "/{}", key.replace('~', "~0").replace('/', "~1"))?,
                Segment::Index(index) => write!(f, "/{index}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
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
    Base(&'a [Segment]),
    Key(&'a str),
    Name(&'static str),
    Index(usize),
}

impl<'a> Trail<'a> {
    pub(crate) const ROOT: Trail<'static> = Trail { parent: None, step: Step::Base(&[]), depth: 0 };

    pub(crate) const fn at(base: &'a [Segment]) -> Self {
        Trail { parent: None, step: Step::Base(base), depth: base.len() }
    }

    pub(crate) const fn key<'b>(&'b self, key: &'b str) -> Trail<'b> {
        Trail { parent: Some(self), step: Step::Key(key), depth: self.depth + 1 }
    }

    /// A key that the program itself contains.
    pub(crate) const fn name<'b>(&'b self, name: &'static str) -> Trail<'b> {
        Trail { parent: Some(self), step: Step::Name(name), depth: self.depth + 1 }
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
        let mut steps = SmallVec::with_capacity(self.depth);
        let mut next = Some(&self);
        while let Some(trail) = next {
            match trail.step {
                Step::Base(base) => steps.extend(base.iter().rev().cloned()),
                Step::Key(key) => steps.push(Segment::from(key)),
                Step::Name(name) => steps.push(Segment::Key(Key::from_static(name))),
                Step::Index(index) => steps.push(Segment::Index(u32::try_from(index).unwrap_or(u32::MAX))),
            }
            next = trail.parent;
        }
        steps.reverse();
        Path(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_becomes_its_path() {
        let base = [Segment::from("a")];
        let (root, base) = (Trail::ROOT, Trail::at(&base));
        let (list, under) = (root.key("list"), base.index(7));
        assert_eq!(list.index(2).to_path().to_string(), "/list/2");
        assert_eq!(under.key("x/y").to_path().to_string(), "/a/7/x~1y");
    }
}
