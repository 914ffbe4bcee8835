//! Random values, small and with the odd ones among them, and random edits of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};
use std::num::{NonZeroI8, NonZeroU32, NonZeroU64, Saturating, Wrapping};
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use ssync::{Counter, Json, List, Map, Text};

pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of one round: a name and a number give the same throws for ever.
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let name: u64 = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        Self(ChaCha8Rng::seed_from_u64(name ^ seed))
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0.next_u32() as usize % sides
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

pub(crate) trait Generate: Sized {
    fn generate(dice: &mut Dice) -> Self;

    /// Changes a part of the value; at worst the whole.
    fn change(&mut self, dice: &mut Dice) {
        *self = Self::generate(dice);
    }
}

macro_rules! generate {
    ($($type:ty: |$dice:ident| $value:expr;)*) => {
        $(impl Generate for $type {
            fn generate($dice: &mut Dice) -> Self {
                $value
            }
        })*
    };
}

generate! {
    u8: |dice| dice.pick(&[0, 1, 2, 3, 200, u8::MAX]);
    u16: |dice| dice.pick(&[0, 1, 300, u16::MAX]);
    u32: |dice| dice.pick(&[0, 1, 2, 70_000, u32::MAX]);
    u64: |dice| dice.pick(&[0, 1, 1 << 53, (1 << 53) + 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX]);
    usize: |dice| dice.pick(&[0, 1, 99, usize::MAX]);
    i8: |dice| dice.pick(&[0, 1, -1, i8::MIN, i8::MAX]);
    i16: |dice| dice.pick(&[0, -1, i16::MIN]);
    i32: |dice| dice.pick(&[0, 1, -1, i32::MIN, i32::MAX]);
    i64: |dice| dice.pick(&[0, 1, -1, i64::MIN, i64::MAX]);
    isize: |dice| dice.pick(&[0, -1, isize::MIN]);
    i128: |dice| dice.pick(&[0, 1, -1, i128::from(u64::MAX), i128::from(i64::MIN), i128::from(u64::MAX) + 1]);
    u128: |dice| dice.pick(&[0, 1, u128::from(u64::MAX), u128::MAX]);
    f32: |dice| dice.pick(&[0.0, 1.0, -0.5, 0.1, f32::MAX, f32::MIN_POSITIVE]);
    f64: |dice| dice.pick(&[0.0, 1.0, -0.5, 0.1, 1e300, f64::MIN_POSITIVE, 123_456_789.123_456_79, 5e-324]);
    bool: |dice| dice.roll(2) == 0;
    char: |dice| dice.pick(&['a', 'b', 'é', '😀', '"', '\\', '\0']);
    (): |_dice| ();
    String: |dice| dice.pick(&["", "a", "b", "ab", "a/b~c", "\"quoted\"", "längerer Text, der nicht mehr in zweiundzwanzig Bytes passt", "😀", "null", "0"]).to_owned();
    Box<str>: |dice| String::generate(dice).into();
    Arc<str>: |dice| String::generate(dice).into();
    Rc<str>: |dice| String::generate(dice).into();
    Cow<'static, str>: |dice| if dice.roll(2) == 0 { Cow::Borrowed("borrowed") } else { Cow::Owned(String::generate(dice)) };
    Text: |dice| Text::from(String::generate(dice));
    Counter: |dice| Counter::new(i64::generate(dice));
    NonZeroU32: |dice| NonZeroU32::MIN.saturating_add(u32::generate(dice));
    NonZeroU64: |dice| NonZeroU64::MIN.saturating_add(u64::generate(dice));
    NonZeroI8: |dice| dice.pick(&[NonZeroI8::MIN, NonZeroI8::MAX]);
    Ipv4Addr: |dice| Ipv4Addr::from(u32::generate(dice));
    Ipv6Addr: |dice| Ipv6Addr::from(u128::generate(dice));
    IpAddr: |dice| if dice.roll(2) == 0 { Ipv4Addr::generate(dice).into() } else { Ipv6Addr::generate(dice).into() };
    SocketAddrV4: |dice| SocketAddrV4::new(Ipv4Addr::generate(dice), u16::generate(dice));
    SocketAddr: |dice| SocketAddr::new(IpAddr::generate(dice), u16::generate(dice));
    PathBuf: |dice| PathBuf::from(dice.pick(&["", "/", "/tmp/a b", "é.txt"]));
    Duration: |dice| Duration::new(u64::from(u32::generate(dice)), dice.pick(&[0, 1, 999_999_999]));
    SystemTime: |dice| SystemTime::UNIX_EPOCH + Duration::generate(dice);
    std::ops::Bound<u8>: |dice| match dice.roll(3) {
        0 => std::ops::Bound::Unbounded,
        1 => std::ops::Bound::Included(u8::generate(dice)),
        _ => std::ops::Bound::Excluded(u8::generate(dice)),
    };
    uuid::Uuid: |dice| uuid::Uuid::from_u128(u128::generate(dice));
    chrono::NaiveDate: |dice| chrono::NaiveDate::from_num_days_from_ce_opt(700_000 + dice.roll(90_000) as i32).unwrap();
    chrono::DateTime<chrono::Utc>: |dice| chrono::DateTime::from_timestamp(dice.roll(2_000_000_000) as i64, dice.pick(&[0, 5, 123_456_789])).unwrap();
    bytes::Bytes: |dice| bytes::Bytes::from(Vec::<u8>::generate(dice));
}

