//! The serde route: a serializer that walks a value against its node and records ops where they differ.
//!
//! - **Nothing is built while they are equal**; a path exists only once something differs.
//! - **Ops come in the order of the value's own positions**, so that each op's path also holds after all of them.

mod at;
mod each;
mod flat;
mod found;
mod key;
mod list;
mod merging;
mod object;
mod plainly;
mod recorder;
mod tag;

pub use at::At;
pub(crate) use found::runs_found_again;
pub(super) use key::{KeyText, is_key};
use list::CompareList;
use object::CompareObject;
use plainly::is_plainly_same;
#[cfg(feature = "client")]
pub(crate) use recorder::Anew;
pub(crate) use recorder::Recorder;
use serde::ser::{Serialize, Serializer};
pub(super) use tag::{is_name, is_surely_tag, is_tag};

use super::Syncable;
use super::build::{Build, NUMBER_TOKEN, RAW_TOKEN, deeper, is_set};
use super::only::OnlyText;
use super::plan::Plan;
use super::refused::Stop;
use super::walk::{COUNTER, Count, TEXT};
use super::whole::is_whole;
use crate::doc::Node;
use crate::path::{Key, Path, Trail};
use crate::planted::{Bug, planted};

/// Whether the serde route sees no difference; a value that cannot be shared is one.
#[doc(hidden)]
pub fn is_same<T: Serialize + ?Sized>(value: &T, old: &Node, plan: Plan) -> bool {
    if is_plainly_same(value, old) {
        return true;
    }
    is_same_somehow(value, old, plan)
}

/// Whether there is no difference, where the typed route could not tell at once.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn is_same_after_all<T: Syncable>(value: &T, old: &Node) -> bool {
    let plan = T::plan();
    match plan {
        Plan::Fields(_, layout) if layout.learn(old) => value.same(old),
        _ => is_same(value, old, plan),
    }
}

#[cold]
fn is_same_somehow<T: Serialize + ?Sized>(value: &T, old: &Node, plan: Plan) -> bool {
    let mut recorder = Recorder::probe();
    Compare { old, trail: &Trail::ROOT, plan, in_some: false, recorder: &mut recorder }.walk(value).is_ok()
}

/// How often one value is serialized: once more for each of its enums that turns out late to be another variant.
const ATTEMPTS_MAX: usize = 64;

/// Serializes against a node.
pub(super) struct Compare<'a> {
    old: &'a Node,
    trail: &'a Trail<'a>,
    plan: Plan,
    in_some: bool,
    recorder: &'a mut Recorder,
}

