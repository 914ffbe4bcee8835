//! What one edit through a guard costs, beside `==` on the same value and a JSON Patch diff of it.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml --bin capture
//!
//! Times are medians of many rounds within this run; compare ratios, not runs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use ssync::{Shared, Syncable};

#[derive(Clone, PartialEq, Serialize, Deserialize, Syncable)]
struct Item {
    id: u64,
    name: String,
    x: f64,
    y: f64,
    tags: Vec<String>,
}

fn items(count: u64) -> Vec<Item> {
    (0..count).map(|id| Item { id, name: format!("item number {id}"), x: id as f64 * 0.5, y: -1.0, tags: vec!["one".into(), "two".into()] }).collect()
}

fn median(rounds: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[rounds / 2]
}

fn main() {
    println!("{:>7}  {:>12}  {:>12}  {:>6}  {:>12}", "items", "==", "one field", "ratio", "json-patch");
    for count in [10, 100, 1_000, 10_000] {
        let value = items(count);
        let other = value.clone();
        let equality = median(201, || assert!(black_box(&value) == black_box(&other)));
        let shared = Shared::new_local(value.clone()).expect("it can be shared");
        let mut number = 0_u64;
        let edit = median(201, || {
            number += 1;
            shared.write()[count as usize / 2].id = number;
        });
        let mut edited = value.clone();
        edited[count as usize / 2].id += 1;
        let foreign = median(11, || {
            let (old, new) = (serde_json::to_value(&value).expect("JSON"), serde_json::to_value(&edited).expect("JSON"));
            black_box(json_patch::diff(&old, &new));
        });
        let ratio = edit.as_secs_f64() / equality.as_secs_f64();
        println!("{count:>7}  {equality:>12.1?}  {edit:>12.1?}  {ratio:>6.2}  {foreign:>12.1?}");
    }
}
