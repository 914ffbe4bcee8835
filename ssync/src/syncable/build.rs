//! A serde value as a node of its own.

use std::any::type_name;

use serde::ser::{self, Serialize, Serializer};

use super::kinds::{Noting, NotingObject};
use super::plan::{Field, Fields, Plan};
use super::refused::{Refused, RefusedReason, Stop};
use super::walk::{COUNTER, Count, looking_at_least};
use crate::doc::{Entries, Keys, Node, Number, Object};
use crate::limits;
use crate::path::{Key, Trail};

/// The names under which serde_json passes numbers and raw text through other formats.
pub(super) const NUMBER_TOKEN: &str = "$serde_json::private::Number";
pub(super) const RAW_TOKEN: &str = "$serde_json::private::RawValue";

/// The node of a value at `trail`.
pub(crate) fn build<T: Serialize + ?Sized>(value: &T, trail: &Trail<'_>, plan: Plan) -> Result<Node, Refused> {
    looking_at_least(|| Build::new(trail, plan).node(value)).map_err(Stop::into_refused)
}

/// Whether an iterator of this type comes from a set: serde hands it over as it is in `collect_seq`.
pub(super) fn is_set<I>() -> bool {
    let name = type_name::<I>();
    // Slices, as which vectors come, are most of what is asked for.
    if name.starts_with("&[") {
        return false;
    }
    let name = name.trim_start_matches('&');
    let name = name.split('<').next().unwrap_or(name);
    ["::HashSet", "::BTreeSet", "::IndexSet"].iter().any(|set| name.ends_with(set))
}

/// Serializes into a node. **Never looks at the document.**
#[derive(Clone, Copy)]
pub(super) struct Build<'a> {
    pub(super) trail: &'a Trail<'a>,
    pub(super) plan: Plan,
    /// Directly inside a `Some`, where null would be lost.
    pub(super) in_some: bool,
    /// What notes the enums and tuples on the way.
    pub(super) noting: Option<&'a Noting<'a>>,
}

impl<'a> Build<'a> {
    pub(super) const fn new(trail: &'a Trail<'a>, plan: Plan) -> Self {
        Self { trail, plan, in_some: false, noting: None }
    }

    /// The same for a part of the value.
    const fn part<'b>(noting: Option<&'b Noting<'b>>, trail: &'b Trail<'b>, plan: Plan) -> Build<'b> {
        Build { noting, ..Build::new(trail, plan) }
    }

    pub(super) fn node<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Stop> {
        value.serialize(self).map_err(|stop| stop.at(self.trail))
    }

    pub(super) fn null(self) -> Result<Node, Stop> {
        if self.in_some { Err(Stop::refused(self.trail, RefusedReason::SomeNull)) } else { Ok(Node::Null) }
    }

    pub(super) fn float(self, float: f64) -> Result<Node, Stop> {
        Number::from_f64(float).map(Node::Number).ok_or_else(|| Stop::refused(self.trail, RefusedReason::NotFinite(float)))
    }

    pub(super) fn wide(self, number: i128) -> Result<Node, Stop> {
        let fits = u64::try_from(number).map(Number::from).or_else(|_| i64::try_from(number).map(Number::from));
        fits.map(Node::Number).map_err(|_| Stop::refused(self.trail, RefusedReason::IntegerRange(number.to_string())))
    }

    pub(super) fn list(self) -> Result<BuildList<'a>, Stop> {
        // The members of a set are never compared.
        let noting = self.noting.filter(|_| !matches!(self.plan, Plan::Set));
        noting.into_iter().for_each(|noting| noting.list(*self.trail, self.plan));
        Ok(BuildList { trail: deeper(*self.trail)?, plan: self.plan, items: Vec::new(), variant: None, noting })
    }

    pub(super) fn object(self) -> Result<BuildObject<'a>, Stop> {
        self.object_at(deeper(*self.trail)?, self.plan)
    }

    fn tuple(self) -> Result<BuildList<'a>, Stop> {
        self.noting.into_iter().for_each(|noting| noting.fixed(*self.trail, self.plan));
        self.list()
    }

    fn object_at(self, trail: Trail<'a>, plan: Plan) -> Result<BuildObject<'a>, Stop> {
        let noting = self.noting.map(|noting| Box::new(NotingObject::new(noting, plan)));
        Ok(BuildObject { noting, ..BuildObject::at(trail, plan) })
    }

    /// Goes into a variant that is told by its name.
    fn variant(self, name: &'static str) -> Result<Trail<'a>, Stop> {
        let known_as = self.noting.and_then(|noting| noting.alias(*self.trail, self.plan.variant_aliases(name))).unwrap_or(name);
        self.noting.into_iter().for_each(|noting| noting.variant(*self.trail, known_as));
        deeper(self.trail.key(known_as))
    }
}

/// Checks the depth, so that a runaway structure ends in an error and not in a stack overflow.
pub(super) fn deeper<'a>(trail: Trail<'a>) -> Result<Trail<'a>, Stop> {
    if trail.depth() >= limits::DEPTH_MAX { Err(Stop::refused(&trail, RefusedReason::Depth)) } else { Ok(trail) }
}

