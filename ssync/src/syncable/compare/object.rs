//! Structs and maps, compared by key.

use serde::ser::{self, Serialize};

use super::flat::{Entry, FlatEnums, Outermost};
use super::tag::{is_name, is_other_name, is_surely_tag, is_tag, tag_differs};
use super::{Compare, KeyText, Recorder, entry_path, is_plainly_same};
use crate::diff::{BULK_REMOVALS_MAX, diff_to_empty};
use crate::doc::{Node, Object};
use crate::path::{Key, Trail};
use crate::planted::{Bug, planted};
use crate::syncable::build::{Build, BuildObject};
use crate::syncable::plan::{Fields, Plan};
use crate::syncable::refused::{RefusedReason, Stop};

#[allow(clippy::large_enum_variant, reason = "an allocation for each object would cost more than its size")]
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
    /// That key is written as the name of a field is.
    is_name: bool,
    /// The whole new value, once an enum's tag turned out to differ.
    replacement: Option<Box<BuildObject<'a>>>,
    /// Enums whose entries lie among these.
    enums: FlatEnums,
    guess: Guess,
}

/// What may make the object another variant of an enum that only serde knows.
#[derive(Clone, Copy)]
struct Guess {
    /// Where the ops of the object begin.
    ops_start: usize,
    is_struct: bool,
    /// What may be a tag differs.
    has_other_tag: bool,
    /// An entry came.
    has_more: bool,
}

impl<'a> CompareObject<'a> {
    pub(super) fn walk(old: &'a Object, trail: Trail<'a>, plan: Plan, is_struct: bool, recorder: &'a mut Recorder) -> Self {
        let fields = Fields::new(plan);
        let guess = Guess { ops_start: recorder.patch.ops.len(), is_struct, has_other_tag: false, has_more: false };
        let replacement = std::mem::take(&mut recorder.replaces).then(|| Box::new(BuildObject::at(trail, plan)));
        let enums = FlatEnums::new(plan, old, std::mem::take(&mut recorder.switches));
        Self::Walk(Walk { old, trail, fields, recorder, at: 0, marks: None, key: None, is_name: false, replacement, enums, guess })
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
        if self.at == 0 && self.fields.tag() == Some(key) && tag_differs(self.old, key, value, self.fields.plan()) {
            self.replacement = Some(Box::new(BuildObject::at(self.trail, self.fields.plan())));
        }
        if let Some(replacement) = &mut self.replacement {
            return replacement.put(Key::from(key), value);
        }
        if self.put_in_enum(key, value)? {
            return Ok(());
        }
        if matches!(self.fields.plan(), Plan::Plain)
            && is_tag::<T>()
            && self.old.get(key).is_some()
            && tag_differs(self.old, key, value, Plan::Plain)
        {
            if self.guess.is_struct || is_surely_tag::<T>() {
                return self.again_as_a_whole();
            }
            self.guess.has_other_tag = true;
        }
        let tagged = Some(self.fields.plan()).filter(|plan| plan.is_tagged_by(key)).or_else(|| self.enums.tagged_by(key));
        if tagged.is_some_and(|plan| is_other_name(self.old, key, value, plan)) {
            self.known_plan(key, value);
            return self.meet(key).map(drop);
        }
        let known = self.known_plan(key, value);
        let (key, old) = self.meet_known(key)?;
        if let Some(old) = old
            // A list is looked at once, and its elements one by one.
            && !matches!(old, Node::List(_))
            && is_plainly_same(value, old)
        {
            return Ok(());
        }
        let (trail, plan) = (self.trail.key(key), self.enums.plan(key, self.old).unwrap_or(known));
        match old {
            Some(old) => Compare { old, trail: &trail, plan, in_some: false, recorder: self.recorder }.walk(value),
            None if self.recorder.probing => Err(Stop::Differs),
            None => {
                self.guess.has_more = true;
                Compare::add(&trail, value, plan, self.recorder)
            }
        }
    }

    /// Has the object be serialized once more, to be set as a whole: it is another variant.
    fn again_as_a_whole(&mut self) -> Result<(), Stop> {
        if self.recorder.probing {
            return Err(Stop::Differs);
        }
        self.recorder.truncate(self.guess.ops_start);
        self.recorder.replaces = true;
        Err(Stop::Again)
    }

    /// Has the object be serialized once more, now that it is known which of its enums are other variants.
    fn again_switched<R>(&mut self, late: &[Outermost]) -> Result<R, Stop> {
        self.recorder.truncate(self.guess.ops_start);
        match self.enums.switches_with(late) {
            Some(switches) => self.recorder.switches = switches,
            None => self.recorder.replaces = true,
        }
        Err(Stop::Again)
    }

