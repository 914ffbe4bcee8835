//! Enums of every tagging, as fields, in an `Option`, in each other and flattened beside a counter: somebody sets one variant or the other, as a whole.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ssync::{Counter, Json, Syncable};

use super::super::below;

/// A place that holds an enum.
pub(super) trait Kind {
    /// Sets another variant, with this token in all its parts.
    fn choose(&mut self, rng: &mut ChaCha8Rng, token: &str);
    /// What is written of the enum alone.
    fn json(&self) -> Value;
    /// The counter and the list beside it in the same object.
    fn beside(&mut self) -> Option<(&mut Counter, &mut Vec<String>)> {
        None
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub(super) struct Stamp {
    by: String,
    also: String,
}

/// Declares an enum, and how each variant is made of a token.
macro_rules! kind {
    ($(#[$attribute:meta])* enum $name:ident { $($(#[$of_variant:meta])* $variant:ident $({ $($field:ident),* })? $(($of:ty))?),* $(,)? } first $first:expr; $($made:expr),*;) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
        $(#[$attribute])*
        pub(super) enum $name {
            $($(#[$of_variant])* $variant $({ $($field: String),* })? $(($of))?),*
        }

        impl Default for $name {
            fn default() -> Self {
                $first
            }
        }

        impl Kind for $name {
            fn choose(&mut self, rng: &mut ChaCha8Rng, token: &str) {
                let made: &[fn(String) -> Self] = &[$($made),*];
                *self = made[below(rng, made.len())](token.to_owned());
            }
            fn json(&self) -> Value {
                serde_json::to_value(self).expect("it has JSON")
            }
        }
    };
}

fn stamp(token: String) -> Stamp {
    Stamp { by: token.clone(), also: token }
}

kind! {
    enum External { First { by, also }, Second { by, other }, Third(Stamp) }
    first Self::Third(Stamp::default());
    |token| Self::First { by: token.clone(), also: token }, |token| Self::Second { by: token.clone(), other: token }, |token| Self::Third(stamp(token));
}

kind! {
    #[serde(tag = "type")]
    enum Internal { First { by, also }, Second { by, other }, Third(Stamp) }
    first Self::Third(Stamp::default());
    |token| Self::First { by: token.clone(), also: token }, |token| Self::Second { by: token.clone(), other: token }, |token| Self::Third(stamp(token));
}

kind! {
    #[serde(tag = "t", content = "c")]
    enum Adjacent { First { by, also }, Second(String), Third(Stamp) }
    first Self::Third(Stamp::default());
    |token| Self::First { by: token.clone(), also: token }, Self::Second, |token| Self::Third(stamp(token));
}

kind! {
    #[serde(untagged)]
    enum Untagged { First { length, side }, Second { radius, side }, Third(Stamp) }
    first Self::Third(Stamp::default());
    |token| Self::First { length: token.clone(), side: token }, |token| Self::Second { radius: token.clone(), side: token }, |token| Self::Third(stamp(token));
}

kind! {
    #[serde(tag = "type")]
    enum Partly { First { by, also }, #[serde(untagged)] Loose { loose, also } }
    first Self::First { by: String::new(), also: String::new() };
    |token| Self::First { by: token.clone(), also: token }, |token| Self::Loose { loose: token.clone(), also: token };
}

// Enums that hold enums, all in one object.
kind! {
    #[serde(tag = "outer")]
    enum Nested { First { by, also }, Tagged(Internal), Read(Untagged) }
    first Self::Read(Untagged::default());
    |token| Self::First { by: token.clone(), also: token },
    |token| Self::Tagged(Internal::First { by: token.clone(), also: token }),
    |token| Self::Tagged(Internal::Second { by: token.clone(), other: token }),
    |token| Self::Read(Untagged::First { length: token.clone(), side: token }),
    |token| Self::Read(Untagged::Second { radius: token.clone(), side: token });
}

// Variants that are told by how many elements they have.
kind! {
    #[serde(untagged)]
    enum Rows { Pair((String, String)), Triple((String, String, String)) }
    first Self::Pair(Default::default());
    |token| Self::Pair((token.clone(), token)), |token| Self::Triple((token.clone(), token.clone(), token));
}

// One with a map, whose entries may have any key.
kind! {
    #[serde(tag = "type")]
    enum Maps { First { by, also }, Any(BTreeMap<String, String>), Third(Stamp) }
    first Self::Third(Stamp::default());
    |token| Self::First { by: token.clone(), also: token },
    |token| Self::Any(["also", "any", "other"].map(|key| (key.to_owned(), token.clone())).into()),
    |token| Self::Third(stamp(token));
}

// One that got a variant: the older version of it does not know that.
kind! {
    #[serde(tag = "type")]
    enum Grown { First { by, also }, Second { by, other } }
    first Self::First { by: String::new(), also: String::new() };
    |token| Self::First { by: token.clone(), also: token }, |token| Self::Second { by: token.clone(), other: token };
}

kind! {
    #[serde(tag = "type")]
    enum Young { First { by, also }, #[serde(other)] Other }
    first Self::First { by: String::new(), also: String::new() };
    |token| Self::First { by: token.clone(), also: token };
}

/// An enum in an object that has more in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub(super) struct Holder<K> {
    before: Counter,
    log: Vec<String>,
    #[serde(flatten)]
    kind: K,
}

/// The names of the counter and the list in a [`Holder`].
pub(super) const BESIDE: [&str; 2] = ["before", "log"];

impl<K: Kind + Serialize> Kind for Holder<K> {
    fn choose(&mut self, rng: &mut ChaCha8Rng, token: &str) {
        self.kind.choose(rng, token);
    }
    fn json(&self) -> Value {
        // Of none, nothing is written.
        Some(self.kind.json()).filter(|kind| !kind.is_null()).unwrap_or_else(|| Value::Object(Default::default()))
    }
    fn beside(&mut self) -> Option<(&mut Counter, &mut Vec<String>)> {
        Some((&mut self.before, &mut self.log))
    }
}

impl<K: Kind> Kind for Json<K> {
    fn choose(&mut self, rng: &mut ChaCha8Rng, token: &str) {
        self.0.choose(rng, token);
    }
    fn json(&self) -> Value {
        self.0.json()
    }
}

impl<K: Kind + Default> Kind for Option<K> {
    fn choose(&mut self, rng: &mut ChaCha8Rng, token: &str) {
        let mut kind = self.take().unwrap_or_default();
        kind.choose(rng, token);
        *self = (below(rng, 4) > 0).then_some(kind);
    }
    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Kind::json)
    }
}
