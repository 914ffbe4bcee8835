//! What a change costs, from the edit to its bytes and from the bytes to another replica, beside other crates on the same state.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml --bin capture [-- --write docs/benchmarks.md]
//!
//! It prints one table and then, as the last line, the ratios of design goals as JSON. Times are medians within this run: compare ratios, not
//! runs. With `--run` it does nothing but edits, for a counter of instructions.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ssync::{Json, Op, Patch, Shared};
use ssync_benches::measure::{self, Counting, nanoseconds, ratio};
use ssync_benches::ours::{Ours, Players};
use ssync_benches::peers;
use ssync_benches::world::{Nest, Player, Scores, TrackedWorld, World};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const COUNTS: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
/// Edits in one commit.
const MANY: usize = 1_000;

/// One measurement.
struct Row {
    work: &'static str,
    count: usize,
    who: &'static str,
    capture: f64,
    bytes: usize,
    apply: Option<f64>,
}

/// Measures pairs of capture and apply, one after the other, for a while.
fn row(work: &'static str, count: usize, who: &'static str, mut capture: impl FnMut() -> Vec<u8>, mut apply: impl FnMut(&[u8])) -> Row {
    let (mut captures, mut applies, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    let begin = Instant::now();
    while captures.len() < 3 || (begin.elapsed() < Duration::from_millis(80) && captures.len() < 2_000) {
        let start = Instant::now();
        bytes = black_box(capture());
        captures.push(start.elapsed().as_nanos() as f64);
        let start = Instant::now();
        apply(black_box(&bytes));
        applies.push(start.elapsed().as_nanos() as f64);
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_unstable_by(f64::total_cmp);
        times[times.len() / 2]
    };
    Row { work, count, who, capture: median(&mut captures), bytes: bytes.len(), apply: Some(median(&mut applies)) }
}

/// Runs `insert` and `remove` in turn on one state, so that it keeps its size; gives a row for each.
fn in_turn<S>(
    state: &mut S,
    count: usize,
    who: &'static str,
    insert: impl Fn(&mut S) -> Vec<u8>,
    remove: impl Fn(&mut S) -> Vec<u8>,
    apply: impl Fn(&mut S, &[u8]),
) -> [Row; 2] {
    let mut rows = [("insert in the middle", true), ("remove from the middle", false)].map(|(work, _)| Row {
        work,
        count,
        who,
        capture: 0.0,
        bytes: 0,
        apply: Some(0.0),
    });
    let mut times: [Vec<(f64, f64)>; 2] = Default::default();
    let begin = Instant::now();
    while times[0].len() < 3 || (begin.elapsed() < Duration::from_millis(120) && times[0].len() < 2_000) {
        for (number, work) in [&insert as &dyn Fn(&mut S) -> Vec<u8>, &remove].into_iter().enumerate() {
            let start = Instant::now();
            let bytes = black_box(work(state));
            let capture = start.elapsed().as_nanos() as f64;
            let start = Instant::now();
            apply(state, black_box(&bytes));
            times[number].push((capture, start.elapsed().as_nanos() as f64));
            rows[number].bytes = bytes.len();
        }
    }
    for (row, times) in rows.iter_mut().zip(&mut times) {
        let middle = times.len() / 2;
        times.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        row.capture = times[middle].0;
        times.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
        row.apply = Some(times[middle].1);
    }
    rows
}

macro_rules! peer_rows {
    ($rows:ident, $count:ident, $($module:ident up to $max:literal),* $(,)?) => {
        $(if $count <= $max {
            let who = stringify!($module);
            let peer = std::cell::RefCell::new(peers::$module::Peer::new($count));
            let mut health = 101;
            $rows.push(row("one field", $count, who, || {
                health = if health > 190 { 101 } else { health + 1 };
                peer.borrow_mut().edit_field($count / 2, health)
            }, |bytes| peer.borrow_mut().apply(bytes)));
            $rows.push(row("1,000 edits", $count, who, || peer.borrow_mut().edit_many(MANY), |bytes| peer.borrow_mut().apply(bytes)));
            let mut peer = peer.into_inner();
            $rows.extend(in_turn(&mut peer, $count, who, |peer| peer.insert_middle(), |peer| peer.remove_middle(), |peer, bytes| peer.apply(bytes)));
        })*
    };
}

fn our_rows<T: Players>(rows: &mut Vec<Row>, count: usize, who: &'static str) {
    let ours = std::cell::RefCell::new(Ours::new(T::with(count)));
    let apply = |bytes: &[u8]| ours.borrow_mut().apply(bytes);
    rows.push(row("one field", count, who, || ours.borrow_mut().edit_field(count / 2), apply));
    rows.push(row("one element", count, who, || ours.borrow_mut().replace(count / 2), apply));
    rows.push(row("1,000 edits", count, who, || ours.borrow_mut().edit_many(count, MANY), apply));
    rows.push(row("no change", count, who, || ours.borrow_mut().edit(|_| {}), apply));
    let mut ours = ours.into_inner();
    rows.extend(in_turn(
        &mut ours,
        count,
        who,
        |ours| ours.insert_middle(count),
        |ours| ours.remove_middle(count),
        |ours, bytes| ours.apply(bytes),
    ));
}

fn all_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for count in COUNTS {
        eprintln!("measuring with {count} players …");
        our_rows::<TrackedWorld>(&mut rows, count, "ssync, List");
        our_rows::<World>(&mut rows, count, "ssync, Vec");
        our_rows::<Json<World>>(&mut rows, count, "ssync, serde route");
        let tracked = std::cell::RefCell::new(Ours::new(Scores::new(count)));
        let mut key = 1_000_000;
        let insert = || {
            key += 1;
            tracked.borrow_mut().edit(|world| assert!(world.scores.insert(key, 1).is_none()))
        };
        rows.push(row("map insert", count, "ssync, Map", insert, |bytes| tracked.borrow_mut().apply(bytes)));
        let world = std::cell::RefCell::new(Ours::new(World::new(count)));
        rows.push(row(
            "a &mut self method",
            count,
            "ssync, Vec",
            || world.borrow_mut().edit(World::play),
            |bytes| world.borrow_mut().apply(bytes),
        ));
        peer_rows!(rows, count, yrs up to 100_000, loro up to 10_000, automerge up to 10_000, autosurgeon up to 1_000, lorosurgeon up to 1_000,
            json_patch up to 10_000, muon up to 10_000, structdiff up to 1_000, serde_diff up to 10_000);
    }
    let nest = std::cell::RefCell::new(Ours::new(Nest::new(10)));
    rows.push(row(
        "ten structs down",
        1,
        "ssync, Vec",
        || nest.borrow_mut().edit(|nest| *nest.innermost() += 1),
        |bytes| nest.borrow_mut().apply(bytes),
    ));
    rows.sort_by_key(|row| (row.work, row.count));
    rows
}