fn wrapped(plan: Plan, variant: &'static str, node: Node) -> Node {
    let keys = [Key::from_static(variant)];
    let shared = plan.known_variant(variant).and_then(|known| known.layout.shared(&keys));
    Node::object(Object::of_shared(shared.unwrap_or_else(|| Keys::of(keys)), [node]))
}

macro_rules! integers {
    ($($method:ident($type:ty) as $wide:ty),*) => {
        $(fn $method(self, number: $type) -> Result<Node, Stop> { Ok(Node::Number(<$wide>::from(number).into())) })*
    };
}

impl<'a> Serializer for Build<'a> {
    type Ok = Node;
    type Error = Stop;
    type SerializeSeq = BuildList<'a>;
    type SerializeTuple = BuildList<'a>;
    type SerializeTupleStruct = BuildList<'a>;
    type SerializeTupleVariant = BuildList<'a>;
    type SerializeMap = BuildObject<'a>;
    type SerializeStruct = BuildObject<'a>;
    type SerializeStructVariant = BuildObject<'a>;

    integers!(serialize_i8(i8) as i64, serialize_i16(i16) as i64, serialize_i32(i32) as i64, serialize_i64(i64) as i64);
    integers!(serialize_u8(u8) as u64, serialize_u16(u16) as u64, serialize_u32(u32) as u64, serialize_u64(u64) as u64);

