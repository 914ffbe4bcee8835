//! Many simulated histories, and the proof that the simulator finds what it must.

use ssync::planted::{Bug, plant};
use ssync_tests::sim::{Counts, Plan, run, run_plan, shrink};

const SEEDS: u64 = 1_200;
const TYPED_SEEDS: u64 = 200;

#[test]
fn every_history_converges() {
    let half = |seeds: std::ops::Range<u64>| {
        std::thread::spawn(move || {
            let mut total = Counts::default();
            for seed in seeds {
                total.add(
                    &run(seed)
                        .unwrap_or_else(|error| {
                            panic!("{error}\nreplay: cargo run --release -p ssync-tests --bin sim -- --plain --seed {seed}")
                        })
                        .counts,
                );
            }
            total
        })
    };
    let (first, second) = (half(0..SEEDS / 2), half(SEEDS / 2..SEEDS));
    let mut total = first.join().unwrap();
    total.add(&second.join().unwrap());
    println!("{SEEDS} histories: {total:?}");
    // Every kind of fault was really there.
    for (what, count) in total.all() {
        assert!(count >= SEEDS / 20, "{what}: {count}");
    }
}

/// Histories whose members hold values of different types for one document, which begin where the program's seeds are typed.
#[test]
fn every_typed_history_means_what_was_meant() {
    let half = |first: u64| {
        std::thread::spawn(move || {
            let seeds = (first..TYPED_SEEDS).step_by(2).map(|number| 3 * number + 2);
            seeds.filter_map(|seed| run_plan(Plan::of(seed)).err()).collect::<Vec<_>>()
        })
    };
    let halves = [half(0), half(1)];
    let failed: Vec<String> = halves.into_iter().flat_map(|half| half.join().unwrap()).collect();
    let replay = "replay: cargo run --release -p ssync-tests --bin sim -- --seed";
    assert!(failed.is_empty(), "{} of {TYPED_SEEDS}:\n{}\n{replay}", failed.len(), failed.join("\n"));
}

#[test]
fn a_seed_is_the_same_history_each_time() {
    for seed in 0..10 {
        assert_eq!(run(seed), run(seed));
    }
    assert_ne!(run(0).map(|report| report.trace), run(1).map(|report| report.trace));
}

/// Plants a bug in this thread and runs histories until one shows it; gives its seed.
fn find(bug: Bug, histories: u64) -> Option<u64> {
    find_in(Plan::plain, bug, histories)
}

/// The same in histories of one kind.
fn find_in(plan: fn(u64) -> Plan, bug: Bug, histories: u64) -> Option<u64> {
    std::panic::set_hook(Box::new(|_| {}));
    plant(Some(bug));
    let found = (0..histories).find_map(|seed| Some((seed, run_plan(plan(seed)).err()?)));
    plant(None);
    println!("{bug:?}: {}", found.as_ref().map_or("not found", |(_, error)| error.lines().next().unwrap_or_default()));
    found.map(|(seed, _)| seed)
}

/// How many typed histories are run to find a bug of capture.
const CAPTURED: u64 = 300;

/// One test for each bug of capture: typed histories find it, and the one that does is no failure without it.
macro_rules! captured {
    ($($name:ident: $bug:ident,)*) => {
        $(
            #[test]
            fn $name() {
                let seed = find_in(Plan::typed, Bug::$bug, CAPTURED).expect("typed histories show it");
                assert_eq!(run_plan(Plan::typed(seed)).err(), None);
            }
        )*
    };
}

captured! {
    a_counter_behind_serde_that_says_its_number_is_found: CounterByValue,
    a_text_behind_serde_that_is_sent_as_a_whole_is_found: TextByValue,
    elements_that_are_taken_for_those_at_their_positions_are_found: MovedByPosition,
    what_is_put_in_again_as_another_is_found: ReinsertedAnew,
    a_look_that_uses_up_what_is_remembered_is_found: LooksUntie,
    variants_that_are_mixed_are_found: VariantsMixed,
    what_is_set_where_nothing_is_is_found: AbsentIsSet,
    what_is_removed_because_it_is_empty_is_found: EmptyIsRemoved,
    a_value_that_is_compared_twice_is_found: ComparedTwice,
    what_is_set_behind_a_snapshot_is_found: SetBehindSnapshot,
    equal_members_that_are_lost_are_found: EqualMembersLost,
}

/// One test for each bug: it is found, and its history is no failure without it.
macro_rules! found {
    ($($name:ident: $bug:ident,)*) => {
        $(
            #[test]
            fn $name() {
                let seed = find(Bug::$bug, 3_000).expect("3,000 histories show it");
                assert_eq!(run(seed).err(), None);
            }
        )*
    };
}

found! {
    an_index_shifted_the_wrong_way_is_found: IndexShift,
    a_missing_cascade_is_found: NoCascade,
    a_lost_duplicate_check_is_found: Duplicates,
    a_tie_broken_the_other_way_is_found: TieOtherWay,
    a_lane_that_is_not_trimmed_is_found: LaneUntrimmed,
    a_number_given_twice_is_found: NumberReused,
    a_floor_that_is_ignored_is_found: FloorIgnored,
    a_squash_by_diff_is_found: SquashByDiff,
    a_touched_transaction_that_is_sent_is_found: PendingUnchecked,
    a_void_transaction_that_stays_is_found: ConflictStays,
    what_is_sent_again_behind_a_snapshot_is_found: AcceptedTwice,
    a_broadcast_before_the_disk_is_found: BroadcastFirst,
    a_required_place_that_nobody_looks_at_is_found: RequiredIgnored,
    pieces_of_a_cut_that_stay_behind_are_found: PiecesAstray,
}

#[test]
fn a_failure_shrinks() {
    let seed = find(Bug::Duplicates, 3_000).expect("3,000 histories show it");
    plant(Some(Bug::Duplicates));
    let plan = shrink(Plan::plain(seed));
    let (still, steps) = (run_plan(Plan { told: true, ..plan.clone() }), ssync_tests::sim::steps_of(seed));
    plant(None);
    assert!(still.is_err(), "what is left still fails");
    assert!(steps - plan.without.len() < steps / 4, "{} of {steps} steps are left", steps - plan.without.len());
}