    /// Whether the object seems to be another variant than the document has, as entries came or are gone.
    const fn may_be_other(&self, has_less: bool) -> bool {
        let Guess { is_struct, has_other_tag, has_more, .. } = self.guess;
        matches!(self.fields.plan(), Plan::Plain) && ((has_other_tag && (has_more || has_less)) || (is_struct && has_more && has_less))
    }

    /// The plan of the next entry, as its fields and tags tell. A variant that is told by it brings the enums that it holds.
    fn known_plan<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Plan {
        let tag = self.fields.tag().filter(|tag| *tag == key);
        let known = self.fields.next(key, value);
        if let Some((tag, variant)) = tag.zip(self.fields.variant_here()) {
            self.enums.hold(tag, variant, self.old);
        }
        known
    }

    /// Takes an entry that belongs to another variant of an enum than the document has; gives whether it is that.
    fn put_in_enum<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<bool, Stop> {
        let taker = self.enums.look_at(Entry { key, value, is_name: self.is_name }, self.old);
        if self.recorder.probing {
            return if taker.is_some() { Err(Stop::Differs) } else { Ok(false) };
        }
        let taker = match taker {
            Some((_, Some(outermost))) => return self.again_switched(&[outermost]),
            None if !self.enums.reads(key) => return Ok(false),
            taker => taker.map(|(at, _)| at),
        };
        let old = self.old.get(key).filter(|old| taker.is_none() && is_plainly_same(value, old));
        let node = match old {
            Some(old) => old.clone(),
            None => {
                let known = if taker.is_some() { self.known_plan(key, value) } else { Plan::Plain };
                let plan = self.enums.plan(key, self.old).unwrap_or(known);
                Build::new(&self.trail.key(key), plan).node(value)?
            }
        };
        self.enums.put(key, &node, self.old, taker);
        if taker.is_some() {
            self.meet(key)?;
        }
        Ok(taker.is_some())
    }

    fn finish(mut self) -> Result<(), Stop> {
        if let Some(replacement) = self.replacement {
            return self.recorder.set(&self.trail, replacement.finish()?);
        }
        let (first, marks) = (self.at, self.marks);
        let mut gone = Vec::new();
        for position in first..self.old.len() {
            if marks.is_some_and(|marks| self.recorder.seen[marks + position]) {
                continue;
            }
            gone.extend(self.old.entry(position).map(|(key, _)| key));
        }
        if let Some(marks) = marks {
            self.recorder.seen.truncate(marks);
        }
        if self.may_be_other(!gone.is_empty()) {
            return self.again_as_a_whole();
        }
        for key in &gone {
            if !self.enums.replaces(key) {
                self.leave_out(key)?;
            }
        }
        let late = self.enums.late(self.old, &gone);
        if !self.recorder.probing && !late.is_empty() {
            return self.again_switched(&late);
        }
        let Self { enums, old, trail, recorder, .. } = self;
        enums.record(trail, old, &gone, recorder)
    }

    /// Records that an entry of the document is not written. One that is left out where it is empty is made empty: so what others put into it stays.
    fn leave_out(&mut self, key: &Key) -> Result<(), Stop> {
        let trail = self.trail.key(key);
        let old = self.old.get(key).filter(|old| old.parts() <= BULK_REMOVALS_MAX);
        let known = self.enums.field(key, self.old).or_else(|| self.fields.known(key)).filter(|_| !planted(Bug::EmptyIsRemoved));
        let empty = known.and_then(|field| (field.blank)()).map(|blank| blank());
        match empty {
            Some(empty) if self.old.get(key) == Some(&empty) => Ok(()),
            Some(_) if self.recorder.probing => Err(Stop::Differs),
            Some(empty) if let Some(old) = old.filter(|old| old.emptied().as_ref() == Some(&empty)) => {
                self.recorder.is_doubtful = true;
                diff_to_empty(&trail, old, &empty, &mut self.recorder.patch);
                Ok(())
            }
            _ => self.recorder.remove(entry_path(&self.trail, key)),
        }
    }
}

impl<'a> Walk<'a> {
    /// The same under whichever name the document has a field or a variant; gives that name.
    fn meet_known<'k>(&mut self, key: &'k str) -> Result<(&'k str, Option<&'a Node>), Stop> {
        let mut old = self.meet(key)?;
        let aliases = match old {
            Some(_) => &[][..],
            None => self.enums.field(key, self.old).map_or_else(|| self.fields.aliases(key), |field| field.aliases),
        };
        for alias in aliases {
            old = self.meet(alias)?;
            if old.is_some() {
                return Ok((alias, old));
            }
        }
        Ok((key, old))
    }

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
                (walk.key, walk.is_name) = (Some(text), is_name::<T>());
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
