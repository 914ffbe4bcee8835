//! Places in a type, made of its fields and checked when the program is compiled.

use std::collections::BTreeMap;
#[allow(clippy::disallowed_types, reason = "a user's map is asked for one key: its order does not matter")]
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use serde::Serialize;

use crate::path::{Path, Segment};
use crate::syncable::{Step, Syncable, key_text};
use crate::track::{List, Map};

/// A place in a `Root` that holds a `V`, if it is there. [`place!`](crate::place!) makes it.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use ssync::{Syncable, place};
///
/// #[derive(Serialize, Deserialize, Syncable)]
/// struct Game {
///     #[serde(rename = "cells")]
///     board: [[u8; 3]; 3],
///     boss: Option<Boss>,
/// }
///
/// #[derive(Serialize, Deserialize, Syncable)]
/// struct Boss {
///     health: u32,
/// }
///
/// assert_eq!(place!(Game, board[1][2]).path().to_string(), "/cells/1/2");
/// let health = place!(Game, boss?.health);
/// let game = Game { board: Default::default(), boss: Some(Boss { health: 7 }) };
/// assert_eq!((health.path().to_string().as_str(), health.of(&game)), ("/boss/health", Some(&7)));
/// ```
pub struct Place<Root, V> {
    /// **Never empty**: under the fields' own names first, then where a document has some of them under their aliases.
    paths: Vec<Path>,
    find: Arc<Find<Root, V>>,
}

type Find<Root, V> = dyn for<'a> Fn(&'a Root) -> Option<&'a V> + Send + Sync;

impl<Root, V> Clone for Place<Root, V> {
    fn clone(&self) -> Self {
        Self { paths: self.paths.clone(), find: self.find.clone() }
    }
}

impl<Root, V> fmt::Debug for Place<Root, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.paths).finish()
    }
}

/// What has a place in the document: a [`Place`] or a [`Path`].
pub trait Located {
    /// Each path that it may have there, that under the fields' own names first: the room may have a field under an `alias`.
    fn paths(&self) -> &[Path];
}

impl Located for Path {
    fn paths(&self) -> &[Path] {
        std::slice::from_ref(self)
    }
}

impl<Root, V> Located for Place<Root, V> {
    fn paths(&self) -> &[Path] {
        &self.paths
    }
}

impl<L: Located> Located for &L {
    fn paths(&self) -> &[Path] {
        (**self).paths()
    }
}

impl<Root: 'static> Place<Root, Root> {
    /// The whole.
    pub fn root() -> Self {
        Self { paths: vec![Path::root()], find: Arc::new(|root| Some(root)) }
    }
}

impl<Root: 'static, V: 'static> Place<Root, V> {
    /// Where it is in the document, under the fields' own names; [`Located::paths`] has their aliases too.
    pub fn path(&self) -> &Path {
        &self.paths[0]
    }

    /// What is there in this value.
    pub fn of<'a>(&self, root: &'a Root) -> Option<&'a V> {
        (self.find)(root)
    }

    /// A field, by its name in Rust.
    ///
    /// # Panics
    /// If the field is not in the JSON of its struct (`serde(skip)`), or the struct is read as another type (`serde(from)`).
    #[doc(hidden)]
    #[track_caller]
    pub fn field<W: 'static>(self, name: &str, field: impl Fn(&V) -> &W + Send + Sync + 'static) -> Place<Root, W>
    where
        V: Syncable,
    {
        let below = |step: Segment<'_>| self.paths.iter().map(|path| path.iter().chain([step]).collect()).collect();
        let paths: Vec<Path> = match V::step(name.trim_start_matches("r#")).or_else(|| V::step(name)) {
            Some(Step::Key(names)) => names.iter().flat_map(|name| -> Vec<Path> { below(Segment::Key(name)) }).collect(),
            Some(Step::Index(index)) => below(Segment::Index(index)),
            Some(Step::Same) => self.paths,
            None => panic!("`{name}` has no place in the JSON of `{}`", std::any::type_name::<V>()),
        };
        let find = self.find;
        Place { paths, find: Arc::new(move |root| find(root).map(&field)) }
    }

    /// An element, or the value of a key.
    ///
    /// # Panics
    /// If the key cannot be one in JSON.
    #[doc(hidden)]
    #[track_caller]
    pub fn at<K>(mut self, key: K) -> Place<Root, V::Item>
    where
        V: Indexed<K>,
        V::Item: 'static,
        K: Send + Sync + 'static,
    {
        for path in &mut self.paths {
            V::step_to(&key, path);
        }
        let find = self.find;
        Place { paths: self.paths, find: Arc::new(move |root| find(root)?.item(&key)) }
    }
}

