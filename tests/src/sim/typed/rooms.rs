//! The types of one document: a newer and an older version, one of many fields, one that is flattened. They name the same JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ssync::{Counter, Json, List, Map, Syncable, Text};

use super::badges::Badge;
use super::elements::{Element, Elements, Strings, Sums};
use super::kinds::{Adjacent, External, Grown, Holder, Internal, Kind, Maps, Nested, Partly, Rows, Untagged, Young};

/// A type of the room.
pub(super) trait Room: Syncable + Clone + Debug + Default + PartialEq + Send + Sync + 'static {
    const NAME: &'static str;
    fn parts(&mut self) -> Parts<'_>;
}

/// How many enums a room has beside those of elements.
pub(super) const KINDS: usize = 23;

/// What the edits work on.
pub(super) struct Parts<'a> {
    pub(super) name: &'a mut String,
    pub(super) votes: &'a mut Counter,
    pub(super) maybe: &'a mut Counter,
    pub(super) notes: &'a mut Text,
    pub(super) journal: &'a mut dyn Strings,
    pub(super) late: &'a mut dyn Strings,
    pub(super) index: &'a mut dyn Sums,
    pub(super) marks: &'a mut BTreeSet<String>,
    pub(super) badges: &'a mut BTreeSet<Badge>,
    pub(super) nicks: &'a mut BTreeMap<Badge, u32>,
    pub(super) lists: [(&'static str, &'a mut dyn Elements); 3],
    pub(super) kinds: [(&'static str, &'a mut dyn Kind); KINDS],
    pub(super) pads: Vec<(&'static str, &'a mut Counter)>,
    /// What it keeps of the fields that it does not know.
    pub(super) rest: Option<&'a mut BTreeMap<String, Value>>,
    /// Whether its elements have a `tag`.
    pub(super) knows_tags: bool,
}

/// What a field that the older version does not know says for ever.
pub(super) const EXTRA: &str = "kept";

pub(super) fn tag_of(id: &str) -> String {
    format!("tag of {id}")
}

