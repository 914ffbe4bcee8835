//! Runs simulated histories, every third one of typed values: `sim --seeds 100000`, `sim --from 7 --seeds 1`, `sim --seed 7` (which tells its story).

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use ssync::planted::{Bug, plant};
use ssync_tests::sim::{Counts, Plan, run_plan, shrink, steps_of};

/// Simulates rooms with everything that goes wrong in them.
#[derive(Parser)]
struct Arguments {
    /// How many histories.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// One history, told step by step.
    #[arg(long)]
    seed: Option<u64>,
    /// Only documents, whatever the seed.
    #[arg(long)]
    plain: bool,
    /// Only typed values, whatever the seed.
    #[arg(long, conflicts_with = "plain")]
    typed: bool,
    /// Plants a bug, to see it found: IndexShift, NoCascade, …
    #[arg(long, value_parser = bug)]
    plant: Option<Bug>,
}

impl Arguments {
    fn plan(&self, seed: u64) -> Plan {
        match (self.plain, self.typed) {
            (true, _) => Plan::plain(seed),
            (_, true) => Plan::typed(seed),
            _ => Plan::of(seed),
        }
    }
}

fn bug(name: &str) -> Result<Bug, String> {
    let known = Bug::ALL.into_iter().find(|bug| format!("{bug:?}") == name);
    known.ok_or_else(|| format!("there is no bug of that name; there are {:?}", Bug::ALL))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let failures = match arguments.seed {
        Some(seed) => {
            plant(arguments.plant);
            u64::from(!tell(&arguments.plan(seed)))
        }
        None => run_all(&arguments),
    };
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one history and prints what happens; of one that fails, what is left when all is left out that it fails without.
fn tell(plan: &Plan) -> bool {
    let seed = plan.seed;
    match run_plan(Plan { told: true, ..plan.clone() }) {
        Ok(report) => {
            println!("seed {seed}: {:?}\ntrace {:016x}", report.counts, report.trace);
            true
        }
        Err(error) => {
            println!("{error}\nshrinking …");
            let _ = std::panic::take_hook();
            std::panic::set_hook(Box::new(|_| {}));
            let plan = shrink(plan.clone());
            println!("{} of {} steps are left:", steps_of(seed) - plan.without.len(), steps_of(seed));
            if let Err(error) = run_plan(Plan { told: true, ..plan }) {
                println!("{error}");
            }
            false
        }
    }
}

/// Runs histories on all cores; gives how many failed.
fn run_all(arguments: &Arguments) -> u64 {
    let (from, seeds) = (arguments.from, arguments.seeds);
    let (next, failures) = (AtomicU64::new(from), AtomicU64::new(0));
    let total = Mutex::new((Counts::default(), 0_u64));
    std::panic::set_hook(Box::new(|_| {}));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                plant(arguments.plant);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from.saturating_add(seeds) {
                        break;
                    }
                    match run_plan(arguments.plan(seed)) {
                        Ok(report) => {
                            let mut total = total.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                            total.0.add(&report.counts);
                            // The order in which the cores are done does not matter.
                            total.1 = total.1.wrapping_add(report.trace);
                        }
                        Err(error) => {
                            failures.fetch_add(1, Ordering::Relaxed);
                            println!("{error}\nreplay: cargo run --release -p ssync-tests --bin sim -- --seed {seed}");
                        }
                    }
                }
            });
        }
    });
    let (counts, trace) = *total.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    counts.all().iter().for_each(|(name, count)| println!("{name:>14} {count}"));
    println!("{:.1} simulated hours, {} frames, trace {trace:016x}", counts.seconds as f64 / 3_600.0, counts.frames);
    let failures = failures.into_inner();
    println!("{seeds} seeds, {failures} failures");
    failures
}
