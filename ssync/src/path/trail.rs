//! A path on its way down.

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

    #[test]
    fn a_trail_becomes_its_path() {
        let base = Path::from_iter(["a".into()]);
        let (root, base) = (Trail::ROOT, Trail::at(&base));
        let (list, under) = (root.key("list"), base.index(7));
        assert_eq!(list.index(2).to_path().to_string(), "/list/2");
        assert_eq!(under.key("x/y").to_path().to_string(), "/a/7/x~1y");
    }
}
