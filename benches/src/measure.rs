//! Time, memory and instructions.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long one measurement goes on, at least.
const MEASURED: Duration = Duration::from_millis(60);

/// Nanoseconds that one call takes: the median of many batches.
pub fn nanoseconds(mut work: impl FnMut()) -> f64 {
    // How many make a batch that the clock can see.
    let start = Instant::now();
    work();
    let once = start.elapsed().max(Duration::from_nanos(20));
    let batch = (20_000 / once.as_nanos()).clamp(1, 1_000) as u32;
    (0..batch).for_each(|_| work());
    let (begin, mut times) = (Instant::now(), Vec::new());
    while times.len() < 5 || (begin.elapsed() < MEASURED && times.len() < 5_000) {
        let start = Instant::now();
        (0..batch).for_each(|_| work());
        times.push(start.elapsed().as_nanos() as f64 / f64::from(batch));
    }
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

/// How much longer `work` takes than `other`: the median of ratios of neighbouring measurements, so that what slows the machine slows both.
pub fn ratio(mut work: impl FnMut(), mut other: impl FnMut()) -> f64 {
    let mut ratios: Vec<f64> = (0..7).map(|_| nanoseconds(&mut work) / nanoseconds(&mut other)).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios[ratios.len() / 2]
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
