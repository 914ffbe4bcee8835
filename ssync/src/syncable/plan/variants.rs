//! Enums whose entries are told by an object: which variant it is, and what is known of that.

use std::rc::Rc;

use serde::de::DeserializeOwned;

use super::{Field, Plan, Variant};
use crate::doc::{Node, Object};
use crate::syncable::decode::from_node;

/// Returns what `variant` says of the value that a node is read as; nothing if it cannot be read.
#[doc(hidden)]
pub fn variant_of<T: DeserializeOwned>(node: &Node, variant: impl FnOnce(&T) -> Option<usize>) -> Option<usize> {
    from_node::<T>(node).ok().and_then(|value| variant(&value))
}

impl Plan {
    /// All keys that a value of this plan may have in its object, as far as they are known.
    pub(in crate::syncable) fn keys(self) -> Vec<&'static str> {
        match self {
            Self::Fields(fields, _) => {
                let of_field = |field: &Field| match field.flatten {
                    true => (field.plan)().keys(),
                    false => std::iter::once(field.name).chain(field.aliases.iter().copied()).collect(),
                };
                fields.iter().flat_map(of_field).collect()
            }
            Self::Variants { tag: Some(tag), content: Some(content), .. } => vec![tag, content],
            Self::Variants { tag: Some(tag), variants, .. } => {
                std::iter::once(tag).chain(variants.iter().flat_map(|variant| (variant.plan)().keys())).collect()
            }
            Self::Variants { tag: None, variants, .. } => variants.iter().flat_map(Variant::names).collect(),
            Self::Untagged { .. } => self.variants_read().into_iter().flat_map(Self::keys).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a value of this plan may have entries of any key among those of the object in which it stands.
    pub(in crate::syncable) fn is_open(self) -> bool {
        match self {
            Self::Plain | Self::Each(_) => true,
            Self::Fields(fields, _) => fields.iter().any(|field| field.flatten && (field.plan)().is_open()),
            Self::Variants { tag: Some(_), content: None, variants } => variants.iter().any(|variant| (variant.plan)().is_open()),
            Self::Untagged { .. } => self.variants_read().into_iter().any(Self::is_open),
            _ => false,
        }
    }

    /// Returns what the variants hold that are told by how they are read. An enum that is a variant of itself is gone into once.
    pub(super) fn variants_read(self) -> Vec<Self> {
        let (mut found, mut seen, mut open) = (Vec::new(), Vec::new(), vec![self]);
        while let Some(plan) = open.pop() {
            match plan {
                Self::Untagged { variants, .. } if !seen.contains(&variants.as_ptr()) => {
                    seen.push(variants.as_ptr());
                    open.extend(variants.iter().rev().map(|variant| variant()));
                }
                Self::Untagged { .. } => {}
                plan => found.push(plan),
            }
        }
        found
    }

    /// Returns the enums whose entries lie among those of the struct, however deep they are flattened. What is not known may be one, if nothing else of the
    /// struct may have entries of any key.
    pub(in crate::syncable) fn flattened_enums(self) -> Vec<Self> {
        self.flattened().0
    }

    /// Returns the same, and whether one of them may have entries of any key.
    pub(in crate::syncable) fn flattened(self) -> (Vec<Self>, bool) {
        let mut enums = self.flattened_parts();
        let is_open = self.has_one_open(&enums);
        if !is_open {
            enums.retain(|plan| !matches!(plan, Self::Plain));
        }
        (enums, is_open)
    }

    /// Whether one part of a value of this plan, and nothing else in its object, may have entries of any key: else nobody tells whose they are.
    pub(in crate::syncable) fn has_one_open_part(self) -> bool {
        match self {
            Self::Fields(..) => self.has_one_open(&self.flattened_parts()),
            plan => plan.is_open(),
        }
    }

    fn has_one_open(self, parts: &[Self]) -> bool {
        parts.iter().filter(|plan| plan.is_open()).count() == 1 && !self.has_flattened_map()
    }

    fn flattened_parts(self) -> Vec<Self> {
        let Self::Fields(fields, _) = self else { return Vec::new() };
        let parts = |field: &Field| match (field.plan)() {
            plan @ Self::Fields(..) => plan.flattened_parts(),
            plan => plan.enums_here(),
        };
        fields.iter().filter(|field| field.flatten).flat_map(parts).collect()
    }

    fn has_flattened_map(self) -> bool {
        let Self::Fields(fields, _) = self else { return false };
        let is_map = |plan: Self| matches!(plan, Self::Each(_)) || plan.has_flattened_map();
        fields.iter().any(|field| field.flatten && is_map((field.plan)()))
    }

    /// Returns the enums whose entries stand in the object of a value of this plan: the value itself, or what is flattened into it. What is not known may
    /// be one.
    pub(in crate::syncable) fn enums_here(self) -> Vec<Self> {
        match self {
            Self::Variants { .. } | Self::Untagged { .. } | Self::Plain => vec![self],
            plan => plan.flattened_enums(),
        }
    }

    /// Returns the plan of the variant that an object shows, if the variant's entries, of these keys, stand beside what tells it.
    pub(in crate::syncable) fn shown(self, object: &Object, keys: &EnumKeys) -> Option<Self> {
        match self {
            Self::Variants { tag: Some(tag), content: None, .. } => match object.get(tag)? {
                Node::String(name) => Some(self.variant(name)),
                _ => None,
            },
            Self::Untagged { variant_of, variants } => variants.get(variant_of(&keys.part(object))?).map(|plan| plan()),
            _ => None,
        }
    }

    /// What is known of a variant.
    pub(in crate::syncable) fn known_variant(self, name: &str) -> Option<&'static Variant> {
        match self {
            Self::Variants { variants, .. } => variants.iter().find(|variant| variant.names().any(|own| own == name)),
            Self::Untagged { .. } => self.variants_read().into_iter().find_map(|plan| plan.known_variant(name)),
            _ => None,
        }
    }

