//! Enums whose entries lie among others: of a struct into which they are flattened, or of a variant that holds another enum.
//!
//! **Two variants never stand beside each other**: where an enum is another variant than the document has, all its entries become what that variant says,
//! by one op. An enum with a tag is known by it at once; one without only when all its entries were written, and then the object is compared once more.
//! So it is where the other variant is of an enum that another one holds: **of enums that hold each other, the outermost is switched**, as whatever is
//! switched at the same time takes the same keys. If that is the object itself, it is set as a whole.

use std::cell::OnceCell;
use std::rc::Rc;

use serde::Serialize;

use super::Recorder;
use super::tag::{is_tag, tag_differs};
use crate::doc::{Node, Object};
use crate::patch::Op;
use crate::path::{Key, Trail};
use crate::planted::{Bug, planted};
use crate::syncable::only::OnlyText;
use crate::syncable::plan::{EnumKeys, Field, Plan};
use crate::syncable::refused::Stop;

/// The enums of an object. **An enum stands before those that its variant holds.**
pub(super) struct FlatEnums {
    all: Vec<FlatEnum>,
    /// How many of them no other one holds.
    outermost: usize,
    /// Which of those are other variants: found when the object was compared before.
    switches: Vec<usize>,
    /// The keys that are known of the object, if any others belong to one of these.
    known: Option<Rc<[&'static str]>>,
}

struct FlatEnum {
    plan: Plan,
    outermost: Outermost,
    is_held: bool,
    keys: EnumKeys,
    /// An entry of it was written.
    is_met: bool,
    /// The entries of the variant, once it turned out to be another than the document has.
    switched: Option<Vec<(Key, Node)>>,
    /// What of an enum without a tag was written.
    read: Option<Read>,
    /// What may make it another variant, where only serde knows it.
    guess: Guess,
}

/// What was seen of what only serde knows.
#[derive(Clone, Copy, Default)]
struct Guess {
    /// It is written as structs are.
    is_struct: bool,
    /// An entry came.
    has_more: bool,
}

/// An entry that is written.
pub(super) struct Entry<'a, T: ?Sized> {
    pub(super) key: &'a str,
    pub(super) value: &'a T,
    /// The key is written as the name of a field is.
    pub(super) is_name: bool,
}

impl<T: ?Sized> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Entry<'_, T> {}

/// The outermost of the enums that hold one; itself, if none does.
#[derive(Clone, Copy)]
pub(super) enum Outermost {
    /// The object is nothing but that enum.
    Object,
    /// As many that no other one holds stand before it. **What they hold does not count**: that is another time something else.
    Nth(usize),
}

/// An enum that is told by how it is read. **It is read only where something in it differs.**
struct Read {
    variant_of: fn(&Node) -> Option<usize>,
    variants: &'static [fn() -> Plan],
    /// Which variant the document has, and the plan of that.
    found: OnceCell<(Option<usize>, Plan)>,
    entries: Vec<(Key, Node)>,
    /// Some entry is not what the document has.
    differs: bool,
}

impl FlatEnums {
    /// The enums whose entries lie among the fields of this plan.
    pub(super) fn new(plan: Plan, old: &Object, switches: Vec<usize>) -> Self {
        let (plans, is_open) = plan.flattened();
        let known = is_open.then(|| plan.keys().into());
        let mut enums = Self { all: Vec::new(), outermost: 0, switches, known };
        enums.extend(None, plans, old);
        enums
    }

    /// Takes in what the variant holds that the object turned out to be by its tag: an enum, or a struct with some among its fields.
    pub(super) fn hold(&mut self, tag: &'static str, variant: Plan, old: &Object) {
        let is_enum = matches!(variant, Plan::Variants { .. } | Plan::Untagged { .. } | Plan::Plain);
        self.known = variant.has_one_open_part().then(|| std::iter::once(tag).chain(variant.keys()).collect());
        self.extend(is_enum.then_some(Outermost::Object), variant.enums_here(), old);
    }

    fn extend(&mut self, outermost: Option<Outermost>, plans: Vec<Plan>, old: &Object) {
        if planted(Bug::VariantsMixed) {
            return;
        }
        for plan in plans {
            let own = match outermost {
                Some(outermost) => {
                    let keys = EnumKeys::new(plan, self.known.as_ref());
                    FlatEnum { is_held: true, ..FlatEnum::new(plan, keys, outermost, false) }
                }
                None => self.next_outermost(plan),
            };
            let (outermost, held) = (own.outermost, own.held(old).map_or_else(Vec::new, Plan::enums_here));
            self.all.push(own);
            self.extend(Some(outermost), held, old);
        }
    }

