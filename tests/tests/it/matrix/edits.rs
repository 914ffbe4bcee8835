//! The edits, each with what another program does at the same time, and what both then end with.

use ssync::Counter;

use super::body::{Body, Element};

/// The card that an edit adds.
pub(super) const ADDED: &str = "d";

/// One row of the matrix.
pub(super) struct Edit<I> {
    pub(super) name: &'static str,
    /// The signs of the ops that `here` is captured as, in any order.
    pub(super) signs: &'static str,
    pub(super) here: fn(&mut I),
    /// What the other program does at the same time; it comes later in the log.
    pub(super) there: fn(&mut I),
    /// What both end with, as an edit of the start.
    pub(super) both: fn(&mut I),
}

/// Rows that are others in some ways, with the reason of each. There is none: whatever is added here is told in `docs/convergence.md`.
pub(super) fn exceptions<I: Body>() -> Vec<(&'static [&'static str], Edit<I>)> {
    Vec::new()
}

/// All edits, as a table.
pub(super) fn edits<I: Body>() -> Vec<Edit<I>> {
    vec![
        Edit { name: "counter +=", signs: "i", here: |it| *it.votes() += 1, there: |it| *it.votes() += 10, both: |it| *it.votes() += 11 },
        Edit {
            name: "counter set",
            signs: "=",
            here: |it| it.votes().set(70),
            there: |it| *it.votes() += 10,
            // What was added was added to a number that is gone.
            both: |it| it.votes().set(70),
        },
        Edit {
            name: "text insert",
            signs: "s",
            here: |it| it.notes().insert_str(9, " brown"),
            there: |it| it.notes().push('!'),
            both: |it| *it.notes() = "the quick brown fox!".into(),
        },
        Edit {
            name: "text replace",
            signs: "s",
            here: |it| it.notes().replace_range(0..3, "a"),
            there: |it| it.notes().insert_str(9, " brown"),
            both: |it| *it.notes() = "a quick brown fox".into(),
        },
        Edit {
            name: "list push",
            signs: "+",
            here: |it| it.cards().push(I::Card::new(ADDED)),
            there: |it| it.cards().push(I::Card::new("e")),
            both: |it| it.cards().extend([ADDED, "e"].map(I::Card::new)),
        },
        Edit {
            name: "list remove",
            signs: "-",
            here: |it| drop(it.cards().remove(0)),
            there: |it| drop(it.cards().remove(1)),
            both: |it| drop(it.cards().drain(0..2)),
        },
        Edit {
            name: "list remove of a string",
            signs: "-",
            here: |it| drop(it.tags().remove(0)),
            there: |it| drop(it.tags().remove(1)),
            both: |it| drop(it.tags().drain(0..2)),
        },
        Edit {
            name: "list move",
            signs: "m",
            here: |it| it.cards().move_to(0, 2),
            there: |it| *it.cards()[0].points() += 5,
            both: |it| {
                it.cards().rotate_left(1);
                *it.cards()[2].points() += 5;
            },
        },
        Edit {
            name: "map insert",
            signs: "=",
            here: |it| _ = it.index().insert("mine".into(), Counter::new(7)),
            there: |it| _ = it.index().insert("yours".into(), Counter::new(8)),
            both: |it| it.index().extend([("mine".to_owned(), Counter::new(7)), ("yours".to_owned(), Counter::new(8))]),
        },
        Edit {
            name: "map entry +=",
            signs: "i",
            here: |it| *it.index().entry("known".into()).or_default() += 1,
            there: |it| *it.index().entry("known".into()).or_default() += 10,
            both: |it| *it.index().entry("known".into()).or_default() += 11,
        },
        Edit {
            name: "map entry += where there is none",
            signs: "ei",
            here: |it| *it.index().entry("new".into()).or_default() += 1,
            there: |it| *it.index().entry("new".into()).or_default() += 10,
            both: |it| _ = it.index().insert("new".into(), Counter::new(11)),
        },
        Edit {
            name: "keyed move and +=",
            signs: "im",
            here: |it| {
                *it.people()[0].points() += 1;
                it.people().rotate_left(1);
            },
            there: |it| *it.people()[0].points() += 10,
            both: |it| {
                *it.people()[0].points() += 11;
                it.people().rotate_left(1);
            },
        },
    ]
}