impl<'a> Compare<'a> {
    fn walk<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        let trail = self.trail;
        if matches!(self.plan, Plan::Leaf) || (matches!(self.plan, Plan::Plain) && is_whole::<T>()) {
            let new = Build::new(trail, Plan::Plain).node(value)?;
            return self.recorder.settle(trail, self.old, new, Plan::Leaf);
        }
        if let Plan::Untagged { variant_of, variants } = self.plan {
            return self.walk_untagged(value, variant_of, variants);
        }
        let Self { old, plan, in_some, recorder, .. } = self;
        let mut outcome = value.serialize(Compare { old, trail, plan, in_some, recorder: &mut *recorder });
        // What is known only at the end is compared again; serializers between may have made another error of that.
        for _ in 0..ATTEMPTS_MAX {
            if outcome.is_ok() || !recorder.asks_again() {
                break;
            }
            outcome = value.serialize(Compare { old, trail, plan, in_some, recorder: &mut *recorder });
        }
        outcome.map_err(|stop| stop.at(trail))
    }

    /// Two variants never stand beside each other: another one is another value.
    fn walk_untagged<T: Serialize + ?Sized>(
        self,
        value: &T,
        variant_of: fn(&Node) -> Option<usize>,
        variants: &[fn() -> Plan],
    ) -> Result<(), Stop> {
        let variant = variant_of(self.old);
        if !self.recorder.probing {
            let new = self.build().node(value)?;
            if new == *self.old {
                return Ok(());
            }
            if variant.is_none() || variant_of(&new) != variant {
                return self.recorder.set(self.trail, new);
            }
        }
        let plan = variant.and_then(|variant| variants.get(variant)).map_or(Plan::Plain, |plan| plan());
        Self { plan, ..self }.walk(value)
    }

    const fn build(&self) -> Build<'a> {
        Build { in_some: self.in_some, ..Build::new(self.trail, self.plan) }
    }

    fn unsigned(self, number: u64) -> Result<(), Stop> {
        if self.old.is_unsigned(number) { Ok(()) } else { self.recorder.set(self.trail, Node::Number(number.into())) }
    }

    fn signed(self, number: i64) -> Result<(), Stop> {
        if self.old.is_signed(number) { Ok(()) } else { self.recorder.set(self.trail, Node::Number(number.into())) }
    }

    fn text(self, text: &str) -> Result<(), Stop> {
        if matches!(self.old, Node::String(old) if **old == *text) { Ok(()) } else { self.recorder.set(self.trail, Node::from(text)) }
    }

    fn scalar(self, node: Node) -> Result<(), Stop> {
        if *self.old == node { Ok(()) } else { self.recorder.set(self.trail, node) }
    }

    /// Of a tuple or an array the elements are their positions.
    fn list(self, is_fixed: bool) -> Result<CompareList<'a>, Stop> {
        let trail = deeper(*self.trail)?;
        match self.old {
            Node::List(items) if !matches!(self.plan, Plan::Set) => {
                items.mark().clear();
                Ok(CompareList::walk(items, trail, self.plan, is_fixed, self.recorder))
            }
            _ => Ok(CompareList::fresh(self.old, trail, self.plan, self.build().list()?, self.recorder)),
        }
    }

    fn object(self, is_struct: bool) -> Result<CompareObject<'a>, Stop> {
        let trail = deeper(*self.trail)?;
        match self.old {
            Node::Object(entries) => {
                entries.forget_mark();
                Ok(CompareObject::walk(entries, trail, self.plan, is_struct, self.recorder))
            }
            _ => Ok(CompareObject::fresh(self.old, trail, self.build().object()?, self.recorder)),
        }
    }

    /// Whether the document has the variant under this name.
    fn is_named(&self, name: &str, variant: &str) -> bool {
        name == variant || self.plan.variant_aliases(variant).contains(&name)
    }

    /// The name and the node inside `{variant: …}`, if the document holds the same variant.
    fn inside(&self, variant: &str) -> Option<(&'a Key, &'a Node)> {
        match self.old {
            Node::Object(entries) if entries.len() == 1 => entries.entry(0).filter(|(name, _)| self.is_named(name, variant)),
            _ => None,
        }
    }
}

macro_rules! integers {
    ($compare:ident: $($method:ident($type:ty)),*) => {
        $(fn $method(self, number: $type) -> Result<(), Stop> { self.$compare(number.into()) })*
    };
}

