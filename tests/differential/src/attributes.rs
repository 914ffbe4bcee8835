//! Every attribute alone: serde's on containers, variants and fields, and ssync's own.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use ssync::Syncable;

use crate::agree::check;
use crate::generate::{Dice, Generate, define};

/// Stays in this program, so that no two are told apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Local(#[allow(dead_code, reason = "only carried along")] u32);

impl PartialEq for Local {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Generate for Local {
    fn generate(dice: &mut Dice) -> Self {
        Self(u32::generate(dice))
    }
}

/// Has serde's traits and no `Syncable`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Foreign {
    x: i32,
    y: Vec<u8>,
}

impl Generate for Foreign {
    fn generate(dice: &mut Dice) -> Self {
        Self { x: i32::generate(dice), y: Vec::generate(dice) }
    }
}

/// A number as hexadecimal text.
pub(crate) mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{number:x}"))
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        u32::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(serde::de::Error::custom)
    }
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

fn seven() -> u8 {
    7
}

define! {
    struct Renamed { #[serde(rename = "a b/c~d")] first: u8, #[serde(rename = "type")] second: String, r#match: bool, }
    #[serde(rename_all = "camelCase")]
    struct RenamedAll { first_field: u8, second_field: Vec<u8>, }
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    enum RenamedVariants { FirstVariant, SecondVariant { some_field: u8, }, }
    #[serde(rename_all_fields = "camelCase")]
    enum RenamedFields { First { some_field: u8, other_field: String, }, Second { some_field: Vec<u8>, }, }
    enum RenamedOne { #[serde(rename = "1st")] First(u8), #[serde(rename_all = "UPPERCASE")] Second { a: u8, b: u8, }, }
    struct Skipped { #[serde(skip)] #[sync(skip)] local: Local, shown: u8, #[serde(skip)] other: Local, }
    enum SkippedInside { Fields { #[serde(skip)] local: Local, shown: u8, }, Unit, }
    struct SkippedIf { #[serde(default, skip_serializing_if = "is_zero")] a: u8, b: u8, #[serde(default, skip_serializing_if = "Option::is_none")] c: Option<Vec<u8>>, }
    enum SkippedIfInside { Fields { #[serde(default, skip_serializing_if = "is_zero")] a: u8, b: u8, }, New(u8), }
    struct Defaulted { #[serde(default)] a: u8, #[serde(default = "seven")] b: u8, }
    struct Inner { deep: u8, deeper: Vec<u8>, }
    struct Flattened { first: u8, #[serde(flatten)] inner: Inner, last: String, }
    struct FlattenedMap { #[serde(flatten)] rest: BTreeMap<String, u16>, }
    struct FlattenedTwice { #[serde(flatten)] inner: Inner, #[serde(flatten)] shape: Tagged, }
    struct FlattenedOption { first: u8, #[serde(flatten)] inner: Option<Inner>, }
    #[serde(transparent)]
    struct Transparent { only: Vec<u8>, }
    #[serde(transparent)]
    struct TransparentBeside { only: Inner, #[serde(skip)] local: Local, }
    struct Aliased { #[serde(alias = "old", alias = "older")] new: u8, other: u8, }
    enum AliasedVariant { #[serde(alias = "Old")] New(u8), Other, }
    #[serde(tag = "type")]
    struct TaggedStruct { a: u8, b: Vec<u8>, }
    #[serde(deny_unknown_fields)]
    struct Strict { a: u8, b: Option<u8>, }
    #[serde(tag = "kind")]
    enum Tagged { Unit, Fields { a: u8, b: String, }, New(Inner), }
    #[serde(tag = "t", content = "c")]
    enum Adjacent { Unit, Fields { a: u8, b: String, }, New(Inner), Pair(u8, Vec<u8>), }
    #[serde(untagged)]
    enum Untagged { Number(i64), Text(String), List(Vec<u8>), Fields { a: u8, b: u8, }, }
    #[serde(untagged)]
    enum Shadowed { Wide { a: u8, }, Narrow { a: u8, b: u8, }, Number(u8), Other(bool), }
    enum PartlyUntagged { Known { a: u8, }, Unit, #[serde(untagged)] Other(u32), }
    enum WithOther { A, B(u8), }
    struct Written { #[serde(with = "hex")] colour: u32, other: u8, }
    struct WrittenHalves { #[serde(serialize_with = "hex::serialize", deserialize_with = "hex::deserialize")] colour: u32, other: u8, }
    struct Leaf { #[sync(leaf)] inner: Inner, #[sync(leaf)] list: Vec<u8>, other: u8, }
    struct Keyed { #[sync(key = "deep")] list: Vec<Inner>, other: u8, }
    struct KeyedTracked { #[sync(key = "deep")] list: ssync::List<Inner>, }
    #[sync(typed)]
    struct Typed { a: u8, b: Vec<Inner>, c: HashMap<String, Inner>, }
    struct ByForeign { foreign: Foreign, list: Vec<Foreign>, boxed: Option<Box<Foreign>>, by_key: BTreeMap<u8, Foreign>, }
    #[serde(from = "(u8, String)", into = "(u8, String)")]
    struct ByOther { number: u8, text: String, }
    #[serde(default)]
    struct AllDefault { a: u8, b: Vec<u8>, }
    struct Tree { value: u8, children: Vec<Leafage>, }
    enum Leafage { Leaf(u8), Branch(Box<Twig>), }
    struct Twig { left: Option<Box<Inner>>, right: Vec<Inner>, }
    struct Many {
        a0: u8, a1: u8, a2: u8, a3: u8, a4: u8, a5: u8, a6: u8, a7: u8, a8: u8, a9: u8, b0: u8, b1: u8, b2: u8, b3: u8, b4: u8, b5: u8, b6: u8,
        b7: u8, b8: u8, b9: u8, c0: u8, c1: u8, c2: u8, c3: u8, c4: u8, c5: u8, c6: u8, c7: u8, c8: u8, c9: u8, d0: u8, d1: u8, d2: u8, d3: u8,
    }
    struct Empty {}
    enum Units { One, Two, Three, }
}

impl From<(u8, String)> for ByOther {
    fn from((number, text): (u8, String)) -> Self {
        Self { number, text }
    }
}

impl From<ByOther> for (u8, String) {
    fn from(ByOther { number, text }: ByOther) -> Self {
        (number, text)
    }
}

impl Default for AllDefault {
    fn default() -> Self {
        Self { a: 3, b: vec![1] }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Generic<T, const N: usize> {
    value: T,
    list: Vec<T>,
    #[serde(with = "hex")]
    colour: u32,
    constant: std::marker::PhantomData<[u8; N]>,
}

impl<T: Generate> Generate for Generic<T, 0> {
    fn generate(dice: &mut Dice) -> Self {
        Self { value: T::generate(dice), list: Vec::generate(dice), colour: u32::generate(dice), constant: std::marker::PhantomData }
    }
    fn change(&mut self, dice: &mut Dice) {
        if dice.roll(2) == 0 { self.value.change(dice) } else { self.list.change(dice) }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
enum GenericEnum<T> {
    New(T),
    Fields { a: T, b: Option<Box<GenericEnum<T>>> },
}

impl<T: Generate> Generate for GenericEnum<T> {
    fn generate(dice: &mut Dice) -> Self {
        match dice.roll(3) {
            0 => Self::Fields { a: T::generate(dice), b: Some(Box::new(Self::generate(dice))) },
            1 => Self::Fields { a: T::generate(dice), b: None },
            _ => Self::New(T::generate(dice)),
        }
    }
}

/// Each type alone, in a list and in a box.
macro_rules! each {
    ($($test:ident: $type:ty;)*) => {
        $(mod $test {
            use super::*;

            define! {
                struct Held {
                    alone: $type,
                    list: Vec<$type>,
                    boxed: Option<Box<$type>>,
                }
            }

            #[test]
            fn routes_agree() {
                check::<Held>(stringify!($test));
            }
        })*
    };
}

each! {
    renamed: Renamed;
    renamed_all: RenamedAll;
    renamed_variants: RenamedVariants;
    renamed_fields: RenamedFields;
    renamed_one: RenamedOne;
    skipped: Skipped;
    skipped_inside: SkippedInside;
    skipped_if: SkippedIf;
    skipped_if_inside: SkippedIfInside;
    defaulted: Defaulted;
    flattened: Flattened;
    flattened_map: FlattenedMap;
    flattened_twice: FlattenedTwice;
    flattened_option: FlattenedOption;
    transparent: Transparent;
    transparent_beside: TransparentBeside;
    aliased: Aliased;
    aliased_variant: AliasedVariant;
    tagged_struct: TaggedStruct;
    strict: Strict;
    tagged: Tagged;
    adjacent: Adjacent;
    untagged: Untagged;
    shadowed: Shadowed;
    partly_untagged: PartlyUntagged;
    with_other: WithOther;
    written: Written;
    written_halves: WrittenHalves;
    leaf: Leaf;
    keyed: Keyed;
    keyed_tracked: KeyedTracked;
    typed: Typed;
    by_foreign: ByForeign;
    by_other: ByOther;
    all_default: AllDefault;
    tree: Tree;
    many: Many;
    empty: Empty;
    units: Units;
    generic: Generic<Inner, 0>;
    generic_enum: GenericEnum<Vec<u8>>;
}