/// A time with the unit that suits it.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from("| work | players | crate | edit to bytes | bytes | bytes to replica |\n|---|---:|---|---:|---:|---:|\n");
    for Row { work, count, who, capture, bytes, apply } in rows {
        let apply = apply.map_or_else(|| "–".into(), time);
        let _ = writeln!(text, "| {work} | {count} | {who} | {} | {bytes} | {apply} |", time(*capture));
    }
    text
}

/// How long the updates take to apply on a replica that has none of them, over those of another.
fn apply_vs_yrs() -> f64 {
    const UPDATES: usize = 500;
    let mut ratios: Vec<f64> = (0..15)
        .map(|_| {
            let (mut ours, mut yrs) = (Ours::new(World::new(10)), peers::yrs::Peer::new(10));
            let our_updates: Vec<_> = (0..UPDATES).map(|update| ours.edit_field(update % 10)).collect();
            let yrs_updates: Vec<_> = (0..UPDATES).map(|update| yrs.edit_field(update % 10, 101 + update as u32)).collect();
            let start = Instant::now();
            our_updates.iter().for_each(|bytes| ours.apply(black_box(bytes)));
            let our_time = start.elapsed();
            let start = Instant::now();
            yrs_updates.iter().for_each(|bytes| yrs.apply(black_box(bytes)));
            our_time.as_secs_f64() / start.elapsed().as_secs_f64()
        })
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// Updates that set a whole element, as another program writes it.
fn whole_elements() -> [Vec<u8>; 2] {
    [7, 8].map(|number| {
        let (before, mut after) = (World::new(5), World::new(5));
        after.players.push(Player::new(number));
        let insert = ssync::diff(&before, &after).expect("it can be shared").ops()[0].clone();
        let value = insert.value().expect("a player").clone();
        Patch::from_op(Op::Set { path: insert.path().clone(), value }).encode()
    })
}

/// Applying a whole element over decoding it alone.
fn apply_struct_vs_leaf() -> f64 {
    let mut ours = Ours::new(World::new(10));
    let updates = whole_elements();
    let decode = |bytes: &[u8]| {
        let patch = Patch::decode(black_box(bytes)).expect("a patch");
        let node = patch.ops()[0].value().expect("a set");
        black_box(ssync::read::<Player>(node).expect("a player"));
    };
    ratio(|| updates.iter().for_each(|bytes| ours.apply(black_box(bytes))), || updates.iter().for_each(|bytes| decode(bytes)))
}

fn ratios() -> Result<serde_json::Value, String> {
    eprintln!("measuring ratios …");
    let (value, other) = (World::new(1_000), World::new(1_000));
    let equality = || assert!(black_box(&value) == black_box(&other));
    let mut plain = Ours::new(World::new(1_000));
    let mut serde_route = Ours::new(Json(World::new(1_000)));
    let mut ten = Ours::new(World::new(10));
    let mut list = Ours::new(TrackedWorld::new(1_000));
    let yrs_edit = || {
        let (mut yrs, mut health) = (peers::yrs::Peer::new(10), 0);
        move || {
            health += 1;
            black_box(yrs.edit_field(5, health));
        }
    };
    let flat: Vec<f64> = [10, 1_000, 100_000].into_iter().map(|count| measure::instructions("list", count)).collect::<Result<_, _>>()?;
    let (least, most) = (flat.iter().copied().fold(f64::MAX, f64::min), flat.iter().copied().fold(0.0, f64::max));
    let (plain_bytes, value_alone) = measure::bytes(|| World::new(1_000));
    drop(value_alone);
    let (shared_bytes, shared) = measure::bytes(|| Shared::new_local(World::new(1_000)).expect("it can be shared"));
    drop(shared);
    let rounded = |number: f64| (number * 1_000.0).round() / 1_000.0;
    Ok(serde_json::json!({
        "plain_1000_vs_eq": rounded(ratio(|| drop(black_box(plain.edit_field(500))), equality)),
        "plain_10_vs_yrs": rounded(ratio(|| drop(black_box(ten.edit_field(5))), yrs_edit())),
        "serde_route_1000_vs_eq": rounded(ratio(|| drop(black_box(serde_route.edit_field(500))), equality)),
        "list_vs_yrs": rounded(ratio(|| drop(black_box(list.edit_field(500))), yrs_edit())),
        "list_flat": rounded(most / least),
        "apply_vs_yrs": rounded(apply_vs_yrs()),
        "apply_struct_vs_leaf": rounded(apply_struct_vs_leaf()),
        "state_vs_t_bytes": rounded(shared_bytes as f64 / plain_bytes as f64),
    }))
}

/// Does nothing but these edits, for a counter of instructions.
fn run(edit: &str, count: usize, edits: u64) {
    match edit {
        "list" => {
            let mut ours = Ours::new(TrackedWorld::new(count));
            (0..edits).for_each(|_| drop(black_box(ours.edit_field(count / 2))));
        }
        "plain" => {
            let mut ours = Ours::new(World::new(count));
            (0..edits).for_each(|_| drop(black_box(ours.edit_field(count / 2))));
        }
        "serde" => {
            let mut ours = Ours::new(Json(World::new(count)));
            (0..edits).for_each(|_| drop(black_box(ours.edit_field(count / 2))));
        }
        "apply" => {
            let mut ours = Ours::new(World::new(count));
            let updates: Vec<_> = (0..edits).map(|_| ours.edit_field(count / 2)).collect();
            updates.iter().for_each(|bytes| ours.apply(bytes));
        }
        "element" => {
            let mut ours = Ours::new(World::new(count));
            let updates = whole_elements();
            (0..edits).for_each(|edit| ours.apply(&updates[edit as usize % 2]));
        }
        "many" => {
            let mut ours = Ours::new(TrackedWorld::new(count));
            (0..edits).for_each(|_| drop(black_box(ours.edit_many(count, MANY))));
        }
        "equal" => {
            let (value, other) = (World::new(count), World::new(count));
            (0..edits).for_each(|_| assert!(black_box(&value) == black_box(&other)));
        }
        other => panic!("no edit is called {other}"),
    }
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).and_then(|line| line.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, |cores| cores.get());
    format!("{}, {cores} cores, {}", model.unwrap_or("an unknown processor"), std::env::consts::OS)
}

