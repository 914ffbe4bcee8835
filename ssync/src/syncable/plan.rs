//! What a type knows about its parts that serde does not show: local-only fields, leaves, sets.

use serde::ser::{Impossible, Serialize, Serializer};

use super::layout::Layout;
use super::refused::Stop;

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
}

/// One variant of an enum.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The name in JSON.
    pub name: &'static str,
    /// How what it holds is compared.
    pub plan: fn() -> Plan,
    /// The keys of the object that tells the variant.
    pub layout: &'static Layout,
}

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
    /// How the field is compared.
    pub plan: fn() -> Plan,
    /// By which route.
    pub route: fn() -> &'static str,
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

    /// Each field of the struct and the route it takes: `typed` or `serde`. Empty for what is no struct.
    ///
    /// ```
    /// # use serde::{Deserialize, Serialize};
    /// # use ssync::Syncable;
    /// #[derive(Serialize, Deserialize, Syncable)]
    /// struct Server {
    ///     name: String,
    ///     address: std::net::IpAddr,
    ///     settings: ssync::Json<std::ops::Bound<u8>>,
    /// }
    /// assert_eq!(Server::plan().routes(), [("name", "typed"), ("address", "typed"), ("settings", "serde")]);
    /// ```
    pub fn routes(&self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Fields(fields, _) => fields.iter().map(|field| (field.name, (field.route)())).collect(),
            _ => Vec::new(),
        }
    }

    /// The other names of a field.
    pub(super) fn aliases(self, name: &str) -> &'static [&'static str] {
        match self {
            Self::Fields(fields, _) => fields.iter().find(|field| field.name == name).map_or(&[], |field| field.aliases),
            _ => &[],
        }
    }

    /// What is known of a variant.
    pub(super) fn known_variant(self, name: &str) -> Option<&'static Variant> {
        match self {
            Self::Variants { variants, .. } => variants.iter().find(|variant| variant.name == name),
            _ => None,
        }
    }

    /// The plan of what a variant holds.
    pub(super) fn variant(self, name: &str) -> Self {
        self.known_variant(name).map_or(Self::Plain, |variant| (variant.plan)())
    }

    /// The field of this name; nothing if it is not known.
    fn field(self, name: &str, hint: usize) -> Option<Plan> {
        let fields = match self {
            Self::Fields(fields, _) => fields,
            Self::Each(plan) => return Some(plan()),
            _ => return None,
        };
        let known = fields.get(hint).filter(|field| field.name == name && !field.flatten);
        let known = known.or_else(|| fields.iter().find(|field| field.name == name && !field.flatten));
        match known {
            Some(field) => Some((field.plan)()),
            None => fields.iter().filter(|field| field.flatten).find_map(|field| (field.plan)().field(name, 0)),
        }
    }
}

/// Goes through the entries of an object and knows each one's plan.
pub(super) struct Fields {
    plan: Plan,
    at: usize,
    content: Option<(&'static str, Plan)>,
    layout: Option<&'static Layout>,
}

impl Fields {
    pub(super) const fn new(plan: Plan) -> Self {
        let layout = match plan {
            Plan::Fields(_, layout) => Some(layout),
            _ => None,
        };
        Self { plan, at: 0, content: None, layout }
    }

    /// The plan of the entry.
    pub(super) fn next<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Plan {
        if matches!(self.plan, Plan::Plain) && self.content.is_none() {
            return Plan::Plain;
        }
        if let Some((_, plan)) = self.content.take_if(|(content, _)| *content == name) {
            return plan;
        }
        if self.tag() == Some(name) {
            self.choose(value.serialize(Text).ok().as_deref().unwrap_or_default());
            return Plan::Plain;
        }
        let field = self.plan.field(name, self.at);
        self.at += 1;
        field.unwrap_or(Plan::Plain)
    }

    /// The key under which an enum tells its variant.
    pub(super) const fn tag(&self) -> Option<&'static str> {
        match self.plan {
            Plan::Variants { tag, .. } => tag,
            _ => None,
        }
    }

    /// The keys that every value of the type shares.
    pub(super) const fn layout(&self) -> Option<&'static Layout> {
        self.layout
    }

    pub(super) const fn plan(&self) -> Plan {
        self.plan
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

/// Serializes nothing but a string or a unit variant's name.
pub(super) struct Text;

macro_rules! refuse {
    ($($method:ident($($arg:ty),*)),*) => {
        $(fn $method(self, $(_: $arg),*) -> Result<Self::Ok, Stop> { Err(Stop::NotText) })*
    };
}

impl Serializer for Text {
    type Ok = String;
    type Error = Stop;
    type SerializeSeq = Impossible<String, Stop>;
    type SerializeTuple = Impossible<String, Stop>;
    type SerializeTupleStruct = Impossible<String, Stop>;
    type SerializeTupleVariant = Impossible<String, Stop>;
    type SerializeMap = Impossible<String, Stop>;
    type SerializeStruct = Impossible<String, Stop>;
    type SerializeStructVariant = Impossible<String, Stop>;

    fn serialize_str(self, text: &str) -> Result<String, Stop> {
        Ok(text.to_owned())
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<String, Stop> {
        Ok(variant.to_owned())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<String, Stop> {
        value.serialize(self)
    }
    refuse!(serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64));
    refuse!(serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32), serialize_f64(f64));
    refuse!(serialize_char(char), serialize_bytes(&[u8]), serialize_none(), serialize_unit(), serialize_unit_struct(&'static str));
    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<String, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<String, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Stop> {
        Err(Stop::NotText)
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeStructVariant, Stop> {
        Err(Stop::NotText)
    }
}
