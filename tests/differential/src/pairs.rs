//! Attributes in pairs: each of a field's beside each other, under each of a container's.

use std::collections::BTreeMap;

use crate::agree::check;
use crate::attributes::{Foreign, Local, hex};
use crate::generate::define;

/// The fields of a pair: what one attribute needs of its type.
macro_rules! pairs {
    ($($module:ident { $(#[$container:meta])* } { $(#[$first:meta])* $one:ty } { $(#[$second:meta])* $two:ty };)*) => {
        $(mod $module {
            use super::*;

            define! {
                $(#[$container])*
                struct Pair {
                    plain_one: u8,
                    $(#[$first])* the_first: $one,
                    $(#[$second])* the_second: $two,
                }
                $(#[$container])*
                enum Variants {
                    OfBoth { $(#[$first])* the_first: $one, $(#[$second])* the_second: $two, },
                    OfOne { $(#[$second])* the_second: $two, other_field: u8, },
                }
            }

            define! {
                struct Both {
                    pair: Pair,
                    pairs: Vec<Pair>,
                    variants: Variants,
                }
            }

            #[test]
            fn routes_agree() {
                check::<Both>(stringify!($module));
            }
        })*
    };
}

define! {
    struct Inner { deep_one: u8, deep_two: Vec<u8>, }
    #[serde(tag = "kind")]
    enum Shape { Unit, Round { radius: u8, }, }
}

pairs! {
    rename_and_skip_if {} { #[serde(rename = "x")] u8 } { #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<u8> };
    rename_and_flatten {} { #[serde(rename = "x")] u8 } { #[serde(flatten)] Inner };
    rename_all_and_flatten { #[serde(rename_all = "camelCase")] } { String } { #[serde(flatten)] Inner };
    rename_all_and_with { #[serde(rename_all = "kebab-case")] } { #[serde(with = "hex")] u32 } { u8 };
    rename_all_and_skip { #[serde(rename_all = "PascalCase")] } { #[serde(skip)] Local } { Vec<u8> };
    rename_all_and_skip_if { #[serde(rename_all = "snake_case")] } { #[serde(default, skip_serializing_if = "Option::is_none")] Option<u8> } { u8 };
    skip_and_skip_if {} { #[serde(skip)] Local } { #[serde(default, skip_serializing_if = "String::is_empty")] String };
    skip_and_flatten {} { #[serde(skip)] Local } { #[serde(flatten)] BTreeMap<String, u16> };
    skip_and_with {} { #[serde(skip)] #[sync(skip)] Local } { #[serde(with = "hex")] u32 };
    skip_and_leaf {} { #[serde(skip)] Local } { #[sync(leaf)] Inner };
    skip_and_key {} { #[serde(skip)] Local } { #[sync(key = "deep_one")] Vec<Inner> };
    skip_if_and_flatten {} { #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<u8> } { #[serde(flatten)] Inner };
    skip_if_and_skip_if {} { #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<Inner> } { #[serde(default, skip_serializing_if = "Option::is_none")] Option<Inner> };
    skip_if_and_with {} { #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<u8> } { #[serde(with = "hex")] u32 };
    skip_if_and_leaf {} { #[serde(default, skip_serializing_if = "Option::is_none")] Option<u8> } { #[sync(leaf)] Inner };
    skip_if_and_alias {} { #[serde(default, alias = "y", skip_serializing_if = "Option::is_none")] Option<u8> } { u8 };
    flatten_and_flatten {} { #[serde(flatten)] Inner } { #[serde(flatten)] Shape };
    flatten_and_with {} { #[serde(flatten)] Inner } { #[serde(with = "hex")] u32 };
    flatten_and_leaf {} { #[serde(flatten)] Inner } { #[sync(leaf)] Vec<u8> };
    flatten_and_key {} { #[serde(flatten)] Shape } { #[sync(key = "deep_one")] Vec<Inner> };
    flatten_and_foreign {} { #[serde(flatten)] Inner } { Foreign };
    with_and_leaf {} { #[serde(with = "hex")] u32 } { #[sync(leaf)] Inner };
    with_and_key {} { #[serde(with = "hex")] u32 } { #[sync(key = "deep_one")] Vec<Inner> };
    with_and_foreign {} { #[serde(with = "hex")] u32 } { Vec<Foreign> };
    alias_and_default {} { #[serde(alias = "a")] u8 } { #[serde(default)] Vec<u8> };
    alias_and_with {} { #[serde(alias = "a", with = "hex")] u32 } { u8 };
    leaf_and_key {} { #[sync(leaf)] Inner } { #[sync(key = "deep_one")] Vec<Inner> };
    leaf_and_foreign {} { #[sync(leaf)] Foreign } { Option<Foreign> };
    key_and_foreign {} { #[sync(key = "deep_one")] Vec<Inner> } { BTreeMap<u8, Foreign> };
    strict_and_default { #[serde(deny_unknown_fields)] } { #[serde(default)] u8 } { Vec<u8> };
    strict_and_skip_if { #[serde(deny_unknown_fields)] } { #[serde(default, skip_serializing_if = "Option::is_none")] Option<u8> } { u8 };
    tag_and_rename { #[serde(tag = "t")] } { #[serde(rename = "x y")] u8 } { Vec<u8> };
    tag_and_skip { #[serde(tag = "t")] } { #[serde(skip)] Local } { Inner };
    tag_and_skip_if { #[serde(tag = "t")] } { #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<u8> } { u8 };
    tag_and_flatten { #[serde(tag = "t")] } { #[serde(flatten)] Inner } { u8 };
    tag_and_with { #[serde(tag = "t")] } { #[serde(with = "hex")] u32 } { String };
    tag_and_leaf { #[serde(tag = "t")] } { #[sync(leaf)] Inner } { u8 };
    tag_and_key { #[serde(tag = "t")] } { #[sync(key = "deep_one")] Vec<Inner> } { u8 };
}
