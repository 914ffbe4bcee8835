//! Tracked containers against plain ones: the same random operations on both, and the same JSON after every commit.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use ssync::{List, Patch, Shared, WriteGuard};

use super::{PlainRow, PlainState, Row, State};

/// Of each of two runs, so that both cores have one.
const ROUNDS: usize = 100_000;

trait Make {
    fn make(number: u32) -> Self;
}

macro_rules! make {
    ($type:ident) => {
        impl Make for $type {
            fn make(number: u32) -> Self {
                let cells = if number.is_multiple_of(5) { 40 } else { 2 };
                Self {
                    id: number,
                    tags: (0..number % 4).map(|tag| tag as u8).collect(),
                    cells: (0..cells).map(|cell| (cell, i64::from(number))).collect(),
                    note: format!("row {number}").as_str().into(),
                }
            }
        }
    };
}

make!(Row);
make!(PlainRow);

struct Dice(ChaCha8Rng);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        if sides == 0 { 0 } else { self.0.next_u32() as usize % sides }
    }
}

/// Runs the same code on the tracked value and on the plain one.
macro_rules! both {
    ($state:ident, $model:ident, |$value:ident| $body:expr) => {{
        {
            let $value = &mut *$state;
            $body;
        }
        {
            let $value = &mut *$model;
            $body;
        }
    }};
}

/// One operation on a list, whatever its elements.
macro_rules! on_list {
    ($list:expr, $kind:expr, $at:expr, $to:expr, $new:expr) => {{
        let list = $list;
        let length = list.len();
        let (at, to) = (if length == 0 { 0 } else { $at % length }, if length == 0 { 0 } else { $to % length });
        match $kind {
            0 => list.push($new),
            1 => drop(list.pop()),
            2 => list.insert($to % (length + 1), $new),
            3 if length > 0 => drop(list.remove(at)),
            4 if length > 0 => list.swap(at, to),
            5 if length > 0 => drop(list.swap_remove(at)),
            6 => list.truncate($to % (length + 4)),
            7 => drop(list.drain(at.min(to)..at.max(to)).collect::<Vec<_>>()),
            8 => list.reverse(),
            9 if length > 0 => list.rotate_left(at),
            10 => list.extend([$new, $new]),
            11 => drop(list.splice(at.min(to)..at.max(to), [$new]).collect::<Vec<_>>()),
            12 if length > 0 => list[at] = $new,
            13 => drop(list.split_off(to)),
            14 if length > 0 => {
                let element = list.remove(at);
                list.insert(to, element);
            }
            15 if $at % 20 == 0 => list.clear(),
            16 if length > 1 => list[at.min(to)..].reverse(),
            _ => {}
        }
    }};
}

macro_rules! on_row {
    ($row:expr, $dice:expr) => {{
        let row = $row;
        let (kind, at, to, number) = $dice;
        match kind % 8 {
            0 => row.id += 1,
            1 | 2 => on_list!(&mut row.tags, number % 17, at, to, number as u8),
            3 => drop(row.cells.insert(at as u16 % 50, number as i64)),
            4 => drop(row.cells.remove(&(at as u16 % 50))),
            5 => *row.cells.entry(to as u16 % 50).or_default() += 1,
            6 => row.note.insert_str(at % (row.note.len() + 1), "xy"),
            _ => {
                let length = row.note.len();
                row.note.replace_range(at % (length + 1)..length, if number % 2 == 0 { "z" } else { "" });
            }
        }
    }};
}

/// Containers that somebody took out of a guard.
#[derive(Default)]
struct Pocket {
    list: Option<(List<Row>, Vec<PlainRow>)>,
    row: Option<(Row, PlainRow)>,
}