fn today() -> String {
    let output = std::process::Command::new("date").arg("+%Y-%m-%d").output();
    output.map_or_else(|_| "an unknown day".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let write = match texts[..] {
        ["--run", edit, count, edits] => {
            run(edit, count.parse().map_err(|_| "how many players?")?, edits.parse().map_err(|_| "how many edits?")?);
            return Ok(());
        }
        ["--ratios"] => {
            println!("{}", ratios()?);
            return Ok(());
        }
        ["--write", file] => Some(file),
        [] => None,
        _ => return Err("usage: capture [--write FILE | --ratios]".into()),
    };
    // First, on a heap that no other crate has been through: what lies where after them says nothing of anybody's comparison.
    let ratios = ratios()?;
    let table = table(&all_rows());
    println!("{table}");
    let equality = World::new(1_000);
    let other = equality.clone();
    let equal = nanoseconds(|| assert!(black_box(&equality) == black_box(&other)));
    println!("`==` of 1,000 players: {}", time(equal));
    if let Some(file) = write {
        let text = format!(
            "# Benchmarks\n\nOne run of `cargo run --release --manifest-path benches/Cargo.toml --bin capture -- --write {file}` on {} ({}).\n\
             Times are medians within the run; on another machine only their ratios mean anything. A player is a struct of seven fields, about\n\
             95 bytes of JSON. *Edit to bytes* is from the edit to what would leave the program, *bytes to replica* from those bytes to a changed\n\
             replica: for ssync the document, the struct and the inverse. autosurgeon and lorosurgeon change only their document there, json_patch\n\
             and muon a `serde_json::Value`. `==` of 1,000 players took {} in this run.\n\n{table}\n## Ratios\n\n```json\n{}\n```\n",
            machine(),
            today(),
            time(equal),
            serde_json::to_string_pretty(&ratios).map_err(|error| error.to_string())?,
        );
        std::fs::write(file, text).map_err(|error| format!("{file}: {error}"))?;
    }
    println!("{ratios}");
    Ok(())
}
