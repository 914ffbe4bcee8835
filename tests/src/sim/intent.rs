//! What users meant, on a model that knows nothing of patches: numbers add up, what was typed stays, cards are moved and edited at once,
//! members of a set come and go, a cell is won by one and its neighbour then by nobody, and every commit left its token in the journal once.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha8Rng;
use ssync::{Doc, Node, Op, Patch, Path, Segment};

use super::{below, typed};

/// How many cards lie on the table.
const CARDS: usize = 5;
/// How many cells there are, each with a neighbour; of the two one can be won.
const CELLS: usize = 80;

/// What one commit meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning {
    token: String,
    added: i64,
    typed: bool,
    card: Option<(usize, i64)>,
    member_in: Option<String>,
    member_out: Option<String>,
    cell: Option<usize>,
    /// What a commit of a typed value meant, in place of all that.
    value: Option<typed::Meaning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Accepted,
    Conflict,
}

/// Everything that was meant. **A plain commit is never lost; a transaction takes effect or is told that it does not.**
#[derive(Default)]
pub(crate) struct Intent {
    meant: BTreeMap<(usize, u64), (Meaning, bool, Fate)>,
    /// Whether to print what is meant and seen.
    told: bool,
}

/// The part of the first state that the model knows.
pub(crate) fn first_state() -> serde_json::Value {
    let cards: Vec<_> = (0..CARDS).map(|card| serde_json::json!({ "id": card, "points": 0 })).collect();
    let cells: BTreeMap<String, Option<String>> = (0..CELLS).map(|cell| (format!("c{cell}"), None)).collect();
    serde_json::json!({ "count": 0, "text": "", "cards": cards, "cells": cells })
}

