//! The struct whose fields are edited, in two versions: the older one does not know the struct's `extra` and the elements' `tag`.

use serde::{Deserialize, Serialize};
use ssync::{Counter, List, Map, Syncable, Text};

/// What stands in a cell of the matrix.
pub(super) trait Value: Syncable + Clone + Send + Sync + 'static {}

impl<T: Syncable + Clone + Send + Sync + 'static> Value for T {}

/// The struct, whatever its version.
pub(super) trait Body: Value + Default + PartialEq {
    type Card: Element;
    type Person: Element;
    fn votes(&mut self) -> &mut Counter;
    fn notes(&mut self) -> &mut Text;
    fn tags(&mut self) -> &mut List<String>;
    fn cards(&mut self) -> &mut List<Self::Card>;
    fn index(&mut self) -> &mut Map<String, Counter>;
    fn people(&mut self) -> &mut Vec<Self::Person>;
    fn log(&mut self) -> &mut Vec<String>;
    /// Sets what only the newer version knows.
    fn set_extra(&mut self);

    /// What every cell starts with.
    fn start() -> Self {
        let mut it = Self::default();
        it.set_extra();
        *it.votes() += 5;
        *it.notes() = "the quick fox".into();
        *it.tags() = ["x", "y", "z"].map(String::from).into();
        *it.cards() = ["a", "b", "c"].map(Self::Card::new).into();
        *it.index() = [("known".to_owned(), Counter::new(3))].into();
        *it.people() = ["ann", "bob", "cy"].map(Self::Person::new).into();
        it
    }

    /// What is put beside it into a list of such structs.
    fn fresh() -> Self {
        let mut it = Self::default();
        it.set_extra();
        *it.notes() = "fresh".into();
        it
    }
}

/// An element of a list.
pub(super) trait Element: Value {
    fn new(id: &str) -> Self;
    fn points(&mut self) -> &mut Counter;
}

/// Declares one version; the names in brackets are the fields that the older one lacks.
macro_rules! version {
    ($module:ident $([$extra:ident $tag:ident])?) => {
        pub(super) mod $module {
            use super::*;

            #[derive(Clone, Default, PartialEq, Serialize, Deserialize, Syncable)]
            pub(in super::super) struct Inner {
                votes: Counter,
                notes: Text,
                tags: List<String>,
                pub(super) cards: List<Card>,
                index: Map<String, Counter>,
                #[sync(key = "id")]
                pub(super) people: Vec<Person>,
                log: Vec<String>,
                $(#[serde(default)] pub(super) $extra: String,)?
            }

            impl Body for Inner {
                type Card = Card;
                type Person = Person;
                fn votes(&mut self) -> &mut Counter {
                    &mut self.votes
                }
                fn notes(&mut self) -> &mut Text {
                    &mut self.notes
                }
                fn tags(&mut self) -> &mut List<String> {
                    &mut self.tags
                }
                fn cards(&mut self) -> &mut List<Card> {
                    &mut self.cards
                }
                fn index(&mut self) -> &mut Map<String, Counter> {
                    &mut self.index
                }
                fn people(&mut self) -> &mut Vec<Person> {
                    &mut self.people
                }
                fn log(&mut self) -> &mut Vec<String> {
                    &mut self.log
                }
                fn set_extra(&mut self) {
                    $(self.$extra = EXTRA.into();)?
                }
            }

            version!(element Card $($tag)?);
            version!(element Person $($tag)?);
        }
    };
    (element $name:ident $($tag:ident)?) => {
        #[derive(Clone, PartialEq, Serialize, Deserialize, Syncable)]
        pub(in super::super) struct $name {
            pub(super) id: String,
            title: String,
            points: Counter,
            $(#[serde(default)] pub(super) $tag: String,)?
        }

        impl Element for $name {
            fn new(id: &str) -> Self {
                Self { id: id.into(), title: format!("title of {id}"), points: Counter::default(), $($tag: tag_of(id),)? }
            }
            fn points(&mut self) -> &mut Counter {
                &mut self.points
            }
        }
    };
}

version!(older);
version!(newer [extra tag]);

const EXTRA: &str = "kept";

fn tag_of(id: &str) -> String {
    format!("tag of {id}")
}

impl newer::Inner {
    /// What an older program has disturbed of what it does not know. It could not know the tag of the card that it added itself.
    pub(super) fn disturbed(&self, added: &str) -> Vec<String> {
        let tags = self.cards.iter().map(|card| (&*card.id, &*card.tag));
        let tags = tags.chain(self.people.iter().map(|person| (&*person.id, &*person.tag)));
        let lost = tags.filter(|(id, tag)| *tag != tag_of(id) && !(tag.is_empty() && *id == added));
        let lost = lost.map(|(id, tag)| format!("{id} has {tag:?}"));
        lost.chain((self.extra != EXTRA).then(|| format!("the struct has {:?}", self.extra))).collect()
    }
}
