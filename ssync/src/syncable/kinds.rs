//! The enums and tuples of a document, noted while a value that was read from it is written again.

use std::cell::RefCell;
use std::rc::Rc;

use serde::ser::Serialize;

use super::Syncable;
use super::build::Build;
use super::compare::{is_name, is_surely_tag, is_tag};
use super::decode::from_node;
use super::only::OnlyText;
use super::plan::{EnumKeys, Plan};
use super::walk::looking_at_least;
use crate::diff::{Among, Elements, Kind, Kinds, Told};
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
        self.add(trail, [Kind { told: Told::Name(name.to_owned()), among: None }]);
    }

    /// The list at `trail` is what the plan says.
    pub(super) fn list(&self, trail: Trail<'_>, plan: Plan) {
        let elements = match plan {
            Plan::Slots(_) => Elements::Slots,
            Plan::Keyed(key, _) => Elements::Keyed(key),
            Plan::Each(element) if matches!(element(), Plan::Counter | Plan::Text) => Elements::Merging,
            Plan::Untagged { variant_of, .. } => {
                return self.add(trail, [Kind { told: Told::Reading(variant_of), among: None }]);
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
    /// The keys that are known, if something is flattened of which nothing is.
    known: Option<Vec<&'static str>>,
    /// The next key is written as that of a field is.
    is_name: bool,
    /// It is a struct, or what is flattened into it is.
    is_struct: bool,
    /// What serde's derive wrote as tags, where nothing else is known.
    tags: Vec<(Key, String)>,
}

impl<'a> NotingObject<'a> {
    pub(super) fn new(noting: &'a Noting<'a>, plan: Plan) -> Self {
        let known = plan.flattened_enums().iter().any(|plan| matches!(plan, Plan::Plain)).then(|| plan.keys());
        Self { noting, plan, known, is_name: false, is_struct: false, tags: Vec::new() }
    }

    /// It has an entry with a key of this type.
    pub(super) fn key<T: ?Sized>(&mut self) {
        self.is_name = is_name::<T>();
    }

    /// It is a struct, or a variant with fields.
    pub(super) const fn is_struct(&mut self) {
        self.is_struct = true;
    }

    /// It has this entry.
    pub(super) fn entry<T: Serialize + ?Sized>(&mut self, key: &Key, value: &T) {
        let is_flattened = self.known.as_ref().is_some_and(|known| !known.contains(&&**key));
        self.is_struct |= is_flattened && self.is_name;
        if (matches!(self.plan, Plan::Plain) || is_flattened) && is_tag::<T>() {
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
        let kinds: Vec<Kind> = match self.plan {
            Plan::Plain => self.guessed().into_iter().map(|told| Kind { told, among: None }).collect(),
            plan => {
                let known: Rc<[&str]> = plan.keys().into();
                let own = if let Plan::Fields(..) = plan { None } else { told(plan, object).map(|told| Kind { told, among: None }) };
                let shown = if let Plan::Fields(..) = plan { Some(plan) } else { plan.shown(object, &EnumKeys::new(plan, Some(&known))) };
                let here = shown.map_or_else(Vec::new, Plan::enums_here);
                let is_open = shown.is_some_and(Plan::has_one_open_part);
                let held = |plan| self.kinds_in(plan, is_open.then_some(&known), object, built);
                own.into_iter().chain(here.into_iter().flat_map(held)).collect()
            }
        };
        self.noting.add(trail, kinds);
    }

    /// What may tell the variant, where only serde knows the enum.
    fn guessed(&self) -> Vec<Told> {
        let (tags, is_struct) = (self.tags.clone(), self.is_struct);
        let told = [is_struct.then_some(Told::Keys), (!tags.is_empty()).then_some(Told::Tags { tags, is_struct })];
        told.into_iter().flatten().collect()
    }

    /// The enum of this plan among the entries of an object of which these keys are known, and the enums that its variant holds. What was built has no
    /// entry that the type does not know.
    fn kinds_in(&self, plan: Plan, known: Option<&Rc<[&'static str]>>, object: &Object, built: &Object) -> Vec<Kind> {
        let keys = EnumKeys::new(plan, known);
        // One without a tag may have a variant that writes nothing.
        let is_empty_variant =
            |plan| matches!(plan, Plan::Untagged { variant_of, .. } if variant_of(&Node::Object(Object::default())).is_some());
        if !built.iter().any(|(key, _)| keys.has(key)) && !is_empty_variant(plan) {
            return Vec::new();
        }
        let held = plan.shown(object, &keys).into_iter().flat_map(Plan::enums_here);
        let held = held.flat_map(|plan| self.kinds_in(plan, known, object, built));
        let more = built.iter().map(|(key, _)| key).filter(|key| keys.is_beyond(key) && !keys.known.contains(&&***key)).cloned().collect();
        let among = Some(Among { known: keys.known.iter().copied().map(Key::from).collect(), more });
        let told = if let Plan::Plain = plan { self.guessed() } else { told(plan, object).into_iter().collect() };
        told.into_iter().map(|told| Kind { told, among: among.clone() }).chain(held).collect()
    }
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
