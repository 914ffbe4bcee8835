//! A field that was renamed keeps its place in the room, wherever it stands: a newer program reads it under its former name and edits it there.

use serde::{Deserialize, Serialize};
use ssync::{Counter, Node, Op, Patch, Path, Shared, Syncable, Text};

use super::{Value, commit};

/// Declares an enum of a tagging, whose variant has the fields.
macro_rules! tagging {
    ($(#[$tagging:meta])* $name:ident: $(#[$a:meta])* $number:ident, $(#[$n:meta])* $count:ident, $(#[$t:meta])* $text:ident) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
        $(#[$tagging])*
        pub(super) enum $name {
            Of {
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
                Self::Of { $number: 1, $count: Counter::new(1), $text: Text::from("ab") }
            }
            pub(super) fn edit(&mut self) {
                if let Self::Of { $number, $count, $text } = self {
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
    ($module:ident: $(#[$a:meta])* $number:ident, $(#[$n:meta])* $count:ident, $(#[$t:meta])* $text:ident) => {
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

            tagging!(External: $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
            tagging!(#[serde(tag = "type")] Internal: $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
            tagging!(#[serde(tag = "t", content = "c")] Adjacent: $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
            tagging!(#[serde(untagged)] Untagged: $(#[$a])* $number, $(#[$n])* $count, $(#[$t])* $text);
        }
    };
}

versions!(former: number, count, text);
versions!(now: #[serde(alias = "number")] amount, #[serde(alias = "count")] votes, #[serde(alias = "text")] notes);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat<K> {
    before: u32,
    #[serde(flatten)]
    kind: K,
}

/// A program of the newer version edits what one of the former wrote: both read what comes of it, and who edits meanwhile loses nothing.
fn check<F: Value, N: Value>(former: &F, edit_former: impl Fn(&mut F), edit: impl Fn(&mut N)) {
    let start = ssync::document(former).unwrap();
    let newer = Shared::new_local(ssync::read::<N>(start.root()).unwrap()).unwrap();
    newer.apply(&Patch::from_op(Op::Set { path: Path::root(), value: start.root().clone() })).unwrap();
    let patch = commit(&newer, &edit);
    let kinds = ["=", "i", "s"].map(|kind| patch.to_string().contains(&format!(r#"["{kind}","#)));
    assert_eq!(kinds, [true; 3], "{patch}");
    let mut both = former.clone();
    edit_former(&mut both);
    edit_former(&mut both);
    let ours = Shared::new_local(former.clone()).unwrap();
    let other = commit(&ours, &edit_former);
    ours.apply(&patch.transform(&other, ssync::Order::Later)).unwrap();
    assert_eq!(*ours.read(), both, "{patch} beside {other}");
    newer.apply(&other.transform(&patch, ssync::Order::Earlier)).unwrap();
    let mut all = ssync::read::<N>(start.root()).unwrap();
    edit(&mut all);
    edit(&mut all);
    assert_eq!(*newer.read(), all);
    let after = Node::from_json(&ours.to_json()).unwrap();
    assert_eq!(ssync::read::<N>(&after).unwrap(), all, "who joins now reads it");
    assert_eq!(commit(&newer, |_| ()).to_string(), "[]", "an untouched guard");
}

/// Alone, in a list and flattened.
macro_rules! check {
    ($($test:ident: $kind:ident;)*) => {
        $(#[test]
        fn $test() {
            use former::$kind as Former;
            use now::$kind as Now;
            check(&Former::first(), Former::edit, Now::edit);
            check(&vec![Former::first()], |list| list[0].edit(), |list: &mut Vec<Now>| list[0].edit());
            let flat = Flat { before: 1, kind: Former::first() };
            check(&flat, |flat| flat.kind.edit(), |flat: &mut Flat<Now>| flat.kind.edit());
            let deep = Flat { before: 1, kind: Former::first() };
            check(&Some(deep), |flat| flat.as_mut().unwrap().kind.edit(), |flat: &mut Option<Flat<Now>>| flat.as_mut().unwrap().kind.edit());
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