fn at<const N: usize>(path: [Segment<'_>; N]) -> Path {
    ["model".into()].into_iter().chain(path).collect()
}

impl Meaning {
    /// A commit of a typed value.
    pub(crate) fn typed(token: &str, typed: typed::Meaning) -> Self {
        Self { token: token.to_owned(), value: Some(typed), ..Self::default() }
    }

    /// A plain commit: a token, and some of what the model knows.
    pub(crate) fn plain(rng: &mut ChaCha8Rng, doc: &mut Doc, token: &str, ops: &mut Vec<Op>) -> Self {
        let mut meaning = Self { token: token.to_owned(), ..Self::default() };
        for _ in 0..below(rng, 3) {
            let op = match below(rng, 6) {
                0 => {
                    let by = 1 + below(rng, 9) as i64;
                    meaning.added += by;
                    Op::Increment { path: at(["count".into()]), by }
                }
                1 if !meaning.typed => meaning.type_token(rng, doc),
                2 => match meaning.move_card(rng) {
                    Some(op) => op,
                    None => continue,
                },
                3 if meaning.card.is_none() => match meaning.score(rng, doc) {
                    Some(op) => op,
                    None => continue,
                },
                4 if meaning.member_in.is_none() => {
                    meaning.member_in = Some(token.to_owned());
                    let member = Node::from(token);
                    Op::Set { path: at(["set".into(), (&member.member_key()).into()]), value: member }
                }
                5 if meaning.member_out.is_none() => match meaning.leave(rng, doc) {
                    Some(op) => op,
                    None => continue,
                },
                _ => continue,
            };
            doc.apply(&Patch::from_op(op.clone())).expect("made on this document");
            ops.push(op);
        }
        meaning
    }

    /// A claim of a cell, where nobody has it or its neighbour here; and the neighbour. Nothing if all are taken.
    pub(crate) fn claim(rng: &mut ChaCha8Rng, doc: &Doc, token: &str) -> Option<(Self, Op, Path)> {
        let start = below(rng, CELLS);
        let is_free = |cell: usize| doc.root().at(&cell_path(cell)) == Some(&Node::Null);
        // The first ones are wanted by all.
        let cell = (start / 4..CELLS).find(|cell| is_free(*cell) && is_free(neighbour(*cell)))?;
        let op = Op::Set { path: cell_path(cell), value: token.into() };
        Some((Self { token: token.to_owned(), cell: Some(cell), ..Self::default() }, op, cell_path(neighbour(cell))))
    }

    fn type_token(&mut self, rng: &mut ChaCha8Rng, doc: &Doc) -> Op {
        self.typed = true;
        let Some(Node::String(text)) = doc.root().at(&at(["text".into()])) else { panic!("the text is there") };
        // Between two tokens, never inside one.
        let ends: Vec<usize> =
            [0].into_iter().chain(text.chars().enumerate().filter(|(_, char)| *char == '»').map(|(at, _)| at + 1)).collect();
        let gap = ends[below(rng, ends.len())];
        Op::Splice { path: at(["text".into()]), at: gap as u32, delete: 0, insert: format!("«{}»", self.token).as_str().into() }
    }

    fn move_card(&mut self, rng: &mut ChaCha8Rng) -> Option<Op> {
        let (from, to) = (below(rng, CARDS), below(rng, CARDS + 1));
        (to != from && to != from + 1).then(|| Op::Move { path: at(["cards".into(), (from as u32).into()]), to: to as u32 })
    }

    fn score(&mut self, rng: &mut ChaCha8Rng, doc: &Doc) -> Option<Op> {
        let place = below(rng, CARDS) as u32;
        let id = doc.root().at(&at(["cards".into(), place.into(), "id".into()]))?.to_json().as_u64()?;
        let by = 1 + below(rng, 9) as i64;
        self.card = Some((id as usize, by));
        Some(Op::Increment { path: at(["cards".into(), place.into(), "points".into()]), by })
    }

    fn leave(&mut self, rng: &mut ChaCha8Rng, doc: &Doc) -> Option<Op> {
        let Some(Node::Set(members)) = doc.root().at(&at(["set".into()])) else { return None };
        let (key, member) = members.iter().nth(below(rng, members.len()))?;
        self.member_out = Some(member.to_json().as_str()?.to_owned());
        Some(Op::Remove { path: at(["set".into(), key.into()]) })
    }
}

const fn neighbour(cell: usize) -> usize {
    cell ^ 1
}

fn cell_path(cell: usize) -> Path {
    at(["cells".into(), (&*format!("c{cell}")).into()])
}

impl Intent {
    pub(crate) fn new(told: bool) -> Self {
        Self { told, ..Self::default() }
    }

    /// Prints what happens to a member, if somebody wants to know.
    pub(crate) fn tell(&self, member: usize, what: &str, patch: &Patch) {
        if self.told {
            println!("{:>18}  {member} {what} {patch}", "");
        }
    }

    pub(crate) fn meant(&mut self, member: usize, commit: u64, meaning: Meaning, is_transaction: bool) {
        self.meant.insert((member, commit), (meaning, is_transaction, Fate::Open));
    }

    /// A member heard that its commit is in the log.
    pub(crate) fn accepted(&mut self, member: usize, commit: u64) {
        self.settle(member, commit, Fate::Accepted);
    }

    /// A member heard that its transaction is void.
    pub(crate) fn conflicted(&mut self, member: usize, commit: u64) {
        self.settle(member, commit, Fate::Conflict);
    }

    fn settle(&mut self, member: usize, commit: u64, fate: Fate) {
        if let Some((meaning, _, known)) = self.meant.get_mut(&(member, commit)) {
            assert_eq!(*known, Fate::Open, "commit {} of member {member} came to {known:?} and then {fate:?}", meaning.token);
            *known = fate;
        }
    }

    pub(crate) fn conflicts(&self) -> u64 {
        self.meant.values().filter(|(_, _, fate)| *fate == Fate::Conflict).count() as u64
    }

    pub(crate) fn check(&self, view: &Doc, is_typed: bool) -> Result<(), String> {
        let mut effective = Vec::new();
        for (meaning, is_transaction, fate) in self.meant.values() {
            match (fate, is_transaction) {
                (Fate::Accepted, _) => effective.push(meaning),
                (Fate::Conflict, true) => {}
                _ => return Err(format!("commit {} came to {fate:?}", meaning.token)),
            }
        }
        if is_typed {
            let effective: Vec<_> = effective.iter().filter_map(|meaning| meaning.value.as_ref()).collect();
            return typed::check(view, &effective);
        }
        let state = view.root().to_json();
        check_journal(&state["journal"], &effective)?;
        let model = &state["model"];
        let equal = |what: &str, got: &serde_json::Value, meant: serde_json::Value| {
            if *got == meant { Ok(()) } else { Err(format!("{what}: {got} where {meant} was meant")) }
        };
        equal("the count", &model["count"], effective.iter().map(|meaning| meaning.added).sum::<i64>().into())?;
        for meaning in effective.iter().filter(|meaning| meaning.typed) {
            let times = model["text"].as_str().unwrap_or_default().matches(&format!("«{}»", meaning.token)).count();
            equal(&format!("how often {} is in the text", meaning.token), &times.into(), 1.into())?;
        }
        let mut points: BTreeMap<usize, i64> = (0..CARDS).map(|card| (card, 0)).collect();
        effective.iter().filter_map(|meaning| meaning.card).for_each(|(card, by)| *points.entry(card).or_default() += by);
        let mut cards = model["cards"].as_array().cloned().unwrap_or_default();
        cards.sort_by_key(|card| card["id"].as_u64());
        let meant: Vec<_> = points.iter().map(|(id, points)| serde_json::json!({ "id": id, "points": points })).collect();
        equal("the cards", &cards.into(), meant.into())?;
        let gone: BTreeSet<_> = effective.iter().filter_map(|meaning| meaning.member_out.as_ref()).collect();
        let here: BTreeSet<_> =
            effective.iter().filter_map(|meaning| meaning.member_in.as_ref()).filter(|member| !gone.contains(member)).collect();
        let found: BTreeSet<String> =
            model["set"].as_array().into_iter().flatten().filter_map(|member| Some(member.as_str()?.to_owned())).collect();
        equal("the set", &serde_json::json!(found), serde_json::json!(here))?;
        let mut cells: BTreeMap<usize, &str> = BTreeMap::new();
        for (cell, token) in effective.iter().filter_map(|meaning| Some((meaning.cell?, &*meaning.token))) {
            if let Some(other) = cells.insert(cell, token) {
                return Err(format!("cell {cell} was won by {other} and by {token}"));
            }
        }
        if let Some((cell, token)) = cells.iter().find(|(cell, _)| cells.contains_key(&neighbour(**cell))) {
            return Err(format!("cell {cell} was won by {token}, and its neighbour too"));
        }
        (0..CELLS).try_for_each(|cell| equal("a cell", &model["cells"][format!("c{cell}")], serde_json::json!(cells.get(&cell))))
    }
}

/// Every token is in the journal exactly once.
fn check_journal(journal: &serde_json::Value, effective: &[&Meaning]) -> Result<(), String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in journal.as_array().ok_or("the journal is gone")? {
        *seen.entry(entry.as_str().unwrap_or_default()).or_default() += 1;
    }
    for meaning in effective {
        match seen.remove(&*meaning.token) {
            Some(1) => {}
            Some(times) => return Err(format!("commit {} is in the journal {times} times", meaning.token)),
            None => return Err(format!("commit {} is lost", meaning.token)),
        }
    }
    if seen.is_empty() { Ok(()) } else { Err(format!("the journal has what nobody wrote: {seen:?}")) }
}