    fn next_outermost(&mut self, plan: Plan) -> FlatEnum {
        let nth = self.outermost;
        self.outermost += 1;
        let keys = EnumKeys::new(plan, self.known.as_ref());
        FlatEnum::new(plan, keys, Outermost::Nth(nth), self.switches.contains(&nth))
    }

    /// Looks at an entry; gives which enum it shows to be another variant than the document has, and what is to be switched instead, if that has begun.
    pub(super) fn look_at<T: Serialize + ?Sized>(&mut self, entry: Entry<'_, T>, old: &Object) -> Option<(usize, Option<Outermost>)> {
        let Entry { key, .. } = entry;
        let mut held = Vec::new();
        for (at, own) in self.all.iter_mut().enumerate().filter(|(_, own)| own.keys.has(key)) {
            if own.switched.is_none() && own.is_guessed(entry, old) {
                return Some((at, Some(own.outermost)));
            }
            let variant = own.look_at(entry, old);
            if own.switched.is_some() {
                return Some((at, own.is_held.then_some(own.outermost)));
            }
            held.extend(variant.map(|variant| (own.outermost, variant.enums_here())));
        }
        held.into_iter().for_each(|(outermost, plans)| self.extend(Some(outermost), plans, old));
        None
    }

    /// All enums of which it is known that they are other variants, with these; nothing if the object is.
    pub(super) fn switches_with(&mut self, late: &[Outermost]) -> Option<Vec<usize>> {
        for outermost in late {
            match outermost {
                Outermost::Object => return None,
                Outermost::Nth(nth) => self.switches.push(*nth),
            }
        }
        Some(std::mem::take(&mut self.switches))
    }

    /// Whether an enum has to know what is written under this key.
    pub(super) fn reads(&self, key: &str) -> bool {
        self.all.iter().any(|own| own.read.is_some() && own.keys.has(key))
    }

    /// Gives an entry to the enums that have to know it, and to the one that takes it.
    pub(super) fn put(&mut self, key: &str, node: &Node, old: &Object, taker: Option<usize>) {
        let entry = || (Key::from(key), node.clone());
        for (at, own) in self.all.iter_mut().enumerate().filter(|(_, own)| own.keys.has(key)) {
            if let Some(read) = &mut own.read {
                read.differs |= old.get(key) != Some(node);
                read.entries.push(entry());
            }
            if let Some(entries) = own.switched.as_mut().filter(|_| taker == Some(at)) {
                entries.push(entry());
            }
        }
    }

    /// The plan of an entry of a variant without a tag.
    pub(super) fn plan(&self, key: &str, old: &Object) -> Option<Plan> {
        self.all.iter().rev().find_map(|own| own.read_plan(key, old)?.field(key))
    }

    /// The enum that tells its variant under this key.
    pub(super) fn tagged_by(&self, key: &str) -> Option<Plan> {
        self.all.iter().map(|own| own.plan).find(|plan| plan.is_tagged_by(key))
    }

    /// The field of a variant without a tag.
    pub(super) fn field(&self, key: &str, old: &Object) -> Option<&'static Field> {
        self.all.iter().rev().find_map(|own| own.read_plan(key, old)?.known_field(key))
    }

    /// Whether a key that is not written any more goes with the variant that had it.
    pub(super) fn replaces(&self, key: &Key) -> bool {
        self.all.iter().any(|own| own.replaces(key))
    }

    /// Which enums turn out to be other variants, all their entries known, and `gone` those that are not written any more.
    pub(super) fn late(&self, old: &Object, gone: &[&Key]) -> Vec<Outermost> {
        let is_late = |own: &&FlatEnum| match &own.read {
            _ if matches!(own.plan, Plan::Plain) => {
                let was_none = || !old.iter().any(|(key, _)| own.keys.has(key));
                let is_struct = own.switched.is_none() && own.guess.is_struct && own.guess.has_more;
                is_struct && (gone.iter().any(|key| own.keys.has(key)) || was_none())
            }
            Some(read) => (read.differs || gone.iter().any(|key| own.keys.has(key))) && own.reads_other(read, old),
            None => own.switched.is_none() && own.is_held && own.has_left(gone),
        };
        self.all.iter().filter(is_late).map(|own| own.outermost).collect()
    }

    /// Records the switches. `gone` are keys that are not written any more.
    pub(super) fn record(self, trail: Trail<'_>, old: &Object, gone: &[&Key], recorder: &mut Recorder) -> Result<(), Stop> {
        self.all.into_iter().filter(|own| own.switched.is_some() || own.has_left(gone)).try_for_each(|own| {
            let known = own.keys.known.iter().copied().map(Key::from);
            let entries = own.switched.unwrap_or_default();
            let beyond = old.iter().map(|(key, _)| key).filter(|key| own.keys.is_beyond(key));
            let keys: Vec<Key> = known.chain(beyond.chain(entries.iter().map(|(key, _)| key)).cloned()).collect();
            recorder.push(|| Op::switch(trail.to_path(), keys, entries.into_iter().collect()))
        })
    }
}