impl<Root: 'static, V: 'static> Place<Root, Option<V>> {
    /// What the option holds.
    #[doc(hidden)]
    pub fn some(self) -> Place<Root, V> {
        let find = self.find;
        Place { paths: self.paths, find: Arc::new(move |root| find(root)?.as_ref()) }
    }
}

/// What [`place!`](crate::place!) can look into with `[key]`: lists by position, maps by key.
pub trait Indexed<K> {
    /// What is there.
    type Item;

    /// The element at a position, or the value of a key.
    fn item(&self, key: &K) -> Option<&Self::Item>;

    /// Goes there.
    ///
    /// # Panics
    /// If the key cannot be one in JSON.
    fn step_to(key: &K, path: &mut Path);
}

macro_rules! lists {
    ($([$($generics:tt)*] $type:ty),*) => {
        $(impl<$($generics)*> Indexed<usize> for $type {
            type Item = T;
            fn item(&self, index: &usize) -> Option<&T> {
                self.get(*index)
            }
            fn step_to(index: &usize, path: &mut Path) {
                path.push(Segment::Index(u32::try_from(*index).unwrap_or(u32::MAX)));
            }
        })*
    };
}

lists!([T] Vec<T>, [T] List<T>, [T] std::collections::VecDeque<T>, [T, const N: usize] [T; N]);

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty),*) => {
        $(impl<$($generics)*> Indexed<K> for $type {
            type Item = V;
            fn item(&self, key: &K) -> Option<&V> {
                self.get(key)
            }
            #[track_caller]
            fn step_to(key: &K, path: &mut Path) {
                match key_text(key) {
                    Ok(text) => path.push(&*text),
                    Err(_) => panic!("`{}` cannot be a key in JSON", std::any::type_name::<K>()),
                }
            }
        })*
    };
}

maps!([K: Serialize + Ord, V] BTreeMap<K, V>, [K: Serialize + Ord, V] Map<K, V>);
#[allow(clippy::disallowed_types, reason = "the same")]
mod of_hash_maps {
    use super::*;
    maps!([K: Serialize + Eq + Hash, V, S: BuildHasher] HashMap<K, V, S>);
}

/// Makes a [`Place`](crate::Place) of a type and the way from it: fields, `[position]` or `[key]`, and `?` into an option.
///
/// The names are those of the fields in Rust, and a wrong one does not compile.
///
/// ```
/// # use std::collections::BTreeMap;
/// # use ssync::place;
/// assert_eq!(place!(BTreeMap<String, Vec<u8>>, ["a".to_owned()][3]).path().to_string(), "/a/3");
/// ```
#[macro_export]
macro_rules! place {
    ($root:ty) => { $crate::Place::<$root, $root>::root() };
    ($root:ty, $field:ident $($rest:tt)*) => { $crate::__place!($crate::Place::<$root, $root>::root(); . $field $($rest)*) };
    ($root:ty, $($rest:tt)*) => { $crate::__place!($crate::Place::<$root, $root>::root(); $($rest)*) };
}

/// Takes one step of [`place!`] after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    ($place:expr;) => { $place };
    ($place:expr; . $field:tt $($rest:tt)*) => { $crate::__place!($place.field(stringify!($field), |value| &value.$field); $($rest)*) };
    ($place:expr; [$key:expr] $($rest:tt)*) => { $crate::__place!($place.at($key); $($rest)*) };
    ($place:expr; ? $($rest:tt)*) => { $crate::__place!($place.some(); $($rest)*) };
}
