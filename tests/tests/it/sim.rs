//! Many simulated histories, and the proof that the simulator finds what it must.

use ssync::planted::{Bug, plant};
use ssync_tests::sim::{Counts, run};

const SEEDS: u64 = 3_000;

#[test]
fn every_history_converges() {
    let half = |seeds: std::ops::Range<u64>| {
        std::thread::spawn(move || {
            let mut total = Counts::default();
            for seed in seeds {
                total.add(&run(seed).unwrap_or_else(|error| {
                    panic!("{error}\nreplay: cargo test -p ssync-tests sim::replay -- --nocapture with SSYNC_SIM_SEED={seed}")
                }));
            }
            total
        })
    };
    let (first, second) = (half(0..SEEDS / 2), half(SEEDS / 2..SEEDS));
    let mut total = first.join().unwrap();
    total.add(&second.join().unwrap());
    println!("{SEEDS} histories: {total:?}");
    // Every kind of fault was really there.
    let Counts { commits, crashes, cuts, zombies, restarts, refused, duplicates, void, own_void, squashed, lagged } = total;
    for (what, count) in [("commits", commits), ("crashes", crashes), ("cuts", cuts), ("zombies", zombies)] {
        assert!(count > SEEDS, "{what}: {count}");
    }
    for (what, count) in [
        ("restarts", restarts),
        ("refused", refused),
        ("duplicates", duplicates),
        ("void", void),
        ("squashed", squashed),
        ("lagged", lagged),
    ] {
        assert!(count > SEEDS / 10, "{what}: {count}");
    }
    assert!(own_void > SEEDS / 100, "own void: {own_void}");
}

/// Replays the history of `SSYNC_SIM_SEED`, or of the first seed.
#[test]
fn replay() {
    let seed = std::env::var("SSYNC_SIM_SEED").map_or(0, |seed| seed.parse().expect("a number"));
    println!("{:?}", run(seed).unwrap());
}

fn check_found(bug: Bug) {
    plant(Some(bug));
    std::panic::set_hook(Box::new(|_| {}));
    let found = (0..500).map(run).find_map(Result::err);
    drop(std::panic::take_hook());
    plant(None);
    println!("{bug:?}: {}", found.as_deref().unwrap_or("not found"));
    assert!(found.is_some(), "{bug:?} was planted, and 500 histories did not show it");
}

#[test]
fn a_planted_index_shift_is_found() {
    check_found(Bug::IndexShift);
}

#[test]
fn a_missing_cascade_is_found() {
    check_found(Bug::NoCascade);
}

#[test]
fn a_missing_duplicate_rule_is_found() {
    check_found(Bug::Duplicates);
}
