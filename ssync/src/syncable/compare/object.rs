//! Structs and maps, compared by key.

use serde::ser::{self, Serialize};

use super::{Compare, KeyText, Recorder, entry_path, is_plainly_same};
use crate::doc::{Node, Object};
use crate::path::{Key, Trail};
use crate::syncable::build::BuildObject;
use crate::syncable::plan::{Fields, Plan, Text};
use crate::syncable::refused::{RefusedReason, Stop};

pub(in crate::syncable) enum CompareObject<'a> {
    Walk(Walk<'a>),
    /// The document holds something else here: an object is built and then compared.
    Fresh {
        old: &'a Node,
        trail: Trail<'a>,
        object: Box<BuildObject<'a>>,
        recorder: &'a mut Recorder,
    },
}

/// **Entries before `at` were met, and no other, until `marks` says otherwise**: most values come in the document's order.
pub(in crate::syncable) struct Walk<'a> {
    old: &'a Object,
    trail: Trail<'a>,
    fields: Fields,
    recorder: &'a mut Recorder,
    at: usize,
    /// Where this object's marks begin in the recorder's stack.
    marks: Option<usize>,
    key: Option<String>,
    /// The whole new value, once an enum's tag turned out to differ.
    replacement: Option<Box<BuildObject<'a>>>,
}

impl<'a> CompareObject<'a> {
    pub(super) fn walk(old: &'a Object, trail: Trail<'a>, plan: Plan, recorder: &'a mut Recorder) -> Self {
        Self::Walk(Walk { old, trail, fields: Fields::new(plan), recorder, at: 0, marks: None, key: None, replacement: None })
    }

    pub(super) fn fresh(old: &'a Node, trail: Trail<'a>, object: BuildObject<'a>, recorder: &'a mut Recorder) -> Self {
        Self::Fresh { old, trail, object: Box::new(object), recorder }
    }

    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.put(key, value),
            Self::Fresh { object, .. } => object.put(Key::from(key), value),
        }
    }

    fn finish(self) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => walk.finish(),
            Self::Fresh { old, trail, object, recorder } => recorder.settle(&trail, old, object.finish()?, Plan::Plain),
        }
    }
}

impl Walk<'_> {
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Stop> {
        if self.at == 0 && self.fields.tag() == Some(key) && self.tag_differs(key, value) {
            self.replacement = Some(Box::new(BuildObject::at(self.trail, self.fields.plan())));
        }
        if let Some(replacement) = &mut self.replacement {
            return replacement.put(Key::from(key), value);
        }
        let aliases = self.fields.plan().aliases(key);
        let plan = self.fields.next(key, value);
        let mut key = key;
        let mut old = self.meet(key)?;
        // Under whichever name the room has the field, there it stays.
        for alias in aliases {
            if old.is_none() {
                old = self.meet(alias)?;
                key = if old.is_some() { alias } else { key };
            }
        }
        let trail = self.trail.key(key);
        match old {
            // A list is looked at once, and its elements one by one.
            Some(old) if !matches!(old, Node::List(_)) && is_plainly_same(value, old) => Ok(()),
            Some(old) => Compare { old, trail: &trail, plan, in_some: false, recorder: self.recorder }.walk(value),
            None if self.recorder.probing => Err(Stop::Differs),
            None => {
                let node = crate::syncable::build::Build::new(&trail, plan).node(value)?;
                self.recorder.set(&trail, node)
            }
        }
    }

    fn tag_differs<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> bool {
        let new = value.serialize(Text).ok();
        !matches!((self.old.get(key), new), (Some(Node::String(old)), Some(new)) if **old == *new)
    }

    fn finish(self) -> Result<(), Stop> {
        if let Some(replacement) = self.replacement {
            return self.recorder.set(&self.trail, replacement.finish()?);
        }
        let (first, marks) = (self.at, self.marks);
        for position in first..self.old.len() {
            if marks.is_some_and(|marks| self.recorder.seen[marks + position]) {
                continue;
            }
            if let Some((key, _)) = self.old.entry(position) {
                self.recorder.remove(entry_path(&self.trail, key))?;
            }
        }
        if let Some(marks) = marks {
            self.recorder.seen.truncate(marks);
        }
        Ok(())
    }
}

impl<'a> Walk<'a> {
    /// Finds the old entry of a key and marks it as met.
    fn meet(&mut self, key: &str) -> Result<Option<&'a Node>, Stop> {
        if let Some((next, node)) = self.old.entry(self.at)
            && **next == *key
            && self.marks.is_none()
        {
            self.at += 1;
            return Ok(Some(node));
        }
        let Some(position) = self.old.position(key) else { return Ok(None) };
        let at = self.at;
        let marks = *self.marks.get_or_insert_with(|| {
            let seen = &mut self.recorder.seen;
            let start = seen.len();
            seen.resize(start + self.old.len(), false);
            seen[start..start + at].fill(true);
            start
        });
        if std::mem::replace(&mut self.recorder.seen[marks + position], true) {
            return Err(Stop::refused(&self.trail.key(key), RefusedReason::KeyTwice));
        }
        Ok(self.old.entry(position).map(|(_, node)| node))
    }
}

impl ser::SerializeMap for CompareObject<'_> {
    type Ok = ();
    type Error = Stop;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => {
                let mut text = walk.recorder.keys.pop().unwrap_or_default();
                text.clear();
                key.serialize(KeyText(&mut text)).map_err(|stop| stop.at(&walk.trail))?;
                walk.key = Some(text);
                Ok(())
            }
            Self::Fresh { object, .. } => object.serialize_key(key),
        }
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        match self {
            Self::Walk(walk) => {
                let key = walk.key.take().unwrap_or_default();
                let outcome = walk.put(&key, value);
                walk.recorder.keys.push(key);
                outcome
            }
            Self::Fresh { object, .. } => object.serialize_value(value),
        }
    }
    fn end(self) -> Result<(), Stop> {
        self.finish()
    }
}

macro_rules! struct_traits {
    ($($trait:ident),*) => {
        $(impl ser::$trait for CompareObject<'_> {
            type Ok = ();
            type Error = Stop;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Stop> {
                self.put(key, value)
            }
            fn end(self) -> Result<(), Stop> {
                self.finish()
            }
        })*
    };
}

struct_traits!(SerializeStruct, SerializeStructVariant);
