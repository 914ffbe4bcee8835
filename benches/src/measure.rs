//! Time, memory and instructions.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long one measurement goes on, at least.
const MEASURED: Duration = Duration::from_millis(60);

/// Nanoseconds that one call takes: the median of many batches.
pub fn nanoseconds(mut work: impl FnMut()) -> f64 {
    let batch = Batch::of(&mut work, Duration::from_micros(20));
    let (begin, mut times) = (Instant::now(), Vec::new());
    while times.len() < 5 || (begin.elapsed() < MEASURED && times.len() < 5_000) {
        times.push(batch.time(&mut work));
    }
    median(times)
}

/// How much longer `work` takes than `other` beside it: the median of ratios of neighbouring batches, short ones that take turns at being the
/// first, so that what slows the machine slows both. Each finds the caches as the other left them.
pub fn ratio(mut work: impl FnMut(), mut other: impl FnMut()) -> f64 {
    const EACH: Duration = Duration::from_micros(100);
    let (batch, other_batch) = (Batch::of(&mut work, EACH), Batch::of(&mut other, EACH));
    let begin = Instant::now();
    let mut ratios = Vec::new();
    while ratios.len() < 6 || begin.elapsed() < 10 * MEASURED {
        ratios.push(batch.time(&mut work) / other_batch.time(&mut other));
        let other_time = other_batch.time(&mut other);
        ratios.push(batch.time(&mut work) / other_time);
    }
    median(ratios)
}

/// So many calls that the clock can see them.
struct Batch(u32);

impl Batch {
    fn of(work: &mut impl FnMut(), lasting: Duration) -> Self {
        let mut batch = Self(1);
        // The first calls are slower than those that follow.
        while batch.time(work) * f64::from(batch.0) < lasting.as_nanos() as f64 && batch.0 < 1_000 {
            batch.0 *= 2;
        }
        batch
    }

    /// Nanoseconds that one call of a batch takes.
    fn time(&self, work: &mut impl FnMut()) -> f64 {
        let start = Instant::now();
        (0..self.0).for_each(|_| work());
        start.elapsed().as_nanos() as f64 / f64::from(self.0)
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Counts what is allocated.
pub struct Counting;

static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Counting costs as much as some of what is timed.
static IS_COUNTING: AtomicBool = AtomicBool::new(false);

fn count(count: impl FnOnce(&AtomicUsize) -> usize) {
    if IS_COUNTING.load(Ordering::Relaxed) {
        count(&LIVE_BYTES);
    }
}

// SAFETY: it hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|live| live.fetch_add(layout.size(), Ordering::Relaxed));
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(|live| live.fetch_sub(layout.size(), Ordering::Relaxed));
        // SAFETY: the caller's promise, handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// What a value and all that it holds on the heap take, and the value itself.
pub fn bytes<T>(make: impl FnOnce() -> T) -> (usize, T) {
    IS_COUNTING.store(true, Ordering::Relaxed);
    let before = LIVE_BYTES.load(Ordering::Relaxed);
    let value = make();
    let after = LIVE_BYTES.load(Ordering::Relaxed);
    IS_COUNTING.store(false, Ordering::Relaxed);
    (after - before + size_of::<T>(), value)
}

/// Instructions that one of these edits takes: those of a run of this program with more of them, less those of one with fewer.
///
/// # Errors
/// If valgrind is not there, or says something else.
pub fn instructions(edit: &str, count: usize) -> Result<f64, String> {
    const EDITS: [u64; 2] = [1_000, 3_000];
    let run = |edits: u64| -> Result<u64, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args(["--run", edit, &count.to_string(), &edits.to_string()])
            .output()
            .map_err(|error| format!("valgrind counts the instructions, and does not run ({error}); `apt-get install valgrind`"))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let collected = text.lines().find_map(|line| line.split("Collected : ").nth(1));
        collected.and_then(|number| number.trim().parse().ok()).ok_or_else(|| format!("valgrind said no count: {text}"))
    };
    let [few, many] = EDITS;
    Ok((run(many)? as f64 - run(few)? as f64) / (many - few) as f64)
}