/// Declares the elements of one version.
macro_rules! version {
    ($module:ident, $grown:ident, $knows_tags:literal $(, $tag:ident)?) => {
        mod $module {
            use super::*;

            pub(super) const KNOWS_TAGS: bool = $knows_tags;

            pub(in super::super) type Grown = super::$grown;

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            pub(in super::super) struct Card {
                id: String,
                title: String,
                points: Counter,
                text: Text,
                kind: Untagged,
                $(#[serde(default)] $tag: String,)?
            }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            pub(in super::super) struct Person {
                id: String,
                points: Counter,
                $(#[serde(default)] $tag: String,)?
            }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            pub(in super::super) struct Item {
                id: String,
                $(#[serde(default)] $tag: String,)?
            }

            impl Element for Card {
                fn new(id: &str) -> Self {
                    let (title, points, text) = (format!("title of {id}"), Counter::default(), Text::default());
                    Self { id: id.into(), title, points, text, kind: Untagged::default(), $($tag: tag_of(id),)? }
                }
                fn id(&self) -> &str {
                    &self.id
                }
                fn points(&mut self) -> Option<&mut Counter> {
                    Some(&mut self.points)
                }
                fn text(&mut self) -> Option<&mut Text> {
                    Some(&mut self.text)
                }
                fn kind(&mut self) -> Option<&mut dyn Kind> {
                    Some(&mut self.kind)
                }
            }

            impl Element for Person {
                fn new(id: &str) -> Self {
                    Self { id: id.into(), points: Counter::default(), $($tag: tag_of(id),)? }
                }
                fn id(&self) -> &str {
                    &self.id
                }
                fn points(&mut self) -> Option<&mut Counter> {
                    Some(&mut self.points)
                }
            }

            impl Element for Item {
                fn new(id: &str) -> Self {
                    Self { id: id.into(), $($tag: tag_of(id),)? }
                }
                fn id(&self) -> &str {
                    &self.id
                }
            }
        }
    };
}

version!(older, Young, false);
version!(newer, Grown, true, tag);

/// What only serde knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Foreign {
    name: String,
    count: Counter,
}

fn is_zero(counter: &Counter) -> bool {
    counter.value() == 0
}

/// Declares a type of the room: its containers, the version of its elements, and what it has beside the fields that all have.
macro_rules! room {
    ($name:ident: $list:ident, $cards:ident, $map:ident, $version:ident; $($field:ident: $ty:ty),*; $($pad:ident)*) => {
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
        pub(super) struct $name {
            name: String,
            votes: Counter,
            #[serde(default, skip_serializing_if = "is_zero")]
            maybe: Counter,
            notes: Text,
            journal: $list<String>,
            #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
            late: Vec<String>,
            index: $map<String, Counter>,
            marks: BTreeSet<String>,
            badges: BTreeSet<Badge>,
            nicks: BTreeMap<Badge, u32>,
            cards: $cards<$version::Card>,
            #[sync(key = "id")]
            people: Vec<$version::Person>,
            items: $list<$version::Item>,
            external: External,
            internal: Internal,
            adjacent: Adjacent,
            untagged: Untagged,
            option: Option<Internal>,
            flat_external: Holder<External>,
            flat_internal: Holder<Internal>,
            flat_adjacent: Holder<Adjacent>,
            flat_untagged: Holder<Untagged>,
            json_external: Json<External>,
            json_internal: Json<Internal>,
            json_adjacent: Json<Adjacent>,
            partly: Partly,
            nested: Nested,
            rows: Rows,
            flat_option: Holder<Option<Internal>>,
            flat_nested: Holder<Nested>,
            json_nested: Json<Nested>,
            json_rows: Json<Rows>,
            flat_maps: Holder<Maps>,
            flat_json_internal: Holder<Json<Internal>>,
            flat_json_untagged: Holder<Json<Untagged>>,
            flat_grown: Holder<$version::Grown>,
            foreign: Json<Foreign>,
            $(#[serde(default)] $field: $ty,)*
            $(#[serde(default)] $pad: Counter,)*
        }

        impl Room for $name {
            const NAME: &'static str = stringify!($name);
            fn parts(&mut self) -> Parts<'_> {
                Parts {
                    name: &mut self.name,
                    votes: &mut self.votes,
                    maybe: &mut self.maybe,
                    notes: &mut self.notes,
                    journal: &mut self.journal,
                    late: &mut self.late,
                    index: &mut self.index,
                    marks: &mut self.marks,
                    badges: &mut self.badges,
                    nicks: &mut self.nicks,
                    lists: [("cards", &mut self.cards), ("people", &mut self.people), ("items", &mut self.items)],
                    kinds: [
                        ("external", &mut self.external),
                        ("internal", &mut self.internal),
                        ("adjacent", &mut self.adjacent),
                        ("untagged", &mut self.untagged),
                        ("option", &mut self.option),
                        ("flat_external", &mut self.flat_external),
                        ("flat_internal", &mut self.flat_internal),
                        ("flat_adjacent", &mut self.flat_adjacent),
                        ("flat_untagged", &mut self.flat_untagged),
                        ("json_external", &mut self.json_external.0),
                        ("json_internal", &mut self.json_internal.0),
                        ("json_adjacent", &mut self.json_adjacent.0),
                        ("partly", &mut self.partly),
                        ("nested", &mut self.nested),
                        ("rows", &mut self.rows),
                        ("flat_option", &mut self.flat_option),
                        ("flat_nested", &mut self.flat_nested),
                        ("json_nested", &mut self.json_nested.0),
                        ("json_rows", &mut self.json_rows.0),
                        ("flat_maps", &mut self.flat_maps),
                        ("flat_json_internal", &mut self.flat_json_internal),
                        ("flat_json_untagged", &mut self.flat_json_untagged),
                        ("flat_grown", &mut self.flat_grown),
                    ],
                    pads: vec![("foreign/count", &mut self.foreign.count), $((stringify!($pad), &mut self.$pad)),*],
                    rest: None,
                    knows_tags: $version::KNOWS_TAGS,
                }
            }
        }
    };
}

room!(Newer: List, List, Map, newer; extra: String;);
room!(Older: Vec, List, BTreeMap, older; ;);
room!(Wide: List, Vec, BTreeMap, newer; extra: String; p00 p01 p02 p03 p04 p05 p06 p07 p08 p09 p10 p11 p12 p13 p14 p15 p16 p17 p18 p19);

/// The newer one with all of its fields in the place of its own, twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub(super) struct Flat {
    #[serde(flatten)]
    within: Within,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Within {
    #[serde(flatten)]
    room: Newer,
}

impl Room for Flat {
    const NAME: &'static str = "Flat";
    fn parts(&mut self) -> Parts<'_> {
        self.within.room.parts()
    }
}

/// The older one, which keeps what it does not know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
pub(super) struct Rest {
    #[serde(flatten)]
    room: Older,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl Room for Rest {
    const NAME: &'static str = "Rest";
    fn parts(&mut self) -> Parts<'_> {
        Parts { rest: Some(&mut self.rest), ..self.room.parts() }
    }
}

impl Newer {
    /// What every room begins with.
    pub(super) fn first() -> Self {
        let mut room = Self { extra: EXTRA.into(), ..Self::default() };
        for (name, list) in room.parts().lists {
            (0..4).for_each(|number| list.insert(number, &format!("{name}-{number}")));
        }
        room
    }
}