impl FlatEnum {
    fn new(plan: Plan, keys: EnumKeys, outermost: Outermost, is_switched: bool) -> Self {
        let read = match plan {
            Plan::Untagged { variant_of, variants } if !is_switched => {
                Some(Read { variant_of, variants, found: OnceCell::new(), entries: Vec::new(), differs: false })
            }
            _ => None,
        };
        let switched = is_switched.then(Vec::new);
        Self { plan, outermost, is_held: false, keys, is_met: false, switched, read, guess: Guess::default() }
    }

    /// The plan of the variant that the document has, of an enum without a tag, if one of its variants holds enums.
    fn held(&self, old: &Object) -> Option<Plan> {
        let read = self.read.as_ref()?;
        let holds_enums = read.variants.iter().any(|variant| !variant().enums_here().is_empty());
        let (variant, plan) = holds_enums.then(|| self.found(read, old))?;
        variant.map(|_| plan)
    }

    /// The plan of that variant, if this is a key of an enum without a tag.
    fn read_plan(&self, key: &str, old: &Object) -> Option<Plan> {
        let read = self.read.as_ref().filter(|_| self.keys.has(key))?;
        Some(self.found(read, old).1)
    }

    /// Which variant the document has.
    fn found(&self, read: &Read, old: &Object) -> (Option<usize>, Plan) {
        *read.found.get_or_init(|| {
            let variant = (read.variant_of)(&self.keys.part(old));
            (variant, variant.and_then(|variant| read.variants.get(variant)).map_or(self.plan, |plan| plan()))
        })
    }

    /// Whether what was written is read as another variant.
    fn reads_other(&self, read: &Read, old: &Object) -> bool {
        (read.variant_of)(&Node::Object(read.entries.iter().cloned().collect())) != self.found(read, old).0
    }

    /// Whether an entry shows it to be another variant, where only serde knows it.
    fn is_guessed<T: Serialize + ?Sized>(&mut self, Entry { key, value, is_name }: Entry<'_, T>, old: &Object) -> bool {
        let is_known = old.get(key).is_some();
        self.guess.is_struct |= is_name;
        self.guess.has_more |= is_name && !is_known;
        matches!(self.plan, Plan::Plain) && is_name && is_known && is_tag::<T>() && tag_differs(old, key, value, self.plan)
    }

    /// The first entry tells the variant: its tag, or its name. Gives the plan of a variant that both sides have and whose entries follow.
    fn look_at<T: Serialize + ?Sized>(&mut self, Entry { key, value, .. }: Entry<'_, T>, old: &Object) -> Option<Plan> {
        let is_first = !std::mem::replace(&mut self.is_met, true);
        let is_other = match self.plan {
            Plan::Variants { tag: Some(tag), .. } => is_first && key == tag && tag_differs(old, key, value, self.plan),
            Plan::Variants { tag: None, .. } => {
                is_first && old.get(key).is_none() && !self.plan.aliases_of(key).iter().any(|alias| old.get(alias).is_some())
            }
            _ => false,
        };
        if is_other {
            self.switched = Some(Vec::new());
        }
        match self.plan {
            Plan::Variants { tag: Some(tag), content: None, .. } if key == tag && !is_other => {
                value.serialize(OnlyText).ok().map(|name| self.plan.variant(&name))
            }
            _ => None,
        }
    }

    /// Whether the object had it and does not any more. An enum without a tag may have a variant that writes nothing.
    fn has_left(&self, gone: &[&Key]) -> bool {
        self.read.is_none() && self.lacks(gone)
    }

    /// Whether the object had entries of it and has none any more.
    fn lacks(&self, gone: &[&Key]) -> bool {
        !self.is_met && gone.iter().any(|key| self.keys.has(key))
    }

    fn replaces(&self, key: &Key) -> bool {
        (self.switched.is_some() || self.has_left(&[key])) && self.keys.has(key)
    }
}