fn step(state: &mut State, model: &mut PlainState, pocket: &mut Pocket, dice: &mut Dice) {
    let (kind, at, to, number) = (dice.roll(40), dice.roll(1_000), dice.roll(1_000), dice.roll(1_000));
    let inner = (dice.roll(100), dice.roll(100), dice.roll(100), dice.roll(100));
    match kind {
        0..=5 => both!(state, model, |value| on_list!(&mut value.list, number % 17, at, to, Make::make(number as u32))),
        6..=8 => both!(state, model, |value| on_list!(&mut value.other, number % 17, at, to, Make::make(number as u32))),
        9..=10 => both!(state, model, |value| on_list!(&mut value.keyed, number % 17, at, to, Make::make(number as u32))),
        11 => both!(state, model, |value| std::mem::swap(&mut value.list, &mut value.other)),
        12 => {
            let taken = (std::mem::take(&mut state.list), std::mem::take(&mut model.list));
            if let Some((list, plain)) = pocket.list.replace(taken) {
                (state.list, model.list) = (list, plain);
            }
        }
        13 => {
            if let Some((list, plain)) = pocket.list.take() {
                (state.other, model.other) = (list, plain);
            }
        }
        14..=18 => both!(state, model, |value| {
            let length = value.list.len();
            if let Some(row) = value.list.get_mut(at % length.max(1)) {
                on_row!(row, inner);
            }
        }),
        19 => both!(state, model, |value| value.list.iter_mut().for_each(|row| row.id += 1)),
        20 => both!(state, model, |value| value.list.retain(|row| row.id as usize % 3 != number % 3)),
        21..=23 => both!(state, model, |value| {
            let list = value.map.entry(at as u16 % 45).or_default();
            on_list!(list, number % 17, at, to, Make::make(number as u32));
        }),
        24 => both!(state, model, |value| drop(value.map.remove(&(at as u16 % 45)))),
        25 => both!(state, model, |value| {
            if let Some(row) = value.map.get_mut(&(at as u16 % 45)).and_then(|list| list.first_mut()) {
                on_row!(row, inner);
            }
        }),
        26 => {
            // Between a map and a list, and back.
            if let (Some(list), Some(plain)) = (state.map.get_mut(&(at as u16 % 45)), model.map.get_mut(&(at as u16 % 45))) {
                std::mem::swap(list, &mut state.other);
                std::mem::swap(plain, &mut model.other);
            }
        }
        27..=28 => both!(state, model, |value| {
            if value.plain.len() < 8 {
                value.plain.insert(at % (value.plain.len() + 1), (0..number as u8 % 9).collect());
            }
        }),
        29 => both!(state, model, |value| {
            if value.plain.len() > 1 {
                let length = value.plain.len();
                value.plain.swap(at % length, to % length);
            }
        }),
        30..=31 => both!(state, model, |value| {
            if let Some(list) = value.plain.last_mut() {
                on_list!(list, number % 17, at, to, number as u8);
            }
        }),
        32 => both!(state, model, |value| drop(value.plain.drain(..at.min(value.plain.len())))),
        33 => both!(state, model, |value| value.maybe = if number % 3 == 0 { None } else { Some(Make::make(number as u32)) }),
        34 => both!(state, model, |value| {
            if let Some(row) = &mut value.maybe {
                on_row!(row, inner);
            }
        }),
        35 => both!(state, model, |value| {
            if let Some(row) = value.keyed.last_mut() {
                on_row!(row, inner);
            }
        }),
        36 => both!(state, model, |value| {
            on_list!(&mut value.flat.extra, number % 17, at, to, number as u8);
            value.flat.memo.push('m');
        }),
        37 => {
            // An element that leaves its list for good, or comes back elsewhere.
            match (pocket.row.take(), state.list.is_empty()) {
                (Some((row, plain)), _) => {
                    state.other.push(row);
                    model.other.push(plain);
                }
                (None, false) => pocket.row = Some((state.list.remove(0), model.list.remove(0))),
                (None, true) => {}
            }
        }
        38 => both!(state, model, |value| value.list.sort_by_key(|row| row.id)),
        _ => both!(state, model, |value| {
            value.list.truncate(12);
            value.other.truncate(12);
            value.keyed.truncate(12);
            value.flat.extra.truncate(12);
            value.flat.memo.truncate(0);
        }),
    }
}

#[test]
fn random_rounds_never_differ_from_plain_containers() {
    check_rounds(std::env::var("SSYNC_SEED").map_or(1, |seed| seed.parse().unwrap()));
}

#[test]
fn other_random_rounds_never_differ_either() {
    check_rounds(2);
}

fn check_rounds(seed: u64) {
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    let [mut shared, mut twin] = [(); 2].map(|()| Shared::new_local(State::default()).unwrap());
    let (mut model, mut pocket, mut alone) = (PlainState::default(), Pocket::default(), State::default());
    let mut moves = 0;
    for round in 0..ROUNDS {
        // What one program has received it also edits.
        if dice.roll(4) == 0 {
            std::mem::swap(&mut shared, &mut twin);
        }
        let mut guard = shared.write();
        let before = guard.clone();
        let steps = 1 + dice.roll(3);
        for _ in 0..steps {
            step(&mut guard, &mut model, &mut pocket, &mut dice);
        }
        let patch = match dice.roll(50) {
            // A guard that is given up: what was taken out of it stays out.
            0 => {
                WriteGuard::discard(guard);
                model = serde_json::from_value(serde_json::to_value(&before).unwrap()).unwrap();
                Patch::default()
            }
            _ => WriteGuard::commit(guard).unwrap().patch().clone(),
        };
        moves += patch.ops().iter().filter(|op| op.sign() == "m").count();
        let expected = serde_json::to_value(&model).unwrap();
        assert_eq!(shared.to_json(), expected, "seed {seed}, round {round}: the document after {patch}");
        if round % 8 == 0 {
            assert_eq!(serde_json::to_value(&*shared.read()).unwrap(), expected, "seed {seed}, round {round}: the value");
        }
        // Another program takes it in place.
        twin.apply(&patch).unwrap_or_else(|error| panic!("seed {seed}, round {round}: {error}: {patch}"));
        ssync::apply(&mut alone, &patch).unwrap_or_else(|error| panic!("seed {seed}, round {round}: {error}: {patch}"));
        if round % 16 == 0 {
            assert_eq!(
                serde_json::to_value(&alone).unwrap(),
                expected,
                "seed {seed}, round {round}: a value without a document after {patch}"
            );
            assert_eq!(serde_json::to_value(&*twin.read()).unwrap(), expected, "seed {seed}, round {round}: the twin after {patch}");
            assert_eq!(twin.to_json(), expected, "seed {seed}, round {round}: the twin's document after {patch}");
        }
    }
    assert!(moves > 1_000, "{moves} moves");
}
