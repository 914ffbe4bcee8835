//! Every edit that merges × every way in which a field can stand in a type × the situations in which it is edited: which ops are captured,
//! and what two programs that edit at the same time end with.
//!
//! A row is in `matrix/edits.rs`, a type in `matrix/ways.rs`, what a cell checks in `matrix/cell.rs`. The ops of a row are the same in all of
//! its cells, but for [`exceptions`].

#![allow(clippy::disallowed_types, reason = "a `HashMap` of a user's is one of the ways")]

mod body;
mod cell;
mod edits;
mod ways;

use std::collections::BTreeMap;

use ssync::{Json, List, Map};

use body::{Body, newer, older};
use cell::{Situation, Way};
use edits::{Edit, edits, exceptions};
use ways::*;

/// Runs all cells of a way.
fn check<W: Way>() {
    let wrong: Vec<String> = outcomes::<W>(|_| None).into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), edits::<newer::Inner>().len() * Situation::ALL.len(), wrong.join("\n"));
}

/// What comes of all cells of a way. A test may expect other signs for an edit.
fn outcomes<W: Way>(other_signs: fn(&str) -> Option<&'static str>) -> Vec<Result<(), String>> {
    let (new, old): (Vec<Edit<newer::Inner>>, Vec<Edit<older::Inner>>) = (edits_for(W::NAME), edits_for(W::NAME));
    let cells = new.iter().zip(&old).flat_map(|row| Situation::ALL.map(|situation| (row, situation)));
    cells.map(|((new, old), situation)| cell::run::<W>(situation, new, old, other_signs(new.name).unwrap_or(new.signs))).collect()
}

/// The rows, with those that are exceptions in this way.
fn edits_for<I: Body>(way: &str) -> Vec<Edit<I>> {
    let mut rows = edits();
    for (_, exception) in exceptions().into_iter().filter(|(ways, _)| ways.contains(&way)) {
        let row = rows.iter_mut().find(|row| row.name == exception.name).expect("an exception to a row");
        *row = exception;
    }
    rows
}

/// Declares ways: the type, how the struct is put into it, how it is reached there, and what goes into the list around it, if there is one.
/// Each becomes a test of the same name.
macro_rules! ways {
    ($($name:ident: $of:ty, |$inner:ident| $place:expr, |$way:ident| $reach:expr $(, beside $beside:expr)?;)*) => {
        $(
            #[allow(non_camel_case_types, reason = "it is named like its test")]
            enum $name {}

            impl Way for $name {
                const NAME: &'static str = stringify!($name);
                type Of<I: Body> = $of;
                fn place<I: Body>($inner: I) -> $of {
                    $place
                }
                fn inner<I: Body>($way: &mut $of) -> &mut I {
                    $reach
                }
                $(fn insert_beside<I: Body>($way: &mut $of) {
                    $beside
                })?
            }

            #[test]
            fn $name() {
                check::<$name>();
            }
        )*
    };
}

fn beside<F>(held: F) -> Beside<F> {
    Beside { before: 1, held, behind: "behind".into() }
}

fn with_id<I>(id: u32, inner: I) -> WithId<I> {
    WithId { id, inner }
}

fn foreign<I>(name: &str, inner: I) -> Foreign<I> {
    Foreign { name: name.into(), inner }
}

/// What a pattern binds in the variant that is there.
macro_rules! within {
    ($value:expr, $pattern:pat => $bound:expr) => {
        match $value {
            $pattern => $bound,
            _ => panic!("another variant is there"),
        }
    };
}