    fn serialize_i128(self, number: i128) -> Result<Node, Stop> {
        self.wide(number)
    }
    fn serialize_u128(self, number: u128) -> Result<Node, Stop> {
        let narrow = i128::try_from(number).map_err(|_| Stop::refused(self.trail, RefusedReason::IntegerRange(number.to_string())))?;
        self.wide(narrow)
    }
    fn serialize_bool(self, bool: bool) -> Result<Node, Stop> {
        Ok(Node::Bool(bool))
    }
    fn serialize_f32(self, float: f32) -> Result<Node, Stop> {
        self.float(f64::from(float))
    }
    fn serialize_f64(self, float: f64) -> Result<Node, Stop> {
        self.float(float)
    }
    fn serialize_char(self, char: char) -> Result<Node, Stop> {
        Ok(Node::from(&*char.encode_utf8(&mut [0; 4])))
    }
    fn serialize_str(self, text: &str) -> Result<Node, Stop> {
        Ok(Node::from(text))
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Result<Node, Stop> {
        Ok(Node::list(bytes.iter().map(|byte| Node::Number(u64::from(*byte).into())).collect()))
    }
    fn serialize_none(self) -> Result<Node, Stop> {
        self.null()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Stop> {
        value.serialize(Self { in_some: true, ..self })
    }
    fn serialize_unit(self) -> Result<Node, Stop> {
        self.null()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Stop> {
        self.null()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Node, Stop> {
        Ok(Node::from(variant))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Node, Stop> {
        match (name == COUNTER).then(|| Count::read(value)).flatten() {
            Some(count) => Ok(Node::Number(count.value.into())),
            None => value.serialize(self),
        }
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Stop> {
        let trail = self.variant(variant)?;
        Ok(wrapped(self.plan, variant, Build::part(self.noting, &trail, self.plan.variant(variant)).node(value)?))
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<BuildList<'a>, Stop> {
        self.list()
    }
    fn serialize_tuple(self, _: usize) -> Result<BuildList<'a>, Stop> {
        self.tuple()
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<BuildList<'a>, Stop> {
        self.tuple()
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<BuildList<'a>, Stop> {
        let trail = self.variant(variant)?;
        let (plan, variant, noting) = (self.plan.variant(variant), Some((self.plan, variant)), self.noting);
        noting.into_iter().for_each(|noting| noting.fixed(trail, plan));
        Ok(BuildList { trail, plan, items: Vec::new(), variant, noting })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<BuildObject<'a>, Stop> {
        self.object()
    }
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<BuildObject<'a>, Stop> {
        let mut object = self.object()?;
        if let Some(noting) = &mut object.noting {
            noting.is_struct();
        }
        Ok(BuildObject { token: name == NUMBER_TOKEN || name == RAW_TOKEN, ..object })
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<BuildObject<'a>, Stop> {
        let object = self.object_at(self.variant(variant)?, self.plan.variant(variant))?;
        Ok(BuildObject { variant: Some((self.plan, variant)), ..object })
    }
    fn collect_seq<I>(self, iter: I) -> Result<Node, Stop>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let plan = if is_set::<I>() { Plan::Set } else { self.plan };
        let mut list = Self { plan, ..self }.list()?;
        iter.into_iter().try_for_each(|item| list.push(&item))?;
        list.finish()
    }
}

impl Entries {
    /// Puts in what was left out because it is empty, where it belongs.
    fn fill_in(&mut self, fields: &[Field]) {
        let is_known = |key: &str| fields.iter().any(|field| field.name == key);
        let mut place = usize::from(self.key(0).is_some_and(|key| !is_known(key)));
        self.fill_in_from(fields, &mut place);
    }

    fn fill_in_from(&mut self, fields: &[Field], place: &mut usize) {
        for field in fields {
            match (field.flatten, (field.blank)()) {
                (true, _) => {
                    if let Plan::Fields(fields, _) = (field.plan)() {
                        self.fill_in_from(fields, place);
                    }
                }
                // It stands where it was written.
                (false, None) => *place += usize::from(self.key(*place).is_some_and(|key| key == field.name)),
                (false, Some(blank)) => {
                    let known = std::iter::once(field.name).chain(field.aliases.iter().copied()).find_map(|name| self.position(name));
                    *place = known.unwrap_or_else(|| self.insert(*place, Key::from_static(field.name), blank())) + 1;
                }
            }
        }
    }
}

/// A list, a tuple or a set under construction.
pub(super) struct BuildList<'a> {
    trail: Trail<'a>,
    plan: Plan,
    items: Vec<Node>,
    variant: Option<(Plan, &'static str)>,
    noting: Option<&'a Noting<'a>>,
}

impl BuildList<'_> {
    pub(super) fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let at = self.items.len();
        let trail = self.trail.index(at);
        self.items.push(Build::part(self.noting, &trail, self.plan.element(at)).node(value)?);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Node, Stop> {
        self.items.shrink_to_fit();
        let node = if matches!(self.plan, Plan::Set) { Node::set(self.items) } else { Node::list(self.items) };
        Ok(match self.variant {
            Some((plan, variant)) => wrapped(plan, variant, node),
            None => node,
        })
    }
}

/// An object under construction.
pub(super) struct BuildObject<'a> {
    trail: Trail<'a>,
    fields: Fields,
    entries: Entries,
    key: Option<String>,
    variant: Option<(Plan, &'static str)>,
    /// serde_json's way to pass a number or raw JSON text through.
    token: bool,
    noting: Option<Box<NotingObject<'a>>>,
}

impl<'a> BuildObject<'a> {
    pub(super) fn at(trail: Trail<'a>, plan: Plan) -> Self {
        BuildObject { trail, fields: Fields::new(plan), entries: Entries::default(), key: None, variant: None, token: false, noting: None }
    }

    pub(super) fn put<T: Serialize + ?Sized>(&mut self, key: Key, value: &T) -> Result<(), Stop> {
        let known_as = self.noting.as_deref().and_then(|object| object.noting.alias(self.trail, self.fields.aliases(&key)));
        let trail = self.trail.key(known_as.unwrap_or(&key));
        let plan = self.fields.next(&key, value);
        let noting = self.noting.as_deref_mut().map(|object| {
            object.entry(&key, value);
            object.noting
        });
        let node = Build::part(noting, &trail, plan).node(value)?;
        if self.entries.push(key.clone(), node) { Ok(()) } else { Err(Stop::refused(&trail, RefusedReason::KeyTwice)) }
    }

    pub(super) fn finish(self) -> Result<Node, Stop> {
        if self.token {
            return self.parse_token();
        }
        let mut this = self;
        if let Plan::Fields(fields, _) = this.fields.plan() {
            this.entries.fill_in(fields);
        }
        let Self { trail, fields, entries, variant, noting, .. } = this;
        let layout = fields.layout();
        let object = entries.finish(|keys| layout.and_then(|layout| layout.shared(keys)));
        if let Some(noting) = noting {
            noting.finish(trail, &object);
        }
        let node = Node::object(object);
        Ok(match variant {
            Some((plan, variant)) => wrapped(plan, variant, node),
            None => node,
        })
    }

    fn parse_token(self) -> Result<Node, Stop> {
        let custom = |message: String| Stop::refused(&self.trail, RefusedReason::Custom(message));
        let Some(Node::String(text)) = self.entries.first() else {
            return Err(custom("serde_json's inner form is not text".into()));
        };
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| custom(error.to_string()))?;
        Node::from_json(&value).map_err(|error| Stop::refused(&self.trail, RefusedReason::IntegerRange(error.0)))
    }
}

macro_rules! list_traits {
    ($type:ident: $($trait:ident $method:ident),*) => {
        $(impl ser::$trait for $type<'_> {
            type Ok = Node;
            type Error = Stop;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.push(value)
            }
            fn end(self) -> Result<Node, Stop> {
                self.finish()
            }
        })*
    };
}

list_traits!(BuildList: SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

impl ser::SerializeMap for BuildObject<'_> {
    type Ok = Node;
    type Error = Stop;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        let mut text = String::new();
        key.serialize(super::compare::KeyText(&mut text)).map_err(|stop| stop.at(&self.trail))?;
        self.noting.iter_mut().for_each(|noting| noting.key::<T>());
        self.key = Some(text);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let key = self.key.take().unwrap_or_default();
        self.put(Key::from(key), value)
    }
    fn end(self) -> Result<Node, Stop> {
        self.finish()
    }
}

macro_rules! struct_traits {
    ($($trait:ident),*) => {
        $(impl ser::$trait for BuildObject<'_> {
            type Ok = Node;
            type Error = Stop;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Stop> {
                self.put(Key::from_static(key), value)
            }
            fn end(self) -> Result<Node, Stop> {
                self.finish()
            }
        })*
    };
}

struct_traits!(SerializeStruct, SerializeStructVariant);
