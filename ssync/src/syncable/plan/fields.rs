//! The entries of an object, each with its plan.

use serde::ser::Serialize;

use super::{Field, Plan};
use crate::syncable::layout::Layout;
use crate::syncable::only::OnlyText;

/// Goes through the entries of an object and knows each one's plan.
///
/// **[`Fields::next`] is called for each entry, in the order in which they are written**: an enum is told by its first.
pub(in crate::syncable) struct Fields {
    plan: Plan,
    at: usize,
    content: Option<(&'static str, Plan)>,
    layout: Option<&'static Layout>,
    /// The enums whose entries lie among these; looked for with the first entry that is not a field's.
    inner: Option<Vec<Inner>>,
}

/// An enum whose entries lie among others.
struct Inner {
    plan: Plan,
    /// The plan of the variant that its tag tells.
    variant: Option<Plan>,
}

impl Fields {
    pub(in crate::syncable) const fn new(plan: Plan) -> Self {
        let layout = match plan {
            Plan::Fields(_, layout) => Some(layout),
            _ => None,
        };
        Self { plan, at: 0, content: None, layout, inner: None }
    }

    /// The plan of the entry.
    pub(in crate::syncable) fn next<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Plan {
        if matches!(self.plan, Plan::Plain) && self.content.is_none() {
            return Plan::Plain;
        }
        if let Some((_, plan)) = self.content.take_if(|(content, _)| *content == name) {
            return plan;
        }
        if self.tag() == Some(name) {
            self.choose(value.serialize(OnlyText).ok().as_deref().unwrap_or_default());
            return Plan::Plain;
        }
        let at = self.at;
        self.at += 1;
        match self.plan {
            Plan::Fields(fields, _) => match Field::own(fields, name, at) {
                Some(field) => (field.plan)(),
                None => self.next_inner(name, value),
            },
            Plan::Untagged { .. } => self.next_inner(name, value),
            plan => plan.field(name).unwrap_or(Plan::Plain),
        }
    }

    /// The plan of an entry that no field of the struct itself writes.
    fn next_inner<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Plan {
        let plan = self.plan;
        let inner = self.inner.get_or_insert_with(|| Inner::all(plan));
        if let Some(at) = inner.iter().position(|own| own.tag() == Some(name)) {
            let variant = inner[at].plan.variant(value.serialize(OnlyText).ok().as_deref().unwrap_or_default());
            inner[at].variant = Some(variant);
            if inner[at].content().is_none() {
                inner.extend(Inner::all(variant));
            }
            return Plan::Plain;
        }
        let of_variant = inner.iter().rev().find_map(|own| own.field(name));
        of_variant.or_else(|| plan.field(name)).unwrap_or(Plan::Plain)
    }

    /// The field that writes an entry, if one is known.
    pub(in crate::syncable) fn known(&self, name: &str) -> Option<&'static Field> {
        let of_variant =
            || self.inner.iter().flatten().rev().find_map(|own| own.variant.filter(|_| own.content().is_none())?.known_field(name));
        match self.plan {
            plan @ Plan::Untagged { .. } => plan.variants_read().into_iter().find_map(|plan| plan.known_field(name)),
            plan => plan.known_field(name).or_else(of_variant),
        }
    }

    /// Returns the other names of an entry: a field's, or a flattened variant's.
    pub(in crate::syncable) fn aliases(&self, name: &str) -> &'static [&'static str] {
        self.known(name).map_or_else(|| self.plan.variant_aliases(name), |field| field.aliases)
    }

    /// The key under which an enum tells its variant.
    pub(in crate::syncable) const fn tag(&self) -> Option<&'static str> {
        match self.plan {
            Plan::Variants { tag, .. } => tag,
            _ => None,
        }
    }

    /// The keys that every value of the type shares.
    pub(in crate::syncable) const fn layout(&self) -> Option<&'static Layout> {
        self.layout
    }

    pub(in crate::syncable) const fn plan(&self) -> Plan {
        self.plan
    }

    /// Returns the plan of the variant that was told, if its entries stand beside what told it.
    pub(in crate::syncable) fn variant_here(&self) -> Option<Plan> {
        self.content.is_none().then_some(self.plan)
    }

    fn choose(&mut self, variant: &str) {
        let known = self.plan.known_variant(variant);
        self.layout = known.map(|variant| variant.layout);
        let chosen = known.map_or(Plan::Plain, |variant| (variant.plan)());
        if let Plan::Variants { content: Some(content), .. } = self.plan {
            self.content = Some((content, chosen));
            self.plan = Plan::Plain;
        } else {
            self.plan = chosen;
        }
    }
}

impl Inner {
    /// The enums in an object of this plan, and those that their variants without a tag may hold.
    fn all(plan: Plan) -> Vec<Self> {
        let held = |plan: Plan| match plan {
            Plan::Untagged { .. } => plan.variants_read().into_iter().flat_map(Self::all).collect(),
            _ => Vec::new(),
        };
        let own = |plan: Plan| std::iter::once(Self { plan, variant: None }).chain(held(plan));
        plan.enums_here().into_iter().flat_map(own).collect()
    }

    const fn tag(&self) -> Option<&'static str> {
        match self.plan {
            Plan::Variants { tag, .. } => tag,
            _ => None,
        }
    }

    const fn content(&self) -> Option<&'static str> {
        match self.plan {
            Plan::Variants { content, .. } => content,
            _ => None,
        }
    }

    /// The plan of an entry of the variant that was told.
    fn field(&self, name: &str) -> Option<Plan> {
        let variant = self.variant?;
        match self.content() {
            Some(content) => (content == name).then_some(variant),
            None => variant.field(name),
        }
    }
}