impl Generate for serde_json::Value {
    fn generate(dice: &mut Dice) -> Self {
        match dice.roll(9) {
            0 => Self::Null,
            1 => bool::generate(dice).into(),
            2 => i64::generate(dice).into(),
            3 => u64::generate(dice).into(),
            4 => f64::generate(dice).into(),
            5 | 6 => String::generate(dice).into(),
            7 => Self::Array((0..dice.roll(3)).map(|_| Self::generate(dice)).collect()),
            _ => Self::Object((0..dice.roll(3)).map(|_| (String::generate(dice), Self::generate(dice))).collect()),
        }
    }
}

impl<T: Generate> Generate for Option<T> {
    fn generate(dice: &mut Dice) -> Self {
        (dice.roll(3) > 0).then(|| T::generate(dice))
    }
    fn change(&mut self, dice: &mut Dice) {
        match self {
            Some(value) if dice.roll(3) > 0 => value.change(dice),
            _ => *self = Self::generate(dice),
        }
    }
}

impl<T: Generate, E: Generate> Generate for Result<T, E> {
    fn generate(dice: &mut Dice) -> Self {
        if dice.roll(2) == 0 { Ok(T::generate(dice)) } else { Err(E::generate(dice)) }
    }
    fn change(&mut self, dice: &mut Dice) {
        match self {
            Ok(value) if dice.roll(3) > 0 => value.change(dice),
            Err(error) if dice.roll(3) > 0 => error.change(dice),
            _ => *self = Self::generate(dice),
        }
    }
}

macro_rules! wrappers {
    ($($type:ident),*) => {
        $(impl<T: Generate> Generate for $type<T> {
            fn generate(dice: &mut Dice) -> Self {
                T::generate(dice).into_wrapped()
            }
        })*
    };
}

/// Into whatever holds one value.
trait IntoWrapped<W> {
    fn into_wrapped(self) -> W;
}

macro_rules! into_wrapped {
    ($($type:ident: $new:expr),*) => {
        $(impl<T> IntoWrapped<$type<T>> for T {
            fn into_wrapped(self) -> $type<T> {
                $new(self)
            }
        })*
    };
}

into_wrapped!(Box: Box::new, Rc: Rc::new, Arc: Arc::new, Json: Json, Wrapping: Wrapping, Saturating: Saturating);
wrappers!(Box, Rc, Arc, Json, Wrapping, Saturating);

impl<T> Generate for PhantomData<T> {
    fn generate(_: &mut Dice) -> Self {
        Self
    }
}

/// Lists: some elements changed, some gone, some new.
macro_rules! lists {
    ($(($($parameters:tt)*) $type:ty as $element:ty;)*) => {
        $(impl<$($parameters)*> Generate for $type {
            fn generate(dice: &mut Dice) -> Self {
                let count = if dice.roll(6) == 0 { 20 } else { dice.roll(4) };
                (0..count).map(|_| <$element>::generate(dice)).collect()
            }
            fn change(&mut self, dice: &mut Dice) {
                let mut elements: Vec<$element> = std::mem::take(self).into_iter().collect();
                match dice.roll(5) {
                    _ if elements.is_empty() => elements.push(<$element>::generate(dice)),
                    0 => drop(elements.remove(dice.roll(elements.len()))),
                    1 => elements.insert(dice.roll(elements.len() + 1), <$element>::generate(dice)),
                    2 => {
                        let (a, b) = (dice.roll(elements.len()), dice.roll(elements.len()));
                        elements.swap(a, b);
                    }
                    3 => elements.iter_mut().for_each(|element| element.change(dice)),
                    _ => {
                        let at = dice.roll(elements.len());
                        elements[at].change(dice);
                    }
                }
                *self = elements.into_iter().collect();
            }
        })*
    };
}