    /// Returns the other names of an entry that is a flattened variant, or of a variant of this enum.
    pub(in crate::syncable) fn variant_aliases(self, name: &str) -> &'static [&'static str] {
        let is_named = |plan: &Self| matches!(plan, Self::Variants { tag: None, .. }) && plan.known_variant(name).is_some();
        self.enums_here().into_iter().find(is_named).map_or(&[], |plan| plan.aliases_of(name))
    }

    /// Returns the other names of a variant of this enum.
    pub(in crate::syncable) fn aliases_of(self, name: &str) -> &'static [&'static str] {
        self.known_variant(name).map_or(&[], |variant| variant.aliases)
    }

    /// Whether this is an enum that tells its variant under this key.
    pub(in crate::syncable) fn is_tagged_by(self, key: &str) -> bool {
        matches!(self, Self::Variants { tag: Some(tag), .. } if tag == key)
    }

    /// The plan of what a variant holds.
    pub(in crate::syncable) fn variant(self, name: &str) -> Self {
        self.known_variant(name).map_or(Self::Plain, |variant| (variant.plan)())
    }
}

impl Variant {
    /// Returns all names under which it is read.
    pub(in crate::syncable) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// The keys that the entries of an enum may have, in an object that has others too.
#[derive(Clone)]
pub(in crate::syncable) struct EnumKeys {
    pub(in crate::syncable) known: Vec<&'static str>,
    /// Where they may be any: those that are known of the object, which are not the enum's.
    others: Option<Rc<[&'static str]>>,
}

impl EnumKeys {
    /// Of the object, these keys are known, if any others are the enum's.
    pub(in crate::syncable) fn new(plan: Plan, of_object: Option<&Rc<[&'static str]>>) -> Self {
        Self { known: plan.keys(), others: of_object.filter(|_| plan.is_open()).cloned() }
    }

    pub(in crate::syncable) fn has(&self, key: &str) -> bool {
        self.known.contains(&key) || self.is_beyond(key)
    }

    /// Whether it is a key of the enum that nobody knew.
    pub(in crate::syncable) fn is_beyond(&self, key: &str) -> bool {
        self.others.as_ref().is_some_and(|others| !others.contains(&key))
    }

    /// Returns what of an object is the enum's.
    pub(in crate::syncable) fn part(&self, object: &Object) -> Node {
        let own = object.iter().filter(|(key, _)| self.has(key));
        Node::Object(own.map(|(key, node)| (key.clone(), node.clone())).collect())
    }
}
