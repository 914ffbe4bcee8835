//! What an element of a list is known again by: a hash of its content, and a sketch of its fields.
//!
//! A print is made of a node here, and of a value by [`print_of`](crate::syncable::print_of), which never builds the node. **Both are the
//! same where the value says what the node says.** An entry of an object that is empty counts as one that is left out.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::doc::{Node, Number};

/// Names of fields that tell elements apart in most people's structs.
pub(crate) const IDENTITIES: [&str; 4] = ["id", "uuid", "key", "name"];

/// How an element may go elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Null, a bool, a number or something empty: it never moves, one is like another.
    Fixed,
    /// It moves where that is less than to write it anew.
    Text,
    /// It moves, and takes along what this program may not know of it.
    Container,
}

/// What an element is known again by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    pub(crate) hash: u64,
    /// Bits of the fields of an object; more of them for those that tell elements apart.
    pub(super) sketch: u64,
    /// A hash of the first field whose name says that it tells elements apart; 0 if there is none.
    pub(crate) identity: u64,
    pub(crate) kind: Kind,
}

impl Print {
    /// The print of a node.
    pub(crate) fn of(node: &Node) -> Self {
        match node {
            Node::Null => Self::null(),
            Node::Bool(bool) => Self::bool(*bool),
            Node::Number(number) => Self::number(*number),
            Node::String(text) => Self::text(text),
            Node::List(items) => {
                let mut list = ListPrint::default();
                items.iter().for_each(|item| list.add(Self::of(item)));
                list.finish()
            }
            Node::Set(members) => {
                let mut set = SetPrint::default();
                members.each_node(|member| set.add(Self::of(member)));
                set.finish()
            }
            Node::Object(entries) => {
                let mut object = ObjectPrint::default();
                entries.iter().for_each(|(key, value)| object.add(key, Self::of(value)));
                object.finish()
            }
        }
    }

    /// The print of what stands under a key of an object.
    pub(crate) fn of_key(node: &Node, key: &str) -> Option<Self> {
        match node {
            Node::Object(entries) => entries.get(key).map(|node| Self::of(node).as_key()),
            _ => None,
        }
    }

    /// The same as what tells an element apart: whatever it is, the element may move.
    pub(crate) const fn as_key(self) -> Self {
        Self { kind: Kind::Container, sketch: 0, identity: 0, ..self }
    }

    /// The same where others may know more of the element: what is empty here may hold something for them.
    pub(super) const fn of_more(self) -> Self {
        if self.hash == EMPTY { Self { kind: Kind::Container, ..self } } else { self }
    }

    pub(crate) const fn null() -> Self {
        Self { hash: 1, sketch: 0, identity: 0, kind: Kind::Fixed }
    }

    pub(crate) const fn bool(bool: bool) -> Self {
        Self { hash: if bool { 3 } else { 2 }, sketch: 0, identity: 0, kind: Kind::Fixed }
    }

    pub(crate) fn number(number: Number) -> Self {
        let mut hasher = FxHasher::default();
        number.hash(&mut hasher);
        Self { hash: hasher.finish(), sketch: 0, identity: 0, kind: Kind::Fixed }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self { hash: hash_text(text), sketch: 0, identity: 0, kind: if text.is_empty() { Kind::Fixed } else { Kind::Text } }
    }

    /// How much two elements resemble each other: the bits that their fields have in common.
    pub(crate) const fn resemblance(self, other: Self) -> u32 {
        (self.sketch & other.sketch).count_ones()
    }

    /// Whether two elements have more in common than not.
    pub(crate) fn resembles(self, other: Self) -> bool {
        2 * self.resemblance(other) > self.sketch.count_ones().max(other.sketch.count_ones())
    }

    /// Whether an entry of an object that holds this may as well be left out.
    fn is_empty(self) -> bool {
        self.kind == Kind::Fixed && [Self::null().hash, Self::bool(false).hash, EMPTY, hash_text("")].contains(&self.hash)
            || self == Self::number(0_u64.into())
    }
}

const EMPTY: u64 = 4;

fn hash_text(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.write_u8(0xff);
    hasher.finish()
}

fn mix(first: u64, second: u64) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(first);
    hasher.write_u64(second);
    hasher.finish()
}

/// What is empty has one print, whatever it is a container of.
const fn container(hash: u64, count: u32) -> Print {
    if count == 0 {
        Print { hash: EMPTY, sketch: 0, identity: 0, kind: Kind::Fixed }
    } else {
        Print { hash, sketch: 0, identity: 0, kind: Kind::Container }
    }
}

/// The print of a list whose elements come one by one.
#[derive(Default)]
pub(crate) struct ListPrint {
    hash: u64,
    count: u32,
}

impl ListPrint {
    pub(crate) fn add(&mut self, item: Print) {
        self.hash = mix(self.hash, item.hash);
        self.count += 1;
    }

    pub(crate) fn finish(self) -> Print {
        container(mix(self.hash, 5), self.count)
    }
}

/// The print of a set, whatever the order in which its members come.
#[derive(Default)]
pub(crate) struct SetPrint {
    sum: u64,
    count: u32,
}

impl SetPrint {
    pub(crate) fn add(&mut self, member: Print) {
        self.sum = self.sum.wrapping_add(mix(member.hash, 6));
        self.count += 1;
    }

    pub(crate) fn finish(self) -> Print {
        container(mix(self.sum, 7), self.count)
    }
}

/// The print of an object, whatever the order in which its entries come.
#[derive(Default)]
pub(crate) struct ObjectPrint {
    sum: u64,
    sketch: u64,
    identity: u64,
    count: u32,
}

impl ObjectPrint {
    pub(crate) fn add(&mut self, key: &str, value: Print) {
        let is_first = self.count == 0;
        self.count += 1;
        let entry = mix(hash_text(key), value.hash);
        // The first of a row of numbers is 0; where several are, none is told by it.
        let tells_apart = IDENTITIES.contains(&key) && (!value.is_empty() || value == Print::number(0_u64.into()));
        let weight = 1 + u32::from(is_first) + if tells_apart { 3 } else { 0 };
        if tells_apart && self.identity == 0 {
            self.identity = entry | 1;
        }
        (0..weight).for_each(|bit| self.sketch |= 1 << (entry >> (6 * bit) & 63));
        if !value.is_empty() {
            self.sum = self.sum.wrapping_add(entry);
        }
    }

    pub(crate) fn finish(self) -> Print {
        Print { sketch: self.sketch, identity: self.identity, ..container(mix(self.sum, 8), self.count) }
    }
}