lists! {
    (T: Generate) Vec<T> as T;
    (T: Generate) VecDeque<T> as T;
    (T: Generate) LinkedList<T> as T;
    (T: Generate) List<T> as T;
    (T: Generate) smallvec::SmallVec<[T; 2]> as T;
    (T: Generate + Ord) BTreeSet<T> as T;
    (T: Generate + std::hash::Hash + Eq) HashSet<T> as T;
    (T: Generate + std::hash::Hash + Eq) indexmap::IndexSet<T> as T;
    (K: Generate + Ord, V: Generate) BTreeMap<K, V> as (K, V);
    (K: Generate + std::hash::Hash + Eq, V: Generate) HashMap<K, V> as (K, V);
    (K: Generate + std::hash::Hash + Eq, V: Generate) indexmap::IndexMap<K, V> as (K, V);
    (K: Generate + Ord + Clone, V: Generate) Map<K, V> as (K, V);
}

impl<T: Generate, const N: usize> Generate for [T; N] {
    fn generate(dice: &mut Dice) -> Self {
        std::array::from_fn(|_| T::generate(dice))
    }
    fn change(&mut self, dice: &mut Dice) {
        let at = dice.roll(N);
        self[at].change(dice);
    }
}

macro_rules! tuples {
    ($(($($type:ident $number:tt),+))*) => {
        $(impl<$($type: Generate),+> Generate for ($($type,)+) {
            fn generate(dice: &mut Dice) -> Self {
                ($($type::generate(dice),)+)
            }
            fn change(&mut self, dice: &mut Dice) {
                const COUNT: usize = [$($number),+].len();
                match dice.roll(COUNT) {
                    $($number => self.$number.change(dice),)+
                    _ => {}
                }
            }
        })*
    };
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
}

impl<T: Generate> Generate for Range<T> {
    fn generate(dice: &mut Dice) -> Self {
        T::generate(dice)..T::generate(dice)
    }
}

impl<T: Generate> Generate for RangeInclusive<T> {
    fn generate(dice: &mut Dice) -> Self {
        T::generate(dice)..=T::generate(dice)
    }
}

/// Types with their generators; a struct changes in one field at a time.
macro_rules! define {
    () => {};
    ($(#[$meta:meta])* struct $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* } $($rest:tt)*) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, ssync::Syncable)]
        $(#[$meta])*
        struct $name { $($(#[$attribute])* $field: $type,)* }
        impl $crate::generate::Generate for $name {
            fn generate(_dice: &mut $crate::generate::Dice) -> Self {
                Self { $($field: $crate::generate::Generate::generate(_dice),)* }
            }
            fn change(&mut self, dice: &mut $crate::generate::Dice) {
                let parts: &[fn(&mut Self, &mut $crate::generate::Dice)] = &[$(|value, dice| value.$field.change(dice)),*];
                if !parts.is_empty() {
                    dice.pick(parts)(self, dice);
                }
            }
        }
        $crate::generate::define!($($rest)*);
    };
    ($(#[$meta:meta])* enum $name:ident { $($(#[$attribute:meta])* $variant:ident $({ $($(#[$inner:meta])* $field:ident: $type:ty,)* })? $(( $($element:ty),* ))?,)* } $($rest:tt)*) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, ssync::Syncable)]
        $(#[$meta])*
        enum $name { $($(#[$attribute])* $variant $({ $($(#[$inner])* $field: $type,)* })? $(( $($element),* ))?,)* }
        impl $crate::generate::Generate for $name {
            fn generate(dice: &mut $crate::generate::Dice) -> Self {
                let variants: &[fn(&mut $crate::generate::Dice) -> Self] = &[$(|_dice| Self::$variant
                    $({ $($field: $crate::generate::Generate::generate(_dice),)* })?
                    $(( $(<$element as $crate::generate::Generate>::generate(_dice)),* ))?),*];
                dice.pick(variants)(dice)
            }
            fn change(&mut self, dice: &mut $crate::generate::Dice) {
                // Mostly the same variant with other contents.
                for _ in 0..4 {
                    let other = Self::generate(dice);
                    let same_variant = std::mem::discriminant(self) == std::mem::discriminant(&other);
                    if same_variant {
                        *self = other;
                        return;
                    }
                }
                *self = Self::generate(dice);
            }
        }
        $crate::generate::define!($($rest)*);
    };
}
pub(crate) use define;