ways! {
    the_root_itself: I, |inner| inner, |way| way;
    a_field: Beside<I>, |inner| beside(inner), |way| &mut way.held;
    a_nested_struct: Beside<Beside<I>>, |inner| beside(beside(inner)), |way| &mut way.held.held;
    a_newtype_struct: Newtype<I>, |inner| Newtype(inner), |way| &mut way.0;
    a_newtype_struct_in_a_field: Beside<Newtype<I>>, |inner| beside(Newtype(inner)), |way| &mut way.held.0;
    a_transparent_struct: Beside<Transparent<I>>, |inner| beside(Transparent { only: inner }), |way| &mut way.held.only;
    a_tuple_struct: Beside<Tuple<I>>, |inner| beside(Tuple(1, inner)), |way| &mut way.held.1;
    a_tuple: Beside<(u32, I)>, |inner| beside((1, inner)), |way| &mut way.held.1;
    an_option: Beside<Option<I>>, |inner| beside(Some(inner)), |way| way.held.as_mut().unwrap();
    a_box: Beside<Box<I>>, |inner| beside(Box::new(inner)), |way| &mut *way.held;
    an_array: Beside<[I; 2]>, |inner| beside([I::default(), inner]), |way| &mut way.held[1];
    a_vec: Beside<Vec<I>>, |inner| beside(vec![I::default(), inner]), |way| way.held.last_mut().unwrap(),
        beside way.held.insert(0, I::fresh());
    a_list: Beside<List<I>>, |inner| beside([I::default(), inner].into()), |way| way.held.last_mut().unwrap(),
        beside way.held.insert(0, I::fresh());
    a_keyed_vec: Keyed<I>, |inner| Keyed { before: 1, list: vec![with_id(1, I::default()), with_id(2, inner)] },
        |way| &mut way.list.last_mut().unwrap().inner, beside way.list.insert(0, with_id(3, I::fresh()));
    a_btree_map: Beside<BTreeMap<String, I>>, |inner| beside([("key".to_owned(), inner)].into()), |way| way.held.get_mut("key").unwrap();
    a_map: Beside<Map<String, I>>, |inner| beside([("key".to_owned(), inner)].into()), |way| way.held.get_mut("key").unwrap();
    a_hash_map: Beside<ByName<I>>, |inner| beside([("key".to_owned(), inner)].into()), |way| way.held.get_mut("key").unwrap();
    a_flattened_field: Flat<I>, |inner| Flat { before: 1, inner, behind: String::new() }, |way| &mut way.inner;
    a_flattened_field_of_a_list: Beside<Vec<Flat<I>>>, |inner| beside(vec![Flat { before: 1, inner, behind: String::new() }]),
        |way| &mut way.held.last_mut().unwrap().inner,
        beside way.held.insert(0, Flat { before: 2, inner: I::fresh(), behind: String::new() });
    flattened_twice: FlatTwice<I>,
        |inner| FlatTwice { first: 1, flat: Flat { before: 1, inner, behind: String::new() } }, |way| &mut way.flat.inner;
    a_struct_of_many_fields: Wide<I>, |inner| Wide::around(inner), |way| &mut way.inner;
    an_external_newtype_variant: Beside<External<I>>, |inner| beside(External::Newtype(inner)),
        |way| within!(&mut way.held, External::Newtype(inner) => inner);
    an_external_struct_variant: Beside<External<I>>, |inner| beside(External::Struct { number: 1, inner }),
        |way| within!(&mut way.held, External::Struct { inner, .. } => inner);
    an_external_tuple_variant: Beside<External<I>>, |inner| beside(External::Tuple(1, inner)),
        |way| within!(&mut way.held, External::Tuple(_, inner) => inner);
    an_internal_newtype_variant: Beside<Internal<I>>, |inner| beside(Internal::Newtype(inner)),
        |way| within!(&mut way.held, Internal::Newtype(inner) => inner);
    an_internal_struct_variant: Beside<Internal<I>>, |inner| beside(Internal::Struct { number: 1, inner }),
        |way| within!(&mut way.held, Internal::Struct { inner, .. } => inner);
    an_adjacent_newtype_variant: Beside<Adjacent<I>>, |inner| beside(Adjacent::Newtype(inner)),
        |way| within!(&mut way.held, Adjacent::Newtype(inner) => inner);
    an_adjacent_struct_variant: Beside<Adjacent<I>>, |inner| beside(Adjacent::Struct { number: 1, inner }),
        |way| within!(&mut way.held, Adjacent::Struct { inner, .. } => inner);
    an_adjacent_tuple_variant: Beside<Adjacent<I>>, |inner| beside(Adjacent::Tuple(1, inner)),
        |way| within!(&mut way.held, Adjacent::Tuple(_, inner) => inner);
    an_untagged_newtype_variant: Beside<Untagged<I>>, |inner| beside(Untagged::Newtype(inner)),
        |way| within!(&mut way.held, Untagged::Newtype(inner) => inner);
    an_untagged_struct_variant: Beside<Untagged<I>>, |inner| beside(Untagged::Struct { number: 1, inner }),
        |way| within!(&mut way.held, Untagged::Struct { inner, .. } => inner);
    an_untagged_tuple_variant: Beside<Untagged<I>>, |inner| beside(Untagged::Tuple(1, inner)),
        |way| within!(&mut way.held, Untagged::Tuple(_, inner) => inner);
    a_flattened_external_enum: FlatEnum<External<I>>, |inner| FlatEnum { before: 1, held: External::Newtype(inner) },
        |way| within!(&mut way.held, External::Newtype(inner) => inner);
    a_flattened_internal_enum: FlatEnum<Internal<I>>, |inner| FlatEnum { before: 1, held: Internal::Newtype(inner) },
        |way| within!(&mut way.held, Internal::Newtype(inner) => inner);
    a_flattened_adjacent_enum: FlatEnum<Adjacent<I>>, |inner| FlatEnum { before: 1, held: Adjacent::Newtype(inner) },
        |way| within!(&mut way.held, Adjacent::Newtype(inner) => inner);
    json_of_it: Beside<Json<I>>, |inner| beside(Json(inner)), |way| &mut way.held.0;
    a_list_of_a_foreign_type: InForeignList<I>, |inner| InForeignList { before: 1, list: [foreign("a", I::default()), foreign("b", inner)].into() },
        |way| &mut way.list.last_mut().unwrap().inner, beside way.list.insert(0, foreign("c", I::fresh()));
    an_adapter_that_keeps_it: With<I>, |inner| With { inner, behind: 1 }, |way| &mut way.inner;
    a_field_that_may_be_skipped: Skipping<I>, |inner| Skipping { before: 1, inner }, |way| &mut way.inner;
    renamed_and_aliased: Renamed<I>, |inner| Renamed { first_number: 1, inner_struct: inner, behind: String::new() },
        |way| &mut way.inner_struct;
    a_result: InResult<I>, |inner| InResult { before: 1, result: Ok(inner) }, |way| way.result.as_mut().unwrap();
}

/// A cell with another expectation fails, and says which one it is and what was sent.
#[test]
fn a_wrong_expectation_is_told() {
    let outcomes = outcomes::<a_field>(|edit| (edit == "counter +=").then_some("-"));
    let told: Vec<String> = outcomes.into_iter().filter_map(Result::err).filter(|told| told.starts_with("counter +=")).collect();
    assert_eq!(told.len(), Situation::ALL.len());
    for (told, situation) in told.iter().zip(Situation::ALL) {
        assert!(told.starts_with(&format!("counter += | a_field | {situation:?}: here sent [[")), "{told}");
        assert!(told.contains(r#"["held","votes"]"#) && told.contains("where `") && told.contains("-` was expected"), "{told}");
    }
}
