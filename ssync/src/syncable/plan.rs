//! What a type knows about its parts that serde does not show: local-only fields, leaves, sets.

mod fields;
mod variants;

pub(super) use fields::Fields;
pub(super) use variants::EnumKeys;
pub use variants::variant_of;

use super::layout::Layout;
use crate::doc::Node;

/// How a value is compared with its node. [`Plan::routes`] is for people, the rest for the derive.
#[derive(Clone, Copy, Debug)]
pub enum Plan {
    /// As serde shows it.
    Plain,
    /// Replaced as a whole when anything in it differs.
    Leaf,
    /// A set, whatever the order in which serde shows it.
    Set,
    /// A number to which is added.
    Counter,
    /// A string that is edited in parts.
    Text,
    /// Every element of a list, or every value of a map, by this plan.
    Each(fn() -> Plan),
    /// A tuple: element by element.
    Tuple(&'static [fn() -> Plan]),
    /// A list whose elements are told apart by what stands under this key of each.
    Keyed(&'static str, fn() -> Plan),
    /// A list whose elements are their positions.
    Slots(fn() -> Plan),
    /// A struct's fields, by JSON name.
    Fields(&'static [Field], &'static Layout),
    /// An enum's variants, by JSON name; with serde's `tag` and `content`, where they are used.
    Variants {
        /// serde's `tag`
        tag: Option<&'static str>,
        /// serde's `content`
        content: Option<&'static str>,
        /// What is known of each variant.
        variants: &'static [Variant],
    },
    /// An enum of which a variant does not say which one it is. Those that do share a plan.
    Untagged {
        /// Which of the variants a node is read as.
        variant_of: fn(&Node) -> Option<usize>,
        /// How what each variant holds is compared.
        variants: &'static [fn() -> Plan],
    },
}

/// One variant of an enum.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The name in JSON.
    pub name: &'static str,
    /// Other names under which it is read.
    pub aliases: &'static [&'static str],
    /// How what it holds is compared.
    pub plan: fn() -> Plan,
    /// The keys of the object that tells the variant.
    pub layout: &'static Layout,
}

/// What makes the value that the document has where one is left out of JSON because it is empty.
#[doc(hidden)]
pub type Blank = Option<fn() -> Node>;

/// One field of a struct.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// Other names under which it is read.
    pub aliases: &'static [&'static str],
    /// Its fields stand in the place of the struct's own.
    pub flatten: bool,
    /// What the document has where the field is left out of JSON because it is empty.
    pub blank: fn() -> Blank,
    /// How the field is compared.
    pub plan: fn() -> Plan,
    /// By which route.
    pub route: fn() -> FieldRoute,
}

/// How a field of a struct is compared, and what of it merges with what others do at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldRoute {
    /// It is compared by branches that the derive made, and takes what others did in place; else it goes by serde.
    pub is_typed: bool,
    /// Why a counter, a text, or an element that moves inside of it may be sent as a plain value; nothing if none is.
    pub weaker: Option<&'static str>,
}

impl FieldRoute {
    /// The route of a field.
    #[doc(hidden)]
    pub const fn new(is_typed: bool, weaker: Option<&'static str>) -> Self {
        Self { is_typed, weaker }
    }

    /// The same by serde.
    #[doc(hidden)]
    #[must_use]
    pub const fn by_serde(self) -> Self {
        Self { is_typed: false, ..self }
    }

    /// Whether what this field means merges with what others do at the same time.
    pub const fn merges(self) -> bool {
        self.weaker.is_none()
    }
}

impl Plan {
    /// The plan of an element of a list.
    pub(super) fn element(self, index: usize) -> Self {
        match self {
            Self::Each(plan) | Self::Keyed(_, plan) | Self::Slots(plan) => plan(),
            Self::Tuple(plans) => plans.get(index).map_or(Self::Plain, |plan| plan()),
            _ => Self::Plain,
        }
    }

    /// The same for a list whose elements have a key.
    #[must_use]
    pub fn keyed(self, key: &'static str) -> Self {
        match self {
            Self::Each(plan) => Self::Keyed(key, plan),
            other => other,
        }
    }

    /// The same for a list whose elements are their positions.
    #[must_use]
    pub fn slots(self) -> Self {
        match self {
            Self::Each(plan) => Self::Slots(plan),
            other => other,
        }
    }

    /// The key that tells the elements of a list apart.
    pub(super) const fn key(self) -> Option<&'static str> {
        match self {
            Self::Keyed(key, _) => Some(key),
            _ => None,
        }
    }

    /// Each field of the struct and the route it takes. Empty for what is no struct.
    ///
    /// ```
    /// # use serde::{Deserialize, Serialize};
    /// # use ssync::Syncable;
    /// #[derive(Serialize, Deserialize, Syncable)]
    /// struct Server {
    ///     name: String,
    ///     hits: ssync::Counter,
    ///     settings: ssync::Json<std::ops::Bound<u8>>,
    /// }
    /// let routes = Server::plan().routes();
    /// let typed: Vec<_> = routes.iter().map(|(name, route)| (*name, route.is_typed, route.merges())).collect();
    /// assert_eq!(typed, [("name", true, true), ("hits", true, true), ("settings", false, false)]);
    /// ```
    pub fn routes(&self) -> Vec<(&'static str, FieldRoute)> {
        match self {
            Self::Fields(fields, _) => fields.iter().map(|field| (field.name, (field.route)())).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether what two programs put into an empty value of this kind at the same time is one value with both.
    pub(super) const fn merges_inside(self) -> bool {
        matches!(self, Self::Each(_) | Self::Keyed(..) | Self::Slots(_) | Self::Set | Self::Counter | Self::Text)
    }

    /// The known field of this name, wherever it is flattened from.
    pub(super) fn known_field(self, name: &str) -> Option<&'static Field> {
        let Self::Fields(fields, _) = self else { return None };
        let own = fields.iter().find(|field| field.name == name && !field.flatten);
        own.or_else(|| fields.iter().filter(|field| field.flatten).find_map(|field| (field.plan)().known_field(name)))
    }

    /// The plan of the entry of this name; nothing if it is not known.
    pub(super) fn field(self, name: &str) -> Option<Plan> {
        match self {
            Self::Fields(fields, _) => match Field::own(fields, name, 0) {
                Some(field) => Some((field.plan)()),
                None => fields.iter().filter(|field| field.flatten).find_map(|field| (field.plan)().field(name)),
            },
            Self::Each(plan) => Some(plan()),
            Self::Variants { tag: None, .. } => self.known_variant(name).map(|variant| (variant.plan)()),
            Self::Variants { content: Some(_), .. } => None,
            Self::Variants { variants, .. } => variants.iter().find_map(|variant| (variant.plan)().field(name)),
            Self::Untagged { .. } => self.variants_read().into_iter().find_map(|plan| plan.field(name)),
            _ => None,
        }
    }
}

impl Field {
    /// The field of a struct that writes the entry of this name itself. It mostly stands at the hint.
    fn own(fields: &'static [Self], name: &str, hint: usize) -> Option<&'static Self> {
        let is_own = |field: &&Self| field.name == name && !field.flatten;
        fields.get(hint).filter(is_own).or_else(|| fields.iter().find(is_own))
    }
}
