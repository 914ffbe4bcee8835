//! The enums and tuples of a document, noted while a value that was read from it is written again.

use std::cell::RefCell;

use serde::ser::Serialize;

use super::Syncable;
use super::build::Build;
use super::compare::{is_surely_tag, is_tag};
use super::decode::from_node;
use super::only::OnlyText;
use super::plan::Plan;
use super::walk::looking_at_least;
use crate::diff::{Elements, Kind, Kinds, Told};
use crate::doc::{Node, Object};
use crate::path::{Key, Segment, Trail};

/// Returns the enums and tuples of a document as `T` knows them, and none if the document does not read as a `T`.
#[doc(hidden)]
pub fn kinds_of<T: Syncable>(root: &Node) -> Kinds {
    let noting = Noting { root, kinds: RefCell::default() };
    if let Ok(value) = from_node::<T>(root) {
        // What cannot be written again was not written by this type: nobody here edits it.
        let _ = looking_at_least(|| Build { noting: Some(&noting), ..Build::new(&Trail::ROOT, T::plan()) }.node(&value));
    }
    noting.kinds.into_inner()
}

/// Notes the enums and tuples that come along.
pub(super) struct Noting<'a> {
    root: &'a Node,
    kinds: RefCell<Kinds>,
}

impl Noting<'_> {
    /// The object at `trail` is this variant.
    pub(super) fn variant(&self, trail: Trail<'_>, name: &str) {
        self.add(trail, [Kind { told: Told::Name(name.to_owned()), keys: Vec::new() }]);
    }

    /// The list at `trail` is what the plan says.
    pub(super) fn list(&self, trail: Trail<'_>, plan: Plan) {
        let elements = match plan {
            Plan::Slots(_) => Elements::Slots,
            Plan::Keyed(key, _) => Elements::Keyed(key),
            Plan::Each(element) if matches!(element(), Plan::Counter | Plan::Text) => Elements::Merging,
            Plan::Untagged { variant_of, .. } => {
                return self.add(trail, [Kind { told: Told::Reading(variant_of), keys: Vec::new() }]);
            }
            _ => return,
        };
        self.kinds.borrow_mut().add_list(trail, elements);
    }

    /// The list at `trail` is a tuple or an array: of one that only serde knows, the length may tell variants apart.
    pub(super) fn fixed(&self, trail: Trail<'_>, plan: Plan) {
        let elements = if matches!(plan, Plan::Plain) { Elements::Fixed } else { Elements::Slots };
        self.kinds.borrow_mut().add_list(trail, elements);
    }

    /// Returns the other name under which the document has an entry of the object at `trail`.
    pub(super) fn alias(&self, trail: Trail<'_>, aliases: &[&'static str]) -> Option<&'static str> {
        if aliases.is_empty() {
            return None;
        }
        let path = trail.to_path();
        let object = self.root.at(path.iter())?;
        aliases.iter().copied().find(|alias| object.at([Segment::Key(alias)]).is_some())
    }

    fn add(&self, trail: Trail<'_>, kinds: impl IntoIterator<Item = Kind>) {
        self.kinds.borrow_mut().add(trail, kinds);
    }
}

/// What is noted of an object under construction.
pub(super) struct NotingObject<'a> {
    pub(super) noting: &'a Noting<'a>,
    plan: Plan,
    is_struct: bool,
    /// What serde's derive wrote as tags, where nothing else is known.
    tags: Vec<(Key, String)>,
}

impl<'a> NotingObject<'a> {
    pub(super) const fn new(noting: &'a Noting<'a>, plan: Plan) -> Self {
        Self { noting, plan, is_struct: false, tags: Vec::new() }
    }

    /// It is a struct, or a variant with fields.
    pub(super) const fn is_struct(&mut self) {
        self.is_struct = true;
    }

    /// It has this entry.
    pub(super) fn entry<T: Serialize + ?Sized>(&mut self, key: &Key, value: &T) {
        if matches!(self.plan, Plan::Plain) && is_tag::<T>() {
            self.is_struct |= is_surely_tag::<T>();
            self.tags.extend(value.serialize(OnlyText).ok().map(|tag| (key.clone(), tag)));
        }
    }

    /// It is complete.
    pub(super) fn finish(self, trail: Trail<'_>, built: &Object) {
        let path = trail.to_path();
        // The document may know a variant by another name.
        let object = match self.noting.root.at(path.iter()) {
            Some(Node::Object(object)) => object,
            _ => built,
        };
        let kinds = match self.plan {
            Plan::Plain => {
                let (tags, is_struct) = (self.tags, self.is_struct);
                let told = [is_struct.then_some(Told::Keys), (!tags.is_empty()).then_some(Told::Tags { tags, is_struct })];
                told.into_iter().flatten().map(|told| Kind { told, keys: Vec::new() }).collect()
            }
            Plan::Fields(..) => self.plan.flattened_enums().into_iter().flat_map(|plan| kinds_in(plan, false, object)).collect(),
            plan => kinds_in(plan, true, object),
        };
        self.noting.add(trail, kinds);
    }
}

/// The enum of this plan in an object, and those that its variant holds.
fn kinds_in(plan: Plan, is_whole: bool, object: &Object) -> Vec<Kind> {
    let keys: Vec<Key> = if is_whole { Vec::new() } else { plan.keys().into_iter().map(Key::from).collect() };
    // One without a tag may have a variant that writes nothing.
    let is_empty_variant = |plan| matches!(plan, Plan::Untagged { variant_of, .. } if variant_of(&Node::Object(Object::default())).is_some());
    if !is_whole && !keys.iter().any(|key| object.get(key).is_some()) && !is_empty_variant(plan) {
        return Vec::new();
    }
    let held = plan.shown(object).into_iter().flat_map(Plan::enums_here).flat_map(|plan| kinds_in(plan, false, object));
    told(plan, object).map(|told| Kind { told, keys }).into_iter().chain(held).collect()
}

/// What tells the variant of an enum whose entries lie in the object; nothing if it is none, or has none.
fn told(plan: Plan, object: &Object) -> Option<Told> {
    let has = |name: &&str| object.get(name).is_some();
    match plan {
        Plan::Variants { tag: Some(tag), .. } => match object.get(tag)? {
            Node::String(name) => Some(Told::Name(name.to_string())),
            _ => None,
        },
        Plan::Variants { tag: None, .. } => plan.keys().into_iter().find(has).map(|name| Told::Name(name.to_owned())),
        Plan::Untagged { variant_of, .. } => Some(Told::Reading(variant_of)),
        _ => None,
    }
}
