//! A field or a variant that was renamed keeps its place in the room, wherever it stands: a newer program reads it under its former name and edits it there.

use serde::{Deserialize, Serialize};
use ssync::{Counter, Node, Op, Order, Patch, Path, Shared, Syncable, Text};

use super::{Value, commit};

/// Declares an enum of a tagging, whose variant has the fields.
macro_rules! tagging {
    ($(#[$tagging:meta])* $name:ident: $(#[$v:meta])* $of:ident, $(#[$a:meta])* $number:ident, $(#[$n:meta])* $count:ident, $(#[$t:meta])* $text:ident) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
        $(#[$tagging])*
        pub(super) enum $name {
            $(#[$v])*
            $of {
                $(#[$a])*
                $number: u32,
                $(#[$n])*
                $count: Counter,
                $(#[$t])*
                $text: Text,
            },
            Other,
        }

        impl $name {
            pub(super) fn first() -> Self {
                Self::$of { $number: 1, $count: Counter::new(1), $text: Text::from("ab") }
            }
            pub(super) fn edit(&mut self) {
                if let Self::$of { $number, $count, $text } = self {
                    *$number = 7;
                    *$count += 1;
                    $text.push_str("c");
                }
            }
        }
    };
}

/// Declares the types of one version.
macro_rules! versions {
    ($module:ident: $(#[$v:meta])* $of:ident, $(#[$a:meta])* $number:ident, $(#[$n:meta])* $count:ident, $(#[$t:meta])* $text:ident) => {
        mod $module {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
            pub(super) struct Fields {
                $(#[$a])*
                $number: u32,
                $(#[$n])*
                $count: Counter,
                $(#[$t])*
                $text: Text,
            }

            impl Fields {
                pub(super) fn first() -> Self {
                    Self { $number: 1, $count: Counter::new(1), $text: Text::from("ab") }
                }
                pub(super) fn edit(&mut self) {
                    self.$number = 7;
                    self.$count += 1;
                    self.$text.push_str("c");
                }
            }

            tagging!(External: $(#[$v])* $of, $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
            tagging!(#[serde(tag = "type")] Internal: $(#[$v])* $of, $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
            tagging!(#[serde(tag = "t", content = "c")] Adjacent: $(#[$v])* $of, $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
            tagging!(#[serde(untagged)] Untagged: $(#[$v])* $of, $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
        }
    };
}

versions!(former: Of, number, count, text);
versions!(now: #[serde(alias = "Of")] Is, #[serde(alias = "number")] amount, #[serde(alias = "count")] votes, #[serde(alias = "text")] notes);

/// Wherever the fields may stand. One type, as each takes its time to compile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Places<K> {
    alone: K,
    listed: Vec<K>,
    flat: Option<Flat<K>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat<K> {
    before: u32,
    #[serde(flatten)]
    kind: K,
}

/// A program of the newer version edits what one of the former wrote: both read what comes of it, and who edits meanwhile loses nothing.
fn check<F: Value, N: Value>((former, edit_former): (F, impl Fn(&mut F)), (now, edit): (N, impl Fn(&mut N))) {
    let start = ssync::document(&former).unwrap();
    let newer = Shared::new_local(N::clone(&now)).unwrap();
    newer.apply(&Patch::from_op(Op::Set { path: Path::root(), value: start.root().clone() })).unwrap();
    assert_eq!(*newer.read(), now);
    let patch = commit(&newer, &edit);
    let ops = ["=", "i", "s"].map(|kind| patch.to_string().matches(&format!(r#"["{kind}","#)).count());
    assert_eq!(ops, [3; 3], "{patch}");
    let older = Shared::new_local(F::clone(&former)).unwrap();
    let other = commit(&older, &edit_former);
    older.apply(&patch.transform(&other, Order::Later)).unwrap();
    newer.apply(&other.transform(&patch, Order::Earlier)).unwrap();
    assert_eq!(*older.read(), twice(former, edit_former), "{patch} beside {other}");
    let all = twice(now, edit);
    assert_eq!(*newer.read(), all, "{other} beside {patch}");
    assert_eq!(ssync::read::<N>(&Node::from_json(&older.to_json()).unwrap()).unwrap(), all, "who joins now");
    assert_eq!(commit(&newer, |_| ()).to_string(), "[]", "an untouched guard");
}

impl<K: Value> Places<K> {
    fn of(kind: K) -> Self {
        Self { alone: kind.clone(), listed: vec![kind.clone()], flat: Some(Flat { before: 1, kind }) }
    }
    fn each(&mut self) -> impl Iterator<Item = &mut K> {
        let flat = self.flat.iter_mut().map(|flat| &mut flat.kind);
        std::iter::once(&mut self.alone).chain(&mut self.listed).chain(flat)
    }
}

fn twice<T>(mut value: T, edit: impl Fn(&mut T)) -> T {
    (0..2).for_each(|_| edit(&mut value));
    value
}

macro_rules! check {
    ($($test:ident: $kind:ident;)*) => {
        $(#[test]
        fn $test() {
            use former::$kind as Former;
            use now::$kind as Now;
            let former = |places: &mut Places<Former>| places.each().for_each(Former::edit);
            check((Places::of(Former::first()), former), (Places::of(Now::first()), |places| places.each().for_each(Now::edit)));
        })*
    };
}

check! {
    fields_of_a_struct: Fields;
    fields_of_an_externally_tagged_variant: External;
    fields_of_an_internally_tagged_variant: Internal;
    fields_of_an_adjacently_tagged_variant: Adjacent;
    fields_of_an_untagged_variant: Untagged;
}
