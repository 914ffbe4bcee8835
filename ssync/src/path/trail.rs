//! A path on its way down.

use arrayvec::ArrayVec;

use super::Path;

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
    Field(&'static FieldName),
    Index(usize),
}

/// The name of a field whose object always has the same keys.
#[doc(hidden)]
#[derive(Debug)]
pub struct FieldName {
    /// As it stands in the text of a path.
    text: &'static str,
    /// Where its value stands among those of the object.
    position: u32,
}

impl FieldName {
    /// The name of which this is the text in a path, as [`Segments`](super::Segments) says, at this position of its object.
    pub const fn new(text: &'static str, position: u32) -> Self {
        Self { text, position }
    }
}

/// What a path leads to, by position: so it is found without a look at a name.
pub(crate) struct Spot {
    positions: ArrayVec<u32, STEPS>,
    is_lost: bool,
}

/// Steps that are taken at once; places further down are found by name.
const STEPS: usize = 8;

impl Default for Spot {
    /// No place.
    fn default() -> Self {
        Self { positions: ArrayVec::new(), is_lost: true }
    }
}

impl Spot {
    /// The positions on the way down, if they are all known.
    #[cfg(feature = "client")]
    pub(crate) fn positions(&self) -> Option<&[u32]> {
        (!self.is_lost).then_some(&*self.positions)
    }

    /// Forgets the place.
    pub(crate) const fn lose(&mut self) {
        self.is_lost = true;
    }

    fn begin(&mut self) {
        self.positions.clear();
        self.is_lost = false;
    }

    #[inline]
    fn push(&mut self, position: u32) {
        self.is_lost |= self.positions.try_push(position).is_err();
    }
}

impl<'a> Trail<'a> {
    pub(crate) const ROOT: Trail<'static> = Trail { parent: None, step: Step::Root, depth: 0 };

    pub(crate) fn at(base: &'a Path) -> Self {
        Trail { parent: None, step: Step::Base(base), depth: base.len() }
    }

    pub(crate) const fn key<'b>(&'b self, key: &'b str) -> Trail<'b> {
        Trail { parent: Some(self), step: Step::Key(key), depth: self.depth + 1 }
    }

    pub(crate) const fn field(&self, name: &'static FieldName) -> Trail<'_> {
        Trail { parent: Some(self), step: Step::Field(name), depth: self.depth + 1 }
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
        self.append_to(&mut path, &mut Spot::default());
        path
    }

    /// Appends the steps to the path, and makes the spot that to which they lead from the root.
    pub(crate) fn append_to(&self, path: &mut Path, spot: &mut Spot) {
        spot.begin();
        self.append(path, spot);
    }

    /// Appends the steps from the top down; calls itself only as often as a document is deep.
    fn append(&self, path: &mut Path, spot: &mut Spot) {
        let (mut steps, mut above) = (ArrayVec::<&Step<'_>, STEPS>::new(), Some(self));
        // At the root is no step.
        while let Some(trail) = above
            && trail.depth > 0
            && steps.try_push(&trail.step).is_ok()
        {
            above = trail.parent;
        }
        if let Some(above) = above.filter(|above| above.depth > 0) {
            above.append(path, spot);
        }
        for step in steps.into_iter().rev() {
            match step {
                Step::Root => {}
                Step::Field(name) => {
                    path.0.push_str(name.text);
                    spot.push(name.position);
                }
                Step::Index(index) => {
                    let index = u32::try_from(*index).unwrap_or(u32::MAX);
                    path.push(index);
                    spot.push(index);
                }
                Step::Key(key) => {
                    path.push(*key);
                    spot.lose();
                }
                Step::Base(base) => {
                    path.0.push_str(&base.0);
                    spot.lose();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_becomes_its_path() {
        let base = Path::from_iter(["a".into()]);
        let (root, base) = (Trail::ROOT, Trail::at(&base));
        let (list, under) = (root.key("list"), base.index(7));
        assert_eq!(list.index(2).to_path().to_string(), "/list/2");
        assert_eq!(under.key("x/y").to_path().to_string(), "/a/7/x~1y");
        static NAME: FieldName = FieldName::new("\u{8}name", 3);
        assert_eq!(under.field(&NAME).to_path(), under.key("name").to_path());
    }
}