impl<'a> Serializer for Compare<'a> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = CompareList<'a>;
    type SerializeTuple = CompareList<'a>;
    type SerializeTupleStruct = CompareList<'a>;
    type SerializeTupleVariant = CompareList<'a>;
    type SerializeMap = CompareObject<'a>;
    type SerializeStruct = CompareObject<'a>;
    type SerializeStructVariant = CompareObject<'a>;

    integers!(signed: serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64));
    integers!(unsigned: serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64));

    fn serialize_i128(self, number: i128) -> Result<(), Stop> {
        let node = self.build().wide(number)?;
        self.scalar(node)
    }
    fn serialize_u128(self, number: u128) -> Result<(), Stop> {
        let node = self.build().serialize_u128(number)?;
        self.scalar(node)
    }
    fn serialize_bool(self, bool: bool) -> Result<(), Stop> {
        self.scalar(Node::Bool(bool))
    }
    fn serialize_f32(self, float: f32) -> Result<(), Stop> {
        self.serialize_f64(f64::from(float))
    }
    fn serialize_f64(self, float: f64) -> Result<(), Stop> {
        let node = self.build().float(float)?;
        self.scalar(node)
    }
    fn serialize_char(self, char: char) -> Result<(), Stop> {
        self.text(char.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, text: &str) -> Result<(), Stop> {
        self.text(text)
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Stop> {
        self.collect_seq(bytes)
    }
    fn serialize_none(self) -> Result<(), Stop> {
        let node = self.build().null()?;
        self.scalar(node)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        value.serialize(Self { in_some: true, ..self })
    }
    fn serialize_unit(self) -> Result<(), Stop> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Stop> {
        self.serialize_none()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Stop> {
        match self.old {
            Node::String(name) if self.is_named(name, variant) => Ok(()),
            _ => self.text(variant),
        }
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Stop> {
        match name {
            COUNTER => match Count::read(value) {
                Some(count) if planted(Bug::CounterByValue) => self.count(Count { base: None, ..count }),
                Some(count) => self.count(count),
                None => value.serialize(self),
            },
            TEXT => match value.serialize(OnlyText) {
                Ok(text) if planted(Bug::TextByValue) => self.text(&text),
                Ok(text) => self.text_in_parts(&text),
                Err(_) => value.serialize(self),
            },
            _ => value.serialize(self),
        }
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        let Some((known_as, old)) = self.inside(variant) else {
            let node = self.build().serialize_newtype_variant(name, index, variant, value)?;
            return self.recorder.set(self.trail, node);
        };
        let trail = self.trail.key(known_as);
        Compare { old, trail: &trail, plan: self.plan.variant(variant), in_some: false, recorder: self.recorder }.walk(value)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<CompareList<'a>, Stop> {
        self.list(false)
    }
    fn serialize_tuple(self, _: usize) -> Result<CompareList<'a>, Stop> {
        self.list(true)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<CompareList<'a>, Stop> {
        self.list(true)
    }
    fn serialize_tuple_variant(self, name: &'static str, index: u32, variant: &'static str, len: usize) -> Result<CompareList<'a>, Stop> {
        let plan = self.plan.variant(variant);
        match self.inside(variant) {
            Some((known_as, Node::List(items))) => {
                items.mark().clear();
                Ok(CompareList::walk(items, self.trail.key(known_as), plan, true, self.recorder))
            }
            _ => Ok(CompareList::fresh(
                self.old,
                *self.trail,
                plan,
                self.build().serialize_tuple_variant(name, index, variant, len)?,
                self.recorder,
            )),
        }
    }
    fn serialize_map(self, _: Option<usize>) -> Result<CompareObject<'a>, Stop> {
        self.object(false)
    }
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<CompareObject<'a>, Stop> {
        if name == NUMBER_TOKEN || name == RAW_TOKEN {
            return Ok(CompareObject::fresh(self.old, *self.trail, self.build().serialize_struct(name, len)?, self.recorder));
        }
        self.object(true)
    }
    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<CompareObject<'a>, Stop> {
        let plan = self.plan.variant(variant);
        match self.inside(variant) {
            Some((known_as, Node::Object(entries))) => {
                entries.forget_mark();
                Ok(CompareObject::walk(entries, self.trail.key(known_as), plan, false, self.recorder))
            }
            _ => Ok(CompareObject::fresh(
                self.old,
                *self.trail,
                self.build().serialize_struct_variant(name, index, variant, len)?,
                self.recorder,
            )),
        }
    }
    fn collect_seq<I>(self, iter: I) -> Result<(), Stop>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let plan = if is_set::<I>() { Plan::Set } else { self.plan };
        let mut list = Self { plan, ..self }.list(false)?;
        let mut items = iter.into_iter();
        while let Some(item) = list.next_differing(&mut items) {
            list.push_differing(&item)?;
        }
        list.finish()
    }
}

/// The path of an entry of an object.
fn entry_path(trail: &Trail<'_>, key: &Key) -> Path {
    trail.key(key).to_path()
}
